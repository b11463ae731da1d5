"""Nominating: writing a nomination, handing it in, and what the window answers.

Who may do what is said in selection.applicants. While a nomination moves, its round is held still (a shared
lock), so that no step of the round overtakes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from portal import audit
from portal.accounts.access import can
from portal.cases.actions import NewCase, NotNow, open_cases, open_correction, resolve_correction, transition
from portal.cases.evidence.rules import register_evidence
from portal.cases.models import Case
from portal.formats import date_cn
from portal.outgoing.actions import announce
from portal.outgoing.kinds import CORRECTION, DECISION
from portal.policy.models import Determination, Outcome
from portal.reasons import reason_in
from portal.workforce.merged import records_of, require_standing
from portal.workforce.models import Worker
from talent_registry import benefits, letters
from talent_registry.models import (
    Channel,
    Industry,
    Nomination,
    PanelAssignment,
    RegistryEntry,
    SelectionRound,
    Status,
)
from talent_registry.selection.applicants import (
    CHANGEABLE,
    TAKE_IN,
    check_person,
    may_write,
    require_applicant,
    require_may_nominate,
)
from talent_registry.selection.workflow import NOMINATION, RoundState

LONGEST_STATEMENT = 2000
# What was handed in is taken in until the panel has done its work.
_TAKING_IN = (RoundState.OPEN, RoundState.ASSESSED)


def register_all() -> None:
    """Nominations take evidence while they are written; experts read that of their nominees."""
    register_evidence(
        NOMINATION,
        permission=TAKE_IN,
        may_change=lambda case: case.state in CHANGEABLE,
        readers=_nominees_of_expert,
    )


def _nominees_of_expert(user: Any) -> Q:
    return Q(case__in=PanelAssignment.objects.of_expert(user).values("nomination"))


# -- the round -----------------------------------------------------------------------------------------------
def open_round(on: date) -> SelectionRound | None:
    """The round in which one may nominate on the day; None when there is none."""
    rounds = SelectionRound.objects.filter(
        case__state=RoundState.OPEN,
        opens_on__lte=on,
        nominations_until__gte=on,
    )
    return rounds.select_related("case").order_by("-year").first()


def hold(round_id: int) -> str:
    """Keep the round from moving on until the transaction ends, and read its state.

    Nominations do not wait for one another.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM cases_case WHERE id = %s FOR SHARE", [round_id])
        return str(cursor.fetchone()[0])


def _require_open(round_: SelectionRound, state: str, on: date) -> None:
    if on > round_.nominations_until:
        raise NotNow(f"{round_.title}的申报已于{date_cn(round_.nominations_until)}截止。")
    if state == RoundState.DRAFT or on < round_.opens_on:
        raise NotNow(f"{round_.title}尚未开始申报，开始日期为{date_cn(round_.opens_on)}。")
    if state != RoundState.OPEN:
        raise NotNow(f"{round_.title}现为“{RoundState(state).label}”，不再接受申报。")


def _require_taking_in(round_: SelectionRound, state: str) -> None:
    if state not in _TAKING_IN:
        raise NotNow(f"{round_.title}现为“{RoundState(state).label}”，受理已结束。")


# -- writing -------------------------------------------------------------------------------------------------
@transaction.atomic
def draft(
    round_: SelectionRound,
    worker_id: int,
    *,
    channel: str,
    industry: str,
    statement: str,
    by: Any,
    on: date,
    employer_id: int | None = None,
) -> Nomination:
    """Begin a nomination; nothing is handed in yet.

    An agent nominates who works in their unit (`employer_id`), a worker themselves, a clerk a worker of their
    place. Raises Refused (who), NotNow (round not open, already nominated or on the registry, something not
    filled in).
    """
    _require_open(round_, hold(round_.pk), on)
    worker = Worker.objects.select_related("work_region", "employer").get(pk=worker_id)
    require_may_nominate(worker, channel, employer_id, by)
    require_standing(worker)
    _require_new(round_, worker)
    industry, statement = _checked_text(industry, statement)
    new_case = NewCase(
        region_id=worker.work_region_id,
        worker_id=worker.pk,
        subject=f"{round_.title}：{Channel(channel).label}",
        employer_id=employer_id if channel == Channel.EMPLOYER else None,
    )
    (case,) = open_cases(NOMINATION, [new_case], by=by, on=on)
    try:
        with transaction.atomic():
            return Nomination.objects.create(
                case=case,
                round=round_,
                worker=worker,
                channel=channel,
                industry=industry,
                statement=statement,
            )
    except IntegrityError as error:
        # Somebody else was quicker.
        raise NotNow(_already_nominated(round_)) from error


