"""Applications of all programmes: begun, changed, handed in, completed, taken in, refused, taken back.

Who may do what is said in portal.cases.applicants; what a programme checks and does besides is registered with its
kind (portal.cases.application_kinds).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.access import NotNow, can
from portal.cases.actions import (
    Moving,
    NewCase,
    Refusal,
    open_cases,
    open_correction,
    resolve_correction,
    transition,
    transition_many,
)
from portal.cases.applicants import check_person, may_write, require_applicant, require_may_file
from portal.cases.application_kinds import ApplicationKind, application_kind
from portal.cases.models import Case, Channel
from portal.reasons import reason_in
from portal.workforce.merged import require_standing
from portal.workforce.models import Worker

# An application with its case, of whatever kind: callers know their own model.
AnyApplication = Any


# -- writing -------------------------------------------------------------------------------------------------
@transaction.atomic
def begin(
    kind: str,
    worker_id: int,
    *,
    channel: str,
    subject: str,
    by: Any,
    on: date,
    employer_id: int | None = None,
    fields: Callable[[Worker], Mapping[str, Any]],
) -> AnyApplication:
    """Begin an application; nothing is handed in yet.

    An agent applies for who works in their unit (`employer_id`), a worker for themselves, a clerk for a worker of
    their place. `fields` is asked when the person may: it refuses, or gives what the programme's own columns hold.
    Raises Refused (who), NotNow.
    """
    of_kind = application_kind(kind)
    worker = Worker.objects.select_related("work_region", "employer").get(pk=worker_id)
    require_may_file(of_kind, worker, channel, employer_id, by)
    require_standing(worker)
    own_fields = fields(worker)
    new_case = NewCase(
        region_id=worker.work_region_id,
        worker_id=worker.pk,
        subject=subject,
        employer_id=employer_id if channel == Channel.EMPLOYER else None,
    )
    (case,) = open_cases(kind, [new_case], by=by, on=on)
    objects = of_kind.model._default_manager
    return objects.create(case=case, worker=worker, channel=channel, **own_fields)


@contextmanager
def changing(case_id: int, *, by: Any) -> Iterator[AnyApplication]:
    """Change what was written, as long as it is a draft or something is missing. Raises Refused, NotNow."""
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        kind = application_kind(case.kind)
        (application,) = _read(kind, [case])
        if case.state not in kind.changeable:
            raise NotNow(f"{kind.called}现为“{case.state_label}”，内容不能再修改。")
        if not may_write(application, by):
            require_applicant(application, by)
        yield application


# -- moving --------------------------------------------------------------------------------------------------
@contextmanager
def _move(
    case_id: int, action: str, *, by: Any, on: date, reason: str = "", detail: dict[str, Any] | None = None
) -> Iterator[tuple[ApplicationKind, AnyApplication]]:
    """The application under its transition, with what its kind holds until all of it is committed."""
    with transaction.atomic():
        kind = _kind_of([case_id])
        kind.hold([case_id])
        with transition(case_id, action, by=by, on=on, reason=reason, detail=detail) as case:
            (application,) = _read(kind, [case])
            check_person(application, action, by)
            yield kind, application


def _kind_of(case_ids: Collection[int]) -> ApplicationKind:
    kinds = set(Case.objects.filter(pk__in=case_ids).values_list("kind", flat=True))
    if not kinds:
        raise Case.DoesNotExist(f"no cases {sorted(case_ids)[:5]}")
    if len(kinds) > 1:
        raise ValueError(f"applications of one kind are moved at once, not of {sorted(kinds)}")
    return application_kind(kinds.pop())


def _read(kind: ApplicationKind, cases: Sequence[Case]) -> list[AnyApplication]:
    """The applications of locked cases, in their order, with what their steps need beside them."""
    found = kind.model._default_manager.select_related(*kind.beside).in_bulk([case.pk for case in cases])
    applications = []
    for case in cases:
        application = found[case.pk]
        application.case = case
        applications.append(application)
    return applications


def hand_in(case_id: int, *, by: Any, on: date) -> AnyApplication:
    """Hand an application in. The day and the moment are kept, whatever is corrected later.

    Raises Refused (not one's own), and what the programme checks.
    """
    with _move(case_id, "submit", by=by, on=on) as (kind, application):
        application.handed_in_on, application.handed_in_at = on, timezone.now()
        kind.at_hand_in(application, by=by, on=on)
        application.save(update_fields=["handed_in_on", "handed_in_at"])
    return application


def accept_many(case_ids: Collection[int], *, by: Any, on: date) -> Moving:
    """Take applications of one kind in: all for which nothing speaks against it. `refused` says why others stay."""
    return _accept(case_ids, by=by, on=on)[0]


def accept(case_id: int, *, by: Any, on: date) -> AnyApplication:
    """Take one in. Raises Refused, NotNow."""
    with transaction.atomic():
        moving, applications = _accept([case_id], by=by, on=on)
        for refusal in moving.refused.values():
            raise refusal
    return applications[0]


def _accept(case_ids: Collection[int], *, by: Any, on: date) -> tuple[Moving, list[AnyApplication]]:
    read: dict[int, AnyApplication] = {}

    def check(cases: list[Case]) -> Mapping[int, Refusal]:
        applications = _read(kind, cases)
        read.update((application.pk, application) for application in applications)
        return kind.check_acceptance(applications, by=by, on=on)

    with transaction.atomic():
        kind = _kind_of(case_ids)
        kind.hold(case_ids)
        with transition_many(case_ids, "accept", by=by, on=on, check=check) as moving:
            applications = [read[case.pk] for case in moving.cases]
            kind.at_acceptance(applications, by=by, on=on)
    return moving, applications


def return_for_correction(case_id: int, *, missing: Sequence[str], by: Any, on: date) -> AnyApplication:
    """Say once and in full what is missing; the clock stands still until it has been brought."""
    items = [item.strip() for item in missing if item.strip()]
    move = _move(case_id, "return_for_correction", by=by, on=on, detail={"missing": items})
    with move as (kind, application):
        kind.require_in_time(application, by=by, on=on)
        open_correction(application.case, items, by=by, on=on)
        kind.at_correction(application, items, by=by, on=on)
    return application


def resubmit(case_id: int, *, by: Any, on: date, reason: str = "") -> AnyApplication:
    """What was missing has been brought (`reason` says what), and the clock goes on."""
    with _move(case_id, "resubmit", by=by, on=on, reason=reason) as (kind, application):
        kind.require_in_time(application, by=by, on=on)
        resolve_correction(application.case, by=by, on=on)
    return application


def refuse(case_id: int, *, reason: str, by: Any, on: date) -> AnyApplication:
    """Refuse to take it in; the applicant is told why."""
    with _move(case_id, "refuse", by=by, on=on, reason=reason) as (kind, application):
        kind.at_refusal(application, grounds=reason.strip(), by=by, on=on)
    return application


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> AnyApplication:
    """Take it back: the applicant, or the worker whom it is about; the window says on whose request."""
    with _move(case_id, "withdraw", by=by, on=on, reason=reason) as (kind, application):
        if can(by, kind.take_in, application.case.region_id) and not reason_in(reason):
            raise NotNow("窗口代为撤回的，须写明是谁提出、为什么撤回。")
        resolve_correction(application.case, by=by, on=on)
        kind.at_withdrawal(application, by=by, on=on)
    return application
