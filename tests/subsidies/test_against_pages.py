"""The pages of decisions against a worker: of whoever decides, of whoever signs, and of the worker who asks again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Case
from portal.letters.models import Letter
from portal.letters.remedies import LITIGATION_COURTS
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.models import Parameter
from subsidies import adverse_letters, claiming, handling, signing
from subsidies.models import AdverseDecision, Claim, Reconsideration
from tests.subsidies.conftest import CLAUSE, GROUNDS, certificate
from tests.subsidies.test_pages import lately, text

pytestmark = pytest.mark.django_db
ASKS = "证书编号登记有误，现提交正确的编号。"
FOUND = "证书编号更正后在全国联网查询中查到。"


@pytest.fixture
def welding(welder: Any, cast: Any) -> Any:
    return certificate(welder, cast("reviewer"), number="S000015000001", issued_on=lately())


def step(claim: Claim, action: str) -> str:
    return reverse("subsidies:step", args=[claim.case.number, action])


def page_of(claim: Claim) -> str:
    return reverse("subsidies:claim", args=[claim.case.number])


def read_of(claim: Claim) -> dict[str, Any]:
    return handling.as_it_stands([claim.pk])[claim.pk]._asdict()


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


def test_a_rejection_from_two_desks(cast: Any, as_user: Any, reviewed: Any, welding: Any, own: Any) -> None:
    claim = reviewed(welding, on=timezone.localdate())
    approver, second, phone = as_user(cast("approver")), as_user(cast("regional_reviewer")), as_user(own)
    answer = approver.post(step(claim, "reject"), read_of(claim) | {"reason": GROUNDS}, follow=True)
    assert "已拟不予批准，由另一人会签后作出决定" in text(answer)
    assert "不予批准决定" not in text(phone.get(page_of(claim))), "one signature decides nothing"
    waits = text(phone.get(page_of(claim)))
    assert GROUNDS not in waits and "不予批准" not in waits and "提交会签" in waits
    asked = text(second.get(step(claim, "countersign_rejection")))
    assert GROUNDS in asked and "待会签" in asked and "孙立新" in asked
    refused = text(approver.post(step(claim, "countersign_rejection"), read_of(claim)), 409)
    assert "须由另一人办理" in refused
    answer = second.post(step(claim, "countersign_rejection"), read_of(claim), follow=True)
    shown = text(answer)
    assert "已会签，对王建国的不予批准决定自此作出。决定书正在生成" in shown
    assert "60日内向鄂尔多斯市人民政府申请行政复议" in shown and "不是行政复议" in shown
    told = text(phone.get(page_of(claim)))
    assert GROUNDS in told and "申请复核" in told and "60日内向鄂尔多斯市人民政府申请行政复议" in told


def test_a_refusal_given_back_from_its_page(cast: Any, as_user: Any, handed_in: Any, welding: Any) -> None:
    claim = handed_in(welding, on=timezone.localdate())
    clerk, reviewer = as_user(cast("clerk")), as_user(cast("reviewer"))
    shown = text(clerk.post(step(claim, "refuse"), {"reason": GROUNDS}, follow=True))
    assert "已拟不予受理，由另一人会签后作出决定" in shown and "受理决定待会签" in shown
    assert "请写明理由" in text(reviewer.post(step(claim, "decline_refusal"), {"reason": "无"}))
    answer = reviewer.post(step(claim, "decline_refusal"), {"reason": "请再核对。"}, follow=True)
    assert "未同意会签，已退回" in text(answer) and state_of(claim) == "submitted"
    assert "会签未同意" in text(clerk.get(page_of(claim)))


def test_an_annulment_from_its_page(cast: Any, as_user: Any, approved: Any, welding: Any) -> None:
    claim = approved(welding, on=timezone.localdate())
    supervisor = as_user(cast("supervisor"))
    given = read_of(claim) | {"reason": GROUNDS, "clause": ""}
    assert "请写明撤销所依据的条款" in text(supervisor.post(step(claim, "annul"), given))
    answer = supervisor.post(step(claim, "annul"), given | {"clause": CLAUSE}, follow=True)
    assert "已拟撤销批准" in text(answer) and "原批准金额" in text(answer) and CLAUSE in text(answer)
    second = as_user(cast("regional_reviewer"))
    shown = text(second.post(step(claim, "countersign_annulment"), read_of(claim), follow=True))
    assert "已撤销" in shown and "撤销批准决定" in shown


def test_the_worker_asks_again_and_is_answered(
    cast: Any, as_user: Any, rejected: Any, welding: Any, own: Any
) -> None:
    claim = rejected(welding, on=timezone.localdate())
    phone, supervisor = as_user(own), as_user(cast("supervisor"))
    assert step(claim, "ask_reconsideration") in text(phone.get(page_of(claim)))
    asked = text(phone.get(step(claim, "ask_reconsideration")))
    assert "复核不是行政复议" in asked and GROUNDS in asked
    assert "请写明理由" in text(phone.post(step(claim, "ask_reconsideration"), {"reason": ""}))
    shown = text(phone.post(step(claim, "ask_reconsideration"), {"reason": ASKS}, follow=True))
    assert "已申请复核" in shown and "复核申请办理中" in shown and ASKS in shown
    desk = text(supervisor.get(page_of(claim)))
    assert "改变原决定，重新审批" in desk and "改变原决定，重新受理" not in desk
    assert text(as_user(cast("approver")).get(page_of(claim))).count("须由另一人办理") >= 2
    answer = supervisor.post(step(claim, "turn"), read_of(claim) | {"reason": FOUND}, follow=True)
    assert "复核结论：改变原决定。申请现为“待审批”" in text(answer)
    told = text(phone.get(page_of(claim)))
    assert "复核后改变" in told and FOUND in told


def test_upheld_from_its_page(cast: Any, as_user: Any, rejected: Any, welding: Any) -> None:
    claim = rejected(welding, on=timezone.localdate())
    signing.ask(claim.pk, grounds=ASKS, by=cast("clerk"), on=timezone.localdate())
    supervisor = as_user(cast("supervisor"))
    answer = supervisor.post(step(claim, "uphold"), read_of(claim) | {"reason": FOUND}, follow=True)
    assert "复核结论：维持原决定。复核通知正在生成" in text(answer) and "复核维持原决定" in text(answer)
    original, notice = Letter.objects.filter(case=claim.pk, adverse=True).order_by("pk")
    assert f"{original.number_text}）之日起60日内" in text(supervisor.get(page_of(claim)))
    assert notice.kind == "subsidies.upheld"


def test_when_the_days_are_over_the_page_says_so(
    cast: Any, as_user: Any, rejected: Any, welder: Any, own: Any
) -> None:
    today = timezone.localdate()
    credential = certificate(welder, cast("reviewer"), number="S1", issued_on=today - timedelta(days=60))
    claim = rejected(credential, on=today - timedelta(days=20))
    letter = AdverseDecision.objects.get(claim=claim).letter
    Letter.objects.filter(pk=letter.pk).update(served_on=today - timedelta(days=16), served_how="post")
    phone = as_user(own)
    shown = text(phone.get(page_of(claim)))
    assert "申请复核的期限已于" in shown and step(claim, "ask_reconsideration") not in shown
    assert "届满" in text(phone.post(step(claim, "ask_reconsideration"), {"reason": ASKS}), 409)
    assert not Reconsideration.objects.exists()


def test_the_page_says_for_which_figure_the_letter_waits(
    cast: Any, as_user: Any, handed_in: Any, welding: Any
) -> None:
    today = timezone.localdate()
    court = Parameter.objects.get(code=LITIGATION_COURTS)
    by = cast("policy_officer")
    value = add_parameter_value(
        court, {"150200": "合成区人民法院"}, since=today, document="合成文号〔2026〕1号", by=by
    )
    confirm_parameter_value(value, by=cast("second_policy_officer"))
    claim = handed_in(welding, on=today)
    claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=today)
    reviewer = as_user(cast("reviewer"))
    shown = text(reviewer.post(step(claim, "countersign_refusal"), read_of(claim), follow=True))
    assert "决定书暂缓出具，缺少：行政诉讼管辖法院" in shown and "须由政策管理员录入并复核" in shown
    assert state_of(claim) == "refused" and not Letter.objects.filter(case=claim.pk).exists()
    value = add_parameter_value(
        court, {"150600": "合成旗人民法院"}, since=today, document="合成文号〔2026〕2号", by=by
    )
    confirm_parameter_value(value, by=cast("second_policy_officer"))
    assert adverse_letters.issue_waiting(on=today) == 1
    assert "依法向合成旗人民法院提起行政诉讼" in text(reviewer.get(page_of(claim)))


def test_many_are_rejected_and_signed_from_the_list(
    cast: Any, as_user: Any, reviewed: Any, welding: Any
) -> None:
    claim = reviewed(welding, on=timezone.localdate())
    approver = as_user(cast("approver"))
    listed = text(approver.get(reverse("subsidies:claims"), {"state": "reviewed"}))
    assert "批量批准" in listed and "批量拟不予批准" in listed
    chosen = {"chosen": [claim.pk], "action": "reject"}
    move = reverse("subsidies:move_chosen")
    assert "理由" in text(approver.post(move, chosen))
    assert "请写明理由" in text(approver.post(move, chosen | {"sure": "1", "reason": ""}))
    answer = approver.post(move, chosen | {"sure": "1", "reason": GROUNDS})
    assert answer.status_code == 302 and "/window/jobs/" in answer["Location"]
