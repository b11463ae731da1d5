"""Figures of registers grow old: which of somebody's are too old to decide by, and have to be asked for again.

How old they may be is a dated setting (`FigureAge`), a sample until the office writes down its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from portal.formats import date_cn
from portal.workforce.models import Aging, FigureAge, UnemploymentInsurance, Worker
from portal.workforce.models.verification import Verification


@dataclass(frozen=True)
class TooOld:
    """One figure: what it is, as of which day, and how many days old it may be."""

    what: str
    as_of: date
    days: int
    is_sample: bool

    def __str__(self) -> str:
        sample = "（示例）" if self.is_sample else ""
        return f"{self.what}截至{date_cn(self.as_of)}，已超过{self.days}天{sample}，办理前须重新查询。"


def asked_again_before_approval(worker: Worker, on: date) -> list[TooOld]:
    """What the register knows of somebody and is too old to approve anything by on a day; empty when nothing is."""
    too_old = []
    insurance = UnemploymentInsurance.objects.filter(worker=worker).exclude(verification=Verification.REFUTED)
    for what, as_of in ((Aging.INSURANCE, record.as_of) for record in insurance):
        age = age_in_force(what, on)
        if age is not None and as_of < on - timedelta(days=age.days):
            too_old.append(TooOld(str(what.label), as_of, age.days, age.is_sample))
    return too_old


def age_in_force(what: Aging, on: date) -> FigureAge | None:
    """The setting of a day."""
    return FigureAge.objects.filter(what=what, since__lte=on).order_by("-since").first()
