"""An approved claim becomes money that waits to be paid: whoever reviewed it last in the first instance has made the
payable, whoever approved the claim has approved that it is committed, and somebody else posts it (portal.funds.drawing).

Out of the employment subsidy fund nothing is approved that no line carries; a claim to the unemployment insurance fund is
approved whatever there is, and waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.accounts.access import NotNow
from portal.cases.models import CaseDuty
from portal.cases.moving import Refusal
from portal.cases.workflow import Duty
from portal.funds import drawing
from portal.funds.drawing import Share
from portal.funds.money import fen
from portal.policy.models import Determination
from subsidies.decisions import day_of
from subsidies.models import Claim
from subsidies.payees import payee_digests, payee_kinds
from subsidies.schemes import SCHEMES


def without_money(
    claims: Sequence[Claim], grounds: Mapping[int, Determination], *, by: Any
) -> dict[int, Refusal]:
    """By case why it cannot be approved: no line carries what it gives. In order of first hand-in, as far as it goes."""
    lacking = drawing.lacking(_shares(claims, grounds, {}, by=by))
    return {number: NotNow(words) for number, words in lacking.items()}


def set_aside(claims: Sequence[Claim], *, by: Any) -> None:
    """Draw what was approved. Call it inside the approval."""
    decisions = {claim.pk: claim.decision for claim in claims if claim.decision is not None}
    drawing.set_aside(_shares(claims, decisions, payee_digests(claims), by=by), by=by)


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
