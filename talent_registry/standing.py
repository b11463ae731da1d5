"""Whether what a letter says of an entry still stands: told to whoever verifies the letter, by number and date
alone.
"""

from __future__ import annotations

from portal.formats import date_cn
from portal.letters.kinds import Standing
from portal.letters.models import Letter
from talent_registry.models import RegistryEntry, Status


def standing_of(letter: Letter) -> Standing | None:
    """What became of the entry that the letter names; None while it is in force."""
    entry = (
        RegistryEntry.objects.public(removed=True).filter(number=letter.says.get("entry_number", "")).first()
    )
    if entry is None or entry.status == Status.ACTIVE:
        return None
    since = date_cn(entry.status_since)
    if entry.status == Status.SUSPENDED:
        return Standing(
            "该人员名录资格已暂停",
            f"名录编号{entry.number}自{since}起暂停，暂停期间证书停止使用，不享受高技能领军人才待遇。",
        )
    return Standing(
        "该人员已移出名录",
        f"名录编号{entry.number}自{since}起移出名录，原发纳入通知和证书作废。",
    )
