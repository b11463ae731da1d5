"""The pages by which money is asked back, as a finance officer and an approver walk through them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.funds import recovery_steps
from portal.funds.models import Recovery, WriteOff
from tests.funds.conftest import Office
from tests.funds.recovering import OUR_ACCOUNT
from tests.funds.test_ledger import balances
from tests.funds.test_recoveries import close

pytestmark = pytest.mark.django_db


def step_of(recovery: Recovery, step: str) -> str:
    return reverse("window:fund_recovery_step", args=[recovery.pk, step])


def test_from_the_payment_to_what_came(
    office: Office, as_user: Any, line: Any, paid: Any, recovering: Any
) -> None:
    (payable,) = recovering.fallen(paid(2000))
    finance, approver = as_user(office.finance), as_user(office.approver)
    listed = reverse("window:fund_recoveries")
    assert "批准已撤销，尚未拟办追回" in finance.get(listed).content.decode()
    new = reverse("window:fund_recovery_new", args=[payable.pk])
    payment = reverse("window:fund_payment", args=[payable.pk])
    assert new in finance.get(payment).content.decode() and new not in approver.get(payment).content.decode()
    assert approver.get(new).status_code == 403
    today = timezone.localdate()
    plan = f"{today + timedelta(days=30)} 1,200\n{today + timedelta(days=60)}　800元\n"
    given = {
        "amount": "2000",
        "cause": "fallen",
        "grounds": "批准已撤销，补贴应当退还",
        "clause": "合成条款",
        "way": "instalments",
        "plan": plan,
        "pay_to": OUR_ACCOUNT,
    }
    assert "set_off" not in finance.get(new).content.decode(), "this fund is never set off"
    wrong = finance.post(new, given | {"plan": "明年 1200"}).content.decode()
    assert "第1行“明年 1200”不能识别" in wrong and not Recovery.objects.exists()
    assert (
        "各期金额合计须等于追回金额"
        in finance.post(new, given | {"plan": plan.splitlines()[0] + "\n2099-01-01 1"}).content.decode()
    )
    for missing, words in (("plan", "逐行填写"), ("pay_to", "退回账户"), ("grounds", "事实和理由")):
        assert words in finance.post(new, given | {missing: ""}).content.decode()
    assert "请填写退回期限" in finance.post(new, given | {"way": "at_once"}).content.decode()
    assert "已拟办" in finance.post(new, given, follow=True).content.decode()
    recovery = Recovery.objects.get()
    # Heard, then decided by another.
    early = approver.get(step_of(recovery, "decide"), follow=True)
    assert early.redirect_chain and "听取当事人意见之后" in early.content.decode()
    assert "尚未追回</dt>" not in early.content.decode(), "nothing is owed before it is decided"
    too_early = finance.get(step_of(recovery, "remind"), follow=True)
    assert too_early.redirect_chain and "不能催告" in too_early.content.decode()
    assert (
        "听取当事人意见之后"
        in approver.post(
            step_of(recovery, "decide"), {"seen": recovery.amount, "letter_number": "1"}
        ).content.decode()
    )
    hearing = {"told_on": today, "heard": "silent", "heard_on": today, "said": "困难"}
    assert "不填写这一项" in finance.post(step_of(recovery, "hear"), hearing).content.decode()
    finance.post(step_of(recovery, "hear"), hearing | {"said": ""})
    assert finance.get(step_of(recovery, "decide")).status_code == 403
    decided = {"seen": recovery.amount, "letter_number": "合成退决〔2026〕1号"}
    assert "已决定" in approver.post(step_of(recovery, "decide"), decided, follow=True).content.decode()
    recovering.came(recovering.row(recovery, "1300", "B1"), recovering.row(recovery, "9000", "B2"))
    page = finance.get(reverse("window:fund_recovery", args=[recovery.pk])).content.decode()
    assert "1,300" in page and "大于尚未追回的金额" in page and "合成退决〔2026〕1号" in page
    assert "尚未追回</dt>" in page
    page = finance.get(listed).content.decode()
    assert recovery.number in page and "须核对的到账" in page and "B2" in page
    assert recovery.number in finance.get(payment).content.decode()
    assert "追回到账" in finance.get(payment).content.decode()
    assert "追回" in finance.get(f"{reverse('window:fund_payables')}?bucket=paid").content.decode()
    for state, there in (("decided", True), ("late", False), ("done", False)):
        assert (recovery.number in table_of(finance.get(f"{listed}?state={state}"))) is there
    assert recovery.number in table_of(finance.get(f"{listed}?number={recovery.number.lower()}"))


def table_of(answer: Any) -> str:
    """The page without what is to be looked at below its list."""
    return str(answer.content.decode().split("须核对的到账")[0])


def test_reminded_handed_over_and_written_off(
    office: Office, as_user: Any, line: Any, paid: Any, recovering: Any
) -> None:
    (payable,) = recovering.fallen(paid(2000))
    recovery = recovering.decided(payable)
    finance, approver = as_user(office.finance), as_user(office.approver)
    today = timezone.localdate()
    reminder = {"pay_by": today + timedelta(days=15), "letter_number": "催1"}
    finance.post(step_of(recovery, "remind"), reminder)
    twice = finance.post(step_of(recovery, "remind"), reminder | {"letter_number": "催2"}).content.decode()
    assert "期满后才能再次催告" in twice and recovery.reminders.count() == 1
    asked_again = finance.get(step_of(recovery, "remind"), follow=True)
    assert asked_again.redirect_chain and "期满后才能再次催告" in asked_again.content.decode()
    court = {
        "reminder_served_on": today,
        "final_on": today,
        "on": today,
        "court": "鄂托克旗人民法院",
        "document": "强1",
    }
    assert "送达满10日后" in finance.post(step_of(recovery, "court"), court).content.decode()
    page = finance.get(reverse("window:fund_recovery", args=[recovery.pk])).content.decode()
    assert "催1" in page and step_of(recovery, "court") in page
    given = {"grounds": "当事人死亡且没有遗产", "clause": "合成条款", "document": "核1"}
    finance.post(step_of(recovery, "write-off"), given)
    made = WriteOff.objects.get()
    decide = reverse("window:fund_write_off_decide", args=[made.pk])
    assert finance.get(decide).status_code == 403
    page = approver.get(reverse("window:fund_recovery", args=[recovery.pk])).content.decode()
    assert decide in page
    assert "已核销" in approver.post(decide, follow=True).content.decode()
    assert "已决定或者已放弃" in approver.get(decide, follow=True).content.decode()
    again = finance.get(reverse("window:fund_recovery_new", args=[payable.pk]), follow=True)
    assert again.redirect_chain and "没有可以追回的金额" in again.content.decode()
    assert balances(line)["written_off"] == 2000


def test_dropped_and_forgotten(office: Office, as_user: Any, paid: Any, recovering: Any) -> None:
    (payable,) = recovering.fallen(paid(2000))
    finance, approver = as_user(office.finance), as_user(office.approver)
    recovery = recovering.decided(payable)
    made = recovering.write_off(recovery)
    finance.post(reverse("window:fund_write_off_drop", args=[made.pk]))
    made.refresh_from_db()
    assert made.dropped_at is not None
    assert finance.get(step_of(recovery, "drop")).status_code == 403
    assert (
        "已撤回"
        in approver.post(step_of(recovery, "drop"), {"reason": "复议决定撤销"}, follow=True).content.decode()
    )
    page = finance.get(reverse("window:fund_recovery", args=[recovery.pk])).content.decode()
    assert "不再追回" in page and "未到期" not in page, "what was dropped is due to nobody"
    assert finance.get(step_of(recovery, "nothing")).status_code == 404


def test_what_is_late_and_what_is_to_be_returned(
    office: Office, as_user: Any, line: Any, paid: Any, recovering: Any, monkeypatch: Any
) -> None:
    from portal.funds import asked_back
    from portal.funds.closing import Said

    (payable,) = recovering.fallen(paid(2000))
    recovery = recovering.decided(payable)
    finance = as_user(office.finance)
    later = timezone.localdate() + timedelta(days=40)
    assert list(asked_back.late(Recovery.objects.all(), later)) == [recovery]
    recovering.came(recovering.row(recovery, "1999.99", "B1"))
    assert list(asked_back.late(Recovery.objects.all(), later)) == [recovery]
    close(office, line, Said(line))
    page = finance.get(reverse("window:fund_recovery", args=[recovery.pk])).content.decode()
    assert "到账后待交回来源" in page
    recovering.came(recovering.row(recovery, "0.01", "B2"))
    assert list(asked_back.late(Recovery.objects.all(), later)) == []
    assert "待交回来源" in finance.get(reverse("window:fund_recoveries")).content.decode()


def test_only_of_ones_own_places(office: Office, as_user: Any, paid: Any, recovering: Any) -> None:
    from portal.accounts.roles import Role
    from tests.cast import make_account

    (payable,) = recovering.fallen(paid(2000))
    recovery = recovering.decided(payable)
    elsewhere = as_user(make_account("baotou.finance", "高会计", Role.FINANCE_OFFICER, "150200"))
    assert recovery.number not in elsewhere.get(reverse("window:fund_recoveries")).content.decode()
    assert elsewhere.get(reverse("window:fund_recovery", args=[recovery.pk])).status_code == 404
    assert elsewhere.get(reverse("window:fund_recovery_new", args=[payable.pk])).status_code == 404
    assert elsewhere.get(step_of(recovery, "remind")).status_code == 404
    assert not recovery_steps.due_to_the_same(recovery).exists()


def test_the_list_asks_few_questions(
    office: Office, as_user: Any, paid: Any, recovering: Any, django_assert_max_num_queries: Any
) -> None:
    for payable in recovering.fallen(paid(2000, 1500, 1000, 500)):
        recovering.decided(payable)
    finance = as_user(office.finance)
    finance.get(reverse("window:fund_recoveries"))
    with django_assert_max_num_queries(26):
        finance.get(reverse("window:fund_recoveries"))
