"""Many rows written in one statement, each with values of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.cases.models import Case
from portal.updating import update_each
from tests.cases.test_life_of_a_case import opened
from tests.cast import make_worker

pytestmark = pytest.mark.django_db


def test_each_row_gets_its_own(clerk: Any, django_assert_num_queries: Any) -> None:
    worker = make_worker()
    one, other, third = [opened(worker) for _ in range(3)]
    one.due_on, one.assigned_to, one.due_certain = date(2026, 12, 1), clerk, False
    other.due_on, other.assigned_to, other.due_certain = None, None, True
    other.subject = "不写入"
    with django_assert_num_queries(1):
        update_each([one, other], ["due_on", "assigned_to", "due_certain"])
    read = Case.objects.order_by("pk").values_list("due_on", "assigned_to", "due_certain", "subject")
    assert list(read) == [
        (date(2026, 12, 1), clerk.pk, False, one.subject),
        (None, None, True, third.subject),
        (third.due_on, None, True, third.subject),
    ]


def test_nothing_is_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        update_each([], ["subject"])