def _require_new(round_: SelectionRound, worker: Worker) -> None:
    _require_not_listed(worker)
    if Nomination.objects.filter(round=round_, worker__in=records_of(worker.pk)).valid().exists():
        raise NotNow(_already_nominated(round_))


def _require_not_listed(worker: Worker) -> None:
    entry = (
        RegistryEntry.objects.filter(worker__in=records_of(worker.pk)).exclude(status=Status.REMOVED).first()
    )
    if entry:
        raise NotNow(
            f"{worker.name}已在高技能领军人才名录中（名录编号{entry.number}），"
            "待遇照常享受，不需要再参加遴选。"
        )


def _already_nominated(round_: SelectionRound) -> str:
    return f"该人员在{round_.title}中已有申报，不能重复申报。原申报撤回后可以重新提出。"


def _checked_text(industry: str, statement: str) -> tuple[str, str]:
    """Industry and statement as they may be stored; NotNow when one is missing or too long."""
    statement = statement.strip()
    if industry not in Industry.values:
        raise NotNow("请选择所属行业。")
    if not statement:
        raise NotNow("请填写主要业绩。")
    if len(statement) > LONGEST_STATEMENT:
        raise NotNow(f"主要业绩不超过{LONGEST_STATEMENT}个字。")
    return industry, statement


@transaction.atomic
def edit(case_id: int, *, industry: str, statement: str, by: Any, on: date) -> Nomination:
    """Change what was written, as long as it is a draft or something is missing. Raises Refused, NotNow."""
    case = Case.objects.select_for_update().get(pk=case_id)
    nomination = _read(case)
    if case.state not in CHANGEABLE:
        raise NotNow(f"申报现为“{case.state_label}”，内容不能再修改。")
    if not may_write(nomination, by):
        require_applicant(nomination, by)
    nomination.industry, nomination.statement = _checked_text(industry, statement)
    nomination.save(update_fields=["industry", "statement"])
    audit.record(
        "nomination.change", by=by, obj=nomination, worker=nomination.worker_id, region=case.region_id
    )
    return nomination


# -- moving --------------------------------------------------------------------------------------------------
@contextmanager
def _move(
    case_id: int, action: str, *, by: Any, on: date, reason: str = "", detail: dict[str, Any] | None = None
) -> Iterator[tuple[Nomination, str]]:
    """The nomination under its transition, and the state of its round, held until all of it is committed."""
    with transaction.atomic():
        round_id = Nomination.objects.values_list("round_id", flat=True).get(pk=case_id)
        state = hold(round_id)
        with transition(case_id, action, by=by, on=on, reason=reason, detail=detail) as case:
            nomination = _read(case)
            check_person(nomination, action, by)
            yield nomination, state


def _read(case: Case) -> Nomination:
    nomination = Nomination.objects.select_related(
        "round", "worker__employer", "worker__work_region__parent", "determination"
    ).get(case=case)
    nomination.case = case
    return nomination


def submit(case_id: int, *, by: Any, on: date) -> Nomination:
    """Hand a nomination in; its conditions are determined as of `on` and kept.

    Who fails one is refused with each unmet condition; what the register does not know stays undetermined and
    is asked for by the window. Raises Refused (not one's nomination), NotNow (round not open, not eligible,
    on the registry, no longer of the unit).
    """
    with _move(case_id, "submit", by=by, on=on) as (nomination, state):
        _require_open(nomination.round, state, on)
        _require_not_listed(nomination.worker)
        if nomination.channel == Channel.EMPLOYER:
            require_may_nominate(nomination.worker, nomination.channel, nomination.case.employer_id, by)
        nomination.determination = _determined(nomination, on)
        nomination.save(update_fields=["determination"])
    return nomination


