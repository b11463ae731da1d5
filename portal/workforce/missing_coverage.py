"""Which register's extract is missing where it is not known whether somebody has earlier claims, and for which place and
time: what a clerk reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from portal.formats import date_cn
from portal.policy.benefits import FUNDS
from portal.workforce import coverage
from portal.workforce.coverage import TRAINING_FUND, UPGRADE_FUND
from portal.workforce.models import Worker

# Which coverage each fact wants.
_WANTED = {
    "claims_this_year": (UPGRADE_FUND, "this_year"),
    "scarce_claims_this_year": (UPGRADE_FUND, "this_year"),
    "claimed_same_occupation_level": (UPGRADE_FUND, "ever"),
    "highest_level_claimed": (UPGRADE_FUND, "ever"),
    "training_subsidy_for_same_certificate": (TRAINING_FUND, "training"),
}


@dataclass(frozen=True)
class MissingCoverage:
    """What would have to be covered. `came_later`: it is, but not of somebody who came only then."""

    place: str
    fund: str
    since: date
    until: date
    came_later: bool

    def __str__(self) -> str:
        lack = f"{self.place}{FUNDS[self.fund]}{date_cn(self.since)}至{date_cn(self.until)}的以往补贴发放登记"
        if self.came_later:
            return f"{lack}虽有摘录，但形成时此人尚未在当地登记，须由有摘录权限的人员提交新的摘录。"
        return f"缺少{lack}的摘录，须由有摘录权限的人员提交，或由两人声明已全部在本系统办理。"


def missing_coverage(worker: Worker, on: date) -> dict[str, MissingCoverage]:
    """By fact about earlier claims, what is not covered of this person on a day; empty where all is."""
    row = _row(worker.pk, on)
    place = worker.work_region.full_name
    missing = {}
    for fact, (fund, which) in _WANTED.items():
        if not row[f"{which}_known"]:
            since = row["this_year" if which == "this_year" else "ever"]
            missing[fact] = MissingCoverage(place, fund, since, row["last"], row[f"{which}_there"])
    return missing


def sentences(missing: Iterable[MissingCoverage]) -> list[str]:
    """What is missing, each once; of one fund the longest time, which contains the others."""
    longest: dict[str, MissingCoverage] = {}
    for one in missing:
        known = longest.get(one.fund)
        if known is None or one.since < known.since:
            longest[one.fund] = one
    return [str(one) for one in longest.values()]


def _row(worker_id: int, on: date) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(coverage.of_one(worker_id, on))
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
