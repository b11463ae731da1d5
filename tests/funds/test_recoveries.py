"""What was paid comes back: asked back by two after the person was heard, and taken by the rows of the bank."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.cases.models import Case
from portal.funds import closing, ledger, recovery_steps, revoking
from portal.funds import recovering as asking
from portal.funds.closing import Said
from portal.funds.models import BankRow, Payable, Recovery, RecoveryShare, Revocation
from portal.funds.moves import Bucket
from portal.funds.proof import differences
from portal.funds.reconciling import reconcile
from tests.cast import OTOG
from tests.funds.conftest import YEAR, Office, confirmed_document, opened, ordered
from tests.funds.recovering import paid_by_the_bank
from tests.funds.test_answers import outcomes
from tests.funds.test_ledger import balances
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db


def unclean() -> list[str]:
    """What the reconciliation finds, but for cases that no programme says to have approved."""
    undecided = ("no approval that stands", "approvals 0元")
    return [found for found in reconcile().differences if not any(words in found for words in undecided)]


# -- by two, after the person was heard ----------------------------------------------------------------------
def test_from_the_revocation_to_the_last_yuan(
    office: Office, line: Any, fallen: Any, recovering: Any
) -> None:
    """Given 2,000 that were paid and whose approval fell, when two parts come, then each is a share of its sum, the payment
    stays paid, and the money is on its line again.
    """
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    assert (recovery.state, recovery.number) == ("decided", f"ZH{recovery.pk:08d}")
    answer = recovering.came(recovering.row(recovery, "500.00", "B1"), recovering.row(recovery, "1500", "B2"))
    assert outcomes(answer) == ["recovered", "recovered"]
    assert list(recovery.shares.values_list("amount", flat=True)) == [50_000, 150_000]
    recovery.refresh_from_db()
    assert recovery.state == "done" and recovery.done_at is not None
    payable.refresh_from_db()
    assert payable.bucket == Bucket.PAID
    assert balances(line) == {"treasury": -1_000_000, "available": 1_000_000}
    assert differences() == [] and unclean() == []


def test_who_draws_up_does_not_decide(office: Office, cast: Any, fallen: Any, recovering: Any) -> None:
    (payable,) = fallen(2000)
    with pytest.raises(Refused):
        recovering.drawn_up(payable, by=office.approver)
    recovery = recovering.drawn_up(payable)
    with pytest.raises(Refused):
        recovering.decide(recovery, by=office.finance)
    with pytest.raises(NotNow, match="听取当事人意见之后"):
        recovering.decide(recovery)
    recovering.heard(recovery)
    with pytest.raises(NotNow, match="已登记听取意见"):
        recovering.heard(recovery)
    with pytest.raises(NotNow, match="金额已有变化"):
        asking.decide(recovery.pk, seen=1, by=office.approver, on=timezone.localdate(), letter_number="1")
    with pytest.raises(NotNow, match="文号"):
        asking.decide(recovery.pk, seen=recovery.amount, by=office.approver, on=timezone.localdate())
    recovering.decide(recovery)
    with pytest.raises(NotNow, match="当前为“追回中”"):
        recovering.decide(recovery)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"amount": 2001}, "还可以追回2,000元"),
        ({"cause": "overpaid"}, "批准已撤销，原因请选择"),
        ({"way": "set_off", "pay_to": "", "plan": ()}, "没有抵扣的法律依据"),
        ({"way": "instalments"}, "分期退回不少于两期"),
        ({"plan": ()}, "各期金额合计"),
        ({"pay_to": " "}, "退回账户"),
    ],
)
def test_what_may_be_asked(fallen: Any, recovering: Any, said: dict[str, Any], words: str) -> None:
    (payable,) = fallen(2000)
    amount = said.pop("amount", 2000)
    with pytest.raises(NotNow, match=words):
        recovering.drawn_up(payable, recovering.asked(amount, **said))
    assert not Recovery.objects.exists()


def test_of_what_stands_only_what_was_too_much(paid: Any, recovering: Any) -> None:
    (payable,) = paid(2000)
    with pytest.raises(NotNow, match="没有撤销"):
        recovering.drawn_up(payable)
    with pytest.raises(NotNow, match="多付的部分"):
        recovering.drawn_up(payable, recovering.asked(2000, cause="overpaid"))
    recovery = recovering.decided(payable, recovering.asked(500, cause="overpaid"))
    recovering.came(recovering.row(recovery, "500", "B1"))
    assert asking.not_asked_back(payable) == 150_000
    assert unclean() == []


def test_what_is_dropped_frees_what_has_not_come(office: Office, fallen: Any, recovering: Any) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    with pytest.raises(NotNow, match="还可以追回0元"):
        recovering.drawn_up(payable)
    recovering.came(recovering.row(recovery, "500", "B1"))
    with pytest.raises(Refused):
        asking.drop(recovery.pk, reason="有误", by=office.finance)
    asking.drop(recovery.pk, reason="复议决定撤销", by=office.approver)
    assert asking.not_asked_back(payable) == 150_000
    recovering.drawn_up(payable, recovering.asked(1500))
    answer = recovering.came(recovering.row(recovery, "100", "B2"))
    assert outcomes(answer) == ["unknown"]
    assert unclean() == []


# -- the bank ------------------------------------------------------------------------------------------------
def test_what_is_not_taken(office: Office, fallen: Any, recovering: Any) -> None:
    """Given a recovery of 2,000, then too much, nothing, the same row again, a row without a number and another's number are
    rows to look at, and none of them moves money.
    """
    (payable,) = fallen(2000)
    drawn = recovering.drawn_up(payable)
    assert outcomes(recovering.came(recovering.row(drawn, "100", "B0"))) == ["unknown"]
    asking.drop(drawn.pk, reason="重拟", by=office.finance)
    recovery = recovering.decided(payable)
    row = recovering.row
    answer = recovering.came(
        row(recovery, "2000.01", "B1"),
        row(recovery, "0", "B2"),
        row(recovery, "100", ""),
        row(recovery, "100", "B3"),
        row(recovery, "100", "B3"),
        row(recovery, "1900.01", "B4"),
        row(recovery, "100", "B5", "失败"),
        ["ZH99999999", "1", "王建国", "100", "已入账", "", "B6"],
    )
    told = ["unknown", "unknown", "unknown", "recovered", "duplicate", "unknown", "unknown", "unknown"]
    assert outcomes(answer) == told
    remarks = list(BankRow.objects.filter(answer=answer).order_by("line").values_list("remark", flat=True))
    assert remarks[0] == remarks[5] == "大于尚未追回的金额"
    assert "没有银行流水号" in remarks[2] and "不是本渠道" in remarks[7]
    again = recovering.came(row(recovery, "100", "B3"), row(recovery, "1", "B7"))
    assert outcomes(again) == ["duplicate", "recovered"]
    assert asking.come_of(recovery) == 10_100
    assert unclean() == []


def test_in_an_account_of_another_fund_it_is_unknown(fallen: Any, recovering: Any, batching: Any) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    answer = batching.taken_in([recovering.row(recovery, "100", "B1")], channel="agency_account")
    assert outcomes(answer) == ["unknown"]


def test_what_was_recovered_does_not_come_back_as_a_whole(
    fallen: Any, recovering: Any, batching: Any
) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    recovering.came(recovering.row(recovery, "500", "B1"))
    item = payable.items.select_related("payee").get()
    assert outcomes(batching.taken_in([batching.row(item, "退票")])) == ["not_in_transit"]
    assert unclean() == []


def test_returned_by_the_bank_it_is_not_to_come_back(fallen: Any, recovering: Any, batching: Any) -> None:
    """Given a recovery of which nothing came, when the bank returns the payment itself, then nothing can come any more."""
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    item = payable.items.select_related("payee").get()
    assert outcomes(batching.taken_in([batching.row(item, "退票")])) == ["returned"]
    assert outcomes(recovering.came(recovering.row(recovery, "500", "B1"))) == ["unknown"]
    assert unclean() == []


# -- decided anew --------------------------------------------------------------------------------------------
def test_while_it_is_recovered_nothing_stands_again(office: Office, fallen: Any, recovering: Any) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    out = revoking.still_out([payable.case_id])
    assert "正在追回" in revoking.against_deciding_anew(out[payable.case_id], payable.amount)
    recovering.came(recovering.row(recovery, "2000", "B1"))
    assert revoking.still_out([payable.case_id]) == {}, "what was paid back is drawn anew"
    assert Revocation.objects.standing().get().payable_id == payable.pk


# -- over the end of a year ----------------------------------------------------------------------------------
def test_the_last_instalment_goes_where_the_decision_says(
    office: Office, line: Any, fallen: Any, recovering: Any
) -> None:
    """Given instalments, when the line is closed between two of them, then the next one is on the line that the closing
    decision named, and every yuan is found.
    """
    from portal.funds import lines

    (payable,) = fallen(2000)
    recovery = recovering.decided(payable, recovering.asked(2000, 800, 700, 500))
    recovering.came(recovering.row(recovery, "800", "B1"))
    document = confirmed_document(office, number="合成财社〔2027〕1号")
    later = lines.open_line(document, use="training", region=OTOG, year=2027, usable=YEAR, by=office.finance)
    close(office, line, Said(line, rest_to=later, returns_to=later))
    recovering.came(recovering.row(recovery, "700", "B2"), recovering.row(recovery, "500", "B3"))
    assert [(share.to_line_id, share.to_treasury) for share in recovery.shares.all()] == [
        (line.pk, False),
        (later.pk, False),
        (later.pk, False),
    ]
    assert balances(later) == {"available": 1200}
    assert balances(line) == {"treasury": -1_000_000, "available": 998_800}
    assert differences() == [] and unclean() == []


def test_without_a_line_it_is_to_be_returned(office: Office, line: Any, fallen: Any, recovering: Any) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    close(office, line, Said(line))
    recovering.came(recovering.row(recovery, "2000", "B1"))
    share = RecoveryShare.objects.get()
    assert (share.to_line_id, share.to_treasury) == (line.pk, True)
    left = ledger.available(line)
    ordered(office, "withdraw", line, left, document=line.document)
    assert balances(line) == {}, "nothing is kept, and nothing is lost"
    assert unclean() == []


def close(office: Office, line: Any, said: Said) -> None:
    decided = closing.draw_up(
        line.fund,
        [said],
        number="合成财决〔2026〕1号",
        title="关闭年度科目的决定",
        day=date(2026, 11, 1),
        region=OTOG,
        by=office.finance,
    )
    closing.confirm(decided.pk, by=office.approver)


# -- set off, reminded, handed over, written off -------------------------------------------------------------
@pytest.fixture
def insured(office: Office, batching: Any, recovering: Any) -> Any:
    """A line of the insurance fund, paid by the agency's account."""
    from portal.funds.models import Channel, DocumentKind, Fund

    fund = "unemployment_insurance_fund"
    said = {"fund": fund, "kind": DocumentKind.FUND_BUDGET, "number": "合成基金预算〔2026〕1号"}
    line = opened(office, confirmed_document(office, **said), use="skill_upgrade")
    order = confirmed_document(
        office, fund=fund, kind=DocumentKind.PAYMENT_ORDER, number="合成拨付〔2026〕1号"
    )
    ordered(office, "appropriate", line, Decimal(100_000), document=order)
    recovering.channel = "agency_account"
    selection = batching.selection
    batching.selection = lambda **more: selection(
        **{"fund": Fund.objects.get(pk=fund), "channel": Channel.objects.get(pk="agency_account"), **more}
    )
    return line


