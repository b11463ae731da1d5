"""What the service desk says of claims: how far each is, and where its money is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from subsidies import handling
from subsidies.models import Claim
from tests.subsidies.conftest import INSURANCE, give, line_of
from tests.subsidies.test_money import waiting_to_be_decided  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 17)


def test_the_desk_says_where_the_money_is(
    cast: Any,
    as_user: Any,
    waiting_to_be_decided: Any,  # noqa: F811
    django_assert_max_num_queries: Any,
) -> None:
    give(cast, line_of(cast, INSURANCE), 1_500)
    claims = waiting_to_be_decided(2)
    handling.approve_many([one.pk for one in claims], by=cast("approver"), on=TUESDAY)
    client = as_user(cast("clerk"))
    client.get(reverse("window:desk"))
    for claim, said in zip(claims, ("已预留资金：财务人员", "待资金：等待财政部门下达资金"), strict=True):
        worker = Claim.objects.get(pk=claim.pk).worker
        with django_assert_max_num_queries(20):
            page = client.get(reverse("window:desk_person", args=[worker.pk])).content.decode()
        assert said in page
        assert page.count(f">{claim.case.number}<") <= 1, "it stands among the claims alone"
