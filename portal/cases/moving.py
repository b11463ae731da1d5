"""Moving cases: one action taken on a set of them. A single case is a set of one.

What speaks against the action is asked of all cases at once, in the same order for every set: permission, state,
reason, what is missing, duties. Those that pass are moved by statements over the set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import PERMISSIONS, NotNow, Refused, assignments, require, scope
from portal.cases import news
from portal.cases.clock import Clocks, take_deadline_away
from portal.cases.four_eyes import DutiesOf
from portal.cases.models import Case, CaseDuty, CaseEvent, Correction
from portal.cases.models.life import acted_in_by
from portal.cases.workflow import Clock, Duty, Transition, workflow_of
from portal.reasons import NUMBER_IN_FULL, names_id_number, reason_in

Refusal = Refused | NotNow
# Says of cases, before anything is moved, which of them stay where they are and why.
Check = Callable[[list[Case]], Mapping[int, Refusal]]


@dataclass
class Moving:
    """The cases of a set that move, in the order of their numbers in the database, and why each other one stays.

    `details` is what is kept with the event of each case; the effect may add to it.
    """

    cases: list[Case] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    details: dict[int, dict[str, Any]] = field(default_factory=dict)


@contextmanager
def transition(
    case_id: int, action: str, *, by: Any, on: date, reason: str = "", detail: dict[str, Any] | None = None
) -> Iterator[Case]:
    """Take `action` on a case; the body is the programme's effect.

    Raises Refused, NotNow, or what the body raises.
    """
    details = {case_id: detail or {}}
    with transition_many([case_id], action, by=by, on=on, reason=reason, details=details) as moving:
        for refusal in moving.refused.values():
            raise refusal
        yield moving.cases[0]


@contextmanager
def transition_many(
    case_ids: Iterable[int],
    action: str,
    *,
    by: Any,
    on: date,
    reason: str = "",
    details: Mapping[int, Mapping[str, Any]] | None = None,
    check: Check | None = None,
) -> Iterator[Moving]:
    """Take `action` on every case of a set that it can be taken on; the body is the programme's effect on those.

    `check` says, after all else, which of the cases the programme leaves where they are. What the body raises
    undoes all of it. Raises Case.DoesNotExist when one of the cases is none.
    """
    with transaction.atomic():
        asked = _Asked(_lock(case_ids), action, by, on, reason.strip())
        moving = Moving(*asked.sorted_out(check))
        for case in moving.cases:
            moving.details[case.pk] = dict((details or {}).get(case.pk, {}))
        states_before = {case.pk: case.state for case in moving.cases}
        asked.move(moving.cases)
        yield moving
        asked.write_down(moving, states_before)


def _lock(case_ids: Iterable[int]) -> list[Case]:
    """Always in one order, so that no two who move sets wait for each other."""
    ids = set(case_ids)
    cases = list(Case.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    if len(cases) < len(ids):
        missing = sorted(ids - {case.pk for case in cases})
        raise Case.DoesNotExist(f"no cases {missing[:5]}")
    return cases


def require_permission(case: Case, row: Transition, user: Any) -> None:
    """Refused unless the office's permission or the case being one's own lets the user take the
    transition.
    """
    if row.by_applicant and case.is_of(user):
        return
    require(user, row.permission, case.region_id)


class _Asked:
    """An action asked for a set of cases that are locked, by somebody (None: the system itself) on a day."""

    def __init__(self, cases: list[Case], action: str, by: Any, on: date, reason: str) -> None:
        self.cases = cases
        self.action = action
        self.by = by
        self.on = on
        self.reason = reason
        self.rows = {kind: workflow_of(kind).transition(action) for kind in {case.kind for case in cases}}
        self.new_duties: list[CaseDuty] = []

    def row_of(self, case: Case) -> Transition:
        return self.rows[case.kind]

    # -- what speaks against it ------------------------------------------------------------------------------
    def sorted_out(self, check: Check | None) -> tuple[list[Case], dict[int, Refusal]]:
        """The cases that move, and the refusal of each other one: the first that there is."""
        questions: list[Check] = [
            self._not_permitted,
            self._in_other_states,
            self._without_reason,
            self._with_id_number,
            self._being_corrected,
            self._barred_by_duty,
        ]
        if check is not None:
            questions.append(check)
        remaining = self.cases
        refused: dict[int, Refusal] = {}
        for question in questions:
            if not remaining:
                break
            refused |= question(remaining)
            remaining = [case for case in remaining if case.pk not in refused]
        return remaining, refused

    def _not_permitted(self, cases: list[Case]) -> dict[int, Refusal]:
        if self.by is None:
            return {}
        by_applicant = [case for case in cases if self.row_of(case).by_applicant]
        own = acted_in_by(self.by, by_applicant)
        where = {row.permission: scope(self.by, row.permission) for row in self.rows.values()}
        refused: dict[int, Refusal] = {}
        for case in cases:
            permission = self.row_of(case).permission
            if case.pk in own or where[permission].covers(case.region_id):
                continue
            try:
                require(self.by, permission, case.region_id)
            except Refused as refusal:
                refused[case.pk] = refusal
        return refused

    def _in_other_states(self, cases: list[Case]) -> dict[int, Refusal]:
        elsewhere = [case for case in cases if case.state not in self.row_of(case).sources]
        if not elsewhere:
            return {}
        last_events = CaseEvent.objects.filter(case__in=elsewhere).select_related("by")
        last_events = last_events.order_by("case_id", "-position").distinct("case_id")
        last_by = {event.case_id: event.by for event in last_events}
        refused: dict[int, Refusal] = {}
        for case in elsewhere:
            who = f"由{last_by[case.pk]}" if last_by.get(case.pk) else ""
            refused[case.pk] = NotNow(
                f"办件{case.number}已{who}办理，当前状态为“{case.state_label}”，"
                f"不能再“{self.row_of(case).label}”。请刷新页面查看最新情况。"
            )
        return refused

    def _without_reason(self, cases: list[Case]) -> dict[int, Refusal]:
        if reason_in(self.reason):
            return {}
        rows = {case.pk: self.row_of(case) for case in cases}
        return {pk: NotNow(f"“{row.label}”须写明理由。") for pk, row in rows.items() if row.needs_reason}

    def _with_id_number(self, cases: list[Case]) -> dict[int, Refusal]:
        """A reason stands in the clear on pages, and in letters."""
        if not names_id_number(self.reason):
            return {}
        return {case.pk: NotNow(NUMBER_IN_FULL) for case in cases}

    def _being_corrected(self, cases: list[Case]) -> dict[int, Refusal]:
        waiting = [case.pk for case in cases if not self.row_of(case).while_correcting]
        if not waiting:
            return {}
        open_ones = Correction.objects.filter(case__in=waiting, resolved_on__isnull=True)
        return {
            case_id: NotNow("该办件正在补正，补正完成前不能办理。")
            for case_id in open_ones.values_list("case_id", flat=True)
        }

    def _barred_by_duty(self, cases: list[Case]) -> dict[int, Refusal]:
        """Also notes which duties are new: what somebody holds already is not written down again."""
        under_duty = [case for case in cases if self.row_of(case).duty]
        if self.by is None or not under_duty:
            return {}
        held = DutiesOf(self.by, under_duty)
        refused: dict[int, Refusal] = {}
        for case in under_duty:
            duty = self.row_of(case).duty
            assert duty is not None  # noqa: S101  those without one were left out
            if reason := held.reason_against(case, duty):
                refused[case.pk] = Refused(reason)
            elif not held.holds(case, duty):
                self.new_duties.append(CaseDuty(case=case, duty=duty, person=self.by))
        return refused

    # -- what is done ----------------------------------------------------------------------------------------
    def move(self, cases: list[Case]) -> None:
        """Put the cases into the state the transition leads to, and their clocks with it."""
        moved = {case.pk for case in cases}
        CaseDuty.objects.bulk_create([duty for duty in self.new_duties if duty.case_id in moved])
        clocks, now = Clocks(self.on), timezone.now()
        for case in cases:
            row = self.row_of(case)
            clocks.move(case, row.clock)
            case.state = row.target
            case.state_since = now
            case.version += 1
            case.closed_at = now if row.target in case.workflow.final_states else None
            if case.closed_at is None and row.clock is Clock.END:
                take_deadline_away(case)
            if row.duty is Duty.ACCEPT and case.assigned_to_id is None:
                # Whoever takes a case in sees it through, until it is given to somebody else.
                case.assigned_to = self.by
        _update(cases)

    def write_down(self, moving: Moving, states_before: Mapping[int, str]) -> None:
        """The event of each case, and what the audit says of it."""
        roles = {row.permission: self._role_that_permits(row.permission) for row in self.rows.values()}
        events, entries = [], []
        for case in moving.cases:
            row = self.row_of(case)
            event = CaseEvent(
                case=case,
                position=case.version,
                action=self.action,
                label=row.label,
                from_state=states_before[case.pk],
                to_state=row.target,
                by=self.by,
                role=roles[row.permission],
                on=self.on,
                reason=self.reason,
                detail=moving.details[case.pk],
            )
            events.append(event)
            said = {"number": case.number, "from": states_before[case.pk], "to": row.target}
            entries.append((case, case.worker_id, case.region_id, said))
        CaseEvent.objects.bulk_create(events)
        audit.record_many(f"case.{self.action}", by=self.by, about=entries)
        news.tell_of_moves([(case, self.row_of(case)) for case in moving.cases], by=self.by)

    def _role_that_permits(self, permission: str) -> str:
        """The role by which somebody took a step; empty for the system, and for whoever did so in their
        own case.
        """
        if self.by is None:
            return ""
        permitted_roles = PERMISSIONS[permission][1]
        return next((role for role, _ in assignments(self.by) if role in permitted_roles), "")


# What a move changes, as the database has it.
_MOVED = {
    "id": "bigint",
    "state": "text",
    "state_since": "timestamptz",
    "version": "integer",
    "closed_at": "timestamptz",
    "started_on": "date",
    "due_on": "date",
    "due_certain": "boolean",
    "stopped_on": "date",
    "assigned_to_id": "bigint",
}
_UPDATE = f"""
UPDATE public.cases_case AS c SET {", ".join(f"{name} = moved.{name}" for name in _MOVED if name != "id")}
FROM unnest({", ".join(f"%s::{kind}[]" for kind in _MOVED.values())}) AS moved ({", ".join(_MOVED)})
WHERE c.id = moved.id
"""  # noqa: S608  names and types are constants


def _update(cases: list[Case]) -> None:
    """All cases in one statement: of five hundred, each would otherwise be one."""
    if not cases:
        return
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [[getattr(case, name) for case in cases] for name in _MOVED])
