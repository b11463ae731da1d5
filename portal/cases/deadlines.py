"""What a newly loaded calendar does to the deadlines of open cases.

A deadline keeps its number of working days. What changes is which day the last of them is:
`count_remaining_days` counts them while the old calendar still stands, `set_deadlines` lays them out again on
the new one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from portal.cases.models import Case
from portal.regions.calendar import add_working_days, working_days_between


@dataclass(frozen=True)
class RemainingDays:
    """Cases whose remaining working days are counted from the same day to the same deadline."""

    start: date
    due_on: date
    working_days: int
    cases: tuple[int, ...]


def count_remaining_days(first_year: int) -> list[RemainingDays]:
    """What is left of the deadlines that lie in `first_year` or later, when that year begins.

    Locks the cases. Counted from the last day before it, or, when the clock was started or set going again
    later, from that day.
    """
    last_day_before = date(first_year - 1, 12, 31)
    running = Case.objects.unfinished().filter(due_on__gt=last_day_before, started_on__isnull=False)
    locked = list(running.select_for_update().order_by("pk").values_list("pk", flat=True))
    with_resumption = Case.objects.filter(pk__in=locked).annotate(resumed_on=Max("corrections__resolved_on"))
    # Neither day is missing: the filter above asks for both.
    rows: Any = with_resumption.values_list("pk", "started_on", "due_on", "resumed_on")
    cases_by_days: dict[tuple[date, date], list[int]] = defaultdict(list)
    for pk, started_on, due_on, resumed_on in rows:
        start = max(last_day_before, started_on, resumed_on or last_day_before)
        cases_by_days[start, due_on].append(pk)
    return [
        RemainingDays(start, due_on, working_days_between(start, due_on), tuple(cases))
        for (start, due_on), cases in sorted(cases_by_days.items())
    ]


def set_deadlines(remaining: list[RemainingDays]) -> int:
    """Set the deadlines by the calendar as it is now; certainty is set anew for all.

    Returns how many cases got another day.
    """
    cases_moved = 0
    for days in remaining:
        deadline = add_working_days(days.start, max(days.working_days, 0))
        due_on = deadline.on if days.working_days > 0 else days.due_on
        if due_on != days.due_on:
            cases_moved += len(days.cases)
        Case.objects.filter(pk__in=days.cases).update(due_on=due_on, due_certain=deadline.certain)
    return cases_moved
