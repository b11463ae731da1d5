"""A paid subsidy is asked back by letters: the decision with its remedies, and the reminder."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.formats import date_cn
from portal.funds import recovering, recovery_steps, replanning
from portal.funds.models import Payable, Recovery
from portal.funds.recovering import Asked
from portal.letters.composing import compose
from portal.letters.models import Letter
from tests.subsidies.test_money_taken_back import annul, line

__all__ = ["line"]

OUR_ACCOUNT = "合成市就业服务中心，合成银行，15060000000001"


@pytest.fixture
def fallen(committed: str, cast: Any, line: Any, welding: Any, approved: Any, owner_sql: Any) -> Any:
    """A claim whose 1,500 were paid, and whose approval was annulled."""
    claim = approved(welding)
    # As a bank's answer leaves it.
    owner_sql("UPDATE funds_payable SET bucket = 'paid' WHERE id = %s", Payable.objects.get().pk)
    annul(claim, cast)
    return claim


def drawn_up(cast: Any, **said: Any) -> Recovery:
    due = timezone.localdate() + timedelta(days=30)
    later = due + timedelta(days=30)
    given = {
        "amount": Decimal(1500),
        "cause": "fallen",
        "grounds": "批准已撤销，补贴应当退还",
        "clause": "《社会保险法》第八十八条",
        "way": "instalments",
        "pay_to": OUR_ACCOUNT,
        "plan": ((due, Decimal(1000)), (later, Decimal(500))),
    }
    recovery = recovering.draw_up(Payable.objects.get().pk, Asked(**given | said), by=cast("finance_officer"))
    hearing = {
        "told_on": date(2026, 11, 2),
        "heard": "said",
        "heard_on": date(2026, 11, 9),
        "said": "当事人称证书真实",
        "answer": "经查证书不属实，不予采纳",
    }
    recovering.record_hearing(recovery.pk, hearing, by=cast("finance_officer"))
    return recovery


def decided(cast: Any, **said: Any) -> Recovery:
    recovery = drawn_up(cast, **said)
    return recovering.decide(recovery.pk, seen=recovery.amount, by=cast("approver"), on=timezone.localdate())


def test_the_decision_says_how_and_what_can_be_done(fallen: Any, cast: Any, as_user: Any) -> None:
    recovery = decided(cast)
    letter = Letter.objects.get(kind="subsidies.recovery")
    assert recovery.letter_number == letter.number_text
    text = compose(letter).html
    assert "退还已支付的" in text and f"1,500元（追回编号{recovery.number}）" in text
    assert "第1期" in text and "退还1,000元" in text and OUR_ACCOUNT in text
    assert "经查证书不属实，不予采纳" in text
    assert "申请行政复议" in text and "提起行政诉讼" in text
    # The person reads on their own page what is to be paid, and until when.
    page = as_user(cast("approver")).get(reverse("subsidies:claim", args=[fallen.case.number]))
    assert f"应当退还1,500元（追回编号{recovery.number}），还应退还1,500元" in page.content.decode()


def test_by_set_off_nothing_is_paid_in(fallen: Any, cast: Any) -> None:
    decided(cast, way="set_off", pay_to="", plan=())
    text = compose(Letter.objects.get(kind="subsidies.recovery")).html
    assert "从以后批准你的失业保险基金待遇中抵扣（《社会保险经办条例》第四十六条、第五十五条）" in text


def test_without_a_remedy_nothing_is_decided(fallen: Any, cast: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("subsidies.recovery_letters.missing_figures", lambda place, on: ["行政复议机关"])
    recovery = drawn_up(cast)
    with pytest.raises(NotNow, match="尚未录入：行政复议机关"):
        recovering.decide(recovery.pk, seen=recovery.amount, by=cast("approver"), on=timezone.localdate())
    recovery.refresh_from_db()
    assert recovery.state == "drawn" and not Letter.objects.filter(kind="subsidies.recovery").exists()


def test_the_reminder(fallen: Any, cast: Any) -> None:
    recovery = decided(cast)
    today = timezone.localdate()
    reminder = recovery_steps.remind(
        recovery.pk, pay_by=today + timedelta(days=15), by=cast("finance_officer"), on=today
    )
    letter = Letter.objects.get(kind="subsidies.recovery_reminder")
    assert reminder.letter_number == letter.number_text
    text = compose(letter).html
    assert f"（{recovery.letter_number}）" in text and "尚有1,500元没有退还" in text
    assert "陈述和申辩" in text and "催告书送达十日后" in text


def test_the_person_reads_it_on_their_own_page(fallen: Any, cast: Any, as_user: Any) -> None:
    """Given a subsidy that is asked back by instalments, then whoever got it reads sum, day, account and number."""
    from tests.cast import make_account

    fallen.worker.account = make_account("welder.two", "王建国", "worker", fallen.worker.work_region_id)
    fallen.worker.save(update_fields=["account"])
    own = as_user(fallen.worker.account)
    address = reverse("subsidies:claim", args=[fallen.case.number])
    assert "由经办机构书面通知后办理" in own.get(address).content.decode()
    recovery = decided(cast)
    page = own.get(address).content.decode()
    assert f"应当退还1,500元（追回编号{recovery.number}），还应退还1,500元" in page
    assert "前应退还1,000元" in page and OUR_ACCOUNT in page and "决定追回1,500元" in page
    assert "待追回" in own.get(reverse("subsidies:mine")).content.decode()


def test_the_plan_is_changed_by_a_decision(fallen: Any, cast: Any) -> None:
    recovery = decided(cast)
    day = timezone.localdate() + timedelta(days=200)
    change = replanning.propose(
        recovery.pk,
        [(day, Decimal(1500))],
        reason="当事人住院，无力按期退还",
        clause="合成条款",
        by=cast("finance_officer"),
    )
    replanning.decide(change.pk, by=cast("approver"), on=timezone.localdate())
    letter = Letter.objects.get(kind="subsidies.recovery_plan")
    change.refresh_from_db()
    assert change.letter_number == letter.number_text
    text = compose(letter).html
    assert f"第1期{date_cn(day)}前退还1,500元" in text and recovery.letter_number in text
    assert "当事人住院" in text and "申请行政复议" in text


@pytest.mark.parametrize(
    ("left", "how", "after"),
    [
        (
            1500,
            "全部抵作你应当退还的款项，不再支付。",
            "抵扣后，应当退还的款项已全部退还。",
        ),
        (
            300,
            "其中300元抵作你应当退还的款项，不再支付；其余1,200元照常支付到你的收款账户。",
            "抵扣后，应当退还的款项已全部退还。",
        ),
        (1600, "全部抵作你应当退还的款项，不再支付。", "抵扣后，还应退还100元，继续从以后批准的待遇中抵扣。"),
    ],
)
def test_the_notice_says_what_is_set_off_and_what_is_paid(
    fallen: Any, cast: Any, left: int, how: str, after: str
) -> None:
    """Given a benefit of 1,500, when it is set off, then the notice says what is kept back and what is paid."""
    from portal.funds.recovery_letters import SetOff
    from subsidies.recovery_letters import OfClaims

    recovery = decided(cast, way="set_off", pay_to="", plan=())
    recovery.amount = left * 100
    off = min(left, 1500) * 100
    told = SetOff(recovery, Payable.objects.get(), off)
    number = OfClaims().set_off(told, by=cast("finance_officer"), on=timezone.localdate())
    letter = Letter.objects.get(kind="subsidies.recovery_set_off")
    assert number == letter.number_text
    text = compose(letter).html
    assert "已批准你的" in text and f"1,500元（办件编号{fallen.case.number}）" in text
    assert how in text and after in text
    assert f"（{recovery.letter_number}，追回编号{recovery.number}）" in text
    assert "《社会保险经办条例》第四十六条" in text
