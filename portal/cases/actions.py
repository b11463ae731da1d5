"""The only code that opens a case or changes its state.

    with transition(case_id, "confirm", by=officer, on=today, reason="…") as case:
        ...                     # what the programme does; any exception undoes everything

Permission, lock, re-check, effect, event and audit happen in one transaction, whether a page, the API, a bulk
job or a task asks. Refusals are `portal.accounts.access.Refused` (who) and `NotNow` (state), both with a
message for the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import PERMISSIONS, NotNow, Refused, assignments, can, require
from portal.cases.assigning import has_to_do_with, permissions_ahead
from portal.cases.clock import deadline_by_rule, move_clock, take_deadline_away
from portal.cases.four_eyes import DutiesOf, without_own
from portal.cases.models import AllowedMove, Case, CaseDuty, CaseEvent, Correction
from portal.cases.numbers import take_numbers
from portal.cases.workflow import Clock, Duty, Transition, Workflow, allowed_moves, workflow_of
from portal.reasons import reason_in
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


@contextmanager
def transition(
    case_id: int, action: str, *, by: Any, on: date, reason: str = "", detail: dict[str, Any] | None = None
) -> Iterator[Case]:
    """Take `action` on a case; the body is the programme's effect.

    Raises Refused, NotNow, or what the body raises.
    """
    reason = reason.strip()
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        row = case.workflow.transition(action)
        _check_transition(case, row, by, reason)
        state_before = case.state
        _take_duty(case, row, by)
        _move(case, row, on)
        if row.duty is Duty.ACCEPT and case.assigned_to_id is None:
            # Whoever takes a case in sees it through, until it is given to somebody else.
            case.assigned_to = by
        case.save()
        detail = dict(detail or {})
        yield case
        CaseEvent.objects.create(
            case=case,
            position=case.version,
            action=action,
            label=row.label,
            from_state=state_before,
            to_state=row.target,
            by=by,
            role=_role_that_permits(by, row.permission),
            on=on,
            reason=reason,
            detail=detail,
        )
        audit.record(
            f"case.{action}",
            by=by,
            obj=case,
            worker=case.worker_id,
            region=case.region_id,
            detail={"number": case.number, "from": state_before, "to": row.target},
        )


def _move(case: Case, row: Transition, on: date) -> None:
    """Put the case into the state the transition leads to, and its clock with it."""
    move_clock(case, row.clock, on)
    case.state = row.target
    case.state_since = timezone.now()
    case.version += 1
    if row.target in case.workflow.final_states:
        case.closed_at = case.state_since
    elif row.clock is Clock.END:
        take_deadline_away(case)


def _require_permission(case: Case, row: Transition, user: Any) -> None:
    """Refused unless the office's permission or the case being one's own lets the user take the
    transition.
    """
    if row.by_applicant and case.is_of(user):
        return
    require(user, row.permission, case.region_id)


def _check_transition(case: Case, row: Transition, by: Any, reason: str) -> None:
    if by is not None:
        _require_permission(case, row, by)
    if case.state not in row.sources:
        last_event = case.events.select_related("by").order_by("-position").first()
        who = f"由{last_event.by}" if last_event and last_event.by else ""
        raise NotNow(
            f"办件{case.number}已{who}办理，当前状态为“{case.state_label}”，"
            f"不能再“{row.label}”。请刷新页面查看最新情况。"
        )
    if row.needs_reason and not reason_in(reason):
        raise NotNow(f"“{row.label}”须写明理由。")
    if not row.while_correcting and case.corrections.filter(resolved_on__isnull=True).exists():
        raise NotNow("该办件正在补正，补正完成前不能办理。")


def _role_that_permits(by: Any, permission: str) -> str:
    """The role by which somebody took a step; empty for the system, and for whoever did so in their
    own case.
    """
    if by is None:
        return ""
    permitted_roles = PERMISSIONS[permission][1]
    return next((role for role, _ in assignments(by) if role in permitted_roles), "")


def _take_duty(case: Case, row: Transition, by: Any) -> None:
    if row.duty is None or by is None:
        return
    duties = DutiesOf(by, [case])
    if reason := duties.reason_against(case, row.duty):
        raise Refused(reason)
    if not duties.holds(case, row.duty):
        CaseDuty.objects.create(case=case, duty=row.duty, person=by)


def open_correction(case: Case, missing: Sequence[str], *, by: Any, on: date) -> Correction:
    """Say once and in full what is missing. Call it inside a transition that stops the clock."""
    items = [item.strip() for item in missing if item.strip()]
    if not items:
        raise NotNow("请至少写明一项需要补正的内容。")
    return Correction.objects.create(case=case, missing=items, opened_on=on, opened_by=by)


def resolve_correction(case: Case, *, by: Any, on: date) -> None:
    """Everything missing has been brought. Call it inside the transition that starts the clock again."""
    case.corrections.filter(resolved_on__isnull=True).update(resolved_on=on, resolved_by=by)


@transaction.atomic
def assign(case_id: int, *, to: Any, by: Any) -> Case:
    """Make somebody responsible for a case; they must be able to see it and have something to do in it.

    Raises Refused, NotNow.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    require(by, "case.assign", case.region_id)
    if to is not None:
        require(to, "case.view", case.region_id)
    if case.closed_at:
        raise NotNow(f"办件{case.number}已办结，不能再分派。")
    if to is not None and not has_to_do_with(case, to):
        raise NotNow(f"{to}在“{case.kind_label}”中没有可以办理的事项，不能分派给该人员。")
    case.assigned_to = to
    case.save(update_fields=["assigned_to"])
    audit.record(
        "case.assign",
        by=by,
        obj=case,
        worker=case.worker_id,
        region=case.region_id,
        detail={"to": to.username if to else ""},
    )
    return case


def possible_actions(case: Case, user: Any) -> tuple[list[Transition], list[tuple[Transition, str]]]:
    """What the user may do with the case now, and what they may not, each with the reason why."""
    may: list[Transition] = []
    may_not: list[tuple[Transition, str]] = []
    duties = DutiesOf(user, [case])
    for row in case.workflow.transitions:
        if case.state not in row.sources:
            continue
        try:
            _require_permission(case, row, user)
        except Refused as refused:
            may_not.append((row, str(refused)))
            continue
        reason = duties.reason_against(case, row.duty) if row.duty else ""
        if reason:
            may_not.append((row, reason))
        else:
            may.append(row)
    return may, may_not


def load_allowed_moves() -> None:
    """Copy the workflow tables into the database. Runs as the owner when the application is installed."""
    listed = allowed_moves()
    stored = {(move.kind, move.from_state, move.to_state): move.pk for move in AllowedMove.objects.all()}
    missing = [
        AllowedMove(kind=kind, from_state=from_state, to_state=to_state)
        for kind, from_state, to_state in sorted(listed - stored.keys())
    ]
    AllowedMove.objects.bulk_create(missing)
    no_longer_listed = [pk for move, pk in stored.items() if move not in listed]
    AllowedMove.objects.filter(pk__in=no_longer_listed).delete()
