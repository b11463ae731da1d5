"""Whatever is set off, paid and returned in whatever order: every yuan of a benefit is set off or paid, once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.access import NotNow
from portal.funds import recovery_steps
from portal.funds.models import Item, Payable, Recovery, RecoveryShare
from portal.funds.proof import differences
from tests.funds.conftest import Office
from tests.funds.test_ledger import balances
from tests.funds.test_recoveries import insured, unclean
from tests.funds.test_set_off_in_part import asked_off, later
from tests.roles import undone

__all__ = ["asked_off", "insured", "later"]

SUMS = (300, 500)
BENEFITS = (1000, 450, 200)
STEPS = st.tuples(
    st.sampled_from(["set_off", "came", "pay", "return", "write_off"]),
    st.integers(0, len(SUMS) - 1),
    st.integers(0, 6),
)


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_every_yuan_of_a_benefit_is_set_off_or_paid_once(
    office: Office, insured: Any, asked_off: Any, later: Any, batching: Any, recovering: Any, steps: list[Any]
) -> None:
    """Whatever is set off, paid and returned in whatever order: the parts of each benefit come to it, and each recovery takes
    no more than was left.
    """
    with undone():
        recoveries = asked_off(*SUMS)
        benefits = later(recoveries[0], *BENEFITS)
        for place, (step, one, other) in enumerate(steps):
            _try(office, batching, recovering, step, recoveries[one], benefits, other, place)
            assert differences() == []
        assert unclean() == []
        for benefit, amount in zip(benefits, BENEFITS, strict=True):
            parts = Payable.objects.filter(case=benefit.case_id).exclude(bucket="available")
            assert sum(part.amount for part in parts) == amount * 100
            paid_out = Item.objects.filter(payable__in=parts, state="paid").count()
            off = RecoveryShare.objects.filter(settled__in=parts).count()
            assert paid_out + off == parts.filter(bucket="paid").count()
        for recovery in recoveries:
            come = recovery_steps.come_of(recovery)
            recovery.refresh_from_db()
            assert come <= recovery.amount and (recovery.state == "done") is (come == recovery.amount)
        # What was taken apart is approved already: no kept balance but those of the parts.
        kept = balances(insured)
        assert sum(kept.values()) == 0
        waits = Payable.objects.filter(line=insured, bucket="committed")
        assert kept.get("committed", 0) == sum(one.amount for one in waits) // 100


def _try(
    office: Office,
    batching: Any,
    recovering: Any,
    step: str,
    recovery: Recovery,
    benefits: list[Payable],
    other: int,
    place: int,
) -> None:
    cases = [benefit.case_id for benefit in benefits]
    try:
        if step == "set_off":
            due = list(Payable.objects.filter(case__in=cases, bucket="committed").order_by("pk"))
            if due:
                recovery_steps.set_off(recovery.pk, due[other % len(due)].pk, by=office.finance)
        elif step == "came":
            recovering.came(recovering.row(recovery, "100", f"B{place}"))
        elif step == "write_off":
            made = recovering.write_off(recovery)
            recovery_steps.decide_write_off(made.pk, by=office.approver)
        elif Payable.objects.filter(case__in=cases, bucket="committed").exists():
            batch = batching.sent()
            status = "成功" if step == "pay" else "失败"
            rows = [
                batching.row(item, status, number=f"{place}-{item.pk}")
                for item in batch.items.select_related("payee")
            ]
            batching.taken_in(rows, channel="agency_account")
    except NotNow:
        return
    except IntegrityError as error:
        raise AssertionError(f"{step} is refused without words") from error