def test_it_is_set_off_from_a_later_benefit(
    office: Office, insured: Any, approved: Any, batching: Any, recovering: Any
) -> None:
    """Given 2,000 that were paid wrongly out of the insurance fund, when a benefit of 1,500 of the same person is kept back,
    then that counts as paid and as come back, and never goes to the bank.
    """
    (payable,) = paid_by_the_bank(batching, approved(2000, on=insured))
    recovering.fallen([payable])
    asked = recovering.asked(2000, way="set_off", pay_to="", plan=())
    recovery = recovering.decided(payable, asked)
    later, others = approved(1500, 1500, on=insured)
    of_the_same_person(later, payable)
    assert list(recovery_steps.due_to_the_same(recovery)) == [later]
    with pytest.raises(NotNow, match="只能从同一人"):
        recovery_steps.set_off(recovery.pk, others.pk, by=office.finance)
    recovery_steps.set_off(recovery.pk, later.pk, by=office.finance)
    later.refresh_from_db()
    assert later.bucket == Bucket.PAID and not later.items.exists()
    assert balances(insured) == {"treasury": -100_000, "available": 96_500, "committed": 1500, "paid": 2000}
    # The rest may still be paid in.
    recovering.came(recovering.row(recovery, "500", "B1"))
    recovery.refresh_from_db()
    assert recovery.state == "done"
    assert differences() == [] and unclean() == []


