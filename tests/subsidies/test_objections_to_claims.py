"""Objections to announced claims, and claims that leave the list they stand on."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.access import NotNow, Refused
from portal.cases.models import Case, CaseDuty, NoticeVersion, PublicNotice
from portal.cases.notices import objections, publishing
from subsidies import claiming, handling, signing
from subsidies.models import AnnouncedClaim, Claim
from subsidies.on_notice import announcing
from tests.cast import make_account
from tests.subsidies.announced import (
    AFTER,
    SAID,
    notice_of,
    noticed,
    object_to,
    reviewed_twice,
    state_of,
)
from tests.subsidies.conftest import GROUNDS, MONDAY

pytestmark = pytest.mark.django_db


# -- objections ----------------------------------------------------------------------------------------------
def test_an_objection_bars_its_claim_until_it_is_decided(
    cast: Any, technician: Claim, another: Claim
) -> None:
    announcing.announce_many([technician.pk, another.pk], by=cast("reviewer"), on=MONDAY)
    assert notice_of(technician) == notice_of(another)
    objection = object_to(notice_of(technician), technician)
    assert announcing.end_due(AFTER) == 1, "what is said against one is not said against the other"
    assert (state_of(technician), state_of(another)) == ("on_notice", "noticed")
    with pytest.raises(NotNow, match=f"1件异议没有办结：{objection.case.number}"):
        announcing.end(technician.pk, by=cast("reviewer"), on=AFTER)
    objections.dismiss(objection.case_id, **SAID, by=cast("supervisor"), on=AFTER)
    assert announcing.end_due(AFTER) == 1
    for one in (technician, another):
        handling.approve(one.pk, by=cast("approver"), on=AFTER)


def test_one_against_the_whole_notice_bars_all_and_names_nobody_to_send_back(
    cast: Any, technician: Claim, another: Claim
) -> None:
    announcing.announce_many([technician.pk, another.pk], by=cast("reviewer"), on=MONDAY)
    objection = object_to(notice_of(technician))
    assert announcing.end_due(AFTER) == 0
    with pytest.raises(NotNow, match="没有指明人员"):
        objections.uphold(objection.case_id, **SAID, remedy="review_again", by=cast("supervisor"), on=AFTER)
    objections.withdraw(objection.case_id, reason="来电撤回。", by=cast("supervisor"), on=AFTER)
    assert announcing.end_due(AFTER) == 2


def test_an_upheld_one_sends_the_claim_back_and_off_the_list(
    cast: Any, technician: Claim, another: Claim, own: Any, as_user: Any
) -> None:
    announcing.announce_many([technician.pk, another.pk], by=cast("reviewer"), on=MONDAY)
    notice = notice_of(technician)
    objection = object_to(notice, technician)
    objections.uphold(objection.case_id, **SAID, remedy="review_again", by=cast("supervisor"), on=MONDAY)
    assert (state_of(technician), state_of(another)) == ("accepted", "on_notice")
    case = Case.objects.get(pk=technician.pk)
    assert case.stopped_on is None, "the time of the office runs again"
    version = publishing.current_version(notice)
    assert version.position == 2 and [row["key"] for row in version.rows] == [another.case.number]
    public = f"{version.reason}{version.moved}"
    assert SAID["reason"] not in public and "王建国" not in public
    assert AnnouncedClaim.objects.get(claim=technician).taken_off_on == MONDAY
    page = as_user(own).get(f"/subsidies/claims/{technician.case.number}/").content.decode()
    assert "异议经核查，退回重新审核" in page and SAID["reason"] not in page
    # Announced anew after it was reviewed again; whoever decided the objection does not approve.
    again = reviewed_twice(Claim.objects.get(pk=technician.pk), cast)
    with pytest.raises(NotNow, match="须先公示5个工作日"):
        handling.approve(again.pk, by=cast("approver"), on=AFTER)
    noticed(again, cast)
    assert technician.announcements.count() == 2
    assert CaseDuty.objects.filter(
        case=technician.pk, person=cast("supervisor"), duty="second_review"
    ).exists()
    handling.approve(again.pk, by=cast("approver"), on=AFTER)


def test_who_reviewed_does_not_decide_it(cast: Any, announced: Claim) -> None:
    objection = object_to(notice_of(announced), announced)
    for person in ("regional_reviewer", "reviewer"):
        with pytest.raises(Refused):
            objections.dismiss(objection.case_id, **SAID, by=cast(person), on=MONDAY)
    other = make_account("region.reviewer2", "乌恩", "regional_reviewer", "150000")
    objections.dismiss(objection.case_id, **SAID, by=other, on=MONDAY)


def test_one_upheld_after_the_claim_was_taken_back_changes_nothing_more(cast: Any, announced: Claim) -> None:
    objection = object_to(notice_of(announced), announced)
    claiming.withdraw(announced.pk, reason="本人提出。", by=cast("clerk"), on=MONDAY)
    objections.uphold(objection.case_id, **SAID, remedy="review_again", by=cast("supervisor"), on=MONDAY)
    assert state_of(announced) == "withdrawn"


def test_one_upheld_on_a_notice_that_was_made_longer(cast: Any, announced: Claim) -> None:
    announcing.end_due(AFTER)
    notice = notice_of(announced)
    publishing.extend_notice(notice.pk, working_days=2, reason="材料补充。", by=cast("supervisor"), on=AFTER)
    objection = object_to(PublicNotice.objects.get(pk=notice.pk), announced, on=AFTER)
    objections.uphold(objection.case_id, **SAID, remedy="review_again", by=cast("supervisor"), on=AFTER)
    assert state_of(announced) == "accepted"


# -- off the notice ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("step", ["withdraw", "send_back"])
def test_taken_back_or_sent_back_it_is_on_no_list(cast: Any, announced: Claim, step: str, over: bool) -> None:
    on = AFTER if over else MONDAY
    if over:
        announcing.end_due(AFTER)
    if step == "withdraw":
        claiming.withdraw(announced.pk, reason="本人提出。", by=cast("clerk"), on=on)
    else:
        handling.send_back(announced.pk, reason="请再核对。", by=cast("regional_reviewer"), on=on)
    notice = notice_of(announced)
    assert publishing.current_version(notice).rows == [] if not over else notice.versions.count() == 1
    assert not AnnouncedClaim.objects.standing().exists()
    said = "".join(NoticeVersion.objects.values_list("reason", flat=True))
    assert "王建国" not in said


def test_rejected_and_given_back_it_needs_no_second_notice(cast: Any, announced: Claim) -> None:
    announcing.end_due(AFTER)
    handling.reject(announced.pk, reason=GROUNDS, by=cast("approver"), on=AFTER)
    signing.give_back(announced.pk, reason="理由不足。", by=cast("regional_reviewer"), on=AFTER)
    assert state_of(announced) == "reviewed"
    with pytest.raises(NotNow, match="已经公示过"):
        announcing.announce(announced.pk, by=cast("reviewer"), on=AFTER)
    handling.approve(announced.pk, by=cast("approver"), on=AFTER)
