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

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import PERMISSIONS, Refused, assignments, require
from portal.cases.models import AllowedMove, Case, CaseDuty, CaseEvent, CaseSeries, ClockRule, Correction
from portal.cases.workflow import Clock, Duty, Transition, allowed_moves, workflow_of
from portal.regions.calendar import add_working_days, working_days_between


class NotNow(Exception):
    """The case is not in a state in which this can be done; the message says what happened and what to do."""


@dataclass
class NewCase:
    """What a case is opened with. `duties` are done already: who recorded, who verified."""

    region_id: str
    worker_id: int | None
    subject: str
    duties: dict[Duty, int] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    employer_id: int | None = None


def take_numbers(prefix: str, year: int, count: int) -> list[str]:
    """The next `count` numbers of a series. Held by a row lock until the transaction ends; a rollback gives
    them back.
    """
    CaseSeries.objects.bulk_create([CaseSeries(prefix=prefix, year=year)], ignore_conflicts=True)
    series = CaseSeries.objects.select_for_update().get(prefix=prefix, year=year)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [f"{prefix}-{year}-{number:06d}" for number in range(first, first + count)]


@transaction.atomic
def open_cases(kind: str, new: Sequence[NewCase], *, by: Any, on: date, reason: str = "") -> list[Case]:
    """Open cases of a kind, in the order given. The caller has checked that `by` may (None: the system
    itself).
    """
    if not new:
        return []
    workflow = workflow_of(kind)
    rule = ClockRule.objects.filter(kind=kind).first() if workflow.clock_at_opening else None
    deadline = add_working_days(on, rule.working_days) if rule else None
    numbers = take_numbers(workflow.prefix, on.year, len(new))
    cases = Case.objects.bulk_create(
        [
            Case(
                number=number,
                kind=kind,
                region_id=one.region_id,
                worker_id=one.worker_id,
                employer_id=one.employer_id,
                subject=one.subject,
                state=workflow.initial,
                opened_on=on,
                started_on=on if deadline else None,
                due_on=deadline.on if deadline else None,
                due_certain=deadline.certain if deadline else True,
            )
            for number, one in zip(numbers, new, strict=True)
        ],
        batch_size=1000,
    )
    CaseEvent.objects.bulk_create(
        [
            CaseEvent(
                case=case,
                position=1,
                action="open",
                label="发起",
                to_state=workflow.initial,
                by=by,
                on=on,
                reason=reason,
                detail=one.detail,
            )
            for case, one in zip(cases, new, strict=True)
        ],
        batch_size=1000,
    )
    CaseDuty.objects.bulk_create(
        [
            CaseDuty(case=case, duty=duty, person_id=person)
            for case, one in zip(cases, new, strict=True)
            for duty, person in one.duties.items()
        ],
        batch_size=1000,
    )
    audit.record_many(
        "case.open", by=by, about=[(case, case.worker_id, case.region_id, None) for case in cases]
    )
    return cases


@contextmanager
def transition(
    case_id: int, action: str, *, by: Any, on: date, reason: str = "", detail: dict[str, Any] | None = None
) -> Iterator[Case]:
    """Take `action` on a case; the body is the programme's effect. Raises Refused, NotNow, or what the body
    raises.
    """
    reason = reason.strip()
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        row = case.workflow.transition(action)
        _check(case, row, by, reason)
        before = case.state
        _take_duty(case, row, by)
        _move_clock(case, row.clock, on)
        case.state, case.state_since, case.version = row.target, timezone.now(), case.version + 1
        if row.target in case.workflow.final_states:
            case.closed_at = case.state_since
        elif row.clock is Clock.END:
            # The office has done its part in time; what comes now waits for no deadline. The events keep the
            # days.
            case.started_on, case.due_on, case.due_certain = None, None, True
        case.save()
        facts = dict(detail or {})
        yield case
        CaseEvent.objects.create(
            case=case,
            position=case.version,
            action=action,
            label=row.label,
            from_state=before,
            to_state=row.target,
            by=by,
            role=_role(by, row.permission),
            on=on,
            reason=reason,
            detail=facts,
        )
        audit.record(
            f"case.{action}",
            by=by,
            obj=case,
            worker=case.worker_id,
            region=case.region_id,
            detail={"number": case.number, "from": before, "to": row.target},
        )


