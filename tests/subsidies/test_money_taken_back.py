"""What becomes of the money when an approval is annulled: it goes back as far as it has not left, and the rest is on record
as to be recovered.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.access import NotNow
from portal.audit.models import Entry
from portal.funds import committing, ledger
from portal.funds.models import Approval, AwaitingMoney, Payable, Revocation
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from subsidies import handling, signing
from tests.funds.test_ledger import held_by
from tests.subsidies.conftest import CLAUSE, GROUNDS, INSURANCE, MONDAY, give, line_of
from tests.subsidies.test_money import left

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def line(cast: Any) -> Any:
    line = line_of(cast, INSURANCE)
    give(cast, line, 10_000)
    return line


def annul(claim: Any, cast: Any) -> None:
    """白音 decides that it does not stand, 陈静 signs."""
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=MONDAY)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=MONDAY)


def committed_of(payable: Payable, cast: Any) -> None:
    assert committing.post_many([payable.pk], MoveCode.COMMIT, by=cast("finance_officer")).done


def sent(payable: Payable, cast: Any, owner_sql: Any) -> None:
    """As a batch leaves it that was sent."""
    committed_of(payable, cast)
    owner_sql("UPDATE funds_payable SET bucket = 'in_transit' WHERE id = %s", payable.pk)


@pytest.mark.django_db
def test_what_is_reserved_is_released(cast: Any, line: Any, welding: Any, approved: Any) -> None:
    claim = approved(welding)
    annul(claim, cast)
    revocation = Revocation.objects.get()
    assert (revocation.stood_in, revocation.payable.bucket) == ("reserved", "available")
    assert (revocation.decided_by, revocation.signed_by) == (cast("supervisor"), cast("regional_reviewer"))
    assert (revocation.recovers, revocation.clause) == (0, CLAUSE)
    assert (left(line), differences()) == (10_000, [])
    assert Entry.objects.filter(action="funds.revoke").count() == 1


@pytest.mark.django_db
def test_nothing_moves_before_the_second_signature(cast: Any, line: Any, welding: Any, approved: Any) -> None:
    claim = approved(welding)
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=MONDAY)
    signing.give_back(claim.pk, reason="证据不足。", by=cast("regional_reviewer"), on=MONDAY)
    assert not Revocation.objects.exists()
    assert Payable.objects.get().bucket == "reserved"


@pytest.mark.django_db
def test_what_waits_ends(cast: Any, welding: Any, approved: Any) -> None:
    annul(approved(welding), cast)
    waits = AwaitingMoney.objects.get()
    assert waits.ended_at is not None and not AwaitingMoney.objects.waiting().exists()
    assert not Revocation.objects.exists()


@pytest.mark.django_db
def test_what_is_committed_is_cancelled_by_finance(
    cast: Any, as_user: Any, line: Any, welding: Any, approved: Any
) -> None:
    """Both who signed have approved that it is cancelled; a finance officer posts it."""
    claim = approved(welding)
    payable = Payable.objects.get()
    committed_of(payable, cast)
    cancel = {"action": "cancel", "chosen": [payable.pk]}
    finance = as_user(cast("finance_officer"))
    move = reverse("window:fund_payables_move")
    assert "付款依据没有撤销，不能撤销付款" in finance.post(move, cancel).content.decode()
    annul(claim, cast)
    assert list(Approval.objects.filter(move="cancel").values_list("by", flat=True)) == [
        cast("supervisor").pk,
        cast("regional_reviewer").pk,
    ]
    listed = finance.get(reverse("window:fund_payables"), {"bucket": "committed", "revoked": "1"})
    assert "依据已撤销" in listed.content.decode()
    done = finance.post(move, {**cancel, "sure": "1"}, follow=True).content.decode()
    assert "已记账1笔" in done
    assert (Payable.objects.get().bucket, left(line), differences()) == ("available", 10_000, [])
    page = finance.get(reverse("subsidies:claim", args=[claim.case.number]))
    if page.status_code == 200:
        assert "已退回资金科目" in page.content.decode()
    with held_by("a_revoked_payable_is_not_paid"):
        ledger.move([payable.pk], MoveCode.RESERVE, by=cast("finance_officer"))


def test_what_was_sent_is_known_once_the_bank_has_answered(
    committed: str, cast: Any, as_user: Any, line: Any, welding: Any, approved: Any, owner_sql: Any
) -> None:
    claim = approved(welding)
    payable = Payable.objects.get()
    sent(payable, cast, owner_sql)
    annul(claim, cast)
    claim.case.refresh_from_db()
    assert claim.case.state == "annulled", "nothing stands in the way of the annulment"
    revocation = Revocation.objects.select_related("payable").get()
    assert (revocation.stood_in, revocation.recovers) == ("in_transit", None)
    page = as_user(cast("approver")).get(reverse("subsidies:claim", args=[claim.case.number]))
    assert "已提交银行，银行答复后确定" in page.content.decode()


def test_what_was_paid_stays_paid_and_is_to_be_recovered(
    committed: str, cast: Any, as_user: Any, line: Any, welding: Any, approved: Any, owner_sql: Any
) -> None:
    claim = approved(welding)
    payable = Payable.objects.get()
    # As a bank's answer leaves it.
    owner_sql("UPDATE funds_payable SET bucket = 'paid' WHERE id = %s", payable.pk)
    annul(claim, cast)
    revocation = Revocation.objects.to_recover().select_related("payable").get()
    assert (revocation.payable, revocation.recovers) == (payable, Decimal("1500.00"))
    assert Payable.objects.get().bucket == "paid"
    page = as_user(cast("approver")).get(reverse("subsidies:claim", args=[claim.case.number]))
    assert "已支付的1,500元应当退还" in page.content.decode()


# -- decided anew --------------------------------------------------------------------------------------------
def turned(claim: Any, cast: Any, somebody: Any) -> None:
    """The office finds that the annulment does not stand."""
    signing.ask(claim.pk, grounds="证书可以查到。", by=cast("clerk"), on=MONDAY)
    signing.turn(claim.pk, reason="原决定的事实有误。", by=somebody, on=FRIDAY)


@pytest.mark.django_db
def test_approved_anew_it_is_drawn_anew(
    cast: Any, line: Any, welding: Any, approved: Any, second_approver: Any
) -> None:
    from tests.cast import REGION, make_account

    claim = approved(welding)
    annul(claim, cast)
    turned(claim, cast, second_approver)
    third = make_account("region.approver3", "苏和", "approver", REGION)
    handling.approve(claim.pk, by=third, on=FRIDAY)
    assert list(Payable.objects.order_by("share").values_list("share", "bucket")) == [
        (1, "available"),
        (2, "reserved"),
    ]
    assert left(line) == 8_500


def test_approved_anew_with_its_money_still_out_nothing_is_drawn_twice(
    committed: str, cast: Any, line: Any, welding: Any, approved: Any, second_approver: Any, owner_sql: Any
) -> None:
    """Given an annulled claim whose money was sent, when it is approved again, the payable stands again, and is the only
    one.
    """
    from tests.cast import REGION, make_account

    claim = approved(welding)
    sent(Payable.objects.get(), cast, owner_sql)
    annul(claim, cast)
    turned(claim, cast, second_approver)
    third = make_account("region.approver3", "苏和", "approver", REGION)
    handling.approve(claim.pk, by=third, on=FRIDAY)
    revocation = Revocation.objects.get()
    assert revocation.lifted_by == third and not Revocation.objects.standing().exists()
    assert Payable.objects.get().bucket == "in_transit"
    with held_by("a_revocation_stays_as_written"):
        Revocation.objects.update(grounds="另写")


def test_another_sum_is_refused_while_the_first_is_out(
    committed: str,
    cast: Any,
    line: Any,
    welding: Any,
    approved: Any,
    second_approver: Any,
    monkeypatch: Any,
    owner_sql: Any,
) -> None:
    from portal.funds import revoking
    from tests.cast import REGION, make_account

    claim = approved(welding)
    sent(Payable.objects.get(), cast, owner_sql)
    annul(claim, cast)
    turned(claim, cast, second_approver)
    asked = revoking.against_deciding_anew
    monkeypatch.setattr(
        revoking, "against_deciding_anew", lambda payable, amount: asked(payable, amount - 100)
    )
    third = make_account("region.approver3", "苏和", "approver", REGION)
    with pytest.raises(NotNow, match="原批准的1,500元已发出，与现在的1,499元不同"):
        handling.approve(claim.pk, by=third, on=FRIDAY)
