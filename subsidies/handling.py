"""Reviewing and deciding claims, one or many (portal.cases.reviews).

A decision carries the version of the case and the digest of what the officer read: what changed since is said, and the
decision refused. Documents never stand in the way of one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal.accounts.access import WHOLE_REGION, NotNow, Refused, can
from portal.cases import reviews
from portal.cases.models import Case
from portal.cases.moving import Moving, Refusal, transition_many
from portal.cases.reviews import (
    AsRead,
    CheckGrounds,
    Decided,
    Recommendation,
    ReviewedKind,
    register_reviewed,
)
from portal.cases.waiting import Condition, ready_when
from portal.outgoing.actions import announce_many
from portal.outgoing.kinds import DECISION
from portal.policy.benefits import BY_CODE
from portal.policy.determine import keep
from portal.policy.law import law_on
from portal.policy.models import Determination
from portal.policy.terms import Cell, Law
from portal.updating import update_each
from portal.workforce.models import BenefitClaim
from subsidies import adverse, letters, money, reconsidering
from subsidies.decisions import day_of, decide, foresee, look_at, refusal_of, what_changed
from subsidies.gates import Lacking, lacking_before_approval
from subsidies.models import Against, Claim, Finding
from subsidies.on_notice import standing
from subsidies.schemes import SCHEMES, Scheme
from subsidies.workflow import ANNUL, APPROVE, RECONSIDER, ClaimState

_BESIDE = ("worker", "credential", "training", "course", "account")
# What is the region's from the amount on that the course says, and under which permission.
_DECIDED_BY_REGION = {
    "approve": APPROVE,
    "reject": APPROVE,
    "annul": ANNUL,
    "uphold": RECONSIDER,
    "turn": RECONSIDER,
}
FINDINGS = {"uphold": Finding.UPHELD, "turn": Finding.TURNED, "turn_refusal": Finding.TURNED}


def register_all() -> None:
    """What reviews and decisions of claims rest on; one without a figure waits for nobody until it is there."""
    for scheme in SCHEMES.values():
        register_reviewed(
            ReviewedKind(
                scheme.kind,
                grounds=_grounds,
                changes=_changes,
                at_review=_at_review,
                at_decision=_at_decision,
            )
        )

        def has_figure(user: Any, day: date, scheme: Scheme = scheme) -> Q:
            return Q() if figure_of(scheme, day) else ~Q(state=ClaimState.NO_FIGURE)

        def may_be_decided(user: Any, day: date, has_figure: Condition = has_figure) -> Q:
            return has_figure(user, day) & ~standing.TO_ANNOUNCE

        def may_be_announced(user: Any, day: date, has_figure: Condition = has_figure) -> Q:
            return has_figure(user, day) & standing.TO_ANNOUNCE

        ready_when(scheme.kind, "approve", may_be_decided)
        ready_when(scheme.kind, "announce", may_be_announced)


def figure_of(scheme: Scheme, on: date) -> bool:
    """Whether the law of the day says how much is paid."""
    amount = BY_CODE[scheme.benefit].amount
    code = amount.table.code if isinstance(amount, Cell) else amount.code if isinstance(amount, Law) else ""
    return law_on(on).value(code) is not None


def claims_of(cases: Sequence[Case]) -> list[Claim]:
    """The claims of cases, in their order; read once for the same cases."""
    beside = Case._meta.get_field("claim")
    unread = [case.pk for case in cases if not beside.is_cached(case)]
    found = Claim.objects.select_related(*_BESIDE).in_bulk(unread) if unread else {}
    for case in cases:
        if case.pk in found:
            # Whoever asks the case for its claim gets this one.
            found[case.pk].case = case
    return [case.claim for case in cases]


def _grounds(
    cases: Sequence[Case], /, *, action: str, by: Any, on: date
) -> Mapping[int, Determination | Refusal]:
    """What is verified, under the law of the day of hand-in. An approval needs all of it, and an amount; a rejection
    rests on what there is.
    """
    claims = claims_of(cases)
    decided = decide(_undecided(claims), verified=True)
    lacking = lacking_before_approval(claims, on=on) if action == "approve" else {}
    unheard = standing.against_deciding(claims, action, on=on) if action in {"approve", "reject"} else {}
    waiting = adverse.waiting_for_signature(claims) if action.startswith("countersign") else {}
    grounds: dict[int, Determination | Refusal] = {}
    for claim in claims:
        determination = decided.get(claim.pk)
        found = _stands(claim, decided)
        refusal = _refusal(claim, determination, action, by)
        refusal = refusal or _not_yet(lacking.get(claim.pk)) or unheard.get(claim.pk)
        if claim.pk in waiting:
            refusal = adverse.changed_since(claim, waiting[claim.pk], found)
        grounds[claim.pk] = refusal or found
    return grounds


def _undecided(claims: Sequence[Claim]) -> list[Claim]:
    return [claim for claim in claims if claim.decision_id is None]


def _stands(claim: Claim, determined: Mapping[int, Determination]) -> Determination:
    """What a claim rests on: what it was decided by; before that what is verified now, or was stated at hand-in."""
    found = claim.decision or determined.get(claim.pk) or claim.determination
    assert found is not None  # noqa: S101  what is reviewed was handed in, and determined then
    return found


def _refusal(claim: Claim, determination: Determination | None, action: str, by: Any) -> Refusal | None:
    if action == "approve":
        if refusal := refusal_of(determination, claim):
            return refusal
        if determination is not None and determination.amount is None:
            return NotNow("提交当日的补贴标准没有依据，暂不能批准。该日期的标准录入并复核后再办理。")
    if action in _DECIDED_BY_REGION:
        rests_on = determination or claim.decision
        amount = rests_on.amount if rests_on else None
        by_region = claim.course is not None and claim.course.decided_by_region(amount)
        if by_region and not can(by, _DECIDED_BY_REGION[action], WHOLE_REGION):
            return Refused("达到规定金额的申请由自治区审批人审批，撤销和复核也由自治区办理。")
    if action in {"turn", "turn_refusal"}:
        return reconsidering.against_finding(claim, action)
    return None


def _not_yet(lacking: Sequence[Lacking] | None) -> NotNow | None:
    """What registers have to say first."""
    return NotNow(f"暂不能批准。{''.join(map(str, lacking))}") if lacking else None


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
    return only(
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
    wanted: dict[str, list[int]] = {"review": [], "review_first": []}
    claims = list(Claim.objects.filter(pk__in=case_ids).select_related("case", "course").order_by("case_id"))
    by_amount = [claim for claim in claims if claim.course is not None and claim.course.asks_for_amount]
    foreseen = look_at(by_amount, verified=True)
    for claim in claims:
        amount = foreseen[claim.pk].amount if claim.pk in foreseen else None
        twice = claim.course is not None and claim.course.reviews_twice(amount)
        wanted["review_first" if twice else "review"].append(claim.pk)
    check = _must_hold if recommendation == Recommendation.APPROVE else None
    done = Moving()
    for action, ids in wanted.items():
        if ids:
            done = adverse.joined(
                [done, _review(ids, action, recommendation, note, as_read, check, by=by, on=on)]
            )
    return done


def _must_hold(cases: Sequence[Case], grounds: Mapping[int, Determination]) -> dict[int, Refusal]:
    """Who recommends approval has all conditions met by what is verified."""
    refused: dict[int, Refusal] = {}
    for claim in claims_of(cases):
        found = grounds[claim.pk]
        # What is written already was determined at the hand-in: today the certificate does not count.
        if refusal := refusal_of(None if found.pk else found, claim):
            refused[claim.pk] = refusal
    return refused


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
        return only(moving, case_id)


def _review(
    case_ids: list[int],
    action: str,
    recommendation: str,
    note: str,
    as_read: Mapping[int, AsRead] | None,
    check: CheckGrounds | None = None,
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
        check=check,
        by=by,
        on=on,
    )
    wait_if_no_figure([case for case in moving.cases if case.state == ClaimState.REVIEWED], on)
    return moving


def wait_if_no_figure(cases: Sequence[Case], on: date) -> None:
    """Where no document says how much, a claim waits for the figure and not for a person."""
    of_days: dict[tuple[str, date], list[int]] = {}
    for claim in claims_of(cases):
        of_days.setdefault((claim.case.kind, day_of(claim)), []).append(claim.pk)
    waiting = [
        pk for (kind, day), claims in of_days.items() if not figure_of(SCHEMES[kind], day) for pk in claims
    ]
    if waiting:
        with transition_many(waiting, "wait_for_figure", by=None, on=on, reason="补贴标准依据细则待补。"):
            pass


@transaction.atomic
def send_back(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Back to the first review, with what is to be looked at again; off the notice it stands on."""
    standing.hold([case_id])
    case = reviews.send_back(case_id, "send_back", reason=reason, by=by, on=on)
    standing.take_off([case_id], why=standing.SENT_BACK, by=by, on=on)
    return case


