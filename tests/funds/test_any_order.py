"""Whatever is tried in whatever order: what is kept is what the transfers say, and what a second book says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.access import NotNow
from portal.funds import ledger
from portal.funds.models import Balance, Payable
from portal.funds.moves import MOVES
from portal.funds.proof import differences
from tests.funds.conftest import Office
from tests.roles import undone

SUMS = (600_000, 500_000, 100_001, 2000)
OF_PAYABLES = [code for code, move in MOVES.items() if move.of_payable and not move.needs_bank_row]
STEPS = st.tuples(
    st.sampled_from(["move", "approve"]), st.sampled_from(OF_PAYABLES), st.integers(0, 3), st.booleans()
)


class Book:
    """The same money by hand: where each payable is, and what is left."""

    def __init__(self) -> None:
        self.where = ["available"] * len(SUMS)
        self.approved: list[set[tuple[str, str]]] = [set() for _ in SUMS]

    def left(self) -> int:
        return 1_000_000 - sum(
            amount for amount, where in zip(SUMS, self.where, strict=True) if where != "available"
        )

    def may_move(self, code: str, one: int) -> bool:
        move = MOVES[code]
        enough = 2 if SUMS[one] > 100_000 else 1
        people = {who for approved, who in self.approved[one] if approved == code}
        return (
            self.where[one] == move.from_bucket
            # What leaves does so with its batch (test_payments_in_any_order), what is taken apart with its set-off
            # (test_set_off_any_order): there is neither here.
            and code not in {"send", "split", "split_part"}
            and (not move.needs_approval or len(people) >= enough)
            and (move.from_bucket != "available" or SUMS[one] <= self.left())
        )

    def move(self, code: str, one: int) -> None:
        self.where[one] = MOVES[code].to_bucket
        self.approved[one].clear()


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
def test_a_second_book_says_the_same(office: Office, line: Any, drawn: Any, steps: list[Any]) -> None:
    with undone():
        payables, book = drawn(*SUMS), Book()
        for what, code, one, by_the_first in steps:
            number = [payables[one].pk]
            if what == "approve":
                approver = office.approver if by_the_first else office.second_approver
                if _done(lambda: ledger.approve(number, code, by=approver)):  # noqa: B023 - called at once
                    book.approved[one].add((code, approver.username))
                continue
            may = book.may_move(code, one)
            assert _done(lambda: ledger.move(number, code, by=office.second_finance)) is may  # noqa: B023
            if may:
                book.move(code, one)
        assert [Payable.objects.get(pk=one.pk).bucket for one in payables] == book.where
        kept = dict(Balance.objects.filter(line=line).values_list("bucket", "amount"))
        told = Counter[str]()
        for amount, where in zip(SUMS, book.where, strict=True):
            told[where] += amount
        told["available"] = book.left()
        assert {bucket: amount // 100 for bucket, amount in kept.items() if amount > 0} == +told
        assert differences() == []


def _done(step: Any) -> bool:
    try:
        with transaction.atomic():
            step()
    except (NotNow, IntegrityError):
        return False
    return True
