"""Values with an end that name the value which holds again afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.policy.actions import confirm_parameter_value
from portal.policy.law import law_on
from portal.policy.models import ParameterValue
from tests.policy.test_law import LIMIT, entered

pytestmark = pytest.mark.django_db


def _values_read_twice(on: dt.date) -> Any:
    """The limit on a day, as decisions read it; pages, which ask the database, read the same."""
    value = law_on(on).value(LIMIT)
    shown = ParameterValue.objects.in_force(on).filter(parameter__code=LIMIT).first()
    assert (shown.value if shown else None) == value
    return value


def test_a_relaxation_gives_way_to_the_value_it_names(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    base, first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 6, 30)
    for fields in ({"value": 5}, {"value": 9, "since": first, "until": last, "gives_way_to": base}):
        confirm_parameter_value(entered(policy_officer, **fields), by=second_policy_officer)
    one_day = dt.timedelta(days=1)
    days = [first - one_day, first, last, last + one_day]
    assert [_values_read_twice(day) for day in days] == [5, 9, 9, 5]
    known_then = timezone.now()
    # What was wrong about the base rule is right wherever it holds.
    confirm_parameter_value(entered(policy_officer, value=6), by=second_policy_officer)
    assert [_values_read_twice(day) for day in days] == [6, 9, 9, 6]
    assert law_on(days[-1], confirmed_before=known_then).value(LIMIT) == 5
    # And when there is none any more, nothing comes back.
    confirm_parameter_value(entered(policy_officer, value=None), by=second_policy_officer)
    assert [_values_read_twice(day) for day in days] == [None, 9, 9, None]


@pytest.mark.parametrize(
    "fields",
    [
        {"gives_way_to": dt.date(2024, 1, 1)},
        {"until": dt.date(2026, 6, 30), "gives_way_to": dt.date(2024, 1, 2)},
        {"until": dt.date(2026, 6, 30), "gives_way_to": dt.date(2026, 1, 1)},
    ],
    ids=["without an end", "to none", "to itself"],
)
def test_a_value_gives_way_to_an_earlier_one_at_its_end(policy_officer: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entered(policy_officer, **fields)


def test_a_value_does_not_give_way_to_one_that_ends(policy_officer: Any) -> None:
    with pytest.raises(ValidationError):
        entered(
            policy_officer,
            "training.skill-upgrade.insured-months",
            value=9,
            until=dt.date(2026, 6, 30),
            gives_way_to=dt.date(2017, 1, 1),
        )
