"""While it is proposed that an approval does not stand, its money stands still: it is not posted, comes into no batch, and is
not sent; when that is not agreed to it goes on.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.accounts.roles import Role
from portal.funds import batches, committing, locking, payment_files
from portal.funds.batches import Selection
from portal.funds.models import Channel, Fund, Payable
from portal.funds.moves import MoveCode
from portal.workforce.actions.payees import confirm_payee, propose_payee
from subsidies import signing
from tests.cast import REGION, make_account
from tests.subsidies.conftest import CLAUSE, GROUNDS, INSURANCE, MONDAY, give, line_of

pytestmark = pytest.mark.django_db
WHY = "已提出撤销批准，会签前暂停支付"


@pytest.fixture
def line(cast: Any) -> Any:
    line = line_of(cast, INSURANCE)
    give(cast, line, 10_000)
    return line


@pytest.fixture
def signer() -> Any:
    return make_account("region.finance.signs", "吴会计", Role.FINANCE_OFFICER, REGION)


def selection(line: Any) -> Selection:
    return Selection(
        Fund.objects.get(pk=line.fund_id), Channel.objects.get(pk="agency_account"), line.region_id
    )


def due(line: Any) -> int:
    return batches.look(selection(line), on=timezone.localdate()).count


def doubted(claim: Any, cast: Any) -> None:
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=MONDAY)


def believed_again(claim: Any, cast: Any) -> None:
    signing.give_back(claim.pk, reason="证据不足。", by=cast("regional_reviewer"), on=MONDAY)


def committed(payable: Payable, cast: Any) -> Any:
    return committing.post_many([payable.pk], MoveCode.COMMIT, by=cast("finance_officer"))


def with_an_account(worker: Any, cast: Any) -> None:
    proposed = propose_payee(
        worker.pk,
        bank="合成银行鄂托克旗支行",
        account_number="6217000012345678",
        source="银行卡",
        by=cast("clerk"),
        on=MONDAY,
    )
    confirm_payee(proposed.pk, by=cast("second_reviewer"), on=MONDAY)


def test_what_is_in_doubt_is_not_posted(cast: Any, line: Any, welding: Any, approved: Any) -> None:
    """Given an approval that somebody proposes to annul, when a finance officer posts it, then they read why not; once the
    proposal is given back it is posted.
    """
    claim = approved(welding)
    payable = Payable.objects.get()
    doubted(claim, cast)
    assert committed(payable, cast).refused == {payable.pk: f"{WHY}。"}
    believed_again(claim, cast)
    assert committed(payable, cast).done == [payable.pk]


def test_what_is_in_doubt_comes_into_no_batch(
    cast: Any, as_user: Any, line: Any, welding: Any, approved: Any
) -> None:
    claim = approved(welding)
    payable = Payable.objects.get()
    assert committed(payable, cast).done and due(line) == 1
    doubted(claim, cast)
    assert due(line) == 0
    finance = as_user(cast("finance_officer"))
    chosen = {"fund": line.fund_id, "channel": "agency_account", "place": line.region_id}
    new = finance.get(reverse("window:fund_batch_new"), chosen).content.decode()
    assert "没有符合条件的应付款" in new and WHY in new and claim.case.number in new
    listed = finance.get(reverse("window:fund_payables"), {"revoked": "frozen"}).content.decode()
    assert claim.case.number in listed and WHY in listed
    page = finance.get(reverse("window:fund_payment", args=[payable.pk])).content.decode()
    assert f"{WHY}。" in page
    believed_again(claim, cast)
    assert due(line) == 1
    assert WHY not in finance.get(reverse("window:fund_payables")).content.decode()


def test_what_comes_into_doubt_in_a_batch_is_not_sent(
    cast: Any, line: Any, welding: Any, approved: Any, signer: Any
) -> None:
    """Given a batch whose file is made, when an approval in it is doubted, then it is not sent before that is taken out."""
    claim = approved(welding)
    with_an_account(claim.worker, cast)
    payable, finance = Payable.objects.get(), cast("finance_officer")
    assert committed(payable, cast).done
    chosen = selection(line)
    batch = batches.draw_up(chosen, confirmed=batches.look(chosen, on=timezone.localdate()), by=finance)
    locking.lock(batch.pk, confirmed=locking.look_at(batch).digest, by=finance)
    batch.refresh_from_db()
    batches.sign(batch.pk, seen=batches.standing(batch), by=signer)
    payment_files.make(batch.pk, by=finance)
    doubted(claim, cast)
    with pytest.raises(NotNow, match=f"{WHY}的付款.*{claim.case.number}"):
        batches.send(batch.pk, by=finance)
    batches.withdraw([batch.items.get().pk], reason="拟撤销", by=finance)
    payable.refresh_from_db()
    assert (payable.bucket, due(line)) == ("committed", 0)


def test_a_batch_with_something_in_doubt_is_not_locked(
    cast: Any, line: Any, welding: Any, approved: Any
) -> None:
    claim = approved(welding)
    with_an_account(claim.worker, cast)
    assert committed(Payable.objects.get(), cast).done
    chosen, finance = selection(line), cast("finance_officer")
    batch = batches.draw_up(chosen, confirmed=batches.look(chosen, on=timezone.localdate()), by=finance)
    doubted(claim, cast)
    assert [reason for _, reason in locking.look_at(batch).unready] == [WHY]


def test_the_way_from_a_claim_to_its_payment(
    cast: Any, as_user: Any, line: Any, welding: Any, approved: Any
) -> None:
    """Given an approved claim, when somebody who keeps the money opens it, then they find its payment, and from there the
    claim; whoever does not keep money finds no link.
    """
    claim = approved(welding)
    there = reverse("window:fund_payment", args=[Payable.objects.get().pk])
    here = reverse("subsidies:claim", args=[claim.case.number])
    for who in ("finance_officer", "approver", "auditor"):
        assert there in as_user(cast(who)).get(here).content.decode(), who
        assert (
            reverse("window:case", args=[claim.case.number]) in as_user(cast(who)).get(there).content.decode()
        )
    assert there not in as_user(cast("reviewer")).get(here).content.decode()
