"""Opening cases: number, first event, duties that are done already and audit, for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import can
from portal.cases.assigning import permissions_ahead
from portal.cases.clock import deadline_by_rule
from portal.cases.four_eyes import without_own
from portal.cases.models import Case, CaseDuty, CaseEvent
from portal.cases.numbers import take_numbers
from portal.cases.workflow import Duty, Workflow, workflow_of
from portal.regions.calendar import Deadline, add_working_days

# Rows written in one statement when many cases are opened at once.
_BATCH = 1000


@dataclass
class NewCase:
    """What a case is opened with. `duties` are done already: who recorded, who verified. `most_working_days` is what
    the law leaves for this matter, where it sets a limit of its own.
    """

    region_id: str
    worker_id: int | None
    subject: str
    duties: dict[Duty, int] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    employer_id: int | None = None
    most_working_days: int | None = None


@transaction.atomic
def open_cases(kind: str, new: Sequence[NewCase], *, by: Any, on: date, reason: str = "") -> list[Case]:
    """Open cases of a kind, in the order given. The caller has checked that `by` may (None: the system
    itself).
    """
    if not new:
        return []
    cases = _create_cases(workflow_of(kind), new, by, on)
    _record_opening(cases, new, by=by, on=on, reason=reason)
    _record_duties_done(cases, new)
    audit.record_many(
        "case.open", by=by, about=[(case, case.worker_id, case.region_id, None) for case in cases]
    )
    return cases


def _create_cases(workflow: Workflow, new: Sequence[NewCase], by: Any, on: date) -> list[Case]:
    """What somebody of the office opens is theirs to see through, where they have something to do in it."""
    needed = permissions_ahead(workflow.kind, workflow.initial) if by is not None else ()
    by_rule = deadline_by_rule(workflow.kind, on) if workflow.clock_at_opening else None
    cases = []
    for number, opening in zip(take_numbers(workflow.prefix, on.year, len(new)), new, strict=True):
        case = Case(
            number=number,
            kind=workflow.kind,
            region_id=opening.region_id,
            worker_id=opening.worker_id,
            employer_id=opening.employer_id,
            subject=opening.subject,
            state=workflow.initial,
            opened_on=on,
            **_clock_of(opening, by_rule, on),
        )
        if any(can(by, permission, opening.region_id) for permission in needed):
            case.assigned_to = by
        cases.append(case)
    return Case.objects.bulk_create(cases, batch_size=_BATCH)


def _clock_of(opening: NewCase, by_rule: Deadline | None, on: date) -> dict[str, Any]:
    """The fields of the clock: the office's rule, or the law's own limit for the matter when that ends earlier."""
    deadlines = [by_rule] if by_rule else []
    if opening.most_working_days is not None:
        deadlines.append(add_working_days(on, opening.most_working_days))
    if not deadlines:
        return {}
    first = min(deadlines, key=lambda deadline: deadline.on)
    return {"started_on": on, "due_on": first.on, "due_certain": first.certain}


def _record_opening(cases: list[Case], new: Sequence[NewCase], *, by: Any, on: date, reason: str) -> None:
    events = []
    for case, opening in zip(cases, new, strict=True):
        event = CaseEvent(
            case=case,
            position=1,
            action="open",
            label="发起",
            to_state=case.state,
            by=by,
            on=on,
            reason=reason,
            detail=opening.detail,
        )
        events.append(event)
    CaseEvent.objects.bulk_create(events, batch_size=_BATCH)


def _record_duties_done(cases: list[Case], new: Sequence[NewCase]) -> None:
    duties = []
    for case, opening in zip(cases, new, strict=True):
        for duty, person_id in opening.duties.items():
            duties.append(CaseDuty(case=case, duty=duty, person_id=person_id))
    CaseDuty.objects.bulk_create(without_own(duties), batch_size=_BATCH)
