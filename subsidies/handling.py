"""What the office does with a claim: taking it in, asking for more, reviewing, deciding.

A decision carries the version of the case and the digest of what the officer read: what changed since is said, and the
decision refused. Documents never stand in the way of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from portal.accounts.access import WHOLE_REGION, Refused, require
from portal.cases.actions import NotNow, open_correction, transition
from portal.cases.models import Case
from portal.cases.waiting import ready_when
from portal.policy.benefits import BY_CODE
from portal.policy.law import law_on
from portal.policy.models import Determination, Outcome
from portal.policy.terms import Cell, Law
from portal.workforce.models import BenefitClaim
from subsidies import letters
from subsidies.claimants import refuse_own
from subsidies.claiming import read
from subsidies.decisions import conditions_text, determine, foresee, require_not_ineligible, what_changed
from subsidies.keys import free_keys
from subsidies.models import Claim
from subsidies.schemes import SCHEMES, Scheme
from subsidies.workflow import APPROVE, ClaimState


def register_all() -> None:
    """A claim without a figure waits for nobody until the figure is there."""
    for scheme in SCHEMES.values():

        def has_figure(user: Any, day: date, scheme: Scheme = scheme) -> Q:
            return Q() if figure_of(scheme, day) else ~Q(state=ClaimState.NO_FIGURE)

        ready_when(scheme.kind, "approve", has_figure)


def figure_of(scheme: Scheme, on: date) -> bool:
    """Whether the law of the day says how much is paid."""
    amount = BY_CODE[scheme.benefit].amount
    code = amount.table.code if isinstance(amount, Cell) else amount.code if isinstance(amount, Law) else ""
    return law_on(on).value(code) is not None


def accept(case_id: int, *, by: Any, on: date) -> Claim:
    """Take a claim in and give the receipt out. Raises Refused, NotNow (a condition is not met)."""
    with transition(case_id, "accept", by=by, on=on) as case:
        refuse_own(case, by)
        claim = read(case)
        require_not_ineligible(determine(claim, on=_day_of(claim), verified=False))
        letters.issue_receipt(claim, by=by, on=on)
    return claim


def return_for_correction(case_id: int, *, missing: Sequence[str], by: Any, on: date) -> Claim:
    """Say once and in full what is missing, by letter; the clock stands still until it has been brought."""
    items = [item.strip() for item in missing if item.strip()]
    with transition(case_id, "return_for_correction", by=by, on=on, detail={"missing": items}) as case:
        refuse_own(case, by)
        claim = read(case)
        open_correction(case, items, by=by, on=on)
        letters.issue_correction(claim, items, by=by, on=on)
    return claim


def refuse(case_id: int, *, reason: str, by: Any, on: date) -> Claim:
    """Refuse to take it in; the worker gets the decision with grounds, clause and what they can do."""
    with transition(case_id, "refuse", by=by, on=on, reason=reason) as case:
        refuse_own(case, by)
        claim = read(case)
        free_keys(claim)
        letters.issue_refusal(claim, grounds=reason.strip(), by=by, on=on)
    return claim


def review(case_id: int, *, by: Any, on: date, note: str = "", version: int | None = None) -> Claim:
    """The conditions were held against the evidence; goes on to a second review where the course asks for one.

    Raises Refused, NotNow (not eligible by what is verified, with each open condition).
    """
    case = Case.objects.only("pk", "kind").get(pk=case_id)
    claim = Claim.objects.select_related("course", "credential", "case").get(case=case)
    foreseen = foresee(claim.credential, SCHEMES[case.kind], on=_day_of(claim), verified=True)
    again = claim.course is not None and claim.course.reviews_twice(foreseen.amount if foreseen else None)
    with transition(case_id, "review_first" if again else "review", by=by, on=on, reason=note) as case:
        _require_current(case, version)
        refuse_own(case, by)
        claim = read(case)
        _require_eligible(determine(claim, on=_day_of(claim), verified=True))
    if not again:
        _wait_if_no_figure(claim, on)
    return claim


def review_again(case_id: int, *, by: Any, on: date, note: str = "", version: int | None = None) -> Claim:
    """The second review, by another person. Raises Refused, NotNow."""
    with transition(case_id, "review_again", by=by, on=on, reason=note) as case:
        _require_current(case, version)
        refuse_own(case, by)
        claim = read(case)
        _require_eligible(determine(claim, on=_day_of(claim), verified=True))
    _wait_if_no_figure(claim, on)
    return claim


def send_back(case_id: int, *, reason: str, by: Any, on: date) -> Claim:
    """Back to the first review, with what is to be looked at again."""
    with transition(case_id, "send_back", by=by, on=on, reason=reason) as case:
        refuse_own(case, by)
        return read(case)


def _wait_if_no_figure(claim: Claim, on: date) -> None:
    """Where no document says how much, the claim waits for the figure and not for a person."""
    if not figure_of(SCHEMES[claim.case.kind], _day_of(claim)):
        with transition(claim.pk, "wait_for_figure", by=None, on=on, reason="补贴标准依据细则待补。"):
            pass


def approve(
    case_id: int, *, by: Any, on: date, version: int | None = None, digest: str | None = None
) -> Claim:
    """Approve what the law of the day of hand-in gives for what is verified, and tell the worker.

    From then on it is the record of an earlier claim. Raises Refused (also below the threshold of the region), NotNow
    (not eligible, no figure, or something changed since the officer read it).
    """
    with transition(case_id, "approve", by=by, on=on) as case:
        _require_current(case, version)
        refuse_own(case, by)
        claim = read(case)
        determination = determine(claim, on=_day_of(claim), verified=True)
        _require_as_read(determination, digest, claim)
        _require_eligible(determination)
        amount = determination.amount
        if amount is None:
            raise NotNow("补贴标准没有依据，暂不能批准。标准录入并复核后再办理。")
        _require_threshold(claim, amount, by)
        claim.decision, claim.amount = determination, amount
        claim.record = _record_of(claim, by)
        claim.save(update_fields=["decision", "amount", "record"])
        letters.issue_approval(claim, by=by, on=on)
    return claim


def reject(
    case_id: int, *, reason: str, by: Any, on: date, version: int | None = None, digest: str | None = None
) -> Claim:
    """Decide against the claim; the worker gets the decision with grounds, clause and what they can do."""
    with transition(case_id, "reject", by=by, on=on, reason=reason) as case:
        _require_current(case, version)
        refuse_own(case, by)
        claim = read(case)
        determination = determine(claim, on=_day_of(claim), verified=True)
        _require_as_read(determination, digest, claim)
        _require_threshold(claim, determination.amount, by)
        claim.decision = determination
        claim.save(update_fields=["decision"])
        free_keys(claim)
        letters.issue_rejection(claim, grounds=reason.strip(), by=by, on=on)
    return claim


def foreseen_decision(claim: Claim) -> Determination | None:
    """What would be decided today by what is verified, for the officer to read; None when nothing can be."""
    return foresee(claim.credential, SCHEMES[claim.case.kind], on=_day_of(claim), verified=True)


def _day_of(claim: Claim) -> date:
    assert claim.handed_in_on is not None  # noqa: S101  a claim of the office was handed in
    return claim.handed_in_on


def _require_current(case: Case, version: int | None) -> None:
    """NotNow when the officer read the case before its last move; the move itself has just counted one on."""
    if version is not None and case.version != version + 1:
        raise NotNow(f"办件{case.number}在您打开页面之后有新的办理，请刷新页面后再决定。")


def _require_as_read(determination: Determination, digest: str | None, claim: Claim) -> None:
    """NotNow, with what changed, when the law or the facts say something else than the officer read."""
    if digest is None or determination.digest == digest:
        return
    before = Determination.objects.filter(digest=digest, subject_id=claim.credential_id).first()
    changes = what_changed(before, determination) or ["认定所依据的信息有更新"]
    raise NotNow(f"您打开页面之后情况有变化：{'；'.join(changes)}。请刷新页面核对后再决定。")


def _require_eligible(determination: Determination) -> None:
    require_not_ineligible(determination)
    if determination.outcome == Outcome.UNDETERMINED:
        unknown = conditions_text(determination, holds=None)
        raise NotNow(f"条件尚不能认定，须先登记并核验以下信息：{unknown}")


def _require_threshold(claim: Claim, amount: Decimal | None, by: Any) -> None:
    """From the threshold of the course on an approver of the autonomous region decides."""
    if claim.course is not None and claim.course.decided_by_region(amount):
        try:
            require(by, APPROVE, WHOLE_REGION)
        except Refused as refused:
            raise Refused("达到规定金额的申请由自治区审批人审批。") from refused


def _record_of(claim: Claim, by: Any) -> BenefitClaim:
    credential = claim.credential
    return BenefitClaim.objects.create(
        worker_id=claim.worker_id,
        kind=SCHEMES[claim.case.kind].earlier,
        occupation=credential.occupation,
        level=credential.level,
        certificate_number=credential.number,
        claimed_on=_day_of(claim),
        source=f"本系统办件{claim.case.number}",
        recorded_by=by,
    )
