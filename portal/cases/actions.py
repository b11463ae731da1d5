"""The only code that opens a case or changes its state.

    with transition(case_id, "confirm", by=officer, on=today, reason="…") as case:
        ...                     # what the programme does; any exception undoes everything

    with transition_many(case_ids, "approve", by=officer, on=today) as moving:
        ...                     # the same for moving.cases at once; moving.refused says why others stay

Permission, lock, re-check, effect, event and audit happen in one transaction, whether a page, the API, a bulk
job or a task asks. Refusals are `portal.accounts.access.Refused` (who) and `NotNow` (state), both with a
message for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.cases.absences import absence_of, why_not_assigned
from portal.cases.assigning import has_to_do_with
from portal.cases.four_eyes import DutiesOf
from portal.cases.models import AllowedMove, Case, Correction, NewsKind
from portal.cases.moving import Moving, Refusal, require_permission, transition, transition_many
from portal.cases.news import tell
from portal.cases.opening import NewCase, open_cases
from portal.cases.workflow import Transition, allowed_moves
from portal.reasons import NUMBER_IN_FULL, names_id_number

__all__ = [
    "Moving",
    "NewCase",
    "NotNow",
    "Refusal",
    "assign",
    "load_allowed_moves",
    "open_cases",
    "open_correction",
    "possible_actions",
    "resolve_correction",
    "transition",
    "transition_many",
]


def open_correction(case: Case, missing: Sequence[str], *, by: Any, on: date) -> Correction:
    """Say once and in full what is missing. Call it inside a transition that stops the clock."""
    items = [item.strip() for item in missing if item.strip()]
    if not items:
        raise NotNow("请至少写明一项需要补正的内容。")
    if any(names_id_number(item) for item in items):
        raise NotNow(NUMBER_IN_FULL)
    return Correction.objects.create(case=case, missing=items, opened_on=on, opened_by=by)


def resolve_correction(case: Case, *, by: Any, on: date) -> None:
    """Everything missing has been brought. Call it inside the transition that starts the clock again."""
    case.corrections.filter(resolved_on__isnull=True).update(resolved_on=on, resolved_by=by)


@transaction.atomic
def assign(case_id: int, *, to: Any, by: Any) -> Case:
    """Make somebody responsible for a case; they must be able to see it, have something to do in it and be there. One
    takes a case oneself also on a day on which one is away.

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
    absence = absence_of(to, timezone.localdate()) if to is not None and to != by else None
    if absence is not None:
        raise NotNow(why_not_assigned(absence))
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
    if to is not None:
        tell([(to.pk, case, NewsKind.ASSIGNED, "")], by=by)
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
            require_permission(case, row, user)
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