def test_it_is_set_off_from_a_benefit_under_another_record(
    office: Office, insured: Any, approved: Any, batching: Any, recovering: Any, cast: Any
) -> None:
    """Given a later benefit of a record that turned out to be the same person's, then it may be kept back as well."""
    (payable,) = paid_by_the_bank(batching, approved(2000, on=insured))
    recovering.fallen([payable])
    recovery = recovering.decided(payable, recovering.asked(2000, way="set_off", pay_to="", plan=()))
    (later,) = approved(2000, on=insured)
    assert not recovery_steps.due_to_the_same(recovery).exists()
    merged(cast, later.case.worker, payable.case.worker)
    assert list(recovery_steps.due_to_the_same(recovery)) == [later]
    recovery_steps.set_off(recovery.pk, later.pk, by=office.finance)
    recovery.refresh_from_db()
    assert recovery.state == "done" and differences() == [] and unclean() == []


def of_the_same_person(payable: Payable, other: Payable) -> None:

    Case.objects.filter(pk=payable.case_id).update(worker=other.case.worker_id)


def test_reminded_and_handed_to_the_court(office: Office, fallen: Any, recovering: Any) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    today = timezone.localdate()
    given = {
        "reminder_served_on": today - timedelta(days=11),
        "final_on": today - timedelta(days=1),
        "on": today,
        "court": "鄂托克旗人民法院",
        "document": "合成强申〔2026〕1号",
    }
    with pytest.raises(NotNow, match="须先催告"):
        recovery_steps.hand_over(recovery.pk, given, by=office.finance)
    with pytest.raises(NotNow, match="今天以后"):
        recovery_steps.remind(recovery.pk, pay_by=today, by=office.finance, on=today, letter_number="1")
    reminded_on = today - timedelta(days=12)
    recovery_steps.remind(
        recovery.pk,
        pay_by=today,
        by=office.finance,
        on=reminded_on,
        letter_number="合成催〔2026〕1号",
    )
    early = given | {"reminder_served_on": today - timedelta(days=10)}
    with pytest.raises(NotNow, match="送达满10日后"):
        recovery_steps.hand_over(recovery.pk, early, by=office.finance)
    for final_on in (today, today - timedelta(days=95)):
        with pytest.raises(NotNow, match="三个月以内"):
            recovery_steps.hand_over(recovery.pk, given | {"final_on": final_on}, by=office.finance)
    recovery_steps.hand_over(recovery.pk, given, by=office.finance)
    assert recovery.handover.reminder.on == reminded_on
    # What the court brings in is money like any other.
    assert outcomes(recovering.came(recovering.row(recovery, "2000", "B1"))) == ["recovered"]


def test_what_does_not_come_is_written_off_by_two(
    office: Office, line: Any, fallen: Any, recovering: Any
) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    recovering.came(recovering.row(recovery, "500", "B1"))
    made = recovering.write_off(recovery)
    with pytest.raises(Refused):
        recovery_steps.decide_write_off(made.pk, by=office.finance)
    recovering.came(recovering.row(recovery, "100", "B2"))
    with pytest.raises(NotNow, match="尚未追回的是1,400元"):
        recovery_steps.decide_write_off(made.pk, by=office.approver)
    recovery_steps.drop_write_off(made.pk, by=office.finance)
    recovery_steps.decide_write_off(recovering.write_off(recovery).pk, by=office.approver)
    recovery.refresh_from_db()
    assert recovery.state == "done"
    assert balances(line) == {"treasury": -1_000_000, "available": 998_600, "written_off": 1400}
    out = revoking.still_out([payable.case_id])
    assert "没有全部追回" in revoking.against_deciding_anew(out[payable.case_id], payable.amount)
    assert differences() == [] and unclean() == []
