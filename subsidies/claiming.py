"""Claiming: what a worker can claim, and what a claim asks and does besides, as an application (portal.cases).

The day of the first hand-in decides; a correction keeps it. While a claim is under way its certificate, level and
place of the year are taken (subsidies.keys).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal import audit
from portal.accounts.access import NotNow
from portal.cases import applications
from portal.cases.applicants import is_applicant
from portal.cases.application_kinds import ApplicationKind, register_application
from portal.cases.applications import (
    accept,
    accept_many,
    hand_in,
    refuse,
    resubmit,
    return_for_correction,
    withdraw,
)
from portal.cases.models import Case, Channel
from portal.cases.moving import Refusal
from portal.cases.own_page import register_own_page
from portal.entitlements.guides import legal_working_days
from portal.entitlements.wording import determination_conditions
from portal.outgoing.actions import announce, announce_many
from portal.outgoing.kinds import CORRECTION, RECEIPT
from portal.policy.facts import SkillLevel
from portal.policy.law import law_on
from portal.policy.models import Determination, Outcome
from portal.policy.subjects import foresee_subjects
from portal.regions.calendar import add_working_days
from portal.workforce.merged import records_of
from portal.workforce.models import PayeeAccount, SkillCredential, Worker
from portal.workforce.models.credentials import PayeeState
from portal.workforce.models.verification import Verification
from portal.workforce.subjects import CERTIFICATE
from subsidies import adverse, letters
from subsidies.courses import course_of
from subsidies.decisions import (
    determine,
    foresee,
    look_at,
    not_there,
    refusal_of,
    require_not_ineligible,
)
from subsidies.keys import free_keys, take_keys
from subsidies.models import NO_TRAINING_ANY_MORE, TRAINING, Against, Claim, CompletedTraining
from subsidies.on_notice import standing
from subsidies.schemes import SCHEMES, Scheme
from subsidies.workflow import ENDED, TAKE_IN, ClaimState

__all__ = [
    "Claimable",
    "accept",
    "accept_many",
    "accounts_of",
    "being_claimed",
    "choose_account",
    "claim_at_once",
    "claimable",
    "draft",
    "hand_in",
    "missing",
    "refuse",
    "resubmit",
    "return_for_correction",
    "withdraw",
]


def register_all() -> None:
    """Claims are applications; the worker may do all that whoever filed it may, and take it back on their own page."""
    for kind in SCHEMES:
        register_application(
            ApplicationKind(
                kind,
                model=Claim,
                take_in=TAKE_IN,
                draft=ClaimState.DRAFT,
                returned=ClaimState.RETURNED,
                worker_may_always=True,
                only_for_staff=False,
                beside=("worker", "credential", "training", "course"),
                hold=standing.hold,
                at_hand_in=_at_hand_in,
                check_acceptance=_check_acceptance,
                at_acceptance=_at_acceptance,
                at_correction=_at_correction,
                at_refusal=_at_refusal,
                at_withdrawal=_at_withdrawal,
            )
        )
        register_own_page(kind, withdraw=withdraw)


# -- what can be claimed -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Claimable:
    """A certificate or a training and what may be claimed by it; `is_ready`: nothing more is to be typed or brought."""

    kind: str
    subject: SkillCredential | CompletedTraining
    scheme: Scheme
    stated: Determination
    verified: Determination | None

    @property
    def is_ready(self) -> bool:
        return self.verified is not None and self.verified.outcome == Outcome.ELIGIBLE

    @property
    def number(self) -> int:
        return self.subject.pk

    @property
    def is_training(self) -> bool:
        return self.kind == TRAINING

    @property
    def day(self) -> date | None:
        """When the certificate was issued, or the training completed."""
        return (
            self.subject.completed_on
            if isinstance(self.subject, CompletedTraining)
            else self.subject.issued_on
        )

    @property
    def amount(self) -> Any:
        return (self.verified or self.stated).amount


def claimable(worker: Worker, *, on: date) -> list[Claimable]:
    """Everything by which the worker may claim something today, certificates before trainings, each newest first;
    nothing that is claimed already.
    """
    taken = _being_claimed(worker.pk)
    records = records_of(worker.pk)
    credentials = SkillCredential.objects.filter(worker__in=records).exclude(
        verification=Verification.REFUTED
    )
    trainings = CompletedTraining.objects.filter(worker__in=records).exclude(state__in=NO_TRAINING_ANY_MORE)
    subjects: tuple[tuple[str, QuerySet[Any]], ...] = (
        (CERTIFICATE, credentials.order_by("-issued_on", "-id")),
        (TRAINING, trainings.order_by("-completed_on", "-id")),
    )
    found = []
    for kind, asked in subjects:
        free = [one for one in asked if (kind, one.pk) not in taken]
        for scheme in SCHEMES.values():
            if kind in scheme.benefits:
                found += _claimable_of(
                    kind, [one for one in free if scheme.is_for(kind, one.level)], scheme, on
                )
    return found


def _claimable_of(kind: str, subjects: Sequence[Any], scheme: Scheme, on: date) -> list[Claimable]:
    numbers, benefit = [one.pk for one in subjects], scheme.benefits[kind]
    if not numbers:
        return []
    stated = foresee_subjects(kind, numbers, on=on, benefits=[benefit], verified=False)
    verified = foresee_subjects(kind, numbers, on=on, benefits=[benefit], verified=True)
    found = []
    for one in subjects:
        said = stated.get((one.pk, benefit))
        if said is not None and said.outcome != Outcome.INELIGIBLE:
            found.append(Claimable(kind, one, scheme, said, verified.get((one.pk, benefit))))
    return found


def _being_claimed(worker_id: int) -> set[tuple[str, int]]:
    claims = Claim.objects.filter(worker__in=records_of(worker_id))
    return {(claim.subject_kind, claim.subject_id) for claim in claims.exclude(case__state__in=ENDED)}


def being_claimed(numbers: Collection[int], *, about: str = CERTIFICATE) -> set[int]:
    """Which of these certificates, or trainings, have a claim that did not come to nothing."""
    field = _FIELD[about]
    claims = Claim.objects.filter(**{f"{field}__in": numbers})
    return set(claims.exclude(case__state__in=ENDED).values_list(field, flat=True))


# -- writing and handing in ----------------------------------------------------------------------------------
def draft(
    subject_id: int,
    kind: str,
    *,
    channel: str,
    by: Any,
    on: date,
    unit_id: int | None = None,
    about: str = CERTIFICATE,
) -> Claim:
    """Begin a claim by a certificate, or for a completed training (`about`); nothing is handed in yet.

    Raises Refused (who), NotNow (a kind that is none, the same being claimed already, a record that was voided).
    """
    if kind not in SCHEMES:
        raise NotNow(f"没有这类补贴。可选：{'、'.join(one.title for one in SCHEMES.values())}。")
    scheme = SCHEMES[kind]
    subject = _subject_of(about, subject_id)

    def fields(worker: Worker) -> Mapping[str, Any]:
        _require_fit(scheme, about, subject)
        if (about, subject.pk) in _being_claimed(worker.pk):
            raise NotNow(f"{_THIS[about]}已有一件申请，请在原申请中办理。")
        return {_FIELD[about]: subject, "fund": scheme.fund}

    made: Claim = applications.begin(
        kind,
        records_of(subject.worker_id)[0],
        channel=channel,
        subject=f"{scheme.title}：{subject.worker.name}，{subject}",
        by=by,
        on=on,
        employer_id=unit_id,
        fields=fields,
    )
    return made


_THIS = {CERTIFICATE: "这本证书", TRAINING: "这次培训"}
_FIELD = {CERTIFICATE: "credential", TRAINING: "training"}


def _subject_of(about: str, number: int) -> SkillCredential | CompletedTraining:
    if about == TRAINING:
        return CompletedTraining.objects.select_related("worker").get(pk=number)
    return SkillCredential.objects.select_related("worker").get(pk=number)


def _require_fit(scheme: Scheme, about: str, subject: SkillCredential | CompletedTraining) -> None:
    if about not in scheme.benefits:
        raise NotNow(f"“{scheme.title}”凭技能证书申请，不凭培训结业证书申请。")
    if not scheme.is_for(about, subject.level):
        levels = "、".join(str(level.label) for level in sorted(scheme.levels))
        level = SkillLevel(subject.level).label
        raise NotNow(f"“{scheme.title}”适用{levels}证书，这本是{level}证书。")


@transaction.atomic
def claim_at_once(
    subject_id: int,
    kind: str,
    *,
    channel: str,
    by: Any,
    on: date,
    unit_id: int | None = None,
    about: str = CERTIFICATE,
) -> Claim:
    """Write and hand in what needs nothing typed: all of it or nothing. Raises Refused, NotNow."""
    claim = draft(subject_id, kind, channel=channel, by=by, on=on, unit_id=unit_id, about=about)
    handed_in: Claim = hand_in(claim.pk, by=by, on=on)
    return handed_in


def _at_hand_in(claim: Claim, /, *, by: Any, on: date) -> None:
    """It is decided by the law of the day for good, and takes its certificate, level and place.

    Who fails a condition is refused with each unmet one; what registers do not know yet stays undetermined.
    """
    determination = determine([claim], verified=False).get(claim.pk)
    if determination is None:
        raise not_there(claim, on)
    require_not_ineligible(determination)
    claim.determination = determination
    claim.course = course_of(claim.case.kind, claim.case.league_code, on)
    claim.account = accounts_of(claim.worker_id).first()
    claim.prefilled = claim.channel == Channel.SELF and _is_verified(claim, on)
    claim.save(update_fields=["determination", "course", "account", "prefilled"])
    take_keys(claim, on=on)
    set_deadline(claim, on)


def _is_verified(claim: Claim, on: date) -> bool:
    """Whether everything was verified already: nobody typed anything and nobody brought anything."""
    scheme = SCHEMES[claim.case.kind]
    verified = foresee(claim.subject_kind, claim.subject_id, scheme, on=on, verified=True)
    return verified is not None and verified.outcome == Outcome.ELIGIBLE


def set_deadline(claim: Claim, on: date) -> None:
    """The working days of the course, or the law's own limit when that ends earlier."""
    case = claim.case
    assert claim.course is not None  # noqa: S101  just set
    days = [claim.course.working_days]
    legal = legal_working_days(SCHEMES[case.kind].benefit, law_on(on))
    if legal is not None:
        days.append(legal)
    deadline = add_working_days(on, min(days))
    case.started_on, case.due_on, case.due_certain = on, deadline.on, deadline.certain
    case.save(update_fields=["started_on", "due_on", "due_certain"])