# -- deciding ------------------------------------------------------------------------------------------------
def approve(case_id: int, *, by: Any, on: date, as_read: AsRead | None = None) -> Claim:
    """Approve what the law of the day of hand-in gives for what is verified, and tell the worker.

    From then on it is the record of an earlier claim. Raises Refused (also below the threshold of the region), NotNow
    (not eligible, no figure, or something changed since it was read).
    """
    read = {case_id: as_read} if as_read else None
    with transaction.atomic():
        return only(approve_many([case_id], by=by, on=on, as_read=read), case_id)


def approve_many(
    case_ids: Collection[int], *, by: Any, on: date, as_read: Mapping[int, AsRead] | None = None
) -> Moving:
    """Approve many claims of one kind, each on what was read of it, or on what stands now, with its money set aside."""
    read = as_read if as_read is not None else as_of_now(case_ids)
    has_money = partial(money.without_money, by=by)
    return reviews.decide_many(case_ids, "approve", by=by, on=on, as_read=read, check=has_money)


def reject(case_id: int, *, reason: str, by: Any, on: date, as_read: AsRead | None = None) -> Claim:
    """Decide against the claim; in force once another has signed it too (subsidies.signing). Raises Refused, NotNow."""
    read = {case_id: as_read} if as_read else None
    with transaction.atomic():
        return only(reject_many([case_id], reason=reason, by=by, on=on, as_read=read), case_id)


