"""A payment to the furnished person: approved, in a batch whose file lies ready, and an answer of the bank; and another
that was paid, of which something is to come back and may be written off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cases.conftest import picture
from tests.cases.conftest import upload as scan
from tests.cast import OTOG, REGION, make_account


def pay(
    made: Any, cast: Callable[[str], Any], *, line: Any, document: Any, case: Any, name: str, account: str
) -> None:
    """The officers of the region give the line money, approve, draw up, sign and write; nothing is sent yet."""
    from portal.funds import answering, batches, ledger, locking, payees, payment_files
    from portal.funds.models import Channel
    from portal.funds.payees import Payee

    finance, second = (
        cast("finance_officer"),
        make_account("region.finance2", "吴会计", "finance_officer", REGION),
    )
    approvers = cast("approver"), make_account("region.approver2", "那日苏", "approver", REGION)
    given = ledger.order(
        "appropriate", line, amount=Decimal(3000), reason="下达", document=document, by=finance
    )
    ledger.approve_order(given.pk, by=approvers[0])
    ledger.carry_out(given.pk, by=second)
    payee = Payee(
        "person",
        name,
        None,
        account,
        "合成银行",
        made.worker.id_number,
        cast("clerk").pk,
        cast("reviewer").pk,
        timezone.now(),
    )
    (payable,) = ledger.draw(
        line, [ledger.Draw(case.pk, Decimal(1500), "person", "c" * 64, payee.digest)], by=finance
    )
    ledger.move([payable.pk], "reserve", by=second)
    ledger.approve([payable.pk], "commit", by=approvers[1])
    ledger.move([payable.pk], "commit", by=second)
    selection = batches.Selection(line.fund, Channel.objects.get(pk="one_card"), OTOG)
    with mock.patch.dict(payees._PROVIDERS, {case.kind: lambda case_ids: {case.pk: payee}}):
        found = batches.look(selection, on=timezone.localdate())
        batch = batches.draw_up(selection, confirmed=found, by=finance)
        batch = locking.lock(batch.pk, confirmed=locking.look_at(batch).digest, by=finance)
    batch = batches.sign(batch.pk, seen=batches.standing(batch), by=second)
    payment_files.make(batch.pk, by=finance)
    text = f"业务编号,收款账号,收款户名,金额,处理结果\nFK9,{account},{name},1500,成功\n"
    answer = answering.give_in(
        SimpleUploadedFile("回盘.csv", text.encode()),
        Channel.objects.get(pk="one_card"),
        region=OTOG,
        by=finance,
    )
    made.numbers |= _asked_back(line, case, payee, finance, second, approvers)
    made.numbers |= {
        "batch": batch.pk,
        "payable": payable.pk,
        "item": batch.items.get().pk,
        "payment_file": batch.files.get().pk,
        "answer": answer.pk,
    }


def _asked_back(
    line: Any, case: Any, payee: Any, finance: Any, second: Any, approvers: Any
) -> dict[str, int]:
    """500 that the bank paid; 100 of it was too much, is asked back, and somebody proposes to write it off."""
    from portal.funds import (
        answering,
        batches,
        court_documents,
        ledger,
        locking,
        payees,
        payment_files,
        recovering,
        recovery_steps,
        replanning,
    )
    from portal.funds.models import Channel

    share = ledger.Draw(case.pk, Decimal(500), "person", "c" * 64, payee.digest, share=2)
    (payable,) = ledger.draw(line, [share], by=finance)
    ledger.move([payable.pk], "reserve", by=second)
    ledger.approve([payable.pk], "commit", by=approvers[1])
    ledger.move([payable.pk], "commit", by=second)
    channel = Channel.objects.get(pk="one_card")
    selection = batches.Selection(line.fund, channel, OTOG)
    with mock.patch.dict(payees._PROVIDERS, {case.kind: lambda case_ids: {case.pk: payee}}):
        found = batches.look(selection, on=timezone.localdate())
        batch = batches.draw_up(selection, confirmed=found, by=finance)
        batch = locking.lock(batch.pk, confirmed=locking.look_at(batch).digest, by=finance)
    batches.sign(batch.pk, seen=batches.standing(batch), by=second)
    payment_files.make(batch.pk, by=finance)
    batches.send(batch.pk, by=finance)
    item = batch.items.get()
    row = f"{item.reference},{payee.account},{payee.legal_name},500,成功"
    text = f"业务编号,收款账号,收款户名,金额,处理结果\n{row}\n"
    upload = SimpleUploadedFile("到账.csv", text.encode())
    answer = answering.give_in(upload, channel, region=OTOG, by=finance)
    answering.take_in(answer, by=finance, on_rows=lambda done, expected: None)
    today = timezone.localdate()
    plan = [(today + timedelta(days=30), Decimal(100))]
    asked = recovering.Asked(Decimal(100), "overpaid", "多付", "合成条款", "at_once", "合成户", plan)
    recovery = recovering.draw_up(payable.pk, asked, by=finance)
    silent = {"told_on": today, "heard": "silent", "heard_on": today}
    recovering.record_hearing(recovery.pk, silent, by=finance)
    recovering.decide(recovery.pk, seen=10_000, by=approvers[0], on=today, letter_number="1")
    why = {"grounds": "找不到本人", "clause": "合成条款", "document": "1"}
    write_off = recovery_steps.draw_up_write_off(recovery.pk, **why, by=finance)
    later = [(today + timedelta(days=60), Decimal(100))]
    change = replanning.propose(recovery.pk, later, reason="住院", clause="合成条款", by=finance)
    served = today - timedelta(days=11)
    recovery_steps.remind(recovery.pk, pay_by=today, by=finance, on=served, letter_number="2")
    asked_of_court = {
        "reminder_served_on": served,
        "final_on": today - timedelta(days=1),
        "on": today,
        "court": "鄂托克旗人民法院",
        "document": "3",
    }
    recovery_steps.hand_over(recovery.pk, asked_of_court, by=finance)
    ruling = court_documents.Paper("granted", "（2026）内0624行审1号", today)
    document = court_documents.attach(recovery.pk, scan(picture(), "裁定书.png"), ruling, by=finance)
    return {
        "court_document": document.pk,
        "paid": payable.pk,
        "recovery": recovery.pk,
        "write_off": write_off.pk,
        "plan_change": change.pk,
    }
