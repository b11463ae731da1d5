"""Reviewing and deciding claims, one or many (portal.cases.reviews).

A decision carries the version of the case and the digest of what the officer read: what changed since is said, and the
decision refused. Documents never stand in the way of one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal.accounts.access import WHOLE_REGION, NotNow, Refused, can
from portal.cases import reviews
from portal.cases.models import Case
from portal.cases.moving import Moving, Refusal, transition_many
from portal.cases.reviews import AsRead, Decided, Recommendation, ReviewedKind, register_reviewed
from portal.cases.waiting import ready_when
from portal.outgoing.actions import announce_many
from portal.outgoing.kinds import DECISION
from portal.policy.benefits import BY_CODE
from portal.policy.law import law_on
from portal.policy.models import Determination
from portal.policy.terms import Cell, Law
from portal.workforce.models import BenefitClaim
from subsidies import letters
from subsidies.decisions import day_of, determine, foresee, refusal_of, what_changed
from subsidies.keys import free_keys
from subsidies.models import Claim
from subsidies.schemes import SCHEMES, Scheme
from subsidies.workflow import APPROVE, ClaimState

_BESIDE = ("worker", "credential", "training", "course", "determination")


def register_all() -> None:
    """What reviews and decisions of claims rest on; one without a figure waits for nobody until it is there."""
    for scheme in SCHEMES.values():
        register_reviewed(
            ReviewedKind(scheme.kind, grounds=_grounds, changes=_changes, at_decision=_at_decision)
        )

        def has_figure(user: Any, day: date, scheme: Scheme = scheme) -> Q:
            return Q() if figure_of(scheme, day) else ~Q(state=ClaimState.NO_FIGURE)

        ready_when(scheme.kind, "approve", has_figure)


def figure_of(scheme: Scheme, on: date) -> bool:
    """Whether the law of the day says how much is paid."""
    amount = BY_CODE[scheme.benefit].amount
    code = amount.table.code if isinstance(amount, Cell) else amount.code if isinstance(amount, Law) else ""
    return law_on(on).value(code) is not None


# -- what an action rests on ---------------------------------------------------------------------------------
def _claims_of(cases: Sequence[Case]) -> list[Claim]:
    found = Claim.objects.select_related(*_BESIDE).in_bulk([case.pk for case in cases])
    claims = []
    for case in cases:
        claim = found[case.pk]
        claim.case = case
        claims.append(claim)
    return claims


def _grounds(
    cases: Sequence[Case], /, *, action: str, by: Any, on: date
) -> Mapping[int, Determination | Refusal]:
    """What is verified, under the law of the day of hand-in. An approval needs all of it, and an amount; a rejection
    rests on what there is.
    """
    claims = _claims_of(cases)
    determined = determine(claims, verified=True)
    grounds: dict[int, Determination | Refusal] = {}
    for claim in claims:
        determination = determined.get(claim.pk)
        refusal = _refusal(claim, determination, action, by)
        found = determination or claim.determination
        assert found is not None  # noqa: S101  what is reviewed was handed in, and determined then
        grounds[claim.pk] = refusal or found
    return grounds


def _refusal(claim: Claim, determination: Determination | None, action: str, by: Any) -> Refusal | None:
    if action == "approve":
        if refusal := refusal_of(determination, claim):
            return refusal
        if determination is not None and determination.amount is None:
            return NotNow("提交当日的补贴标准没有依据，暂不能批准。该日期的标准录入并复核后再办理。")
    if action in {"approve", "reject"}:
        amount = determination.amount if determination else None
        by_region = claim.course is not None and claim.course.decided_by_region(amount)
        if by_region and not can(by, APPROVE, WHOLE_REGION):
            return Refused("达到规定金额的申请由自治区审批人审批。")
    return None


def _changes(case: Case, digest: str, determination: Determination) -> Sequence[str]:
    before = Determination.objects.filter(
        digest=digest, subject_type=determination.subject_type, subject_id=determination.subject_id
    )
    return what_changed(before.first(), determination)


# -- reviewing -----------------------------------------------------------------------------------------------
def review(
    case_id: int,
    *,
    by: Any,
    on: date,
    recommendation: str = Recommendation.APPROVE,
    note: str = "",
    as_read: AsRead | None = None,
) -> Claim:
    """The conditions were held against the evidence; goes on to a second review where the course asks for one.

    Raises Refused, NotNow (approval recommended though not all holds by what is verified).
    """
    read = {case_id: as_read} if as_read else None
    return _only(
        review_many([case_id], by=by, on=on, recommendation=recommendation, note=note, as_read=read), case_id
    )


@transaction.atomic
def review_many(
    case_ids: Collection[int],
    *,
    by: Any,
    on: date,
    recommendation: str = Recommendation.APPROVE,
    note: str = "",
    as_read: Mapping[int, AsRead] | None = None,
) -> Moving:
    """The first review of many claims of one kind; `refused` says why others stay."""
    claims = _claims_of(list(Case.objects.filter(pk__in=case_ids).order_by("pk")))
    determined = determine(claims, verified=True, keep=False)
    wanted: dict[str, list[int]] = {"review": [], "review_first": []}
    done = Moving()
    for claim in claims:
        determination = determined.get(claim.pk)
        recommended = recommendation == Recommendation.APPROVE and claim.case.state == ClaimState.ACCEPTED
        refusal = refusal_of(determination, claim) if recommended else None
        if refusal is not None:
            done.refused[claim.pk] = refusal
            continue
        amount = determination.amount if determination else None
        twice = claim.course is not None and claim.course.reviews_twice(amount)
        wanted["review_first" if twice else "review"].append(claim.pk)
    for action, ids in wanted.items():
        if ids:
            _add(done, _review(ids, action, recommendation, note, as_read, by=by, on=on))
    return done


def review_again(
    case_id: int,
    *,
    by: Any,
    on: date,
    recommendation: str = Recommendation.APPROVE,
    note: str = "",
    as_read: AsRead | None = None,
) -> Claim:
    """The second review, by another person. Raises Refused, NotNow."""
    read = {case_id: as_read} if as_read else None
    with transaction.atomic():
        moving = _review([case_id], "review_again", recommendation, note, read, by=by, on=on)
        return _only(moving, case_id)


def _review(
    case_ids: list[int],
    action: str,
    recommendation: str,
    note: str,
    as_read: Mapping[int, AsRead] | None,
    *,
    by: Any,
    on: date,
) -> Moving:
    moving = reviews.review_many(
        case_ids,
        action,
        recommendation=Recommendation(recommendation),
        opinion=note,
        as_read=as_read,
        by=by,
        on=on,
    )
    _wait_if_no_figure([case for case in moving.cases if case.state == ClaimState.REVIEWED], on)
    return moving


def _wait_if_no_figure(cases: Sequence[Case], on: date) -> None:
    """Where no document says how much, a claim waits for the figure and not for a person."""
    waiting = [
        claim.pk for claim in _claims_of(cases) if not figure_of(SCHEMES[claim.case.kind], day_of(claim))
    ]
    if waiting:
        with transition_many(waiting, "wait_for_figure", by=None, on=on, reason="补贴标准依据细则待补。"):
            pass


def send_back(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Back to the first review, with what is to be looked at again."""
    return reviews.send_back(case_id, "send_back", reason=reason, by=by, on=on)