def reject_many(
    case_ids: Collection[int],
    *,
    reason: str,
    by: Any,
    on: date,
    as_read: Mapping[int, AsRead] | None = None,
) -> Moving:
    """Decide against many claims of one kind, for one reason; each waits for its second signature."""
    read = as_read if as_read is not None else as_of_now(case_ids)
    return reviews.decide_many(case_ids, "reject", by=by, on=on, as_read=read, reason=reason)


def as_it_stands(case_ids: Collection[int]) -> dict[int, AsRead]:
    """Of each claim what somebody reads who looks at it now."""
    claims = claims_of(list(Case.objects.filter(pk__in=case_ids).order_by("pk")))
    determined = look_at(_undecided(claims), verified=True)
    return {claim.pk: AsRead(claim.case.version, _stands(claim, determined).digest) for claim in claims}


def as_of_now(case_ids: Collection[int]) -> dict[int, AsRead]:
    """For who decides on whatever stands when the cases are held."""
    versions = Case.objects.filter(pk__in=case_ids).values_list("pk", "version")
    return {pk: AsRead(version, None) for pk, version in versions}


def _at_review(decided: Sequence[Decided], /, *, action: str, reason: str, by: Any, on: date) -> None:
    keep([one.grounds for one in decided])


def _at_decision(decided: Sequence[Decided], /, *, action: str, reason: str, by: Any, on: date) -> None:
    claims = claims_of([one.case for one in decided])
    if action in {"approve", "reject"}:
        keep([one.grounds for one in decided])
    if action == "approve":
        for claim, one in zip(claims, decided, strict=True):
            claim.decision = one.grounds
        _approve(claims, by=by, on=on)
        announce_many([claim.case for claim in claims], DECISION, by=by, on=on)
    elif action == "reject":
        rest_on = {one.case.pk: one.grounds for one in decided}
        adverse.note(claims, Against.REJECTION, grounds=reason, by=by, on=on, determinations=rest_on)
    elif action.startswith("countersign"):
        adverse.take_effect(claims, by=by, on=on)
    elif action in FINDINGS:
        reconsidering.answered(claims, finding=FINDINGS[action], reasons=reason, by=by, on=on)


def _approve(claims: Sequence[Claim], *, by: Any, on: date) -> None:
    records = BenefitClaim.objects.bulk_create([_record_of(claim, by) for claim in claims])
    for claim, record in zip(claims, records, strict=True):
        assert claim.decision is not None  # noqa: S101  just set
        claim.amount, claim.record = claim.decision.amount, record
    update_each(claims, ["decision", "amount", "record"])
    money.set_aside(claims, by=by)
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


def only(moving: Moving, case_id: int) -> Claim:
    """The claim of a set of one. Raises why it stays where it is."""
    for refusal in moving.refused.values():
        raise refusal
    return Claim.objects.select_related(*_BESIDE, "case").get(pk=case_id)
