"""A batch from what was approved to what is with the bank, by as many people as it takes, and what is refused on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal import sealed_files
from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases.models import CaseDuty
from portal.file_inspection import sha256, sm3
from portal.funds import batches, locking, payment_files
from portal.funds.models import BatchStep, Item, ItemPayee, Payable, PaymentFile, Transfer
from portal.funds.proof import differences
from tests.cast import make_worker
from tests.funds.conftest import Office
from tests.funds.test_ledger import balances, held_by
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db


def test_from_what_was_approved_to_the_bank(office: Office, line: Any, approved: Any, batching: Any) -> None:
    """Given three approved sums, when a batch of them is sent, then they are in transit, under one reference each."""
    approved(2000, 1500, 500)
    batch = batching.drawn_up()
    assert (batch.count, batch.sum, batch.state) == (3, Decimal("4000.00"), "draft")
    assert batching.locked(batch).state == "locked"
    batch.refresh_from_db()
    assert batching.signed(batch).state == "signed"
    assert batching.filed(batch).state == "filed"
    assert batches.send(batch.pk, by=office.finance).state == "sent"
    assert balances(line) == {"treasury": -1_000_000, "available": 996_000, "in_transit": 4000}
    references = list(Item.objects.order_by("position").values_list("reference", "state"))
    assert references == [(f"FK{batch.pk:06d}N{place:06d}", "sent") for place in (1, 2, 3)]
    assert [step.step for step in batch.steps.all()] == ["lock", "sign", "file", "send"]
    noted = Entry.objects.filter(action__startswith="funds.batch.").order_by("pk")
    assert [entry.action.removeprefix("funds.batch.") for entry in noted] == [
        "draw_up",
        "lock",
        "sign",
        "file",
        "send",
    ]
    assert differences() == []


# -- drawn up ------------------------------------------------------------------------------------------------
def test_what_was_looked_at_is_what_is_drawn_up(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    selection = batching.selection()
    found = batches.look(selection, on=timezone.localdate())
    approved(1500)
    with pytest.raises(NotNow, match="由1笔变为2笔"):
        batches.draw_up(selection, confirmed=found, by=office.finance)
    assert not Item.objects.exists()


def test_a_payable_is_in_one_open_batch(office: Office, approved: Any, batching: Any) -> None:
    """Given a payable in a batch, when another is drawn up, it is not found; written there all the same, it is refused."""
    (payable,) = approved(2000)
    first = batching.drawn_up()
    assert batches.look(batching.selection(), on=timezone.localdate()).count == 0
    with pytest.raises(NotNow, match="没有符合条件"):
        batching.drawn_up()
    item = first.items.get()
    other = type(first).objects.create(
        fund_id=first.fund_id, channel_id=first.channel_id, region_id=first.region_id, made_by=office.finance
    )
    with held_by("a_payable_is_in_one_open_batch"):
        Item.objects.create(
            batch=other,
            position=1,
            payable=payable,
            reference="FK9N1",
            amount=payable.amount,
            payee_kind="person",
            retry_of=item,
            fund_id=first.fund_id,
            channel_id=first.channel_id,
            region_id=first.region_id,
        )


def test_a_channel_pays_what_it_serves(office: Office, approved: Any, batching: Any) -> None:
    from portal.funds.models import Channel

    approved(2000)
    treasury = Channel.objects.get(pk="treasury")
    assert batches.look(batching.selection(channel=treasury), on=timezone.localdate()).count == 0
    agency = batching.selection(channel=Channel.objects.get(pk="agency_account"))
    found = batches.look(batching.selection(), on=timezone.localdate())
    with pytest.raises(NotNow, match="不发放这项资金"):
        batches.draw_up(agency, confirmed=found, by=office.finance)


def test_by_use_and_by_day(approved: Any, batching: Any) -> None:
    approved(2000)
    today = timezone.localdate()
    assert batches.look(batching.selection(use="award"), on=today).count == 0
    assert batches.look(batching.selection(until=today - timedelta(days=1)), on=today).count == 0
    assert batches.look(batching.selection(use="training", until=today), on=today).count == 1


def test_whose_business_it_is_not(cast: Any, approved: Any, batching: Any) -> None:
    approved(2000)
    selection = batching.selection()
    found = batches.look(selection, on=timezone.localdate())
    for role in ("clerk", "approver", "auditor"):
        with pytest.raises(Refused):
            batches.draw_up(selection, confirmed=found, by=cast(role))


# -- locked --------------------------------------------------------------------------------------------------
def test_what_changed_since_the_approval_is_named(office: Office, approved: Any, batching: Any) -> None:
    one, other = approved(2000, 1500)
    batching.accounts.said[one.case_id] = {"account": "6217000000000000017", "bank": "合成银行包头分行"}
    batch = batching.drawn_up()
    looked = locking.look_at(batch)
    assert [(ready.item.payable_id, ready.changed) for ready in looked.changed] == [
        (one.pk, "账号、开户银行")
    ]
    batching.locked(batch)
    assert ItemPayee.objects.get(item__payable=one).changed == "账号、开户银行"
    assert ItemPayee.objects.get(item__payable=other).changed == ""


def test_what_changes_between_the_page_and_the_click_is_not_locked(
    office: Office, approved: Any, batching: Any
) -> None:
    (one,) = approved(2000)
    batch = batching.drawn_up()
    seen = locking.look_at(batch).digest
    batching.accounts.said[one.case_id] = {"account": "6217000000000000017"}
    with pytest.raises(NotNow, match="收款人信息已有变化"):
        locking.lock(batch.pk, confirmed=seen, by=office.finance)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "没有收款账户"),
        ({"confirmed_at": None}, "尚未复核"),
        ({"kind": "unit"}, "收款对象类别"),
        ({"recorded_by": 1, "confirmed_by": 1}, "同一人"),
    ],
)
def test_who_cannot_be_paid_is_taken_out_and_the_others_go_on(
    office: Office, approved: Any, batching: Any, said: Any, why: str
) -> None:
    bad, _good = approved(2000, 1500)
    batch = batching.drawn_up()
    if said is None:
        batching.accounts.missing.add(bad.case_id)
    else:
        batching.accounts.said[bad.case_id] = said
    with pytest.raises(NotNow, match=why):
        batching.locked(batch)
    batches.withdraw([batch.items.get(payable=bad).pk], reason="收款账户未确认", by=office.finance)
    assert batching.locked(batch).count == 1
    assert batches.look(batching.selection(), on=timezone.localdate()).count == 1, (
        "it may go into another batch"
    )


def test_the_name_of_the_bank_stands_beside_the_legal_one(approved: Any, batching: Any) -> None:
    (one,) = approved(2000)
    batching.accounts.said[one.case_id] = {"legal_name": "阿·巴特尔", "bank_spelling": "阿巴特尔"}
    batch = batching.drawn_up()
    batching.locked(batch)
    payee = ItemPayee.objects.get()
    assert (payee.legal_name, payee.name_at_bank) == ("阿·巴特尔", "阿巴特尔")
    assert payee.masked_account == "***************" + str(payee.account)[-4:]


# -- signed --------------------------------------------------------------------------------------------------
def test_who_drew_it_up_does_not_sign(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.locked(batching.drawn_up())
    with pytest.raises(NotNow, match="登记的应付款|不是拟定人"):
        batching.signed(batch, by=office.finance)


def test_a_reviewer_does_not_sign(office: Office, approved: Any, batching: Any) -> None:
    """Given somebody who reviewed one of the cases, under another account of theirs, when they sign, it is refused."""
    (payable,) = approved(2000)
    CaseDuty.objects.create(case=payable.case, duty="review", person=batching.third_finance)
    batch = batching.locked(batching.drawn_up())
    with pytest.raises(NotNow, match="不相容的职责"):
        batching.signed(batch, by=batching.third_finance)
    assert batching.signed(batch).state == "signed"


def test_two_accounts_of_one_reviewer_are_one(
    office: Office, approved: Any, batching: Any, cast: Any
) -> None:
    one, other = make_worker("吴会计"), make_worker("吴会计")
    for record, account in ((one, office.second_finance), (other, batching.third_finance)):
        record.account = account
        record.save()
    merged(cast, other, one)
    (payable,) = approved(2000)
    CaseDuty.objects.create(case=payable.case, duty="second_review", person=batching.third_finance)
    batch = batching.locked(batching.drawn_up())
    with pytest.raises(NotNow, match="不相容的职责"):
        batching.signed(batch)


def test_a_large_batch_asks_for_two(office: Office, approved: Any, batching: Any) -> None:
    approved(90_000, 90_000, 90_000, 90_000, 90_000, 90_000)
    batch = batching.locked(batching.drawn_up())
    assert batches.signatures_needed(batch) == 2
    assert batching.signed(batch).state == "locked"
    with pytest.raises(NotNow, match="已办理过|每人签发一次"):
        batching.signed(batch)
    assert batching.signed(batch, by=batching.third_finance).state == "signed"


def test_a_signer_does_not_send(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    with pytest.raises(NotNow, match="签发人以外"):
        batches.send(batch.pk, by=office.second_finance)


def test_who_confirmed_an_account_does_not_send(office: Office, approved: Any, batching: Any) -> None:
    batching.accounts.confirmer = office.finance
    approved(2000)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    with pytest.raises(NotNow, match="不相容的职责"):
        batches.send(batch.pk, by=office.finance)
    assert batches.send(batch.pk, by=batching.third_finance).state == "sent"


def test_what_asks_for_no_notice_is_not_announced(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.locked(batching.drawn_up())
    with pytest.raises(NotNow, match="不要求公示"):
        batches.announce(batch.pk, where="公开栏", on=timezone.localdate(), by=office.finance)


# -- taken out -----------------------------------------------------------------------------------------------
def test_what_is_taken_out_after_signing_is_signed_anew(office: Office, approved: Any, batching: Any) -> None:
    one, _other = approved(2000, 1500)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    old = PaymentFile.objects.get()
    batch = batches.withdraw([batch.items.get(payable=one).pk], reason="本人要求", by=office.finance)
    assert (batch.state, batch.round, batch.count, batch.sum) == ("locked", 2, 1, Decimal("1500.00"))
    with pytest.raises(NotNow, match="已有新的办理|没有发送"):
        batches.send(batch.pk, by=office.finance)
    with pytest.raises(NotNow, match="已失效"):
        payment_files.fetch(PaymentFile.objects.get(pk=old.pk), by=office.finance)
    batch = batching.filed(batching.signed(batch))
    assert batch.files.get(round=2).rows == 1
    assert batches.send(batch.pk, by=office.finance).state == "sent"


def test_what_was_sent_is_not_taken_out(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.sent()
    with pytest.raises(NotNow, match="已发送或已撤出"):
        batches.withdraw([batch.items.get().pk], reason="有误", by=office.finance)
    with pytest.raises(NotNow, match="已发送或已撤出|不能再办理|不能办理"):
        batches.drop(batch.pk, reason="有误", by=office.finance)


def test_a_batch_is_given_up_and_its_payables_are_free(office: Office, approved: Any, batching: Any) -> None:
    (payable,) = approved(2000)
    first = batching.locked(batching.drawn_up())
    assert batches.drop(first.pk, reason="渠道选择有误", by=office.finance).state == "dropped"
    again = batching.drawn_up()
    assert again.items.get().retry_of == first.items.get()
    assert batching.sent(again).state == "sent"
    assert Payable.objects.get(pk=payable.pk).bucket == "in_transit"


def test_money_leaves_with_its_batch_only(office: Office, approved: Any, batching: Any) -> None:
    from portal.funds import ledger
    from portal.funds.moves import MoveCode

    (payable,) = approved(2000)
    ledger.approve([payable.pk], MoveCode.SEND, by=office.approver)
    with held_by("money_is_sent_with_its_batch"):
        ledger.move([payable.pk], MoveCode.SEND, by=office.second_finance)


def test_a_step_out_of_turn_is_refused(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.drawn_up()
    for step in ("sign", "file", "send", "close"):
        with held_by("a_batch_goes_its_way"):
            BatchStep.objects.create(batch=batch, round=1, step=step, by=office.second_finance)
    with held_by("every_item_has_its_payee"):
        BatchStep.objects.create(batch=batch, round=1, step="lock", by=office.finance)
    with held_by("a_batch_pays_something"):
        BatchStep.objects.create(batch=batch, round=1, step="drop", by=office.finance, note="有误")


# -- files ---------------------------------------------------------------------------------------------------
def test_the_same_batch_gives_the_same_bytes(approved: Any, batching: Any) -> None:
    approved(2000, 1500)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    file = batch.files.get()
    kept = sealed_files.read(file.stored_as)
    profile = payment_files.profile_of(file.profile)
    assert payment_files.written(list(payment_files.items_of(batch)), profile) == kept
    assert (sha256(kept), sm3(kept), file.rows, file.sum) == (file.sha256, file.sm3, 2, Decimal("3500.00"))
    assert payment_files.fetch(file, by=batching.office.finance).read() == kept


def test_nothing_written_is_rewritten(approved: Any, batching: Any) -> None:
    approved(2000)
    batching.sent()
    for table in (
        "batch",
        "batchstep",
        "item",
        "itempayee",
        "withdrawal",
        "paymentfile",
        "channel",
        "bankrow",
    ):
        for statement in (
            f"UPDATE funds_{table} SET {'code = code' if table == 'channel' else _KEY[table]}",
            f"DELETE FROM funds_{table}",
        ):
            with pytest.raises(Exception, match="permission denied|written once"), transaction.atomic():
                connection.cursor().execute(statement)
    assert Transfer.objects.filter(move="send").count() == 1


_KEY = {
    "batch": "id = id",
    "batchstep": "id = id",
    "item": "id = id",
    "itempayee": "item_id = item_id",
    "withdrawal": "item_id = item_id",
    "paymentfile": "id = id",
    "bankrow": "id = id",
}


def test_what_was_revoked_is_not_paid(office: Office, approved: Any, batching: Any, cast: Any) -> None:
    """Given a batch that is ready, when one of its decisions falls, then it is taken out and the others are sent."""
    from portal.funds import revoking
    from portal.funds.revoking import Fallen

    bad, _good = approved(2000, 1500)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    fallen = Fallen(bad.case_id, "查实不符合条件。", "第一条", office.approver.pk, cast("supervisor").pk)
    revoking.revoke([fallen], by=cast("supervisor"), on=timezone.localdate())
    with pytest.raises(NotNow, match="已撤销批准的付款"):
        batches.send(batch.pk, by=office.finance)
    batches.withdraw([batch.items.get(payable=bad).pk], reason="批准已撤销", by=office.finance)
    assert batches.look(batching.selection(), on=timezone.localdate()).count == 0
    batch.refresh_from_db()
    batch = batching.filed(batching.signed(batch))
    assert batches.send(batch.pk, by=office.finance).count == 1


def test_a_draft_names_what_was_revoked(office: Office, approved: Any, batching: Any, cast: Any) -> None:
    from portal.funds import revoking
    from portal.funds.revoking import Fallen

    (bad,) = approved(2000)
    batch = batching.drawn_up()
    fallen = Fallen(bad.case_id, "查实不符合条件。", "第一条", office.approver.pk, cast("supervisor").pk)
    revoking.revoke([fallen], by=cast("supervisor"), on=timezone.localdate())
    assert [reason for _, reason in locking.look_at(batch).unready] == ["批准已撤销"]
