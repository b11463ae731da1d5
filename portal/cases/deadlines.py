"""What a newly loaded calendar does to the deadlines of open cases.

A deadline keeps its number of working days. What changes is which day the last of them is: `spans` counts
them while the old calendar still stands, `move` lays them out again on the new one.
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
class Span:
    """Cases whose remaining working days are counted from the same day to the same deadline."""

    start: date
    due_on: date
    working_days: int
    cases: tuple[int, ...]


def spans(first_year: int) -> list[Span]:
    """The open cases whose deadline lies in `first_year` or later, by what is left of them when that year
    begins.

    Counted from the last day before it, or, when the clock was started or set going again later, from that
    day. Locks the cases.
    """
    before = date(first_year - 1, 12, 31)
    waiting = Case.objects.unfinished().filter(due_on__gt=before, started_on__isnull=False)
    locked = list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
    found: dict[tuple[date, date], list[int]] = defaultdict(list)
    rows = Case.objects.filter(pk__in=locked).annotate(resumed_on=Max("corrections__resolved_on"))
    # Neither day is missing: the filter above asks for both.
    told: Any = rows.values_list("pk", "started_on", "due_on", "resumed_on")
    for pk, started_on, due_on, resumed_on in told:
        found[max(before, started_on, resumed_on or before), due_on].append(pk)
    return [
        Span(start, due_on, working_days_between(start, due_on), tuple(cases))
        for (start, due_on), cases in sorted(found.items())
    ]


def move(counted: list[Span]) -> int:
    """Set the deadlines by the calendar as it is now. Returns how many cases got another day; certainty is
    set anew for all.
    """
    moved = 0
    for span in counted:
        deadline = add_working_days(span.start, max(span.working_days, 0))
        due_on = deadline.on if span.working_days > 0 else span.due_on
        moved += len(span.cases) if due_on != span.due_on else 0
        Case.objects.filter(pk__in=span.cases).update(due_on=due_on, due_certain=deadline.certain)
    return moved
