"""Decided, given, drawn and taken back in whatever order: a second book that serves who was handed in first says the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.funds import drawing, revoking, waiting
from portal.funds.drawing import Share
from portal.funds.models import AwaitingMoney, Balance, Payable
from portal.funds.proof import differences
from portal.funds.revoking import Fallen
from tests.cast import OTOG
from tests.funds.conftest import Office, confirmed_document, opened, ordered
from tests.roles import undone

FUND, USE = "unemployment_insurance_fund", "skill_upgrade"
SUMS = (1000, 2000, 1500, 500)
STEPS = st.tuples(st.sampled_from(["decide", "give", "draw", "take back"]), st.integers(0, len(SUMS) - 1))


class Book:
    """The same by hand. The cases were handed in one after the other."""

    def __init__(self) -> None:
        self.left = 0
        self.where: dict[int, str] = {}

    def waits(self) -> list[int]:
        return sorted(one for one, where in self.where.items() if where == "waits")

    def decide(self, one: int) -> None:
        is_behind = any(other < one for other in self.waits())
        self.where[one] = "waits"
        if not is_behind and self.left >= SUMS[one]:
            self._reserve(one)

    def draw(self) -> None:
        for one in self.waits():
            if self.left < SUMS[one]:
                return
            self._reserve(one)

    def take_back(self, one: int) -> None:
        if self.where[one] == "reserved":
            self.left += SUMS[one]
        self.where[one] = "gone"

    def _reserve(self, one: int) -> None:
        self.left -= SUMS[one]
        self.where[one] = "reserved"


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_a_second_book_serves_the_same(
    office: Office, cases: Callable[[int], list[Any]], steps: list[tuple[str, int]]
) -> None:
    with undone():
        budget = confirmed_document(office, fund=FUND, kind="fund_budget", number="合成基金〔2026〕1号")
        line = opened(office, budget, use=USE)
        money = confirmed_document(office, fund=FUND, kind="payment_order", number="合成拨付单1")
        shares = [_share(office, case, place) for place, case in enumerate(cases(len(SUMS)))]
        book = Book()
        for what, one in steps:
            if what == "give":
                ordered(office, "appropriate", line, Decimal(1500), document=money)
                book.left += 1500
            elif what == "draw":
                waiting.draw_waiting(line.pk)
                book.draw()
            elif what == "decide" and one not in book.where:
                drawing.set_aside([shares[one]], by=office.approver)
                book.decide(one)
            elif what == "take back" and book.where.get(one) in {"waits", "reserved"}:
                _take_back(office, shares[one])
                book.take_back(one)
        numbers = {share.case_id: place for place, share in enumerate(shares)}
        reserved = Payable.objects.filter(bucket="reserved").values_list("case_id", flat=True)
        assert {numbers[case] for case in reserved} == {
            one for one, where in book.where.items() if where == "reserved"
        }
        waits = AwaitingMoney.objects.waiting().first_come().values_list("case_id", flat=True)
        assert [numbers[case] for case in waits] == book.waits()
        assert Balance.objects.get(line=line, bucket="available").amount == book.left * 100
        assert differences() == []


def _share(office: Office, case: Any, place: int) -> Share:
    return Share(
        case_id=case.pk,
        region=OTOG,
        fund=FUND,
        use=USE,
        amount=SUMS[place] * 100,
        payee_kind="person",
        calculation_digest="c" * 64,
        payee_digest="p" * 64,
        made_by=office.finance.pk,
        approved_by=office.approver.pk,
        handed_in_on=date(2026, 11, 2) + timedelta(days=place),
    )


def _take_back(office: Office, share: Share) -> None:
    fallen = Fallen(
        share.case_id,
        "证书无效。",
        "合成文号〔2026〕1号第三条",
        office.second_finance.pk,
        office.second_approver.pk,
    )
    revoking.revoke([fallen], by=office.second_approver, on=date(2026, 11, 20))
