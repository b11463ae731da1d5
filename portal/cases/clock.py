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


class Clocks:
    """The clocks of cases that move on one day. Rules and calendar are asked once for all that are alike."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._by_rule: dict[str, Deadline | None] = {}
        self._resumed: dict[tuple[date, date], Deadline] = {}

    def move(self, case: Case, clock: Clock) -> None:
        """Do to the clock of a case what a transition does to it."""
        if clock is Clock.START:
            self._start(case)
        elif clock is Clock.STOP:
            case.stopped_on = self._on
        elif clock is Clock.RESUME:
            self._resume(case)
        elif clock is Clock.END:
            case.stopped_on = None

    def _start(self, case: Case) -> None:
        if case.kind not in self._by_rule:
            self._by_rule[case.kind] = deadline_by_rule(case.kind, self._on)
        deadline = self._by_rule[case.kind]
        if deadline is None:
            return
        case.started_on = self._on
        case.due_on = deadline.on
        case.due_certain = deadline.certain

    def _resume(self, case: Case) -> None:
        """The working days that were left when the clock stopped are counted again from today."""
        if case.stopped_on and case.due_on:
            left = case.stopped_on, case.due_on
            if left not in self._resumed:
                working_days_left = max(working_days_between(*left), 0)
                self._resumed[left] = add_working_days(self._on, working_days_left)
            deadline = self._resumed[left]
            case.due_on = deadline.on
            case.due_certain = case.due_certain and deadline.certain
        case.stopped_on = None


def take_deadline_away(case: Case) -> None:
    """The office has done its part in time; what comes now waits for no deadline.

    The events keep the days.
    """
    case.started_on = None
    case.due_on = None
    case.due_certain = True
