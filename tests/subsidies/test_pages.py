"""The pages of claims: at the window, of the office, and the worker's two taps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal import crypto
from portal.cases.models import Case
from portal.workforce.models import PayeeAccount
from subsidies import claiming, handling
from subsidies.models import Claim, CompletedTraining, Course
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import make_worker
from tests.subsidies.conftest import certificate, in_work, training
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


def lately() -> date:
    """A day within the term of every certificate."""
    return timezone.localdate().replace(day=1)


@pytest.fixture
def welding(welder: Any, cast: Any) -> Any:
    return certificate(welder, cast("reviewer"), number="S000015000001", issued_on=lately())


@pytest.fixture
def claim(cast: Any, welding: Any) -> Claim:
    """Handed in today at the window, and taken in."""
    today = timezone.localdate()
    made = claiming.claim_at_once(welding.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=today)
    return claiming.accept(made.pk, by=cast("clerk"), on=today)


def test_the_window_hands_in_by_a_choice_of_certificates(
    cast: Any, as_user: Any, welder: Any, welding: Any
) -> None:
    clerk = as_user(cast("clerk"))
    address = reverse("subsidies:at_window", args=[welder.pk])
    assert address in text(clerk.get(reverse("window:worker", args=[welder.pk])))
    page = text(clerk.get(address))
    assert "焊工中级工（S000015000001" in page and "1,500元，条件已核验" in page
    assert "请选择列出的证书" in text(clerk.post(address, {"certificate": "1-subsidies.technician"}))
    assert "请选择依据的证书" in text(clerk.post(address, {}))
    answer = clerk.post(address, {"certificate": f"{welding.pk}-{SKILL_UPGRADE}"})
    made = Claim.objects.get()
    assert answer["Location"] == reverse("subsidies:claim", args=[made.case.number])
    assert "没有可以申请补贴的证书" in text(clerk.get(address)), "it is being claimed"
    assert text(as_user(cast("baotou_clerk")).get(address), 404)


def test_the_page_of_a_claim_holds_what_is_decided_on(cast: Any, as_user: Any, claim: Claim) -> None:
    page = text(as_user(cast("reviewer")).get(reverse("subsidies:claim", args=[claim.case.number])))
    assert "失业保险累计缴费达到规定月数" in page and "需要36个月，现有40个月" in page
    assert "信息来源" in page and "失业保险" in page and "1,500元" in page
    assert "提出审核结论" in page and "受理回执" in page and "没有登记其他补贴" in page
    assert text(
        as_user(cast("baotou_reviewer")).get(reverse("subsidies:claim", args=[claim.case.number])), 404
    )


def test_a_review_and_a_decision_from_pages(cast: Any, as_user: Any, claim: Claim) -> None:
    reviewer, approver = as_user(cast("reviewer")), as_user(cast("approver"))
    here = reverse("subsidies:claim", args=[claim.case.number])
    review = reverse("subsidies:step", args=[claim.case.number, "review"])
    read = handling.as_it_stands([claim.pk])[claim.pk]
    form = read._asdict() | {"recommendation": "approve", "note": "与证书原件一致。"}
    assert f'value="{read.digest}"' in text(reviewer.get(review))
    assert "有新的办理" in text(reviewer.post(review, form | {"version": 1}), 409)
    assert "须写明审核意见" in text(
        reviewer.post(review, form | {"recommendation": "reject", "note": ""}), 409
    )
    assert reviewer.post(review, form).status_code == 302
    approve = reverse("subsidies:step", args=[claim.case.number, "approve"])
    assert "1,500元" in text(approver.get(approve))
    page = text(approver.get(here))
    assert "建议批准" in page and "与证书原件一致。" in page
    read = handling.as_it_stands([claim.pk])[claim.pk]
    assert approver.post(approve, read._asdict()).status_code == 302
    assert Case.objects.get(pk=claim.pk).state == "approved"
    again = approver.get(approve, follow=True)
    assert "当前状态为“已批准”，不能办理“批准”" in text(again)


def test_a_refusal_without_a_reason_is_asked_for_one(cast: Any, as_user: Any, claim: Claim) -> None:
    handling.review(claim.pk, by=cast("reviewer"), on=timezone.localdate())
    approver = as_user(cast("approver"))
    reject = reverse("subsidies:step", args=[claim.case.number, "reject"])
    read = handling.as_it_stands([claim.pk])[claim.pk]
    assert "请写明理由" in text(approver.post(reject, read._asdict() | {"reason": "无"}))
    assert Case.objects.get(pk=claim.pk).state == "reviewed"


def test_two_taps(cast: Any, as_user: Any, worker: Any, worker_user: Any) -> None:
    in_work(worker, cast("reviewer"))
    mine = certificate(worker, cast("reviewer"), issued_on=lately())
    account = PayeeAccount(worker=worker, bank="内蒙古银行", source="窗口登记", recorded_by=cast("clerk"))
    account.account_number = "6230580000123456789"
    account.account_digest = crypto.digest("6230580000123456789", purpose="payee")
    account.save()
    phone = as_user(worker_user)
    page = text(phone.get(reverse("subsidies:mine")))
    consent = reverse("subsidies:claim_own", args=[mine.pk, "skill-upgrade"])
    assert consent in page and "1,500元" in page and "条件已核验" in page
    asked = text(phone.get(consent))
    assert "同意并提交" in asked and "***6789" in asked
    answer = phone.post(consent, {"account": account.pk})
    made = Claim.objects.get()
    assert (made.channel, made.prefilled, made.account_id) == ("self", True, account.pk)
    assert "已提交，由服务窗口受理" in text(phone.get(answer["Location"]))
    again = phone.post(consent, {"account": account.pk})
    assert "已有一件申请" in text(again, 409) and Claim.objects.count() == 1
    assert made.case.number in text(phone.get(reverse("subsidies:mine")))


def test_a_training_is_entered_confirmed_and_claimed_for(
    cast: Any, as_user: Any, worker: Any, worker_user: Any
) -> None:
    in_work(worker, cast("reviewer"))
    clerk, reviewer, phone = as_user(cast("clerk")), as_user(cast("reviewer")), as_user(worker_user)
    new = reverse("subsidies:new_training", args=[worker.pk])
    assert new in text(clerk.get(reverse("window:worker", args=[worker.pk])))
    given = {
        "project": "senior_technician",
        "occupation": "焊工",
        "provider": "合成技师学院",
        "number": "px2026001",
        "completed_on": lately().isoformat(),
    }
    assert clerk.post(new, given).status_code == 302
    assert "已经登记" in text(clerk.post(new, given), 409)
    [one] = CompletedTraining.objects.all()
    listed, confirm = reverse("subsidies:trainings"), reverse("subsidies:confirm_training", args=[one.pk])
    assert "PX2026001" in text(clerk.get(listed)) and confirm not in text(clerk.get(listed))
    assert confirm in text(reviewer.get(listed))
    assert "PX2026001" in text(reviewer.get(confirm))
    assert "请写明依据或者理由" in text(reviewer.post(confirm, {"verdict": "confirmed", "reason": ""}))
    mine = text(phone.get(reverse("subsidies:mine")))
    consent = reverse("subsidies:claim_training", args=[one.pk])
    assert consent in mine and "焊工高级技师岗位技能提升培训" in mine and "尚有信息待核验" in mine
    assert reviewer.post(confirm, {"verdict": "confirmed", "reason": "结业证书原件"}).status_code == 302
    assert "条件已核验" in text(phone.get(reverse("subsidies:mine")))
    assert "参加的是高级技师岗位技能提升培训" in text(phone.get(consent))
    answer = phone.post(consent, {})
    made = Claim.objects.get()
    assert (made.training, made.prefilled, made.channel) == (one, True, "self")
    page = text(phone.get(answer["Location"]))
    assert "结业证书编号" in page and "senior_technician" not in page
    assert "已有一件申请" in text(phone.post(consent, {}), 409)
    assert text(as_user(cast("baotou_reviewer")).get(confirm), 404)


def test_the_window_claims_for_a_training(cast: Any, as_user: Any, welder: Any) -> None:
    one = training(welder, by=cast("clerk"), completed_on=date(2026, 9, 30))
    clerk = as_user(cast("clerk"))
    address = reverse("subsidies:at_window", args=[welder.pk])
    assert "焊工高级技师岗位技能提升培训（PX2026001，2026-09-30结业）" in text(clerk.get(address))
    clerk.post(address, {"certificate": f"training-{one.pk}-subsidies.technician"})
    assert Claim.objects.get().training == one
    listed = text(clerk.get(reverse("subsidies:claims")))
    assert "焊工高级技师岗位技能提升培训" in listed


def test_who_was_not_confirmed_is_said(cast: Any, as_user: Any, welder: Any) -> None:
    one = training(welder, by=cast("clerk"))
    reviewer = as_user(cast("reviewer"))
    confirm = reverse("subsidies:confirm_training", args=[one.pk])
    assert reviewer.post(confirm, {"verdict": "refused", "reason": "名册中没有此人。"}).status_code == 302
    page = text(reviewer.get(reverse("subsidies:trainings")))
    assert "不予确认" in page and "名册中没有此人。" in page and confirm not in page
    assert "不需要再办理" in text(
        reviewer.post(confirm, {"verdict": "refused", "reason": "名册中没有此人。"}), 409
    )


def test_nobody_claims_by_the_certificate_of_another(as_user: Any, worker_user: Any, welding: Any) -> None:
    phone = as_user(worker_user)
    consent = reverse("subsidies:claim_own", args=[welding.pk, "skill-upgrade"])
    assert "只能为自己申请" in text(phone.post(consent, {}), 409)
    assert "王建国" not in text(phone.get(consent)) and not Claim.objects.exists()


def test_the_list_asks_little_however_long_it_is(
    cast: Any, as_user: Any, welder: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        one = certificate(
            welder, cast("reviewer"), occupation=f"工种{number}", number=f"S{number}", issued_on=lately()
        )
        claiming.claim_at_once(
            one.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=timezone.localdate()
        )
    clerk = as_user(cast("clerk"))
    clerk.get(reverse("subsidies:claims"))
    with django_assert_max_num_queries(20):
        page = text(clerk.get(reverse("subsidies:claims"), {"state": "submitted", "name": "王建国"}))
    assert page.count("data-row-link") == 3
    assert "没有符合条件的申请" in text(clerk.get(reverse("subsidies:claims"), {"state": "approved"}))
    assert "还没有补贴申请" in text(as_user(cast("baotou_clerk")).get(reverse("subsidies:claims")))


def test_a_claim_of_a_record_that_was_merged_is_found_by_its_name(
    cast: Any, as_user: Any, claim: Claim
) -> None:
    """Given a claim of a record that later was merged into another, when its name is asked for, then it is listed."""
    merged(cast, claim.worker, make_worker(claim.worker.name))
    page = text(as_user(cast("reviewer")).get("/subsidies/claims/", {"name": claim.worker.name}))
    assert claim.case.number in page
    assert claim.case.number not in text(as_user(cast("reviewer")).get("/subsidies/claims/", {"name": "乌"}))


def test_settings_are_entered_by_one_and_confirmed_by_another(cast: Any, as_user: Any) -> None:
    first, second = as_user(cast("supervisor")), as_user(cast("policy_officer"))
    given = {
        "kind": SKILL_UPGRADE,
        "league": "150600",
        "since": "2027-03-01",
        "working_days": "8",
        "second_review_from": "1800",
        "region_decides_from": "",
        "ask_again_days": "20",
        "answer_again_days": "12",
        "basis": "合成文号〔2026〕3号",
    }
    past = text(first.post(reverse("subsidies:new_course"), given | {"since": "2020-01-01"}), 409)
    assert "开始执行日期应晚于今天" in past
    assert first.post(reverse("subsidies:new_course"), given).status_code == 302
    course = Course.objects.get(league="150600")
    confirm = reverse("subsidies:confirm_course", args=[course.pk])
    assert "由录入人以外的另一人复核" in text(first.post(confirm), 409)
    assert second.post(confirm).status_code == 302
    listed = text(second.get(reverse("subsidies:courses")))
    assert "1,800元及以上" in listed and "送达后20日内提出，12个工作日内办结" in listed
    assert "设置补贴办理流程" in text(as_user(cast("clerk")).get(reverse("subsidies:new_course")), 403)


def test_a_page_of_a_step_asks_nothing_of_whoever_may_not_take_it(
    cast: Any, as_user: Any, claim: Claim
) -> None:
    """Given a claim to review, when a clerk opens the page of reviewing, then they read on the claim why not."""
    step = reverse("subsidies:step", args=[claim.case.number, "review"])

    opened = as_user(cast("clerk")).get(step, follow=True)

    assert opened.redirect_chain[-1][0] == reverse("subsidies:claim", args=[claim.case.number])
    assert "没有“审核补贴申请”的权限" in opened.text
    assert as_user(cast("reviewer")).get(step).status_code == 200