# -- what the window answers ---------------------------------------------------------------------------------
def _check_acceptance(claims: Sequence[Claim], /, *, by: Any, on: date) -> Mapping[int, Refusal]:
    """Those that fail a condition by what is recorded now stay where they are."""
    determined = look_at(claims, verified=False)
    refused: dict[int, Refusal] = {}
    for claim in claims:
        if refusal := refusal_of(determined.get(claim.pk), claim, only_ineligible=True):
            refused[claim.pk] = refusal
    return refused


def _at_acceptance(claims: Sequence[Claim], /, *, by: Any, on: date) -> None:
    letters.issue_receipts(claims, by=by, on=on)
    announce_many([claim.case for claim in claims], RECEIPT, by=by, on=on)


def _at_correction(claim: Claim, items: Sequence[str], /, *, by: Any, on: date) -> None:
    letters.issue_correction(claim, items, by=by, on=on)
    announce(claim.case, CORRECTION, by=by, on=on)


def _at_refusal(claim: Claim, /, *, grounds: str, by: Any, on: date) -> None:
    """Decided by one: in force, and the worker told, once another has signed it too (subsidies.signing)."""
    assert claim.determination is not None  # noqa: S101  determined when it was handed in
    rests_on = {claim.pk: claim.determination}
    adverse.note([claim], Against.REFUSAL, grounds=grounds, by=by, on=on, determinations=rests_on)


