"""How long it took from a recognition to the registry, reckoned from how many took how many days.

There are 650,000 entries and some thousand different numbers of days: the database counts, and every median
is read off the counts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from talent_registry.models import Basis, CountedFrom, EntryQuerySet
from talent_registry.search import league_choices

Days = Counter[int]


def percentile(days: Mapping[int, int], share: float) -> float | None:
    """Below or at which number of days lies that share; between two, as far between them (as percentile_cont
    reckons it).

    `days`: how many took that many days. None of nothing.
    """
    total = sum(days.values())
    if not total:
        return None
    place = (total - 1) * share
    below, above = math.floor(place), math.ceil(place)
    passed, low = 0, None
    for value in sorted(days):
        passed += days[value]
        if low is None and passed > below:
            low = value
        if passed > above:
            return low + (value - low) * (place - below)  # type: ignore[operator]
    raise AssertionError("the counts do not add up")


class _Counted:
    """One league's days, or everybody's."""

    def __init__(self) -> None:
        self.count = 0
        self.since: dict[str, Days] = {counted.value: Counter() for counted in CountedFrom}
        self.handling: Days = Counter()

    def add_since(self, counted_from: str, days: int | None, entries: int) -> None:
        self.count += entries
        if days is not None:
            self.since[counted_from][days] += entries

    def add_handling(self, days: int | None, entries: int) -> None:
        if days is not None:
            self.handling[days] += entries

    def figures(self) -> dict[str, Any]:
        said: dict[str, Any] = {"count": self.count}
        for counted, days in self.since.items():
            said |= {
                f"{counted}_count": sum(days.values()),
                f"{counted}_median": percentile(days, 0.5),
                f"{counted}_p90": percentile(days, 0.9),
                f"{counted}_longest": max(days, default=None),
            }
        return said | {
            "handling_median": percentile(self.handling, 0.5),
            "handling_p90": percentile(self.handling, 0.9),
        }


def figures(entries: EntryQuerySet) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(a row per league, all together) of calendar days to inclusion, apart for what they are counted from.

    `handling` are the days from the proposal to the decision, which is what the office itself takes. A
    selection happens on its own days: how long after an honour somebody is included says nothing of it, and
    its entries are left out.
    """
    entries = entries.exclude(basis=Basis.SELECTION).order_by()
    leagues: defaultdict[str, _Counted] = defaultdict(_Counted)
    total = _Counted()
    since = entries.values("league_code", "counted_from", "days_from_honour").annotate(entries=Count("*"))
    for code, counted_from, days, many in since.values_list(
        "league_code", "counted_from", "days_from_honour", "entries"
    ):
        for one in (leagues[code], total):
            one.add_since(counted_from, days, many)
    handling = entries.values("league_code", "days_of_handling").annotate(entries=Count("*"))
    for code, days, many in handling.values_list("league_code", "days_of_handling", "entries"):
        for one in (leagues[code], total):
            one.add_handling(days, many)
    names = league_choices()
    by_league = [
        {"league": names.get(code, code), "league_code": code, **counted.figures()}
        for code, counted in sorted(leagues.items())
    ]
    return by_league, total.figures()
