"""The letter that warns somebody of the last day on which they can claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from portal.formats import date_cn
from portal.letters import kinds
from portal.letters.actions import Draft, issue_many
from portal.letters.kinds import Kind
from portal.regions.models import Region
from subsidies.models import LastDay
from subsidies.schemes import BY_BENEFIT

LAST_DAY = "subsidies.last-day"
KIND = Kind(
    LAST_DAY,
    "补贴申领期限提醒",
    "关于补贴申领期限的提醒",
    "letters/claim_last_day.html",
    needs=("scheme", "certificate", "issued_on", "last_day", "window"),
)


def register_all() -> None:
    kinds.register(KIND)


def issue_warnings(ending: Sequence[LastDay], *, on: date) -> None:
    """A letter to each, from the office of their league. Raises BadLetter; then nothing is issued."""
    regions = Region.objects.select_related("parent").in_bulk([one.region_id for one in ending])
    by_league: dict[str, list[Draft]] = {}
    for one in ending:
        region, credential = regions[one.region_id], one.credential
        context = {
            "scheme": BY_BENEFIT[one.offer.benefit].title,
            "certificate": str(credential),
            "issued_on": date_cn(credential.issued_on),
            "last_day": date_cn(one.day),
            "window": f"{region.full_name}服务窗口",
        }
        draft = Draft(f"{one.worker.name}同志", one.region_id, context, one.worker_id)
        by_league.setdefault(region.league_code, []).append(draft)
    for league, drafts in sorted(by_league.items()):
        issue_many(kind=LAST_DAY, issuer=league, drafts=drafts, by=None, on=on)