# -- deciding ------------------------------------------------------------------------------------------------
def approve(case_id: int, *, by: Any, on: date, as_read: AsRead | None = None) -> Claim:
    """Approve what the law of the day of hand-in gives for what is verified, and tell the worker.

    From then on it is the record of an earlier claim. Raises Refused (also below the threshold of the region), NotNow
    (not eligible, no figure, or something changed since it was read).
    """
    read = {case_id: as_read} if as_read else None
    with transaction.atomic():
        return _only(approve_many([case_id], by=by, on=on, as_read=read), case_id)


def approve_many(
    case_ids: Collection[int], *, by: Any, on: date, as_read: Mapping[int, AsRead] | None = None
) -> Moving:
    """Approve many claims of one kind, each on what was read of it, or on what stands now."""
    read = as_read if as_read is not None else as_it_stands(case_ids)
    return reviews.decide_many(case_ids, "approve", by=by, on=on, as_read=read)


def reject(case_id: int, *, reason: str, by: Any, on: date, as_read: AsRead | None = None) -> Claim:
    """Decide against the claim; the worker gets the decision with grounds, clause and what they can do."""
    read = {case_id: as_read} if as_read else as_it_stands([case_id])
    with transaction.atomic():
        moving = reviews.decide_many([case_id], "reject", by=by, on=on, as_read=read, reason=reason)
        return _only(moving, case_id)


def as_it_stands(case_ids: Collection[int]) -> dict[int, AsRead]:
    """Of each claim what somebody reads who looks at it now."""
    claims = _claims_of(list(Case.objects.filter(pk__in=case_ids).order_by("pk")))
    determined = determine(claims, verified=True, keep=False)
    read = {}
    for claim in claims:
        found = determined.get(claim.pk) or claim.determination
        read[claim.pk] = AsRead(claim.case.version, found.digest if found else "")
    return read


def _at_decision(decided: Sequence[Decided], /, *, action: str, reason: str, by: Any, on: date) -> None:
    claims = _claims_of([one.case for one in decided])
    for claim, one in zip(claims, decided, strict=True):
        claim.decision = one.grounds
    if action == "approve":
        _approve(claims, by=by, on=on)
    else:
        Claim.objects.bulk_update(claims, ["decision"])
        free_keys(claims)
        for claim in claims:
            letters.issue_rejection(claim, grounds=reason, by=by, on=on)
    announce_many([claim.case for claim in claims], DECISION, by=by, on=on)


def _approve(claims: Sequence[Claim], *, by: Any, on: date) -> None:
    records = BenefitClaim.objects.bulk_create([_record_of(claim, by) for claim in claims])
    for claim, record in zip(claims, records, strict=True):
        assert claim.decision is not None  # noqa: S101  just set
        claim.amount, claim.record = claim.decision.amount, record
    Claim.objects.bulk_update(claims, ["decision", "amount", "record"])
    letters.issue_approvals(claims, by=by, on=on)


def _record_of(claim: Claim, by: Any) -> BenefitClaim:
    about = claim.subject
    return BenefitClaim(
        worker_id=claim.worker_id,
        kind=SCHEMES[claim.case.kind].earlier,
        occupation=about.occupation,
        level=about.level,
        certificate_number=about.number,
        claimed_on=day_of(claim),
        source=f"本系统办件{claim.case.number}",
        recorded_by=by,
    )


def foreseen_decision(claim: Claim) -> Determination | None:
    """What would be decided today by what is verified, for the officer to read; None when nothing can be."""
    scheme = SCHEMES[claim.case.kind]
    return foresee(claim.subject_kind, claim.subject_id, scheme, on=day_of(claim), verified=True)


def _only(moving: Moving, case_id: int) -> Claim:
    for refusal in moving.refused.values():
        raise refusal
    return Claim.objects.select_related(*_BESIDE, "case").get(pk=case_id)


def _add(done: Moving, more: Moving) -> None:
    done.cases += more.cases
    done.refused |= more.refused
    done.details |= more.details
