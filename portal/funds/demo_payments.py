"""How money of the demonstration was paid: posted, drawn up into a batch, signed by another, sent, and answered by the bank,
each by whoever does it and at the moment that is told of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from portal.demo import Demo
from portal.funds import answering, batches, causes, committing, locking, payment_files
from portal.funds.batches import Selection
from portal.funds.demo import telling
from portal.funds.models import Answer, Batch, Cause, Channel, Item, ItemState, Line, Payable, Recovery
from portal.funds.moves import MoveCode
from portal.jobs.runner import run_job
from portal.workforce.models import PayeeAccount

CLOSED, OTHER_NAME = "账户已销户", "户名与账号不符"
# By which way each fund pays people.
_CHANNELS = {"unemployment_insurance_fund": "agency_account", "employment_subsidy_fund": "one_card"}
_HEAD = ("业务编号", "收款账号", "收款户名", "金额", "处理结果", "失败原因", "银行流水号")


class Cashier:
    """Pays for the demonstration. 周敏 posts, draws up and sends; 吴敬 signs."""

    def __init__(self, demo: Demo) -> None:
        self._finance = demo.people["finance_officer"]
        self._second = demo.people["second_finance_officer"]

    def explain(self) -> None:
        """Some of the bank's words are explained by two; others wait for somebody."""
        causes.confirm(causes.say(CLOSED, Cause.ACCOUNT_CLOSED, by=self._finance).pk, by=self._second)

    # -- up to the bank --------------------------------------------------------------------------------------
    def post(self, cases: Collection[int], on: date) -> None:
        """What was approved of these cases is posted as committed."""
        numbers = list(Payable.objects.filter(case__in=cases).values_list("pk", flat=True))
        with telling(on):
            posted = committing.post_many(numbers, MoveCode.COMMIT, by=self._finance)
        if posted.refused:
            raise RuntimeError(f"the demonstration's money was not posted: {posted.refused}")

    def draw_up(self, line: Line, on: date) -> Batch:
        """All that is committed on the league's line of a fund, with what came back before."""
        channel = Channel.objects.get(pk=_CHANNELS[line.fund_id])
        selection = Selection(line.fund, channel, line.region_id)
        with telling(on, 11):
            found = batches.look(selection, on=timezone.localdate())
            return batches.draw_up(selection, confirmed=found, by=self._finance)

    def lock(self, batch: Batch, on: date) -> Batch:
        with telling(on, 14):
            return locking.lock(batch.pk, confirmed=locking.look_at(batch).digest, by=self._finance)

    def send(self, batch: Batch, on: date) -> Batch:
        """Signed, its file made and handed over."""
        with telling(on, 15):
            batches.sign(batch.pk, seen=batches.standing(batch), by=self._second)
            payment_files.make(batch.pk, by=self._finance)
        with telling(on, 16):
            return batches.send(batch.pk, by=self._finance)

    # -- what the bank says ----------------------------------------------------------------------------------
    def answer(self, sent: Batch, on: date, returned: Mapping[int, str]) -> Answer:
        """All of the batch is paid but what the bank returns, in its words, by number of the case."""
        items = sent.items.filter(state=ItemState.SENT).select_related("payee", "payable")
        rows = [_row(item, returned.get(item.payable.case_id, "")) for item in items]
        return self._give_in(rows, sent.channel, sent.region_id, sent.number, on)

    def receive(self, recovery: Recovery, amount: Decimal, payer: PayeeAccount, on: date) -> Answer:
        """A sum came by the number of a recovery, from an account."""
        line, name = recovery.payable.line, payer.worker.name
        bank_number = f"HC{recovery.number}-1"
        row = (recovery.number, payer.account_number, name, f"{amount:f}", "成功", "", bank_number)
        channel = Channel.objects.get(pk=_CHANNELS[line.fund_id])
        return self._give_in([row], channel, line.region_id, recovery.number, on)

    def _give_in(
        self, rows: Sequence[Sequence[str]], channel: Channel, region: str, number: str, on: date
    ) -> Answer:
        content = "\r\n".join(",".join(row) for row in [_HEAD, *rows]).encode("gb18030")
        name = f"合成回盘{on:%Y%m%d}-{number}.csv"
        upload = UploadedFile(ContentFile(content), name, "text/csv", len(content))
        with telling(on, 17):
            answer = answering.give_in(upload, channel, region=region, by=self._finance)
            run_job(answer.job_id)
        answer.refresh_from_db()
        return answer

    def close(self, batch: Batch, on: date) -> None:
        with telling(on, 18):
            batches.close(batch.pk, by=self._finance)


def _row(item: Item, words: str) -> tuple[Any, ...]:
    """What the bank says of an item: it is paid, or came back for a reason."""
    status = "失败" if words else "成功"
    number = f"HC{item.reference}"
    payee = item.payee
    return (
        item.reference,
        str(payee.account),
        payee.name_at_bank,
        f"{item.sum:f}",
        status,
        words,
        number,
    )
