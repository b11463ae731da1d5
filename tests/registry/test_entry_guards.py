"""What the database itself refuses about entries and proposals."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.cases.models import AllowedMove, Case
from talent_registry.models import RegistryEntry
from talent_registry.workflow import WORKFLOW
from tests.registry.conftest import TODAY


def _raw_entry(case: Case, officer: Any, **changed: Any) -> RegistryEntry:
    proposal = case.inclusion
    return RegistryEntry.objects.create(
        **{
            "number": "LJ-2026-000099",
            "worker": case.worker,
            "case": case,
            "determination": proposal.determination,
            "confirmed_by": officer,
            "included_on": TODAY,
            "basis": proposal.basis,
            "policy_number": "内党办发〔2019〕6号",
            "clause": "一",
            "honour": proposal.honour,
            "honour_type": proposal.honour.type,
            "honour_name": "全国技术能手",
            "honour_year": 2025,
            "name": "王建国",
            "id_shown": "**************1234",
            "region_id": "150624",
            "status_since": TODAY,
        }
        | changed
    )


def test_no_entry_without_a_confirmed_case(proposed, registry_officer) -> None:
    case = proposed()
    with pytest.raises(IntegrityError, match="no confirmed case"), transaction.atomic():
        _raw_entry(case, registry_officer)


def test_no_entry_with_the_date_of_birth(proposed, registry_officer) -> None:
    case = proposed()
    with pytest.raises(IntegrityError, match="id_number_is_masked"), transaction.atomic():
        _raw_entry(case, registry_officer, id_shown="150624********1234")


def test_no_second_live_entry_of_a_worker(entry, registry_officer) -> None:
    first = entry()
    with pytest.raises(IntegrityError), transaction.atomic():
        _raw_entry(first.case, registry_officer)


@pytest.mark.parametrize(
    "change",
    ["name = '他人'", "number = 'LJ-2026-000777'", "included_on = '2020-01-01'", "honour_document = 'x'"],
)
def test_an_entry_says_for_ever_what_it_said(entry, change) -> None:
    entry()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE talent_registry_registryentry SET {change}")


def test_an_entry_is_never_deleted(entry) -> None:
    entry()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM talent_registry_registryentry")


def test_a_status_without_its_document_is_refused_at_the_commit(entry) -> None:
    entry()
    with (
        pytest.raises(IntegrityError, match="no record tells"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        # What the inclusion owed is paid before.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE talent_registry_registryentry SET status = 'removed', version = 1")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_proposal_is_settled_only_with_its_case(proposed) -> None:
    proposed()
    with (
        pytest.raises(IntegrityError, match="settled only with its case"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE talent_registry_inclusionproposal SET settled_on = '2026-11-22', outcome = 'confirmed'"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_knows_the_table(db) -> None:
    moves = set(AllowedMove.objects.filter(kind=WORKFLOW.kind).values_list("from_state", "to_state"))
    assert (
        ("", "proposed") in moves
        and ("confirmed", "proposed") not in moves
        and ("declined", "confirmed") not in moves
    )
