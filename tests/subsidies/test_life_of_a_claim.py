"""A claim from hand-in to the decision: what each step does, and what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.cases.reviews import AsRead
from portal.letters.models import Letter
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.models import Parameter
from portal.workforce.models import BenefitClaim, SkillCredential
from subsidies import claiming, handling, signing
from subsidies.models import Claim
from subsidies.on_notice import announcing
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.by_two import changed_by_two
from tests.cast import make_worker
from tests.subsidies.conftest import MONDAY, SUBSIDIES, certificate, give, in_work, line_of

pytestmark = pytest.mark.django_db
TUESDAY, FRIDAY = date(2026, 11, 17), date(2026, 11, 20)


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


def kinds_of_letters(claim: Claim) -> list[str]:
    return list(Letter.objects.filter(case=claim.pk).order_by("pk").values_list("kind", flat=True))


def test_from_the_window_to_the_approved_amount(cast: Any, welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    assert (claim.handed_in_on, claim.determination.outcome, state_of(claim)) == (
        MONDAY,
        "eligible",
        "submitted",
    )
    assert claim.case.due_on == date(2026, 11, 30), "ten working days"
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    assert kinds_of_letters(claim) == ["subsidies.receipt"]
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    assert state_of(claim) == "reviewed"
    handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    claim.refresh_from_db()
    assert (state_of(claim), claim.amount, claim.decision.on) == ("approved", 1500, MONDAY)
    assert claim.record.source == f"本系统办件{claim.case.number}" and claim.record.claimed_on == MONDAY
    letter = Letter.objects.get(case=claim.pk, kind="subsidies.approval")
    assert letter.context["amount"] == "1,500.00" and letter.issuer.code == "150600"
    assert claim.keys.held().count() == 3, "what was approved stays taken"


def test_what_is_approved_counts_as_an_earlier_claim_and_never_itself(
    cast: Any, welder: Any, welding: Any, accepted: Any
) -> None:
    claim = accepted(welding)
    higher = certificate(
        welder, cast("reviewer"), level=20, number="S000015000009", issued_on=date(2026, 10, 1)
    )
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    with pytest.raises(NotNow, match="未享受过更高等级的补贴"):
        claiming.claim_at_once(higher.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=FRIDAY)
    assert BenefitClaim.objects.filter(worker=welder).count() == 1


def test_whoever_fails_a_condition_is_told_which_and_nothing_is_stored(cast: Any) -> None:
    worker = in_work(make_worker("李强"), cast("reviewer"), months=35)
    credential = certificate(worker, cast("reviewer"))
    with pytest.raises(NotNow, match="失业保险累计缴费达到规定月数") as refusal:
        claiming.claim_at_once(credential.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=MONDAY)
    assert "人社部发〔2017〕40号" in str(refusal.value)
    assert not Claim.objects.exists() and not Case.objects.filter(kind=SKILL_UPGRADE).exists()


def test_what_is_not_verified_is_taken_in_but_not_reviewed(cast: Any, welder: Any) -> None:
    stated = SkillCredential.objects.create(
        worker=welder, occupation="钳工", level=40, issued_on=date(2026, 10, 8), source="合成"
    )
    claim = claiming.claim_at_once(stated.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=MONDAY)
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow, match="尚未核验"):
        handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    assert state_of(claim) == "accepted"


def test_a_correction_keeps_the_day_of_the_first_hand_in(cast: Any, welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    claiming.return_for_correction(claim.pk, missing=["证书扫描件", " "], by=cast("clerk"), on=TUESDAY)
    with pytest.raises(NotNow, match="正在补正|当前状态"):
        claiming.accept(claim.pk, by=cast("clerk"), on=TUESDAY)
    claiming.resubmit(claim.pk, by=cast("clerk"), on=FRIDAY, reason="已提交扫描件")
    claim.refresh_from_db()
    assert (claim.handed_in_on, state_of(claim)) == (MONDAY, "submitted")
    assert claim.case.due_on == date(2026, 12, 3), "three working days stood still"
    assert kinds_of_letters(claim) == ["subsidies.correction"]


@pytest.mark.parametrize("end", ["withdraw", "refuse", "reject"])
def test_what_comes_to_nothing_can_be_claimed_again(
    cast: Any, welding: Any, handed_in: Any, end: str
) -> None:
    claim = handed_in(welding)
    if end == "withdraw":
        claiming.withdraw(claim.pk, by=cast("clerk"), on=MONDAY, reason="本人到窗口提出，证书有误。")
    elif end == "refuse":
        claiming.refuse(claim.pk, reason="证书不是本人的。", by=cast("clerk"), on=MONDAY)
        signing.countersign(claim.pk, by=cast("reviewer"), on=MONDAY)
    else:
        claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
        handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
        handling.reject(claim.pk, reason="经核查证书已注销。", by=cast("approver"), on=MONDAY)
        signing.countersign(claim.pk, by=cast("supervisor"), on=MONDAY)
    assert claim.keys.held().count() == 0
    again = handed_in(welding)
    assert again.keys.held().count() == 3
    if end != "withdraw":
        letter = Letter.objects.get(case=claim.pk, kind__in=["subsidies.refusal", "subsidies.rejection"])
        assert "鄂尔多斯市人民政府申请行政复议" in letter.remedy and "第（九）条" in letter.clause


def test_a_technician_waits_for_a_figure(cast: Any, welder: Any, accepted: Any) -> None:
    credential = certificate(welder, cast("reviewer"), level=50, number="S000015000005")
    claim = accepted(credential, TECHNICIAN)
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    assert state_of(claim) == "first_reviewed", "a second review in any case"
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    assert state_of(claim) == "no_figure"
    waiting = Case.objects.waiting_for(cast("approver"), FRIDAY)
    assert claim.case not in waiting, "it waits for a document and for nobody"
    with pytest.raises(NotNow, match="标准没有依据"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    assert Case.objects.get(pk=claim.pk).stopped_on == TUESDAY, "the time of the office stands still"
    handling.send_back(claim.pk, reason="请再核对。", by=cast("regional_reviewer"), on=FRIDAY)
    back = Case.objects.get(pk=claim.pk)
    assert back.stopped_on is None and back.due_on == claim.case.due_on + timedelta(days=3)


def test_with_a_figure_entered_and_confirmed_it_is_approved(cast: Any, welder: Any, accepted: Any) -> None:
    credential = certificate(welder, cast("reviewer"), level=50, number="S000015000005")
    claim = accepted(credential, TECHNICIAN)
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    entered = add_parameter_value(
        Parameter.objects.get(code="training.technician.amount"),
        "3000.00",
        since=date(2026, 1, 1),
        document="合成文号〔2026〕9号",
        by=cast("policy_officer"),
    )
    confirm_parameter_value(entered, by=cast("second_policy_officer"))
    assert claim.case in Case.objects.waiting_for(cast("reviewer"), FRIDAY), "it is announced first"
    assert claim.case not in Case.objects.waiting_for(cast("approver"), FRIDAY)
    announcing.announce(claim.pk, by=cast("reviewer"), on=FRIDAY)
    over = claim.announcements.get().notice.closes_on + timedelta(days=1)
    announcing.end(claim.pk, by=cast("reviewer"), on=over)
    assert claim.case in Case.objects.waiting_for(cast("approver"), over)
    give(cast, line_of(cast, SUBSIDIES), 3_000)
    handling.approve(claim.pk, by=cast("approver"), on=over)
    claim.refresh_from_db()
    assert (claim.amount, claim.fund, claim.record.kind) == (
        3000,
        "employment_subsidy_fund",
        "training_subsidy",
    )


def test_a_decision_is_refused_when_something_changed_meanwhile(
    cast: Any, welding: Any, accepted: Any
) -> None:
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    read = handling.as_it_stands([claim.pk])[claim.pk]
    handling.send_back(claim.pk, reason="请再核对缴费月数。", by=cast("regional_reviewer"), on=TUESDAY)
    handling.review(claim.pk, by=cast("reviewer"), on=FRIDAY)
    with pytest.raises(NotNow, match="陈静办理了“退回审核”；巴特尔办理了“审核”"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY, as_read=read)
    now = handling.as_it_stands([claim.pk])[claim.pk]
    with pytest.raises(NotNow, match="情况有变化"):
        other = AsRead(now.version, "0" * 64)
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY, as_read=other)
    handling.approve(claim.pk, by=cast("approver"), on=FRIDAY, as_read=now)


def test_a_reviewer_may_recommend_to_reject(cast: Any, welder: Any, welding: Any, accepted: Any) -> None:
    """What fails after it was taken in reaches whoever decides; it is not approved, whatever they think."""
    claim = accepted(welding)
    insured = welder.insurance
    changed_by_two(insured, months=12)
    with pytest.raises(NotNow, match="失业保险累计缴费达到规定月数"):
        handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    with pytest.raises(NotNow, match="须写明审核意见"):
        handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY, recommendation="reject")
    handling.review(
        claim.pk, by=cast("reviewer"), on=TUESDAY, recommendation="reject", note="缴费月数经核查为12个月。"
    )
    with pytest.raises(NotNow, match="失业保险累计缴费达到规定月数"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    handling.reject(claim.pk, reason="失业保险累计缴费不足36个月。", by=cast("approver"), on=FRIDAY)
    signing.countersign(claim.pk, by=cast("supervisor"), on=FRIDAY)
    claim.refresh_from_db()
    assert (state_of(claim), claim.decision.outcome, claim.amount) == ("rejected", "ineligible", None)
    letter = Letter.objects.get(case=claim.pk, kind="subsidies.rejection")
    assert letter.grounds == "失业保险累计缴费不足36个月。"


def test_who_may_do_what(cast: Any, welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    with pytest.raises(Refused):
        claiming.accept(claim.pk, by=cast("baotou_clerk"), on=MONDAY)
    with pytest.raises(Refused):
        handling.review(claim.pk, by=cast("clerk"), on=MONDAY)
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    with pytest.raises(Refused):
        handling.review(claim.pk, by=cast("baotou_reviewer"), on=MONDAY)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    with pytest.raises(Refused):
        handling.approve(claim.pk, by=cast("reviewer"), on=MONDAY)


def test_a_worker_claims_for_themselves_alone(cast: Any, worker: Any, worker_user: Any, welding: Any) -> None:
    in_work(worker, cast("reviewer"))
    mine = certificate(worker, cast("reviewer"), occupation="电工")
    claim = claiming.claim_at_once(mine.pk, SKILL_UPGRADE, channel="self", by=worker_user, on=MONDAY)
    assert claim.prefilled and state_of(claim) == "submitted"
    with pytest.raises(Refused, match="只能为自己申请"):
        claiming.claim_at_once(welding.pk, SKILL_UPGRADE, channel="self", by=worker_user, on=MONDAY)


def test_what_can_be_claimed_is_found(cast: Any, welder: Any, welding: Any, handed_in: Any) -> None:
    fitting = certificate(welder, cast("reviewer"), occupation="钳工", level=40, number="S000015000002")
    ready = {one.number: (one.is_ready, one.amount) for one in claiming.claimable(welder, on=MONDAY)}
    assert ready == {welding.pk: (True, 1500), fitting.pk: (True, 2000)}
    handed_in(welding)
    assert [one.number for one in claiming.claimable(welder, on=MONDAY)] == [fitting.pk]