def _check(case: Case, row: Transition, by: Any, reason: str) -> None:
    if by is not None and not (row.by_applicant and case.is_of(by)):
        require(by, row.permission, case.region_id)
    if case.state not in row.sources:
        last = case.events.select_related("by").order_by("-position").first()
        who = f"由{last.by}" if last and last.by else ""
        raise NotNow(
            f"办件{case.number}已{who}办理，当前状态为“{case.state_label}”，不能再“{row.label}”。请刷新页面查看最新情况。"
        )
    if row.needs_reason and not reason:
        raise NotNow(f"“{row.label}”须写明理由。")
    if not row.while_correcting and case.corrections.filter(resolved_on__isnull=True).exists():
        raise NotNow("该办件正在补正，补正完成前不能办理。")


def _role(by: Any, permission: str) -> str:
    allowed = PERMISSIONS[permission][1]
    return next((role for role, _ in assignments(by) if role in allowed), "") if by is not None else ""


def _take_duty(case: Case, row: Transition, by: Any) -> None:
    if row.duty is None or by is None:
        return
    held = case.duties.filter(person=by).first()
    if held is not None and held.duty == row.duty:
        return
    try:
        with transaction.atomic():
            CaseDuty.objects.create(case=case, duty=row.duty, person=by)
    except IntegrityError as error:
        done = case.duties.get(person=by).get_duty_display()
        raise Refused(
            f"您已在本办件中承担“{done}”，不能再承担“{row.duty.label}”，须由另一人办理。"
        ) from error


def _move_clock(case: Case, clock: Clock, on: date) -> None:
    if clock is Clock.START:
        rule = ClockRule.objects.filter(kind=case.kind).first()
        if rule:
            deadline = add_working_days(on, rule.working_days)
            case.started_on, case.due_on, case.due_certain = on, deadline.on, deadline.certain
    elif clock is Clock.STOP:
        case.stopped_on = on
    elif clock is Clock.RESUME:
        if case.stopped_on and case.due_on:
            left = max(working_days_between(case.stopped_on, case.due_on), 0)
            deadline = add_working_days(on, left)
            case.due_on, case.due_certain = deadline.on, case.due_certain and deadline.certain
        case.stopped_on = None
    elif clock is Clock.END:
        case.stopped_on = None


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
    """Make somebody responsible for a case; they must be able to see it."""
    case = Case.objects.select_for_update().get(pk=case_id)
    require(by, "case.view", case.region_id)
    if to is not None:
        require(to, "case.view", case.region_id)
    if case.closed_at:
        raise NotNow(f"办件{case.number}已办结，不能再分派。")
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
    held = case.duties.filter(person=user).first()
    for row in case.workflow.transitions:
        if case.state not in row.sources:
            continue
        try:
            if not (row.by_applicant and case.is_of(user)):
                require(user, row.permission, case.region_id)
        except Refused as refused:
            may_not.append((row, str(refused)))
            continue
        if row.duty and held and held.duty != row.duty:
            may_not.append((row, f"您已在本办件中承担“{held.get_duty_display()}”，须由另一人办理。"))
        else:
            may.append(row)
    return may, may_not


def load_allowed_moves() -> None:
    """Copy the workflow tables into the database. Runs as the owner when the application is installed."""
    wanted = allowed_moves()
    existing = {(m.kind, m.from_state, m.to_state): m.pk for m in AllowedMove.objects.all()}
    AllowedMove.objects.bulk_create(
        [AllowedMove(kind=k, from_state=a, to_state=b) for k, a, b in sorted(wanted - existing.keys())]
    )
    AllowedMove.objects.filter(pk__in=[pk for move, pk in existing.items() if move not in wanted]).delete()


def lock_for(name: str) -> None:
    """Hold a named lock until the transaction ends: what must not run twice at once over the whole register."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
