"""Objections to announced claims: who does not decide them, and what follows when one is upheld."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.cases.actions import NotNow, transition
from portal.cases.four_eyes import bar
from portal.cases.models import CaseDuty, Objection, PublicNotice
from portal.cases.notices.kinds import register_notice_kind
from portal.cases.reviews import REVIEWS
from portal.cases.workflow import Duty
from subsidies.models import AnnouncedClaim
from subsidies.on_notice.standing import take_off
from subsidies.workflow import ClaimState

KIND = "subsidies.claims"
REVIEW_AGAIN = "review_again"
REMEDIES = (
    (
        REVIEW_AGAIN,
        "退回重新审核",
        "有关申请退回盟市重新审核，不再列入本期公示；重新审核后拟批准的，另行公示。须指明人员。",
    ),
)
_ON_NOTICE = frozenset({ClaimState.ON_NOTICE, ClaimState.NOTICED})
# Read by everybody: never what somebody was reproached with.
_CHANGED = "公示期间收到的异议经核查成立，有关申请退回重新审核，不再列入本期公示。"


def register() -> None:
    register_notice_kind(KIND, remedies=REMEDIES, barred=barred, on_upheld=on_upheld, settled=all_are_decided)


def barred(notice: PublicNotice) -> set[int]:
    """Who reviewed a claim on the notice: they do not decide what somebody says against it."""
    announced = AnnouncedClaim.objects.filter(notice=notice).values("claim")
    reviewers = CaseDuty.objects.filter(case__in=announced, duty__in=REVIEWS)
    return set(reviewers.values_list("person_id", flat=True))


def all_are_decided(notice: PublicNotice) -> bool:
    """Whether no claim on it waits for its end any more."""
    announced = AnnouncedClaim.objects.standing().filter(notice=notice)
    return not announced.filter(claim__case__state__in=_ON_NOTICE).exists()


def on_upheld(objection: Objection, *, by: Any, on: date, reason: str, remedy: str) -> None:
    """Send the claim that the objection is about back to the first review, and take it off the list.

    In the transaction of the decision, which holds the notice. Whoever decided it does not approve the claim. One that
    was withdrawn or sent back meanwhile stays where it is. Raises NotNow when the objection names nobody.
    """
    if not objection.about:
        raise NotNow(
            "该异议针对整个公示，没有指明人员，不能“退回重新审核”。请作异议不成立处理并说明理由，"
            "有关申请确有问题的，由审批人员逐件退回审核。"
        )
    announced = AnnouncedClaim.objects.standing().select_related("claim__case")
    one = announced.filter(notice=objection.notice_id, claim__case__number=objection.about).first()
    if one is None or one.claim.case.state not in _ON_NOTICE:
        return
    case_id = one.claim_id
    with transition(case_id, "uphold_objection", by=by, on=on, reason=reason):
        take_off([case_id], why=_CHANGED, by=by, on=on)
    bar(case_id, {by.pk}, by=Duty.SECOND_REVIEW)
