"""A benefit that is larger than what is left to recover is taken apart: exactly that is set off, the rest is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.accounts.access import NotNow
from portal.audit.models import Entry
from portal.funds import ledger, recovery_steps, revoking
from portal.funds.course import Stage, courses_of, in_stage
from portal.funds.models import Payable, PayableSplit, Recovery, RecoveryShare, Transfer
from portal.funds.months import Month
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from portal.funds.statement import statement_of
from tests.funds.conftest import Office
from tests.funds.recovering import paid_by_the_bank
from tests.funds.test_funds_api import send
from tests.funds.test_ledger import balances, held_by
from tests.funds.test_recoveries import insured, of_the_same_person, unclean
from tests.funds.test_recovery_attacks import at_once
from tests.roles import undone

__all__ = ["insured"]


@pytest.fixture
def asked_off(insured: Any, approved: Any, batching: Any, recovering: Any) -> Any:
    """Recoveries of these sums, each of a payment of its own, to be set off; all of one person."""

    def make(*amounts: int) -> list[Recovery]:
        payables = paid_by_the_bank(batching, approved(*amounts, on=insured))
        recovering.fallen(payables)
        for payable in payables[1:]:
            of_the_same_person(payable, payables[0])
        return [
            recovering.decided(
                Payable.objects.get(pk=payable.pk),
                recovering.asked(amount, way="set_off", pay_to="", plan=()),
            )
            for payable, amount in zip(payables, amounts, strict=True)
        ]

    return make


@pytest.fixture
def later(insured: Any, approved: Any) -> Any:
    """Benefits of these sums, of the person of a recovery, that were approved."""

    def make(recovery: Recovery, *amounts: int) -> list[Payable]:
        payables = list(approved(*amounts, on=insured))
        for payable in payables:
            of_the_same_person(payable, recovery.payable)
        return [Payable.objects.get(pk=one.pk) for one in payables]

    return make


@pytest.mark.django_db
def test_exactly_what_is_left_is_set_off_and_the_rest_is_paid(
    office: Office, insured: Any, asked_off: Any, later: Any, batching: Any
) -> None:
    """Given 300 to recover and a benefit of 1,000, when it is set off, then 300 count as come back, 700 go to the bank, and
    the recovery is done.
    """
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    share = recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)
    split = PayableSplit.objects.get()
    assert (share.amount, share.settled) == (30_000, split.off)
    assert (split.payable, split.off.sum, split.rest.sum) == (benefit, Decimal(300), Decimal(700))
    recovery.refresh_from_db()
    assert recovery.state == "done"
    # 300 of the first payment are back, 300 of the benefit count as paid, 700 wait.
    assert balances(insured) == {"treasury": -100_000, "available": 99_000, "committed": 700, "paid": 300}
    assert differences() == [] and unclean() == []
    batch = batching.sent()
    assert list(batch.items.values_list("payable", "amount")) == [(split.rest_id, 70_000)]
    item = batch.items.select_related("payee").get()
    batching.taken_in([batching.row(item)], channel="agency_account")
    split.rest.refresh_from_db()
    assert split.rest.bucket == "paid"
    assert balances(insured) == {"treasury": -100_000, "available": 99_000, "paid": 1000}
    assert differences() == [] and unclean() == []
    entry = Entry.objects.get(action="funds.recovery.set_off")
    assert (entry.detail["amount"], entry.detail["paid_all_the_same"]) == ("300.00", "700.00")


@pytest.mark.django_db
def test_the_second_click_sets_nothing_off(office: Office, insured: Any, asked_off: Any, later: Any) -> None:
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    recovery_steps.set_off(recovery.pk, benefit.pk, seen=30_000, by=office.finance)
    with pytest.raises(NotNow, match="当前为“已办结”"):
        recovery_steps.set_off(recovery.pk, benefit.pk, seen=30_000, by=office.finance)
    assert RecoveryShare.objects.count() == 1 and Payable.objects.filter(case=benefit.case_id).count() == 3


@pytest.mark.django_db
def test_what_came_meanwhile_is_not_set_off(
    office: Office, insured: Any, asked_off: Any, later: Any, recovering: Any
) -> None:
    """Given a page that showed 300, when 100 came meanwhile, then nothing is set off, and nothing was taken apart."""
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    recovering.came(recovering.row(recovery, "100", "B1"))
    with pytest.raises(NotNow, match="现在可以抵扣的是200元"):
        recovery_steps.set_off(recovery.pk, benefit.pk, seen=30_000, by=office.finance)
    assert not PayableSplit.objects.exists() and not RecoveryShare.objects.filter(kind="set_off").exists()
    recovery_steps.set_off(recovery.pk, benefit.pk, seen=20_000, by=office.finance)
    assert PayableSplit.objects.get().rest.sum == 800


@pytest.mark.django_db
def test_the_rest_is_set_off_further(office: Office, insured: Any, asked_off: Any, later: Any) -> None:
    """Given two recoveries of one person, when a benefit is set off from one, then its rest may be from the other."""
    first, second = asked_off(300, 500)
    (benefit,) = later(first, 1000)
    recovery_steps.set_off(first.pk, benefit.pk, by=office.finance)
    (rest,) = recovery_steps.due_to_the_same(second)
    recovery_steps.set_off(second.pk, rest.pk, by=office.finance)
    shares = Payable.objects.filter(case=benefit.case_id).order_by("share").values_list("amount", "bucket")
    assert list(shares) == [
        (100_000, "available"),
        (30_000, "paid"),
        (70_000, "available"),
        (50_000, "paid"),
        (20_000, "committed"),
    ]
    assert differences() == [] and unclean() == []


@pytest.mark.django_db
def test_the_rest_comes_back_from_the_bank_and_is_paid_again(
    office: Office, insured: Any, asked_off: Any, later: Any, batching: Any
) -> None:
    """Given the rest with the bank, when it returns it and the account is mended, then the same rest is paid again."""
    from portal.funds import causes, locking

    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)
    batch = batching.sent()
    item = batch.items.select_related("payee").get()
    batching.taken_in([batching.row(item, "失败", "账号不存在")], channel="agency_account")
    rest = Payable.objects.get(pk=item.payable_id)
    assert rest.bucket == "committed" and balances(insured)["committed"] == 700
    assert len(causes.returned_of([benefit.case_id])[benefit.case_id]) == 1
    again = batching.drawn_up()
    assert [one.came_back for one in locking.look_at(again).ready] == [item]
    batching.accounts.said[benefit.case_id] = {"account": "6217000000000000001"}
    batch = batching.sent(again)
    retried = batch.items.select_related("payee").get()
    assert (retried.retry_of, retried.amount) == (item, 70_000)
    batching.taken_in([batching.row(retried, number="2")], channel="agency_account")
    assert balances(insured) == {"treasury": -100_000, "available": 99_000, "paid": 1000}
    assert causes.returned_of([benefit.case_id]) == {}
    assert differences() == [] and unclean() == []


@pytest.mark.django_db
def test_returned_before_it_was_set_off_the_rest_still_says_so(
    office: Office, insured: Any, asked_off: Any, later: Any, batching: Any
) -> None:
    """Given a benefit that the bank returned, when it is set off in part, then who locks the rest is still warned."""
    from portal.funds import causes, locking

    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    item = batching.sent().items.select_related("payee").get()
    batching.taken_in([batching.row(item, "失败", "账号不存在")], channel="agency_account")
    recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)
    assert len(causes.returned_of([benefit.case_id])[benefit.case_id]) == 1
    again = batching.drawn_up()
    assert [one.came_back for one in locking.look_at(again).ready] == [item]
    batching.sent(again)
    assert causes.returned_of([benefit.case_id]) == {}


@pytest.mark.django_db
def test_of_a_decision_that_falls_both_parts_do(
    office: Office, insured: Any, asked_off: Any, later: Any, recovering: Any
) -> None:
    """Given a benefit that was set off in part, when its approval falls and is decided anew, then both parts fall, and both
    stand again.
    """
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)
    recovering.fallen([benefit])
    course = courses_of([benefit.case_id])[benefit.case_id]
    assert course.fell == (
        "已支付的300元应当退还，由经办机构书面通知后办理；700元没有付出，已停止支付，由财务人员撤销付款"
    )
    out = revoking.still_out([benefit.case_id])[benefit.case_id]
    assert "300元已支付、700元已批准待付" in revoking.against_deciding_anew(out, 90_000)
    assert revoking.against_deciding_anew(out, 100_000) == ""
    assert revoking.lift(out.payables, by=office.approver) == 2
    assert courses_of([benefit.case_id])[benefit.case_id].fell == ""


@pytest.mark.django_db
def test_whoever_waits_for_the_money_reads_both_sums(
    office: Office, insured: Any, asked_off: Any, later: Any
) -> None:
    from portal.cases.models import Case

    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)
    course = courses_of([benefit.case_id])[benefit.case_id]
    told = [step.title for step in course.steps]
    assert "1,000元中300元用于抵扣应当退还的款项，其余700元照常支付" in told
    assert "300元已抵扣应当退还的款项，不再付到账户" in told
    assert (course.stage, course.payable and course.payable.sum) == (Stage.COMMITTED, Decimal(700))
    this = Case.objects.filter(pk=benefit.case_id)
    assert not in_stage(this, Stage.PAID, "pk").exists() and in_stage(this, Stage.COMMITTED, "pk").exists()
    # In a month's statement what was taken apart is there as before.
    month = Month.read(f"{Transfer.objects.latest('pk').at:%Y-%m}")
    assert "拆分" not in {row.label for row in statement_of([insured], month).total.rows}


# -- pages and API -------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_on_its_pages(office: Office, as_user: Any, insured: Any, asked_off: Any, later: Any) -> None:
    (recovery,) = asked_off(300)
    finance = as_user(office.finance)
    address = reverse("window:fund_recovery_step", args=[recovery.pk, "set-off"])
    assert "没有可以抵扣的待遇" in finance.get(address, follow=True).content.decode()
    (benefit,) = later(recovery, 1000)
    asked = finance.get(address).content.decode()
    assert f"办件{benefit.case.number}，1,000元：抵扣300元，其余700元照常支付" in asked
    said = {"payable": benefit.pk, "seen": 30_000, "letter_number": "合成告知〔2026〕1号"}
    stale = finance.post(address, said | {"seen": 20_000})
    assert stale.status_code == 409 and "现在可以抵扣的是300元" in stale.content.decode()
    done = finance.post(address, said, follow=True).content.decode()
    assert "已抵扣300元，其余700元照常支付。请送达告知书。" in done
    assert "批准1,000元，抵扣300元" in done and "告知书 合成告知〔2026〕1号" in done
    for part, words in (
        (benefit, "已拆分：部分抵扣，其余照常支付"),
        (PayableSplit.objects.get().rest, "已批准待付"),
    ):
        page = finance.get(reverse("window:fund_payment", args=[part.pk])).content.decode()
        assert words in page and f"300元，抵作追回{recovery.number}" in page and "700元" in page
    listed = finance.get(reverse("window:fund_payables")).content.decode()
    assert "已拆分" in listed


@pytest.mark.django_db
def test_over_the_api(office: Office, as_user: Any, insured: Any, asked_off: Any, later: Any) -> None:
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    client = as_user(office.finance)
    address = f"/api/funds/recoveries/{recovery.pk}/set-off/"
    stale = send(client, address, payable=benefit.pk, amount="200.00")
    assert stale.status_code == 409 and "现在可以抵扣的是300元" in stale.content.decode()
    done = send(client, address, payable=benefit.pk, amount="300.00").json()
    split = PayableSplit.objects.get()
    assert (done["state"], done["come"]) == ("done", "300.00")
    (share,) = done["shares"]
    assert (share["amount"], share["benefit"]) == ("300.00", split.off_id)
    assert share["paid"] == {"payable": split.rest_id, "amount": "700.00"}


# -- what somebody tries -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_nobody_takes_a_benefit_apart_otherwise(
    office: Office, insured: Any, asked_off: Any, later: Any
) -> None:
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)

    def part(amount: int, share: int, **said: Any) -> Payable:
        same = ("case_id", "line_id", "use", "payee_kind", "calculation_digest", "payee_digest", "made_by_id")
        given = {name: getattr(benefit, name) for name in same}
        return Payable.objects.create(**given | said, share=share, amount=amount)

    def written(off: Payable, rest: Payable) -> None:
        PayableSplit.objects.create(recovery=recovery, payable=benefit, off=off, rest=rest, by=office.finance)

    for one, other, said in (
        (20_000, 80_000, {}),
        (30_000, 80_000, {}),
        (30_000, 70_000, {"payee_digest": "x" * 64}),
        (30_000, 70_000, {"calculation_digest": "x" * 64}),
    ):
        with held_by("a_benefit_is_split_to_be_set_off"), undone():
            written(part(one, 2), part(other, 3, **said))
    with held_by("a_benefit_is_split_to_be_set_off"):
        ledger.move([benefit.pk], MoveCode.SPLIT, by=office.second_finance)
    # Taken apart and not set off: seen at the commit.
    with pytest.raises(IntegrityError, match="nothing of it is set off"), transaction.atomic():
        written(part(30_000, 2), part(70_000, 3))
        from django.db import connection

        connection.check_constraints()
    recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)
    split = PayableSplit.objects.get()
    with held_by("what_was_split_moves_no_more"):
        ledger.move([benefit.pk], MoveCode.RESERVE, by=office.second_finance)
    for approver in (office.approver, office.second_approver):
        ledger.approve([split.rest_id], MoveCode.CANCEL, by=approver)
    ledger.move([split.rest_id], MoveCode.CANCEL, by=office.second_finance)
    with held_by("a_benefit_is_split_to_be_set_off"):
        ledger.move([split.rest_id], MoveCode.SPLIT_PART, by=office.second_finance)
    assert differences() == [] and unclean() == []


@pytest.mark.django_db
def test_what_is_in_a_batch_is_not_taken_apart(
    office: Office, insured: Any, asked_off: Any, later: Any, batching: Any
) -> None:
    (recovery,) = asked_off(300)
    (benefit,) = later(recovery, 1000)
    batching.drawn_up()
    with pytest.raises(NotNow, match="没有编入批次"):
        recovery_steps.set_off(recovery.pk, benefit.pk, by=office.finance)


def test_two_recoveries_and_one_benefit_at_once(
    committed: str, office: Office, insured: Any, asked_off: Any, later: Any
) -> None:
    """Given two recoveries of one person and one benefit larger than both, when both are set off in the same moment, one is;
    the other finds the rest.
    """
    first, second = asked_off(300, 500)
    (benefit,) = later(first, 1000)
    two = (first, second)
    told = at_once(2, lambda place: recovery_steps.set_off(two[place].pk, benefit.pk, by=office.finance))
    assert sorted(told) == ["NotNow", "done"]
    assert PayableSplit.objects.count() == 1 and differences() == [] and unclean() == []


def test_one_recovery_and_two_benefits_at_once(
    committed: str, office: Office, insured: Any, asked_off: Any, later: Any
) -> None:
    """Given 300 to recover and two benefits that are larger, when both are set off in the same moment, 300 are, once."""
    (recovery,) = asked_off(300)
    benefits = later(recovery, 1000, 2000)
    told = at_once(
        2, lambda place: recovery_steps.set_off(recovery.pk, benefits[place].pk, by=office.finance)
    )
    assert sorted(told) == ["NotNow", "done"]
    assert RecoveryShare.objects.get().amount == 30_000
    assert differences() == [] and unclean() == []
