"""Where a worker's cases are, as they ask it: whose turn it is, what comes next, until when, and where the money is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.accounts.access import PERMISSIONS
from portal.accounts.roles import STAFF_ROLES, Role
from portal.cases.models import Case
from portal.cases.workflow import Transition, Workflow, workflow_of
from portal.pages.desk import Asked, parts

# What the person does when their papers were sent back, however the programme names the step.
_COMPLETE = "补齐材料"
_DECIDE = "给出办理结果"
_SELF = "您本人"
_OFFICE = "经办机构"


@dataclass(frozen=True)
class Tracked:
    """One case. `turn` and `next_step` are empty where nobody has anything to do any more."""

    case: Case
    turn: str
    next_step: str
    # A sentence of the programme: where the money is, or what it waits for.
    told: str

    @property
    def yours(self) -> bool:
        return self.turn == _SELF


def tracked(cases: Iterable[Case], *, records: Sequence[int], user: Any, on: date) -> list[Tracked]:
    """The cases in their order. What programmes tell of them is asked once for all of them."""
    listed = list(cases)
    told = _told(listed, Asked(records, user, on))
    return [_track(case, told.get(case.number, "")) for case in listed]


def _told(cases: Sequence[Case], asked: Asked) -> dict[str, str]:
    """What programmes tell of their cases, by number."""
    kinds = {case.kind for case in cases}
    asking = [part for part in parts() if kinds.intersection(part.kinds)]
    return {row.number: row.told for part in asking for row in part.rows(asked)}


def _track(case: Case, told: str) -> Tracked:
    turn, step = _turn(case)
    return Tracked(case, turn, step, told)


def _turn(case: Case) -> tuple[str, str]:
    """(whose turn it is, what comes next): the person's where they have something to do, else the office's."""
    if case.closed_at:
        return "", ""
    workflow = workflow_of(case.kind)
    possible = [row for row in workflow.transitions if case.state in row.sources]
    for row in possible:
        if row.while_correcting and row.action == "resubmit":
            return _SELF, _COMPLETE
        if row.by_applicant and row.next_step:
            return _SELF, row.label
    # Which of several it is, a condition of the programme says; the person reads all that it may be.
    steps = [row for row in possible if row.next_step]
    turns = dict.fromkeys(_who(row) for row in steps)
    labels = dict.fromkeys(_called(row, workflow) for row in steps)
    return "或".join(turns), "，或者".join(labels)


def _called(row: Transition, workflow: Workflow) -> str:
    """A step that ends the case is not told by one of its outcomes."""
    return _DECIDE if row.target in workflow.final_states else row.label


def _who(row: Transition) -> str:
    """The first role of the office that takes the step."""
    _, roles = PERMISSIONS[row.permission]
    staff = [role for role in roles if role in STAFF_ROLES]
    return str(Role(staff[0]).label) if staff else _OFFICE
