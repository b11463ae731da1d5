"""Whatever is tried with a batch in whatever order, and whatever the bank says: what is kept is what the rest says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.access import NotNow
from portal.funds import batches
from portal.funds.models import Batch, Item, Payable, Transfer
from tests.funds.conftest import Office
from tests.funds.test_answers import unproven
from tests.roles import undone

SUMS = (2000, 1500, 500)
STEPS = st.tuples(
    st.sampled_from(
        ["draw_up", "lock", "sign", "file", "send", "close", "withdraw", "drop", "paid", "returned"]
    ),
    st.integers(0, 2),
)


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=30))
def test_money_is_where_batches_and_bank_say(
    office: Office, approved: Any, batching: Any, steps: list[Any]
) -> None:
    with undone():
        payables = [payable.pk for payable in approved(*SUMS)]
        for place, (step, one) in enumerate(steps):
            _try(batching, office, step, payables[one], place)
            assert unproven() == []
        settled = Counter(Transfer.objects.filter(move="settle").values_list("payable_id", flat=True))
        back = Counter(Transfer.objects.filter(move="late_return").values_list("payable_id", flat=True))
        for payable in Payable.objects.filter(pk__in=payables):
            assert settled[payable.pk] - back[payable.pk] == (payable.bucket == "paid")
            assert Item.objects.filter(payable=payable, state__in=["listed", "sent", "paid"]).count() <= 1


def _try(batching: Any, office: Office, step: str, payable: int, place: int) -> None:
    batch = Batch.objects.order_by("-pk").first()
    if step == "draw_up" or batch is None:
        act = batching.drawn_up
    elif step in ("paid", "returned"):
        item = Item.objects.filter(payable=payable).select_related("payee").order_by("-pk").first()
        if item is None or not hasattr(item, "payee"):
            return
        status = "成功" if step == "paid" else "失败"
        batching.taken_in([batching.row(item, status, number=f"B{place}")])
        return
    else:
        listed = batch.items.filter(payable=payable).values_list("pk", flat=True)
        act = {
            "lock": lambda: batching.locked(batch),
            "sign": lambda: batching.signed(batch),
            "file": lambda: batching.filed(batch),
            "send": lambda: batches.send(batch.pk, by=office.finance),
            "close": lambda: batches.close(batch.pk, by=office.finance),
            "withdraw": lambda: listed and batches.withdraw(list(listed), reason="有误", by=office.finance),
            "drop": lambda: batches.drop(batch.pk, reason="有误", by=office.finance),
        }[step]
    try:
        act()
    except NotNow:
        return
    except IntegrityError as error:
        raise AssertionError(f"{step} is refused without words") from error
