"""The database lets nobody be a leading talent who does not stand on the registry, nor takes it from who does."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.workforce.models import AttestedFact
from talent_registry.actions import change_status
from tests.cast import make_worker
from tests.registry.conftest import TODAY

pytestmark = pytest.mark.django_db

NO_ENTRY = "leading_talent_has_an_entry"
NO_FACT = "entry_makes_a_leading_talent"
INSERT = """
INSERT INTO workforce_attestedfact (worker_id, code, value, since, until, document, source, recorded_at)
VALUES (%s, 'leading_talent', %s, %s, %s, '', '名录', now())
"""


def _at_the_commit(sql: str, *params: Any) -> str | None:
    """The constraint that refuses `sql` when its transaction ends; None when it may stand."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(sql, params)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except IntegrityError as refused:
        return str(refused.__cause__.diag.constraint_name)
    return None


@pytest.mark.parametrize(
    "until", [None, TODAY, TODAY + timedelta(days=400)], ids=["open", "ended", "ending ahead"]
)
def test_nobody_becomes_one_without_an_entry(db: None, until: date | None) -> None:
    worker = make_worker("苏和")
    assert _at_the_commit(INSERT, worker.pk, "true", TODAY, until) == NO_ENTRY


def test_nor_from_a_day_before_the_inclusion(entry: Any) -> None:
    included = entry()
    before = TODAY - timedelta(days=30)
    assert _at_the_commit(INSERT, included.worker_id, "true", before, TODAY - timedelta(days=1)) == NO_ENTRY
    moved = "UPDATE workforce_attestedfact SET since = %s WHERE worker_id = %s"
    assert _at_the_commit(moved, before, included.worker_id) == NO_ENTRY


def test_nor_by_what_another_person_has(entry: Any) -> None:
    included, other = entry(), make_worker("苏和")
    moved = "UPDATE workforce_attestedfact SET worker_id = %s WHERE worker_id = %s"
    assert _at_the_commit(moved, other.pk, included.worker_id) == NO_ENTRY


def test_nor_by_another_fact_that_turns_into_this_one(db: None) -> None:
    worker = make_worker("苏和")
    AttestedFact.objects.create(
        worker=worker, code="superb_skill", value=True, since=TODAY, source="窗口登记"
    )
    turned = "UPDATE workforce_attestedfact SET code = 'leading_talent' WHERE worker_id = %s"
    assert _at_the_commit(turned, worker.pk) == NO_ENTRY


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("UPDATE workforce_attestedfact SET value = 'false' WHERE worker_id = %s", NO_ENTRY),
        ("UPDATE workforce_attestedfact SET until = since WHERE worker_id = %s", NO_FACT),
        ("UPDATE workforce_attestedfact SET code = 'superb_skill' WHERE worker_id = %s", NO_FACT),
        ("DELETE FROM workforce_attestedfact WHERE worker_id = %s", NO_FACT),
    ],
    ids=["no longer true", "ended", "another fact", "removed"],
)
def test_who_stands_there_stays_one(entry: Any, sql: str, refused: str) -> None:
    assert _at_the_commit(sql, entry().worker_id) == refused


def test_a_suspended_one_is_none_and_can_be_one_again(entry: Any, registry_officer: Any) -> None:
    included = entry()
    given = {"by": registry_officer, "document": "内人社函〔2026〕9号", "reason": "正在核实举报"}
    change_status(included.pk, "suspended", on=TODAY + timedelta(days=1), **given)
    assert _at_the_commit(INSERT, included.worker_id, "true", TODAY + timedelta(days=1), None) == NO_ENTRY
    opened = "UPDATE workforce_attestedfact SET until = NULL WHERE worker_id = %s"
    assert _at_the_commit(opened, included.worker_id) == NO_ENTRY
    # when reinstated
    change_status(included.pk, "active", on=TODAY + timedelta(days=2), **given)
    # then both periods stand
    assert _at_the_commit("SELECT 1") is None
    facts = AttestedFact.objects.filter(worker=included.worker_id).order_by("since", "id")
    assert [fact.until for fact in facts] == [TODAY, None]


def test_other_facts_need_no_entry(db: None) -> None:
    worker = make_worker("苏和")
    AttestedFact.objects.create(
        worker=worker, code="superb_skill", value=True, since=TODAY, source="窗口登记"
    )
    assert _at_the_commit("SELECT 1") is None


def test_an_upgrade_mends_what_a_window_once_ended_or_wrote(entry: Any) -> None:
    # given: as a window could leave it before, an ended fact of one who stands on the registry, and an open one
    # of somebody who does not
    kept, stranger = entry(), make_worker("苏和")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workforce_attestedfact SET until = since WHERE worker_id = %s", [kept.worker_id]
        )
        cursor.execute(INSERT, [stranger.pk, "true", TODAY, None])
        # when
        cursor.execute(import_module("talent_registry.migrations.0011_fact_and_entry_agree").AGREE_FROM_TODAY)
    # then
    in_force = AttestedFact.objects.filter(code="leading_talent", until=None)
    assert [(fact.worker_id, fact.document) for fact in in_force] == [
        (kept.worker_id, f"名录编号{kept.number}")
    ]
    # and the stranger's record, which the database takes from nobody any more, is not left behind
    AttestedFact.objects.filter(worker=stranger).delete()
    assert _at_the_commit("SELECT 1") is None
