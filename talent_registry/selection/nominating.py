"""Nominating: who may nominate whom and until when, and what the window answers.

A nomination belongs to whoever made it: the employer's agents, the worker, or the window before which the
worker stands. They write it, hand it in and bring what is missing; the window of the worker's place takes it
in. While a nomination moves, its round is held still (a shared lock), so that no step of the round overtakes
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from portal import audit
from portal.accounts.access import Refused, can, require, roles
from portal.accounts.models import Role
from portal.cases.actions import NewCase, NotNow, open_cases, open_correction, resolve_correction, transition
from portal.cases.evidence.rules import register_evidence
from portal.cases.models import Case
from portal.policy.models import Determination, Outcome
from portal.workforce.models import Employer, Worker
from portal.workforce.models.people import WorkerQuerySet
from talent_registry import benefits, letters
from talent_registry.models import Channel, Industry, Nomination, RegistryEntry, SelectionRound, Status
from talent_registry.selection.workflow import NOMINATION, NominationState, RoundState

LONGEST_STATEMENT = 2000
# What was handed in is taken in until the panel has done its work.
_TAKING_IN = (RoundState.OPEN, RoundState.ASSESSED)
_TAKE_IN = "nomination.take_in"
_CHANGEABLE = (NominationState.DRAFT, NominationState.RETURNED)


def register_all() -> None:
    """Nominations take evidence while they are written or something is missing; experts read that of their
    nominees.
    """
    register_evidence(
        NOMINATION,
        permission=_TAKE_IN,
        may_change=lambda case: case.state in _CHANGEABLE,
        readers=lambda user: Q(
            case__nomination__panel__expert=user, case__nomination__panel__conflict_at__isnull=True
        ),
    )


# -- who may -------------------------------------------------------------------------------------------------
def units_of(user: Any) -> list[Employer]:
    """The units for which the account acts today: named as their agent, and still in the role."""
    if not user.is_authenticated or Role.EMPLOYER_AGENT not in roles(user):
        return []
    return list(
        Employer.objects.filter(agents__user=user).select_related("region__parent").order_by("name", "pk")
    )


def people_of(user: Any, unit_id: int) -> WorkerQuerySet:
    """Who works today in a unit for which the account acts. Of other units' people it sees nobody."""
    if unit_id not in {unit.pk for unit in units_of(user)}:
        return Worker.objects.none()
    return Worker.objects.filter(employments__employer_id=unit_id, employments__ended_on__isnull=True)


def is_applicant(nomination: Nomination, user: Any) -> bool:
    """Whether it is the user's to write and to hand in: the unit's agent, the worker, or the clerk, by how it
    was made.
    """
    case = nomination.case
    if nomination.channel == Channel.EMPLOYER:
        return case.employer_id in {unit.pk for unit in units_of(user)}
    if nomination.channel == Channel.SELF:
        return nomination.worker.account_id == user.pk
    return can(user, _TAKE_IN, case.region_id)


def may_write(nomination: Nomination, user: Any) -> bool:
    """Whether statement and evidence are the user's to change now.

    A draft is the applicant's; while something is missing the window may also put in what was brought on
    paper.
    """
    state = nomination.case.state
    if state not in _CHANGEABLE:
        return False
    return is_applicant(nomination, user) or (
        state == NominationState.RETURNED and can(user, _TAKE_IN, nomination.case.region_id)
    )


def check_person(nomination: Nomination, action: str, by: Any) -> None:
    """Raise Refused unless the person may take the action: the rule of every action below, and of the pages
    before them.

    Submitting is the applicant's; bringing what is missing also the window's, who gets it on paper; taking
    back also the worker's own, whoever nominated them. Taking in, asking for what is missing and refusing are
    the window's; nobody decides on what concerns themselves or their unit.
    """
    region = nomination.case.region_id
    if action == "submit":
        _require_applicant(nomination, by)
    elif action == "resubmit":
        if not can(by, _TAKE_IN, region):
            _require_applicant(nomination, by)
    elif action == "withdraw":
        if nomination.worker.account_id != by.pk and not is_applicant(nomination, by):
            require(by, _TAKE_IN, region)
    else:
        require(by, _TAKE_IN, region)
        if action in {"accept", "refuse"} and nomination.case.is_of(by):
            raise Refused("这件申报与您本人或您代表的单位有关，须由另一人决定是否受理。")


