"""Whoever is responsible for a case hears of a payment that the bank sent back."""

from __future__ import annotations

from typing import Any

import pytest

from portal.cases.models import Case, News
from portal.funds.models import Item
from tests.funds.conftest import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(approved: Any, batching: Any) -> Any:
    """The payments of these sums, in a batch that is with the bank."""

    def make(*amounts: int) -> list[Item]:
        approved(*amounts)
        items = batching.sent().items.select_related("payee", "batch", "payable")
        return list(items.order_by("position"))

    return make


def test_who_is_responsible_is_told_of_a_payment_that_came_back(
    office: Office, cast: Any, sent: Any, batching: Any
) -> None:
    clerk = cast("clerk")
    one, other = sent(2000, 1500)
    cases = Case.objects.filter(pk__in=[one.payable.case_id, other.payable.case_id])
    cases.update(assigned_to=clerk)
    batching.taken_in([batching.row(one), batching.row(other, "失败", "账号不存在")])
    told = News.objects.filter(person=clerk)
    assert list(told.values_list("case_id", "kind")) == [(other.payable.case_id, "payment_returned")]
