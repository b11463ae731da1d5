"""Nominating: what the registry asks of an application for the annual selection, and does with it.

It is written, handed in, taken in and taken back as every application is (portal.cases.applications). While a
nomination moves, its round is held still (a shared lock), so that no step of the round overtakes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from portal import audit
from portal.accounts.access import NotNow
from portal.cases import applications
from portal.cases.applicants import require_may_file
from portal.cases.application_kinds import ApplicationKind, application_kind, register_application
from portal.cases.applications import accept, refuse, resubmit, return_for_correction, withdraw
from portal.cases.applications import hand_in as submit
from portal.cases.models import Channel
from portal.cases.moving import Refusal
from portal.formats import date_cn
from portal.outgoing.actions import announce
from portal.outgoing.kinds import CORRECTION, DECISION
from portal.policy.models import Determination, Outcome
from portal.workforce.merged import records_of
from portal.workforce.models import Worker
from talent_registry import benefits, letters
from talent_registry.models import (
    CHANNELS,
    Industry,
    Nomination,
    PanelAssignment,
    RegistryEntry,
    SelectionRound,
    Status,
)
from talent_registry.selection.workflow import NOMINATION, NominationState, RoundState

__all__ = [
    "LONGEST_STATEMENT",
    "accept",
    "draft",
    "edit",
    "hold",
    "missing",
    "open_round",
    "refuse",
    "resubmit",
    "return_for_correction",
    "submit",
    "withdraw",
]

LONGEST_STATEMENT = 2000
# What was handed in is taken in until the panel has done its work.
_TAKING_IN = (RoundState.OPEN, RoundState.ASSESSED)


def register_all() -> None:
    """Nominations are applications; experts read the evidence of their nominees."""
    register_application(
        ApplicationKind(
            NOMINATION,
            model=Nomination,
            take_in="nomination.take_in",
            draft=NominationState.DRAFT,
            returned=NominationState.RETURNED,
            called="申报",
            beside=("round", "worker__employer", "worker__work_region__parent", "determination"),
            hold=_hold_rounds,
            require_in_time=_require_taking_in,
            at_hand_in=_at_hand_in,
            check_acceptance=_check_acceptance,
            at_acceptance=_at_acceptance,
            at_correction=_at_correction,
            at_refusal=_at_refusal,
            at_withdrawal=_settle,
            readers=_nominees_of_expert,
        )
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


def _hold_rounds(case_ids: Collection[int]) -> None:
    rounds = Nomination.objects.filter(pk__in=case_ids).values_list("round_id", flat=True)
    for round_id in sorted(set(rounds)):
        hold(round_id)


def _require_taking_in(nomination: Nomination, *, by: Any, on: date) -> None:
    state = hold(nomination.round_id)
    if state not in _TAKING_IN:
        raise NotNow(f"{nomination.round.title}现为“{RoundState(state).label}”，受理已结束。")


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

    Raises Refused (who), NotNow (round not open, already nominated or on the registry, something not filled in).
    """

    def fields(worker: Worker) -> Mapping[str, Any]:
        _require_new(round_, worker)
        checked = _checked_text(industry, statement)
        return {"round": round_, "industry": checked[0], "statement": checked[1]}

    _require_open(round_, hold(round_.pk), on)
    try:
        with transaction.atomic():
            made: Nomination = applications.begin(
                NOMINATION,
                worker_id,
                channel=channel,
                subject=f"{round_.title}：{CHANNELS.get(channel, '')}",
                by=by,
                on=on,
                employer_id=employer_id,
                fields=fields,
            )
    except IntegrityError as error:
        if "one_nomination_a_round" not in str(error):
            raise
        # Somebody else was quicker.
        raise NotNow(_already_nominated(round_)) from error
    return made


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


def edit(case_id: int, *, industry: str, statement: str, by: Any, on: date) -> Nomination:
    """Change what was written, as long as it is a draft or something is missing. Raises Refused, NotNow."""
    with applications.changing(case_id, by=by) as nomination:
        nomination.industry, nomination.statement = _checked_text(industry, statement)
        nomination.save(update_fields=["industry", "statement"])
        region = nomination.case.region_id
        audit.record("nomination.change", by=by, obj=nomination, worker=nomination.worker_id, region=region)
    return nomination


# -- what the registry asks and does -------------------------------------------------------------------------
def _at_hand_in(nomination: Nomination, *, by: Any, on: date) -> None:
    """Its conditions are determined as of `on` and kept.

    Who fails one is refused with each unmet condition; what the register does not know stays undetermined and
    is asked for by the window.
    """
    _require_open(nomination.round, hold(nomination.round_id), on)
    _require_not_listed(nomination.worker)
    if nomination.channel == Channel.EMPLOYER:
        kind, unit = application_kind(NOMINATION), nomination.case.employer_id
        require_may_file(kind, nomination.worker, nomination.channel, unit, by)
    nomination.determination = _determined(nomination, on)
    nomination.save(update_fields=["determination"])


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


def _check_acceptance(nominations: Sequence[Nomination], *, by: Any, on: date) -> Mapping[int, Refusal]:
    """The conditions are determined again and must hold. What is still unknown has to be registered first."""
    refused: dict[int, Refusal] = {}
    for nomination in nominations:
        try:
            with transaction.atomic():
                _require_taking_in(nomination, by=by, on=on)
                nomination.determination = _acceptable(nomination, on)
        except NotNow as refusal:
            refused[nomination.pk] = refusal
    return refused


def _acceptable(nomination: Nomination, on: date) -> Determination:
    _require_not_listed(nomination.worker)
    determination = _determined(nomination, on)
    if determination.outcome != Outcome.ELIGIBLE:
        unknown = _conditions_text(determination, holds=None)
        raise NotNow(f"条件尚不能认定，不能受理。请登记以下信息或告知补正：{unknown}")
    return determination


def _at_acceptance(nominations: Sequence[Nomination], *, by: Any, on: date) -> None:
    for nomination in nominations:
        nomination.save(update_fields=["determination"])


def _at_correction(nomination: Nomination, items: Sequence[str], *, by: Any, on: date) -> None:
    """The applicant is told by letter what is missing, and by message that something is."""
    letters.issue_nomination_correction(nomination, items, by=by, on=on)
    announce(nomination.case, CORRECTION, by=by, on=on)


def _at_refusal(nomination: Nomination, *, grounds: str, by: Any, on: date) -> None:
    """The applicant gets the decision with grounds, clause and what they can do."""
    _settle(nomination, by=by, on=on)
    letters.issue_nomination_refusal(nomination, by=by, on=on, grounds=grounds)
    announce(nomination.case, DECISION, by=by, on=on)


def _settle(nomination: Nomination, *, by: Any, on: date) -> None:
    nomination.outcome = nomination.case.state
    nomination.save(update_fields=["outcome"])
