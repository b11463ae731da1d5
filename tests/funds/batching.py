"""Batches in tests: who is paid for the cases of the cast, and a batch at every step of its life.

周会计 draws up and sends; 吴会计 and 郑会计 sign. Accounts are recorded by 乌兰 and confirmed by 巴特尔.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.funds import answering, batches, locking, payment_files
from portal.funds.batches import Selection
from portal.funds.models import Answer, Batch, Channel, Fund, Item, PayeeKind
from portal.funds.payees import Payee
from portal.jobs.runner import run_job
from tests.cast import OTOG
from tests.funds.conftest import Office


@dataclass
class Accounts:
    """Who is paid for each case, as a programme would say."""

    recorder: Any
    confirmer: Any
    kind: PayeeKind = PayeeKind.PERSON
    said: dict[int, dict[str, Any]] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)

    def payee(self, case_id: int) -> Payee:
        payee = Payee(
            kind=self.kind,
            legal_name="王建国",
            bank_spelling=None,
            account=f"62170000{case_id:011d}",
            bank="合成银行鄂托克旗支行",
            identity_number="150624198506150018",
            recorded_by=self.recorder.pk,
            confirmed_by=self.confirmer.pk,
            confirmed_at=timezone.now(),
        )
        return replace(payee, **self.said.get(case_id, {}))

    def provide(self, case_ids: Collection[int]) -> dict[int, Payee]:
        return {case_id: self.payee(case_id) for case_id in case_ids if case_id not in self.missing}


@dataclass
class Batching:
    """Takes a batch through its life."""

    office: Office
    third_finance: Any
    accounts: Accounts

    def selection(self, **said: Any) -> Selection:
        given = {
            "fund": Fund.objects.get(pk="employment_subsidy_fund"),
            "channel": Channel.objects.get(pk="one_card"),
            "region": OTOG,
        }
        return Selection(**{**given, **said})

    def drawn_up(self, **said: Any) -> Batch:
        selection = self.selection(**said)
        found = batches.look(selection, on=timezone.localdate())
        return batches.draw_up(selection, confirmed=found, by=self.office.finance)

    def locked(self, batch: Batch) -> Batch:
        return locking.lock(batch.pk, confirmed=locking.look_at(batch).digest, by=self.office.finance)

    def signed(self, batch: Batch, by: Any = None) -> Batch:
        return batches.sign(batch.pk, seen=batches.standing(batch), by=by or self.office.second_finance)

    def filed(self, batch: Batch) -> Batch:
        return payment_files.make(batch.pk, by=self.office.finance)

    def sent(self, batch: Batch | None = None) -> Batch:
        """From the beginning, or from a batch drawn up already, until it is with the bank."""
        batch = self.filed(self.signed(self.locked(batch or self.drawn_up())))
        return batches.send(batch.pk, by=self.office.finance)

    # -- the bank --------------------------------------------------------------------------------------------
    def row(self, item: Item, status: str = "成功", words: str = "", **said: str) -> list[str]:
        """A row of the bank about an item, as it was sent, but for what is said."""
        given = {
            "reference": item.reference,
            "account": str(item.payee.account),
            "name": item.payee.name_at_bank,
            "amount": f"{item.sum:f}",
            "number": "",
        } | said
        return [
            given["reference"],
            given["account"],
            given["name"],
            given["amount"],
            status,
            words,
            given["number"],
        ]

    def given_in(self, rows: Sequence[Sequence[str]], *, encoding: str = "gb18030", **said: Any) -> Answer:
        """A file of these rows, given in but not taken in."""
        lines = [HEADER, *rows]
        text = "\r\n".join(",".join(cells) for cells in lines) + "\r\n"
        return self.given_bytes(text.encode(encoding), **said)

    def given_bytes(
        self, content: bytes, *, channel: str = "one_card", by: Any = None, region: str = OTOG
    ) -> Answer:
        return answering.give_in(
            SimpleUploadedFile("回盘.csv", content),
            Channel.objects.get(pk=channel),
            region=region,
            by=by or self.office.finance,
        )

    def taken_in(self, rows: Sequence[Sequence[str]], **said: Any) -> Answer:
        return self.done(self.given_in(rows, **said))

    def done(self, answer: Answer) -> Answer:
        run_job(answer.job_id)
        answer.refresh_from_db()
        return answer


HEADER = ["业务编号", "收款账号", "收款户名", "金额", "处理结果", "失败原因", "银行流水号"]
