"""What waits for whom: the next steps that the workflows name, and work on a case that is no transition.

A workflow marks the transitions that are the office's next steps (`next_step`). A programme registers, when
the application starts, what its table cannot say:

    ready_when(KIND, "confirm", condition)      the step waits for nobody until the condition holds
    register_work(Work(KIND, states, permission, condition))      something to be done that moves no case

A condition takes the user and the day and gives what a case must fulfil, as one question to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from portal.cases.workflow import Duty, workflow_of, workflows

Condition = Callable[[Any, date], Q]


@dataclass(frozen=True)
class Work:
    """Something that holders of a permission have to do with cases of a kind in these states."""

    kind: str
    states: tuple[str, ...]
    permission: str
    condition: Condition | None = None
    # Whoever did another duty in the case has to leave it to somebody else.
    duty: Duty | None = None


_CONDITIONS: dict[tuple[str, str], Condition] = {}
_FURTHER: list[Work] = []


def ready_when(kind: str, action: str, condition: Condition) -> None:
    """A next step that can be taken only when something holds besides state and role.

    LookupError for a transition that the workflow does not have, ValueError when it is no next step.
    """
    if not workflow_of(kind).transition(action).next_step:
        raise ValueError(f"{kind}: {action} is no next step")
    _CONDITIONS[kind, action] = condition


def register_work(work: Work) -> None:
    """Make work known that is no transition. Registered once more it stays one."""
    if work not in _FURTHER:
        _FURTHER.append(work)


def all_work() -> Iterator[Work]:
    """Everything that may wait for somebody, of all kinds of cases."""
    for workflow in workflows():
        for row in workflow.transitions:
            if row.next_step:
                condition = _CONDITIONS.get((workflow.kind, row.action))
                yield Work(workflow.kind, row.sources, row.permission, condition, row.duty)
    yield from _FURTHER
