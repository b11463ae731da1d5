"""The time the office has for a case: when it starts, stands still, goes on and ends.

Nothing here saves the case: the caller does, in the same transaction.
"""

from __future__ import annotations

from datetime import date

from portal.cases.models import Case, ClockRule
from portal.cases.workflow import Clock
from portal.regions.calendar import Deadline, add_working_days, working_days_between


def deadline_by_rule(kind: str, start: date) -> Deadline | None:
    """The last day for a case of a kind whose clock starts on `start`; None without a rule."""
    rule = ClockRule.objects.filter(kind=kind).first()
    if rule is None:
        return None
    return add_working_days(start, rule.working_days)


def move_clock(case: Case, clock: Clock, on: date) -> None:
    """Do to the clock of a case what a transition taken on a day does to it."""
    if clock is Clock.START:
        _start(case, on)
    elif clock is Clock.STOP:
        case.stopped_on = on
    elif clock is Clock.RESUME:
        _resume(case, on)
    elif clock is Clock.END:
        case.stopped_on = None


def take_deadline_away(case: Case) -> None:
    """The office has done its part in time; what comes now waits for no deadline.

    The events keep the days.
    """
    case.started_on = None
    case.due_on = None
    case.due_certain = True


def _start(case: Case, on: date) -> None:
    deadline = deadline_by_rule(case.kind, on)
    if deadline is None:
        return
    case.started_on = on
    case.due_on = deadline.on
    case.due_certain = deadline.certain


def _resume(case: Case, on: date) -> None:
    """The working days that were left when the clock stopped are counted again from today."""
    if case.stopped_on and case.due_on:
        working_days_left = max(working_days_between(case.stopped_on, case.due_on), 0)
        deadline = add_working_days(on, working_days_left)
        case.due_on = deadline.on
        case.due_certain = case.due_certain and deadline.certain
    case.stopped_on = None