def _at_withdrawal(claim: Claim, /, *, by: Any, on: date) -> None:
    adverse.lapse(claim)
    free_keys([claim])
    standing.take_off([claim.pk], why=standing.WITHDRAWN, by=by, on=on)


# -- beside it -----------------------------------------------------------------------------------------------
def accounts_of(worker_id: int) -> QuerySet[PayeeAccount]:
    """The person's accounts in use: the confirmed one before the one that waits to be confirmed."""
    accounts = PayeeAccount.objects.filter(
        worker__in=records_of(worker_id), state__in=[PayeeState.CONFIRMED, PayeeState.PROPOSED]
    )
    return accounts.order_by("state", "-id")


@transaction.atomic
def choose_account(case_id: int, account_id: int, *, by: Any, on: date) -> Claim:
    """Name another account of the worker's for the payment, while nothing is approved. Raises Refused, NotNow."""
    case = Case.objects.select_for_update().get(pk=case_id)
    claim = Claim.objects.select_related("worker").get(case=case)
    claim.case = case
    if not is_applicant(claim, by):
        applications.check_person(claim, "resubmit", by)
    if case.closed_at:
        raise NotNow(f"办件{case.number}已办结，收款账户在拨付中更正。")
    account = accounts_of(claim.worker_id).filter(pk=account_id).first()
    if account is None:
        raise NotNow("请选择本人名下在用的收款账户。")
    claim.account = account
    claim.save(update_fields=["account"])
    audit.record("claim.account", by=by, obj=claim, worker=claim.worker_id, region=case.region_id)
    return claim


def missing(claim: Claim) -> Sequence[str]:
    """What registers do not know yet and the conditions ask for, in words; nothing when all is known."""
    if claim.determination is None:
        return []
    return [
        f"{condition['label']}：{condition['remedy'] or '没有登记的信息可以证明，请提供证明材料。'}"
        for condition in determination_conditions(claim.determination)
        if condition["holds"] is None
    ]
