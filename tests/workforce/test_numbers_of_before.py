"""What earlier migrations made of numbers that were confirmed already: they ran before the database held these."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction

from portal.workforce.models import SkillCredential
from tests.cast import confirm, make_worker

KEPT = {"occupation": "焊工", "source": "花名册"}


@pytest.fixture
def not_held_yet(committed: str, owner_sql: Callable[..., Any]) -> None:
    """The database as these migrations found it."""
    owner_sql("DROP TRIGGER workforce_hold_change ON workforce_skillcredential")


def _run(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_numbers_are_folded_and_stay_confirmed(not_held_yet: None) -> None:
    step = import_module("portal.workforce.migrations.0006_one_form_of_names")
    worker = make_worker()
    confirmed = SkillCredential.objects.create(worker=worker, level=40, number="ｓ 0001", **KEPT)
    confirm(confirmed)
    twice = [
        SkillCredential.objects.create(worker=worker, level=50, number=number, **KEPT)
        for number in ("x-1", "X-1", "x -1")
    ]
    _run(step.KEEP_CONFIRMED, step.NUMBERS, step.CONFIRM_AGAIN)
    confirmed.refresh_from_db()
    assert (confirmed.number, confirmed.verification) == ("S0001", "confirmed")
    for one in twice:
        one.refresh_from_db()
    assert [one.number for one in twice] == ["x-1", "X-1", "x -1"]


def test_numbers_have_one_dash(not_held_yet: None) -> None:
    """Who confirmed the number has confirmed it; two spellings of one number stay for somebody to judge."""
    step = import_module("portal.workforce.migrations.0014_one_dash")
    worker = make_worker()
    for number in ("S15—01", "S15–03", "S15-03", "1501"):
        SkillCredential.objects.create(worker=worker, level=40, number=number, **KEPT)
    confirm(SkillCredential.objects.get(number="S15—01"))
    _run(step.KEEP_CONFIRMED, step.NUMBERS, step.CONFIRM_AGAIN)
    numbers = dict(SkillCredential.objects.values_list("number", "verification"))
    assert numbers.keys() == {"S15-01", "S15–03", "S15-03", "1501"}
    assert numbers["S15-01"] == "confirmed"