def _require_applicant(nomination: Nomination, by: Any) -> None:
    if is_applicant(nomination, by):
        return
    if nomination.channel == Channel.WINDOW:
        require(by, _TAKE_IN, nomination.case.region_id)
    whose = {Channel.EMPLOYER: f"由{nomination.case.employer}的经办人", Channel.SELF: "由本人"}[
        Channel(nomination.channel)
    ]
    raise Refused(f"这件申报{whose}办理。")


# -- the round -----------------------------------------------------------------------------------------------
def open_round(on: date) -> SelectionRound | None:
    """The round in which one may nominate on the day; None when there is none."""
    rounds = SelectionRound.objects.filter(
        case__state=RoundState.OPEN, opens_on__lte=on, nominations_until__gte=on
    )
    return rounds.select_related("case").order_by("-year").first()


def hold(round_id: int) -> str:
    """Keep the round from moving on until the transaction ends, and read its state. Nominations do not wait
    for one another.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM cases_case WHERE id = %s FOR SHARE", [round_id])
        return str(cursor.fetchone()[0])


def _require_open(round_: SelectionRound, state: str, on: date) -> None:
    if on > round_.nominations_until:
        raise NotNow(f"{round_.title}的申报已于{_day(round_.nominations_until)}截止。")
    if state == RoundState.DRAFT or on < round_.opens_on:
        raise NotNow(f"{round_.title}尚未开始申报，开始日期为{_day(round_.opens_on)}。")
    if state != RoundState.OPEN:
        raise NotNow(f"{round_.title}现为“{RoundState(state).label}”，不再接受申报。")


def _require_taking_in(round_: SelectionRound, state: str) -> None:
    if state not in _TAKING_IN:
        raise NotNow(f"{round_.title}现为“{RoundState(state).label}”，受理已结束。")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


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
    _require_may_nominate(worker, channel, employer_id, by)
    _require_new(round_, worker)
    industry, statement = _written(industry, statement)
    (case,) = open_cases(
        NOMINATION,
        [
            NewCase(
                region_id=worker.work_region_id,
                worker_id=worker.pk,
                subject=f"{round_.title}：{Channel(channel).label}",
                employer_id=employer_id if channel == Channel.EMPLOYER else None,
            )
        ],
        by=by,
        on=on,
    )
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
        raise NotNow(_already(round_)) from error


def _require_may_nominate(worker: Worker, channel: str, employer_id: int | None, by: Any) -> None:
    if channel == Channel.EMPLOYER:
        if employer_id is None or not people_of(by, employer_id).filter(pk=worker.pk).exists():
            raise Refused(
                "单位经办人只能为本单位目前在职的职工申报。职工的就业信息有误的，请先到服务窗口更正。"
            )
    elif channel == Channel.SELF:
        if worker.account_id != by.pk:
            raise Refused("只能为自己申报。")
    elif channel == Channel.WINDOW:
        require(by, _TAKE_IN, worker.work_region_id)
    else:
        raise NotNow("请选择申报方式。")


def _require_new(round_: SelectionRound, worker: Worker) -> None:
    _require_not_listed(worker)
    if Nomination.objects.filter(round=round_, worker=worker).valid().exists():
        raise NotNow(_already(round_))


def _require_not_listed(worker: Worker) -> None:
    entry = RegistryEntry.objects.filter(worker=worker).exclude(status=Status.REMOVED).first()
    if entry:
        raise NotNow(
            f"{worker.name}已在高技能领军人才名录中（名录编号{entry.number}），待遇照常享受，不需要再参加遴选。"
        )


def _already(round_: SelectionRound) -> str:
    return f"该人员在{round_.title}中已有申报，不能重复申报。原申报撤回后可以重新提出。"


def _written(industry: str, statement: str) -> tuple[str, str]:
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
    if case.state not in _CHANGEABLE:
        raise NotNow(f"申报现为“{case.state_label}”，内容不能再修改。")
    if not may_write(nomination, by):
        _require_applicant(nomination, by)
    nomination.industry, nomination.statement = _written(industry, statement)
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
    """The nomination under its transition, and the state of its round, which stays until all of it is
    committed.
    """
    with transaction.atomic():
        state = hold(Nomination.objects.values_list("round_id", flat=True).get(pk=case_id))
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
    """Hand it in. The conditions are determined as of `on` and kept; who fails one is refused with each unmet
    condition.

    What the register does not know stays undetermined and is asked for by the window. Raises Refused (not
    one's nomination), NotNow (round not open, not eligible, on the registry, no longer of the unit).
    """
    with _move(case_id, "submit", by=by, on=on) as (nomination, state):
        _require_open(nomination.round, state, on)
        _require_not_listed(nomination.worker)
        if nomination.channel == Channel.EMPLOYER:
            _require_may_nominate(nomination.worker, nomination.channel, nomination.case.employer_id, by)
        nomination.determination = _determined(nomination, on)
        nomination.save(update_fields=["determination"])
    return nomination


def _determined(nomination: Nomination, on: date) -> Determination:
    determination = benefits.determine_again(nomination.worker_id, on=on, benefit=benefits.NOMINATION)
    if determination.outcome == Outcome.INELIGIBLE:
        raise NotNow(f"不符合申报条件。未符合的条件：{_said(determination, False)}")
    return determination


def _said(determination: Determination, holds: bool | None) -> str:
    found = [one for one in benefits.explain(determination) if one["holds"] is holds]
    return (
        "；".join(
            f"{one['label']}（{one['clause']}），{one['remedy'] or '请核对登记的信息。'}".rstrip("。")
            for one in found
        )
        + "。"
    )


def missing(nomination: Nomination) -> list[str]:
    """What the register does not know yet and the conditions ask for, in words; nothing when all is known."""
    if nomination.determination is None:
        return []
    unknown = [one for one in benefits.explain(nomination.determination) if one["holds"] is None]
    return [f"{one['label']}：没有登记的信息可以证明，请提供证明材料，由服务窗口登记。" for one in unknown]


def accept(case_id: int, *, by: Any, on: date) -> Nomination:
    """Take it in. The conditions are determined again and must hold: what is still unknown has to be
    registered first.
    """
    with _move(case_id, "accept", by=by, on=on) as (nomination, state):
        _require_taking_in(nomination.round, state)
        _require_not_listed(nomination.worker)
        determination = _determined(nomination, on)
        if determination.outcome != Outcome.ELIGIBLE:
            raise NotNow(f"条件尚不能认定，不能受理。请登记以下信息或告知补正：{_said(determination, None)}")
        nomination.determination = determination
        nomination.save(update_fields=["determination"])
    return nomination


def return_for_correction(case_id: int, *, missing: Sequence[str], by: Any, on: date) -> Nomination:
    """Say once and in full what is missing, by letter; the clock stands still until it has been brought."""
    items = [item.strip() for item in missing if item.strip()]
    with _move(case_id, "return_for_correction", by=by, on=on, detail={"missing": items}) as (
        nomination,
        state,
    ):
        _require_taking_in(nomination.round, state)
        open_correction(nomination.case, items, by=by, on=on)
        letters.issue_nomination_correction(nomination, items, by=by, on=on)
    return nomination


def resubmit(case_id: int, *, by: Any, on: date, reason: str = "") -> Nomination:
    """What was missing has been brought (`reason` says what): by the applicant, or to the window. The clock
    goes on.
    """
    with _move(case_id, "resubmit", by=by, on=on, reason=reason) as (nomination, state):
        _require_taking_in(nomination.round, state)
        resolve_correction(nomination.case, by=by, on=on)
    return nomination


def refuse(case_id: int, *, reason: str, by: Any, on: date) -> Nomination:
    """Do not take it in. The applicant gets the decision with its grounds, the clause and what they can do
    about it.
    """
    with _move(case_id, "refuse", by=by, on=on, reason=reason) as (nomination, _):
        _settle(nomination)
        letters.issue_nomination_refusal(nomination, by=by, on=on, grounds=reason.strip())
    return nomination


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> Nomination:
    """Take it back: the applicant, or the worker whom it is about; the window only on request, and says on
    whose.
    """
    with _move(case_id, "withdraw", by=by, on=on, reason=reason) as (nomination, _):
        if can(by, _TAKE_IN, nomination.case.region_id) and not reason.strip():
            raise NotNow("窗口代为撤回的，须写明是谁提出、为什么撤回。")
        resolve_correction(nomination.case, by=by, on=on)
        _settle(nomination)
    return nomination


def _settle(nomination: Nomination) -> None:
    nomination.outcome = nomination.case.state
    nomination.save(update_fields=["outcome"])
