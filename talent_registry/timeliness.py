"""How long it took from a recognition to the registry, reckoned from how many took how many days.

There are 650,000 entries and some thousand different numbers of days: the database counts, and every median
is read off the counts.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from django.db.models import Count

from talent_registry.models import Basis, CountedFrom, EntryQuerySet
from talent_registry.search import league_choices

Days = Counter[int]


def percentile(days: Mapping[int, int], share: float) -> float | None:
    """The number of days at or below which that share lies; None of nothing.

    `days` says how many took that many days. Between two numbers of days it is as far between them as
    percentile_cont reckons.
    """
    values = sorted(days)
    passed = list(accumulate(days[value] for value in values))
    if not passed or not passed[-1]:
        return None
    place = (passed[-1] - 1) * share
    below = math.floor(place)
    above = math.ceil(place)
    low = values[bisect_right(passed, below)]
    high = values[bisect_right(passed, above)]
    return low + (high - low) * (place - below)


class _DayCounts:
    """One league's days, or everybody's."""

    def __init__(self) -> None:
        self.count = 0
        self.since: dict[str, Days] = {start.value: Counter() for start in CountedFrom}
        self.handling: Days = Counter()

    def add_since(self, counted_from: str, days: int | None, entries: int) -> None:
        self.count += entries
        if days is not None:
            self.since[counted_from][days] += entries

    def add_handling(self, days: int | None, entries: int) -> None:
        if days is not None:
            self.handling[days] += entries

    def figures(self) -> dict[str, Any]:
        """Counts, medians, nine in ten and longest, as the page of days shows them."""
        figures: dict[str, Any] = {"count": self.count}
        for start, days in self.since.items():
            figures[f"{start}_count"] = sum(days.values())
            figures[f"{start}_median"] = percentile(days, 0.5)
            figures[f"{start}_p90"] = percentile(days, 0.9)
            figures[f"{start}_longest"] = max(days, default=None)
        figures["handling_median"] = percentile(self.handling, 0.5)
        figures["handling_p90"] = percentile(self.handling, 0.9)
        return figures


def figures(entries: EntryQuerySet) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(a row per league, all together) of calendar days to inclusion, apart for what they are counted from.

    `handling` are the days from the proposal to the decision, which is what the office itself takes. A
    selection happens on its own days: how long after an honour somebody is included says nothing of it, and
    its entries are left out.
    """
    entries = entries.exclude(basis=Basis.SELECTION).order_by()
    leagues: defaultdict[str, _DayCounts] = defaultdict(_DayCounts)
    total = _DayCounts()
    for code, counted_from, days, count in _counted(entries, "counted_from", "days_from_honour"):
        leagues[code].add_since(counted_from, days, count)
        total.add_since(counted_from, days, count)
    for code, days, count in _counted(entries, "days_of_handling"):
        leagues[code].add_handling(days, count)
        total.add_handling(days, count)
    names = league_choices()
    rows = []
    for code, counts in sorted(leagues.items()):
        league = {"league": names.get(code, code), "league_code": code}
        rows.append(league | counts.figures())
    return rows, total.figures()


def _counted(entries: EntryQuerySet, *columns: str) -> Any:
    """How many entries of each league have the same values in these columns."""
    grouped = entries.values("league_code", *columns).annotate(entries=Count("*"))
    return grouped.values_list("league_code", *columns, "entries")
