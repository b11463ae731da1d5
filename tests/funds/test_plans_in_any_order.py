"""Repayments, set-offs, write-offs and changes of the plan in whatever order: what came, was set off, was written off and is
still to come is what is due; nothing counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.access import NotNow, Refused
from portal.funds import asked_back, recovery_steps, replanning
from portal.funds import recovering as asking
from portal.funds.models import BankRow, Payable, PlanChange, Recovery, RecoveryShare, WriteOff
from portal.funds.money import yuan
from portal.funds.proof import differences
from portal.regions.calendar import OfficeCalendar
from tests.funds.conftest import Office
from tests.funds.recovering import paid_by_the_bank
from tests.funds.test_ledger import balances
from tests.funds.test_recoveries import insured, of_the_same_person, unclean
from tests.roles import undone

__all__ = ["insured"]

# By instalments, and set off from later benefits.
ASKED, BENEFITS = (2000, 1500), (400, 700, 900)
WAYS = (
    "came",
    "came",
    "same_row",
    "set_off",
    "propose",
    "propose",
    "decide",
    "forget",
    "write_off",
    "decide_off",
    "forget_off",
    "drop",
)
STEPS = st.tuples(
    st.sampled_from(WAYS), st.integers(0, 1), st.integers(1, 4), st.sampled_from([100, 350, 900])
)


@dataclass
class Book:
    """The same by hand, in yuan: what came and was set off or written off of each recovery."""

    come: dict[int, int] = field(default_factory=dict)
    off: dict[int, int] = field(default_factory=dict)

    def add(self, kept: dict[int, int], recovery: Recovery, amount: int) -> None:
        kept[recovery.pk] = kept.get(recovery.pk, 0) + amount


@pytest.fixture
def asked(
    insured: Any, approved: Any, batching: Any, recovering: Any
) -> tuple[list[Recovery], list[Payable]]:
    """Two recoveries of one person, decided, and later benefits of theirs."""
    payables = paid_by_the_bank(batching, approved(*ASKED, on=insured))
    recovering.fallen(payables)
    benefits = list(approved(*BENEFITS, on=insured))
    for one in (payables[1], *benefits):
        of_the_same_person(one, payables[0])
    plans = (
        recovering.asked(ASKED[0], 500, 700, 800),
        recovering.asked(ASKED[1], way="set_off", pay_to="", plan=()),
    )
    fresh = [Payable.objects.get(pk=payable.pk) for payable in payables]
    return [recovering.decided(one, plan) for one, plan in zip(fresh, plans, strict=True)], benefits


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=18))
def test_what_is_settled_and_what_is_left_is_what_is_due(
    office: Office, insured: Any, asked: Any, recovering: Any, steps: list[Any]
) -> None:
    recoveries, benefits = asked
    with undone():
        book = Book()
        for place, (step, one, parts, sum_) in enumerate(steps):
            _try(office, recovering, book, step, recoveries[one], benefits, parts, sum_, place)
            assert differences() == []
            for recovery in recoveries:
                _holds(recovery, book)
        assert unclean() == []
        _nothing_twice(insured, recoveries, book)


def _holds(recovery: Recovery, book: Book) -> None:
    """As it is told to the person, on the page and over the API: it adds up, and is what the book says."""
    shown = Recovery.objects.prefetch_related(*asked_back.PARTS).get(pk=recovery.pk)
    told = asked_back.told_of(shown, OfficeCalendar())
    assert (told.come, told.off) == (
        100 * book.come.get(recovery.pk, 0),
        100 * book.off.get(recovery.pk, 0),
    )
    settled, left = told.come + told.off, shown.amount - told.come - told.off
    assert left >= 0
    if shown.state == "decided":
        assert told.rest == left > 0
    else:
        assert told.rest == 0 and (shown.state == "dropped" or left == 0)
    # The plan that counts comes to all that was not settled before it.
    plan = asked_back.plan_of(shown)
    if shown.way == "set_off":
        assert not plan.instalments and not plan.changed
        return
    assert plan.before + sum(part.amount for part in plan.instalments) == shown.amount
    assert plan.before <= settled
    # What is due next, and what is late, by the page and by the list alike.
    assert (told.due is None) is (left == 0)
    for days in (0, 40, 75, 110, 400):
        day = timezone.localdate() + timedelta(days=days)
        is_listed = asked_back.late(Recovery.objects.filter(pk=shown.pk), day).exists()
        asked_of = told.due is not None and told.due.until < day
        assert is_listed is (shown.state == "decided" and asked_of), (days, told.due)


def _nothing_twice(line: Any, recoveries: list[Recovery], book: Book) -> None:
    """Each row of the bank, benefit and decision counts once, and the money is where the book says."""
    shares = RecoveryShare.objects.filter(recovery__in=recoveries)
    for name in ("bank_row", "settled", "write_off"):
        named = list(shares.exclude(**{name: None}).values_list(name, flat=True))
        assert len(named) == len(set(named))
    assert sum(shares.values_list("amount", flat=True)) == 100 * (
        sum(book.come.values()) + sum(book.off.values())
    )
    taken = BankRow.objects.filter(recovery__in=recoveries, outcome="recovered")
    assert shares.filter(kind="received").count() == taken.count()
    assert len(set(taken.values_list("bank_number", flat=True))) == taken.count()
    kept = balances(line)
    assert kept.get("written_off", 0) == sum(book.off.values())
    set_off = sum(shares.filter(kind="set_off").values_list("amount", flat=True)) // 100
    came, off = sum(book.come.values()), sum(book.off.values())
    assert kept.get("paid", 0) == sum(ASKED) - came - off + set_off
    assert kept.get("committed", 0) == sum(BENEFITS) - set_off
    assert sum(kept.values()) == 0


def _try(
    office: Office,
    recovering: Any,
    book: Book,
    step: str,
    recovery: Recovery,
    benefits: list[Payable],
    parts: int,
    sum_: int,
    place: int,
) -> None:
    """Do it; what it settles is noted in the book."""
    if step in {"came", "same_row"}:
        # The same row of the bank again, in another file: it came already.
        number = "B0" if step == "same_row" else f"B{place + 1}"
        answer = recovering.came(recovering.row(recovery, str(sum_), number, status="已入账" + " " * place))
        if BankRow.objects.get(answer=answer).outcome == "recovered":
            book.add(book.come, recovery, sum_)
        return
    change = PlanChange.objects.filter(recovery=recovery).order_by("-pk").first()
    proposed = WriteOff.objects.filter(recovery=recovery).order_by("-pk").first()
    try:
        if step == "set_off":
            share = recovery_steps.set_off(recovery.pk, _still_due(benefits, parts), by=office.finance)
            book.add(book.come, recovery, share.amount // 100)
        elif step == "propose":
            replanning.propose(
                recovery.pk,
                _later(recovery, parts, sum_),
                reason="住院",
                clause="合成条款",
                by=office.finance,
            )
        elif step == "decide" and change:
            replanning.decide(change.pk, by=office.approver, on=timezone.localdate(), letter_number="2")
        elif step == "forget" and change:
            replanning.drop(change.pk, by=office.finance)
        elif step == "write_off":
            recovering.write_off(recovery)
        elif step == "decide_off" and proposed:
            made = recovery_steps.decide_write_off(proposed.pk, by=office.approver)
            book.add(book.off, recovery, made.amount // 100)
        elif step == "forget_off" and proposed:
            recovery_steps.drop_write_off(proposed.pk, by=office.finance)
        elif step == "drop" and parts == 1:
            asking.drop(recovery.pk, reason="有误", by=office.approver)
    except (NotNow, Refused):
        return
    except IntegrityError as error:
        raise AssertionError(f"{step} is refused without words") from error


def _still_due(benefits: list[Payable], choice: int) -> int:
    """A benefit of the person, or the rest of one, that waits to be paid; one that does not where none does."""
    cases = [benefit.case_id for benefit in benefits]
    waits = Payable.objects.filter(case__in=cases, bucket="committed").order_by("pk")
    due = list(waits.values_list("pk", flat=True)) or [benefits[0].pk]
    return int(due[choice % len(due)])


def _later(recovery: Recovery, parts: int, first: int) -> list[tuple[Any, Decimal]]:
    """What is left in so many parts, or, of three, a plan that does not come to it."""
    left = yuan(recovery_steps.rest_of(Recovery.objects.get(pk=recovery.pk)))
    day = timezone.localdate()
    if parts == 1 or left <= first:
        return [(day + timedelta(days=50), left)]
    if parts == 3:
        return [(day + timedelta(days=50), Decimal(first))]
    return [(day + timedelta(days=60), Decimal(first)), (day + timedelta(days=100), left - first)]