def _determined(nomination: Nomination, on: date) -> Determination:
    """The conditions as of `on`; NotNow with each unmet one when the person is not eligible."""
    determination = benefits.determine_again(nomination.worker_id, on=on, benefit=benefits.NOMINATION)
    if determination.outcome == Outcome.INELIGIBLE:
        unmet = _conditions_text(determination, holds=False)
        raise NotNow(f"不符合申报条件。未符合的条件：{unmet}")
    return determination


def _conditions_text(determination: Determination, *, holds: bool | None) -> str:
    """The conditions that came out so (None: unknown), each with its clause and what to do about it."""
    sentences = []
    for condition in benefits.explain(determination):
        if condition["holds"] is not holds:
            continue
        remedy = condition["remedy"] or "请核对登记的信息。"
        sentences.append(f"{condition['label']}（{condition['clause']}），{remedy}".rstrip("。"))
    return f"{'；'.join(sentences)}。"


def missing(nomination: Nomination) -> list[str]:
    """What the register does not know yet and the conditions ask for, in words; nothing when all is known."""
    if nomination.determination is None:
        return []
    return [
        f"{condition['label']}：没有登记的信息可以证明，请提供证明材料，由服务窗口登记。"
        for condition in benefits.explain(nomination.determination)
        if condition["holds"] is None
    ]


def accept(case_id: int, *, by: Any, on: date) -> Nomination:
    """Take a nomination in; the conditions are determined again and must hold.

    What is still unknown has to be registered first.
    """
    with _move(case_id, "accept", by=by, on=on) as (nomination, state):
        _require_taking_in(nomination.round, state)
        _require_not_listed(nomination.worker)
        determination = _determined(nomination, on)
        if determination.outcome != Outcome.ELIGIBLE:
            unknown = _conditions_text(determination, holds=None)
            raise NotNow(f"条件尚不能认定，不能受理。请登记以下信息或告知补正：{unknown}")
        nomination.determination = determination
        nomination.save(update_fields=["determination"])
    return nomination


def return_for_correction(case_id: int, *, missing: Sequence[str], by: Any, on: date) -> Nomination:
    """Say once and in full what is missing, by letter; the clock stands still until it has been brought."""
    items = [item.strip() for item in missing if item.strip()]
    move = _move(case_id, "return_for_correction", by=by, on=on, detail={"missing": items})
    with move as (nomination, state):
        _require_taking_in(nomination.round, state)
        open_correction(nomination.case, items, by=by, on=on)
        letters.issue_nomination_correction(nomination, items, by=by, on=on)
        announce(nomination.case, CORRECTION, by=by, on=on)
    return nomination


def resubmit(case_id: int, *, by: Any, on: date, reason: str = "") -> Nomination:
    """What was missing has been brought (`reason` says what), and the clock goes on."""
    with _move(case_id, "resubmit", by=by, on=on, reason=reason) as (nomination, state):
        _require_taking_in(nomination.round, state)
        resolve_correction(nomination.case, by=by, on=on)
    return nomination


def refuse(case_id: int, *, reason: str, by: Any, on: date) -> Nomination:
    """Refuse to take it in; the applicant gets the decision with grounds, clause and what they can do."""
    with _move(case_id, "refuse", by=by, on=on, reason=reason) as (nomination, _):
        _settle(nomination)
        letters.issue_nomination_refusal(nomination, by=by, on=on, grounds=reason.strip())
        announce(nomination.case, DECISION, by=by, on=on)
    return nomination


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> Nomination:
    """Take it back: the applicant, or the worker whom it is about; the window says on whose request."""
    with _move(case_id, "withdraw", by=by, on=on, reason=reason) as (nomination, _):
        if can(by, TAKE_IN, nomination.case.region_id) and not reason_in(reason):
            raise NotNow("窗口代为撤回的，须写明是谁提出、为什么撤回。")
        resolve_correction(nomination.case, by=by, on=on)
        _settle(nomination)
    return nomination


def _settle(nomination: Nomination) -> None:
    nomination.outcome = nomination.case.state
    nomination.save(update_fields=["outcome"])
