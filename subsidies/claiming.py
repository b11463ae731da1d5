"""Claiming: what a worker can claim, writing a claim, handing it in, completing it, taking it back.

The day of the first hand-in decides; a correction keeps it. While a claim is under way its certificate, level and
place of the year are taken (subsidies.keys).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal import audit
from portal.accounts.access import can
from portal.cases.actions import NewCase, NotNow, open_cases, resolve_correction, transition
from portal.cases.evidence.rules import register_evidence
from portal.cases.models import Case
from portal.cases.own_page import register_own_page
from portal.entitlements.guides import legal_working_days
from portal.entitlements.wording import determination_conditions
from portal.policy.law import law_on
from portal.policy.models import Determination, Outcome
from portal.reasons import reason_in
from portal.regions.calendar import add_working_days
from portal.workforce.merged import records_of, require_standing
from portal.workforce.models import PayeeAccount, SkillCredential, Worker
from portal.workforce.models.credentials import PayeeState
from portal.workforce.models.verification import Verification
from subsidies.claimants import require_claimant, require_may_claim
from subsidies.courses import course_of
from subsidies.decisions import determine, foresee, require_not_ineligible
from subsidies.keys import free_keys, take_keys
from subsidies.models import Channel, Claim
from subsidies.schemes import SCHEMES, Scheme
from subsidies.workflow import CHANGEABLE, TAKE_IN, ClaimState


def register_all() -> None:
    """Claims take evidence while they are written, and while something is missing; the worker may take them back."""
    for kind in SCHEMES:
        register_evidence(kind, permission=TAKE_IN, may_change=lambda case: case.state in CHANGEABLE)
        register_own_page(kind, withdraw=withdraw)


# -- what can be claimed -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Claimable:
    """A certificate and what may be claimed by it; `is_ready`: nothing more is to be typed or brought."""

    credential: SkillCredential
    scheme: Scheme
    stated: Determination
    verified: Determination | None

    @property
    def is_ready(self) -> bool:
        return self.verified is not None and self.verified.outcome == Outcome.ELIGIBLE

    @property
    def amount(self) -> Any:
        return (self.verified or self.stated).amount


def claimable(worker: Worker, *, on: date) -> list[Claimable]:
    """Every certificate by which the worker may claim something today, newest first; none that is claimed already."""
    found = []
    taken = _being_claimed(worker.pk)
    credentials = SkillCredential.objects.filter(worker__in=records_of(worker.pk))
    for credential in credentials.exclude(verification=Verification.REFUTED).order_by("-issued_on", "-id"):
        if credential.pk in taken:
            continue
        for scheme in (one for one in SCHEMES.values() if credential.level in one.levels):
            stated = foresee(credential, scheme, on=on, verified=False)
            if stated is not None and stated.outcome != Outcome.INELIGIBLE:
                verified = foresee(credential, scheme, on=on, verified=True)
                found.append(Claimable(credential, scheme, stated, verified))
    return found


def _being_claimed(worker_id: int) -> set[int]:
    claims = Claim.objects.filter(worker__in=records_of(worker_id))
    ended = (ClaimState.WITHDRAWN, ClaimState.REFUSED, ClaimState.REJECTED)
    return set(claims.exclude(case__state__in=ended).values_list("credential_id", flat=True))


# -- writing and handing in ----------------------------------------------------------------------------------
@transaction.atomic
def draft(
    credential_id: int, kind: str, *, channel: str, by: Any, on: date, unit_id: int | None = None
) -> Claim:
    """Begin a claim by a certificate; nothing is handed in yet.

    A worker claims for themselves, a clerk for who stands at the window, an agent for who works in the unit. Raises
    Refused (who), NotNow (a kind that is none, the certificate being claimed already, a record that was voided).
    """
    if kind not in SCHEMES:
        raise NotNow(f"没有这类补贴。可选：{'、'.join(one.title for one in SCHEMES.values())}。")
    if channel not in Channel.values:
        raise NotNow("请选择申请方式。")
    credential = SkillCredential.objects.select_related("worker__work_region").get(pk=credential_id)
    worker = Worker.objects.select_related("work_region").get(pk=records_of(credential.worker_id)[0])
    require_may_claim(worker, channel, unit_id, by)
    require_standing(worker)
    if credential.level not in SCHEMES[kind].levels:
        levels = "、".join(str(level.label) for level in sorted(SCHEMES[kind].levels))
        raise NotNow(f"“{SCHEMES[kind].title}”适用{levels}证书，这本是{credential.get_level_display()}证书。")
    if credential.pk in _being_claimed(worker.pk):
        raise NotNow("这本证书已有一件申请，请在原申请中办理。")
    new = NewCase(
        region_id=worker.work_region_id,
        worker_id=worker.pk,
        subject=f"{SCHEMES[kind].title}：{worker.name}，{credential}",
        employer_id=unit_id if channel == Channel.EMPLOYER else None,
    )
    (case,) = open_cases(kind, [new], by=by, on=on)
    return Claim.objects.create(
        case=case,
        worker=worker,
        credential=credential,
        channel=channel,
        filed_for_id=new.employer_id,
        fund=SCHEMES[kind].fund,
    )


def read(case: Case) -> Claim:
    """The claim of a locked case, with what its actions need."""
    claim = Claim.objects.select_related("worker", "credential", "course", "determination__rule_version").get(
        case=case
    )
    claim.case = case
    return claim


def hand_in(case_id: int, *, by: Any, on: date) -> Claim:
    """Hand a claim in: it is decided by the law of `on` for good, and takes its certificate, level and place.

    Who fails a condition is refused with each unmet one; what registers do not know yet stays undetermined. Raises
    Refused (not one's claim), NotNow (not eligible, claimed already, no place left).
    """
    with transition(case_id, "submit", by=by, on=on) as case:
        claim = read(case)
        require_claimant(claim, by)
        determination = determine(claim, on=on, verified=False)
        require_not_ineligible(determination)
        claim.handed_in_on, claim.handed_in_at = on, timezone.now()
        claim.determination = determination
        claim.course = course_of(case.kind, case.region.league_code, on)
        claim.account = accounts_of(claim.worker_id).first()
        claim.prefilled = _is_prefilled(claim, on)
        claim.save()
        take_keys(claim, on=on)
        _set_deadline(case, claim, on)
    return claim


def accounts_of(worker_id: int) -> QuerySet[PayeeAccount]:
    """The person's accounts in use: the confirmed one before the one that waits to be confirmed."""
    accounts = PayeeAccount.objects.filter(
        worker__in=records_of(worker_id), state__in=[PayeeState.CONFIRMED, PayeeState.PROPOSED]
    )
    return accounts.order_by("state", "-id")


def _is_prefilled(claim: Claim, on: date) -> bool:
    """Whether everything was verified already: nobody typed anything and nobody brought anything."""
    verified = foresee(claim.credential, SCHEMES[claim.case.kind], on=on, verified=True)
    return verified is not None and verified.outcome == Outcome.ELIGIBLE and claim.channel == Channel.SELF


def _set_deadline(case: Case, claim: Claim, on: date) -> None:
    """The working days of the course, or the law's own limit when that ends earlier."""
    assert claim.course is not None  # noqa: S101  just set
    days = [claim.course.working_days]
    legal = legal_working_days(SCHEMES[case.kind].benefit, law_on(on))
    if legal is not None:
        days.append(legal)
    deadline = add_working_days(on, min(days))
    case.started_on, case.due_on, case.due_certain = on, deadline.on, deadline.certain
    case.save(update_fields=["started_on", "due_on", "due_certain"])


@transaction.atomic
def claim_at_once(
    credential_id: int, kind: str, *, channel: str, by: Any, on: date, unit_id: int | None = None
) -> Claim:
    """Write and hand in what needs nothing typed: all of it or nothing. Raises Refused, NotNow."""
    claim = draft(credential_id, kind, channel=channel, by=by, on=on, unit_id=unit_id)
    return hand_in(claim.pk, by=by, on=on)


# -- completing and taking back ------------------------------------------------------------------------------
def resubmit(case_id: int, *, by: Any, on: date, reason: str = "") -> Claim:
    """What was missing has been brought (`reason` says what); the clock goes on, the day of the law stays."""
    with transition(case_id, "resubmit", by=by, on=on, reason=reason) as case:
        claim = read(case)
        require_claimant(claim, by, or_window=True)
        resolve_correction(case, by=by, on=on)
    return claim


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> Claim:
    """Take it back: what it held can be claimed again. The window says on whose request."""
    with transition(case_id, "withdraw", by=by, on=on, reason=reason) as case:
        claim = read(case)
        require_claimant(claim, by, or_window=True)
        if can(by, TAKE_IN, case.region_id) and not reason_in(reason):
            raise NotNow("窗口代为撤回的，须写明是谁提出、为什么撤回。")
        resolve_correction(case, by=by, on=on)
        free_keys(claim)
    return claim


@transaction.atomic
def choose_account(case_id: int, account_id: int, *, by: Any, on: date) -> Claim:
    """Name another account of the worker's for the payment, while nothing is approved. Raises Refused, NotNow."""
    case = Case.objects.select_for_update().get(pk=case_id)
    claim = read(case)
    require_claimant(claim, by, or_window=True)
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
