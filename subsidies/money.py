"""An approved claim becomes money that waits to be paid: whoever reviewed it last in the first instance has made the
payable, whoever approved the claim has approved that it is committed, and somebody else posts it (portal.funds.drawing).

Out of the employment subsidy fund nothing is approved that no line carries; a claim to the unemployment insurance fund is
approved whatever there is, and waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from portal.accounts.access import NotNow
from portal.cases.models import Case, CaseDuty
from portal.cases.moving import Refusal
from portal.cases.workflow import Duty
from portal.funds import drawing, revoking
from portal.funds.decided import register_decided
from portal.funds.drawing import Share
from portal.funds.frozen import register_frozen
from portal.funds.money import fen
from portal.funds.revoking import Fallen
from portal.policy.models import Determination
from subsidies.decisions import day_of
from subsidies.models import AdverseDecision, Claim
from subsidies.payees import payee_digests, payee_kinds
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState

_IN_DOUBT = "已提出撤销批准，会签前暂停支付"


def without_money(
    cases: Sequence[Case], grounds: Mapping[int, Determination], /, *, by: Any
) -> dict[int, Refusal]:
    """By case why it cannot be approved: no line carries what it gives. In order of first hand-in, as far as it goes."""
    claims = [case.claim for case in cases]
    shares = _shares(claims, grounds, {}, by=by)
    out = revoking.still_out([claim.pk for claim in claims])
    refused: dict[int, str] = {}
    for share in shares:
        if share.case_id in out and (
            words := revoking.against_deciding_anew(out[share.case_id], share.amount)
        ):
            refused[share.case_id] = words
    refused |= drawing.lacking([share for share in shares if share.case_id not in out])
    return {number: NotNow(words) for number, words in refused.items()}


def set_aside(claims: Sequence[Claim], *, by: Any) -> None:
    """Draw what was approved; what was drawn for it before and is still out stands again. Call it inside the approval."""
    out = revoking.still_out([claim.pk for claim in claims])
    revoking.lift([payable for one in out.values() for payable in one.payables], by=by)
    fresh = [claim for claim in claims if claim.pk not in out]
    decisions = {claim.pk: claim.decision for claim in fresh if claim.decision is not None}
    drawing.set_aside(_shares(fresh, decisions, payee_digests(fresh), by=by), by=by)


def take_back(decisions: Sequence[AdverseDecision], *, by: Any, on: date) -> None:
    """Approvals were annulled: their money goes back as far as it has not left, and the rest is to be recovered."""
    fallen = [
        Fallen(one.claim_id, one.grounds, one.clause, decided_by=one.decided_by_id, signed_by=by.pk)
        for one in decisions
    ]
    revoking.revoke(fallen, by=by, on=on)


def register_all() -> None:
    """What stands as approved of claims: also while somebody proposes to annul it; but then its money stands still."""
    for kind in SCHEMES:
        register_decided(kind, _approved)
        register_frozen(kind, {ClaimState.ANNULLING: _IN_DOUBT})


def _approved() -> QuerySet[Claim]:
    return Claim.objects.filter(case__state__in=(ClaimState.APPROVED, ClaimState.ANNULLING))


def _shares(
    claims: Sequence[Claim], grounds: Mapping[int, Determination], payees: Mapping[int, str], *, by: Any
) -> list[Share]:
    """What each gives; without the digest of a payee it is only looked at."""
    makers, next_numbers = _reviewers(claims), drawing.next_numbers([claim.pk for claim in claims])
    kinds = payee_kinds(claims)
    shares = []
    for claim in claims:
        amount = grounds[claim.pk].amount
        assert amount is not None  # noqa: S101  without one it is not approved
        shares.append(
            Share(
                case_id=claim.pk,
                region=claim.case.region_id,
                fund=claim.fund,
                use=SCHEMES[claim.case.kind].use,
                amount=fen(amount),
                payee_kind=kinds[claim.pk],
                calculation_digest=grounds[claim.pk].digest,
                payee_digest=payees.get(claim.pk, ""),
                made_by=makers[claim.pk],
                approved_by=by.pk,
                handed_in_on=day_of(claim),
                number=next_numbers[claim.pk],
            )
        )
    return shares


def _reviewers(claims: Sequence[Claim]) -> dict[int, int]:
    """By claim who took on its review, last if several did."""
    held = CaseDuty.objects.filter(case__in=[claim.case for claim in claims], duty=Duty.REVIEW)
    return dict(held.order_by("pk").values_list("case_id", "person_id"))
