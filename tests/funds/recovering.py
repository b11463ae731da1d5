"""Recoveries in tests: payments that the bank confirmed, whose approval fell; each step of asking them back.

周会计 draws up, records and posts; 孙立新 decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from portal.funds import recovering, recovery_steps, revoking
from portal.funds.models import Answer, Item, Payable, Recovery, WriteOff
from portal.funds.recovering import Asked
from portal.funds.revoking import Fallen
from tests.funds.batching import Batching
from tests.funds.conftest import Office

OUR_ACCOUNT = "合成市就业服务中心，合成银行，15060000000001"


@dataclass
class Recovering:
    """Takes a recovery through its life."""

    office: Office
    batching: Batching
    supervisor: Any
    channel: str = "one_card"

    def fallen(self, payables: Sequence[Payable]) -> list[Payable]:
        """Their approvals were taken back, signed by two."""
        fallen = [
            Fallen(
                one.case_id,
                "与他人重复申领",
                "（十）条",
                self.office.approver.pk,
                self.supervisor.pk,
            )
            for one in payables
        ]
        revoking.revoke(fallen, by=self.supervisor, on=timezone.localdate())
        return list(payables)

    def asked(self, amount: int, *sums: int, **said: Any) -> Asked:
        """All of it until the end of the next month, or these sums month by month."""
        today = timezone.localdate()
        plan = [
            (today + timedelta(days=31 * place), Decimal(sum_))
            for place, sum_ in enumerate(sums or (amount,), start=1)
        ]
        given = {
            "amount": Decimal(amount),
            "cause": "fallen",
            "grounds": "批准已撤销，补贴应当退还",
            "clause": "合成条款",
            "way": "instalments" if sums else "at_once",
            "pay_to": OUR_ACCOUNT,
            "plan": plan,
        }
        return Asked(**{**given, **said})

    def drawn_up(self, payable: Payable, asked: Asked | None = None, *, by: Any = None) -> Recovery:
        asked = asked or self.asked(payable.amount // 100)
        return recovering.draw_up(payable.pk, asked, by=by or self.office.finance)

    def heard(self, recovery: Recovery, **said: Any) -> None:
        today = timezone.localdate()
        given = {
            "told_on": today - timedelta(days=8),
            "heard": "said",
            "heard_on": today - timedelta(days=3),
            "said": "当事人称生活困难",
            "answer": "可以分期退回",
        }
        recovering.record_hearing(recovery.pk, given | said, by=self.office.finance)

    def decided(self, payable: Payable, asked: Asked | None = None) -> Recovery:
        recovery = self.drawn_up(payable, asked)
        self.heard(recovery)
        return self.decide(recovery)

    def decide(self, recovery: Recovery, *, by: Any = None, on: date | None = None) -> Recovery:
        return recovering.decide(
            recovery.pk,
            seen=recovery.amount,
            by=by or self.office.approver,
            on=on or timezone.localdate(),
            letter_number="合成退决〔2026〕1号",
        )

    # -- the bank --------------------------------------------------------------------------------------------
    def row(self, recovery: Recovery, amount: str, number: str, status: str = "已入账") -> list[str]:
        """A row of the bank over a sum that came by the number of the recovery."""
        return [recovery.number, "6217009999", "王建国", amount, status, "", number]

    def came(self, *rows: list[str], **said: Any) -> Answer:
        return self.batching.taken_in(list(rows), channel=self.channel, **said)

    def write_off(self, recovery: Recovery) -> WriteOff:
        return recovery_steps.draw_up_write_off(
            recovery.pk,
            grounds="当事人死亡且没有遗产",
            clause="合成条款",
            document="合成核决〔2026〕1号",
            by=self.office.finance,
        )


def paid_by_the_bank(batching: Batching, payables: Sequence[Payable]) -> list[Payable]:
    """All in one batch, sent, and confirmed by the bank."""
    batch = batching.sent()
    items = Item.objects.filter(batch=batch).select_related("payee")
    batching.taken_in([batching.row(item) for item in items], channel=batch.channel_id)
    return [Payable.objects.get(pk=one.pk) for one in payables]
