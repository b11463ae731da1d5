"""In the demonstration two subsidies that were paid are asked back: one comes back by instalments over the year's end, of
which the first was paid; of the other the person is being heard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.demo import Demo
from portal.funds import recovering
from portal.funds.demo import telling
from portal.funds.demo_payments import Cashier
from portal.funds.models import Heard, Payable, Recovery, RecoveryCause, Way
from portal.funds.recovering import Asked
from subsidies import signing
from subsidies.models import Claim

_GROUNDS = "经核查，申领时提交的证书不是本人取得，不符合申领条件。"
_CLAUSE = "合成文号〔2026〕1号第三条（演示）"
_PAY_TO = "合成就业服务中心（演示），合成银行营业部，15060000000001"
_DAYS_TO_BE_HEARD = 10

_Plan = list[tuple[date, Decimal]]


class Recoveries:
    """Asks payments of the demonstration back. 周敏 draws up and records, the approver decides."""

    def __init__(self, demo: Demo, cashier: Cashier) -> None:
        self._on, self._people, self._cashier = demo.on, demo.people, cashier

    def load(self, by_instalments: Claim, being_heard: Claim) -> None:
        """Both were approved and paid before."""
        told_on = self._day(-60)
        self._annul([by_instalments, being_heard], self._day(-70))
        recovery = self._draw_up(by_instalments, Way.INSTALMENTS, self._months, told_on)
        self._hear(recovery, told_on)
        self._decide(recovery, self._day(-40))
        first = recovery.instalments.order_by("position")[0]
        account = by_instalments.worker.payee_accounts.earliest("pk")
        self._cashier.receive(recovery, first.sum, account, self._day(-12))
        self._draw_up(being_heard, Way.AT_ONCE, self._all_of_it, self._day(-3))

    def _day(self, after: int) -> date:
        return self._on + timedelta(days=after)

    def _annul(self, claims: Sequence[Claim], on: date) -> None:
        numbers = [claim.pk for claim in claims]
        for number in numbers:
            signing.annul(number, reason=_GROUNDS, clause=_CLAUSE, by=self._people["supervisor"], on=on)
        with telling(on):
            signed = signing.countersign_many(numbers, by=self._people["regional_reviewer"], on=on)
        if signed.refused:
            raise RuntimeError(f"the demonstration's approvals were not annulled: {signed.refused}")

    def _draw_up(self, claim: Claim, way: Way, plan: Callable[[Decimal], _Plan], on: date) -> Recovery:
        payable = Payable.objects.get(case=claim.pk)
        asked = Asked(payable.sum, RecoveryCause.FALLEN, _GROUNDS, _CLAUSE, way, _PAY_TO, plan(payable.sum))
        with telling(on):
            return recovering.draw_up(payable.pk, asked, by=self._people["finance_officer"])

    def _months(self, amount: Decimal) -> _Plan:
        """Lately, soon, and after the end of the year; whole yuan, the last with what is left."""
        third = Decimal(int(amount / 3))
        last = max(self._day(50), date(self._on.year + 1, 1, 15))
        return [(self._day(-10), third), (self._day(20), third), (last, amount - 2 * third)]

    def _all_of_it(self, amount: Decimal) -> _Plan:
        return [(self._day(30), amount)]

    def _hear(self, recovery: Recovery, told_on: date) -> None:
        said = {
            "told_on": told_on,
            "heard": Heard.SAID,
            "heard_on": told_on + timedelta(days=_DAYS_TO_BE_HEARD),
            "said": "家庭生活困难，无力一次退还。",
            "answer": "情况属实，同意分期退还。",
        }
        with telling(told_on + timedelta(days=_DAYS_TO_BE_HEARD)):
            recovering.record_hearing(recovery.pk, said, by=self._people["finance_officer"])

    def _decide(self, recovery: Recovery, on: date) -> Any:
        with telling(on):
            return recovering.decide(recovery.pk, seen=recovery.amount, by=self._people["approver"], on=on)
