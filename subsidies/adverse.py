"""Decisions against a worker: decided by one, in force once another has signed them too.

A refusal is decided at the window, a rejection by the approver, an annulment by somebody who has not approved. The
second signature is that of another person in each case; the database holds it, as all duties (portal.cases.duties).
Single and in bulk they go the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from portal.accounts.access import NotNow
from portal.cases.actions import Moving, transition
from portal.cases.models import Case
from portal.outgoing.actions import announce_many
from portal.outgoing.kinds import DECISION
from portal.policy.models import Determination
from portal.reasons import NUMBER_IN_FULL, names_id_number, reason_in
from portal.updating import update_each
from portal.workforce.actions import remove_by_decision
from portal.workforce.models import BenefitClaim
from subsidies import adverse_letters, money
from subsidies.decisions import what_changed
from subsidies.keys import free_keys
from subsidies.letters import cited
from subsidies.models import AdverseDecision, Against, Claim, Finding, SignedState
from subsidies.workflow import ClaimState

COUNTERSIGN = {
    ClaimState.REFUSING: "countersign_refusal",
    ClaimState.REJECTING: "countersign_rejection",
    ClaimState.ANNULLING: "countersign_annulment",
}
DECLINE = {
    ClaimState.REFUSING: "decline_refusal",
    ClaimState.REJECTING: "decline_rejection",
    ClaimState.ANNULLING: "decline_annulment",
}
_CLAUSE_AT_MOST = 300


def waiting_for_signature(claims: Sequence[Claim]) -> dict[int, AdverseDecision]:
    """By claim, the decision that waits for its second signature."""
    waiting = AdverseDecision.objects.proposed().filter(claim__in=claims)
    return {one.claim_id: one for one in waiting.select_related("determination", "decided_by")}


def in_force(claim: Claim) -> AdverseDecision | None:
    """The decision against the worker that was made last, unless a second look has turned it."""
    signed = claim.adverse_decisions.filter(state=SignedState.SIGNED)
    standing = signed.exclude(reconsideration__finding=Finding.TURNED).order_by("-pk")
    return standing.select_related("letter", "decided_by", "signed_by").first()


# -- the first signature -------------------------------------------------------------------------------------
def note(
    claims: Sequence[Claim],
    what: Against,
    *,
    grounds: str,
    by: Any,
    on: date,
    determinations: Mapping[int, Determination],
    clause: str = "",
) -> None:
    """Write down what is decided against each claim. Call it inside the transition, which keeps who decided."""
    AdverseDecision.objects.bulk_create(
        AdverseDecision(
            claim=claim,
            what=what,
            grounds=grounds.strip(),
            clause=clause.strip() or cited(claim),
            determination=determinations[claim.pk],
            amount=claim.amount if what == Against.ANNULMENT else None,
            decided_by=by,
            decided_on=on,
        )
        for claim in claims
    )


def require_clause(clause: str) -> str:
    """The clause by which an approval is annulled. NotNow without one."""
    given = reason_in(clause)
    if not given:
        raise NotNow("请写明撤销所依据的条款。")
    if names_id_number(given):
        raise NotNow(NUMBER_IN_FULL)
    if len(given) > _CLAUSE_AT_MOST:
        raise NotNow(f"依据的条款不能超过{_CLAUSE_AT_MOST}字。")
    return given


# -- the second signature ------------------------------------------------------------------------------------
def changed_since(claim: Claim, decision: AdverseDecision | None, now: Determination) -> NotNow | None:
    """Why it is not signed as it was decided: what it rests on came out otherwise since."""
    if decision is None or claim.case.state != ClaimState.REJECTING:
        return None
    changes = what_changed(decision.determination, now)
    if not changes:
        return None
    return NotNow(f"拟决定之后情况有变化：{'；'.join(changes)}。请退回，由审批人重新决定。")


def take_effect(claims: Sequence[Claim], *, by: Any, on: date) -> None:
    """Two have signed: the decision is in force, what the claim held is free, and the worker is told.

    Call it inside the transition that takes the second signature.
    """
    waiting = waiting_for_signature(claims)
    decisions = [waiting[claim.pk] for claim in claims]
    for claim, decision in zip(claims, decisions, strict=True):
        decision.claim = claim
        decision.state, decision.signed_by, decision.signed_on = SignedState.SIGNED, by, on
        if decision.what == Against.REJECTION:
            claim.decision = decision.determination
    update_each(decisions, ["state", "signed_by", "signed_on"])
    update_each(claims, ["decision"])
    annulled = [decision for decision in decisions if decision.what == Against.ANNULMENT]
    for decision in annulled:
        _end_record(decision, by=by, on=on)
    money.take_back(annulled, by=by, on=on)
    free_keys(claims)
    for decision in decisions:
        adverse_letters.issue(decision, on=on)
    announce_many([claim.case for claim in claims], DECISION, by=by, on=on)


def _end_record(decision: AdverseDecision, *, by: Any, on: date) -> None:
    """What was approved is no earlier claim any more: taken out in the names of the two who signed."""
    claim = decision.claim
    assert claim.record_id is not None  # noqa: S101  what was approved is one; the database holds it
    record = BenefitClaim.objects.select_for_update().get(pk=claim.record_id)
    claim.record, claim.amount = None, None
    claim.save(update_fields=["record", "amount"])
    remove_by_decision(
        "claim",
        record,
        reason=decision.grounds,
        seen=f"办件{claim.case.number}撤销批准的决定",
        proposed_by=decision.decided_by,
        by=by,
        on=on,
    )


def decline(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """The second signature is not given: the claim goes back to whoever decides. Raises Refused, NotNow."""
    state = Case.objects.values_list("state", flat=True).get(pk=case_id)
    action = DECLINE.get(ClaimState(state), DECLINE[ClaimState.REJECTING])
    with transition(case_id, action, by=by, on=on, reason=reason) as case:
        waiting = AdverseDecision.objects.proposed().get(claim=case_id)
        waiting.state, waiting.signed_by, waiting.signed_on = SignedState.DECLINED, by, on
        waiting.save(update_fields=["state", "signed_by", "signed_on"])
    return case


def lapse(claim: Claim) -> None:
    """What waited for its signature is never issued: the claim was taken back. Call it inside that transition."""
    AdverseDecision.objects.proposed().filter(claim=claim).update(state=SignedState.LAPSED)


def by_state(case_ids: Collection[int]) -> dict[str, list[int]]:
    """The cases by the action that signs what waits in each; those in which nothing waits under that of rejections,
    which says so of them.
    """
    actions: dict[str, list[int]] = {}
    for pk, state in Case.objects.filter(pk__in=case_ids).order_by("pk").values_list("pk", "state"):
        action = COUNTERSIGN.get(ClaimState(state), COUNTERSIGN[ClaimState.REJECTING])
        actions.setdefault(action, []).append(pk)
    return actions


def joined(parts: Sequence[Moving]) -> Moving:
    """What became of several sets, as of one."""
    done = Moving()
    for part in parts:
        done.cases += part.cases
        done.refused |= part.refused
        done.details |= part.details
    return done
