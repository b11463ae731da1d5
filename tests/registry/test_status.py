"""Suspended, reinstated, removed: each with its document, its letter and its effect on the person's benefits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from portal.accounts.access import PERMISSIONS, Refused
from portal.cases.actions import NotNow
from portal.letters.models import Letter
from portal.workforce.models import AttestedFact
from talent_registry import letters
from talent_registry.actions import change_status
from talent_registry.actions.status import MOVES
from talent_registry.models import RegistryEntry, Status, StatusChange
from tests.registry.conftest import TODAY
from tests.roles import compared, everybody, refusal, undone

LATER = TODAY + timedelta(days=30)
GIVEN = {"document": "内人社函〔2026〕12号", "reason": "因严重违纪正在接受调查。"}


def test_every_move_and_no_other(entry, registry_officer) -> None:
    for before in Status:
        for to in Status:
            one = entry()
            if before != Status.ACTIVE:
                change_status(one.pk, before, by=registry_officer, on=TODAY, **GIVEN)
            if to in MOVES[before]:
                change = change_status(one.pk, to, by=registry_officer, on=TODAY, **GIVEN)
                one.refresh_from_db()
                assert (change.from_status, change.to_status, one.status) == (before, to, to)
            else:
                with pytest.raises(NotNow):
                    change_status(one.pk, to, by=registry_officer, on=TODAY, **GIVEN)
                one.refresh_from_db()
                assert one.status == before


def test_only_registry_officers(entry, cast) -> None:
    one, people = entry(), everybody(cast)
    with compared() as expect:
        for person in people:
            may = person.role in PERMISSIONS["registry.status"][1]
            with undone():
                came = refusal(
                    lambda by=person.user: change_status(one.pk, Status.SUSPENDED, by=by, on=TODAY, **GIVEN)
                )
                expect(person.name, (came, StatusChange.objects.count()), (None, 1) if may else (Refused, 0))


@pytest.mark.parametrize("missing", ["document", "reason"])
def test_a_change_has_its_document_and_its_reason(entry, registry_officer, missing) -> None:
    one = entry()
    with pytest.raises(NotNow, match="决定文号和理由"):
        change_status(one.pk, Status.REMOVED, by=registry_officer, on=TODAY, **(GIVEN | {missing: " "}))


def test_days_cannot_run_backwards(entry, registry_officer) -> None:
    one = entry()
    with pytest.raises(NotNow, match="不能早于"):
        change_status(one.pk, Status.SUSPENDED, by=registry_officer, on=TODAY - timedelta(days=1), **GIVEN)


def _kinds(one: RegistryEntry) -> list[tuple[str, bool]]:
    issued = Letter.objects.filter(case_id=one.case_id).order_by("pk")
    return [(letter.kind, letter.superseded_by_id is None) for letter in issued]


def _talent_on(one: RegistryEntry, day) -> bool:
    facts = AttestedFact.objects.filter(worker=one.worker, code="leading_talent", since__lte=day)
    return any(fact.until is None or fact.until >= day for fact in facts)


def test_removal_ends_the_fact_and_every_letter(entry, registry_officer) -> None:
    one = entry()
    change_status(one.pk, Status.REMOVED, by=registry_officer, on=LATER, **GIVEN)
    assert _talent_on(one, LATER - timedelta(days=1)) and not _talent_on(one, LATER)
    assert _kinds(one) == [
        (letters.INCLUSION, False),
        (letters.CERTIFICATE, False),
        (letters.STATUS_CHANGE, True),
    ]
    letter = Letter.objects.get(kind=letters.STATUS_CHANGE)
    assert (
        letter.adverse
        and letter.grounds == GIVEN["reason"]
        and GIVEN["document"] in letter.clause
        and letter.remedy
    )
    assert one not in RegistryEntry.objects.public() and one in RegistryEntry.objects.public(removed=True)


def test_suspension_and_reinstatement(entry, registry_officer) -> None:
    one = entry()
    change_status(one.pk, Status.SUSPENDED, by=registry_officer, on=TODAY + timedelta(days=10), **GIVEN)
    assert _kinds(one) == [
        (letters.INCLUSION, True),
        (letters.CERTIFICATE, False),
        (letters.STATUS_CHANGE, True),
    ]
    assert one in RegistryEntry.objects.public()
    cleared = {"document": "内人社函〔2026〕20号", "reason": "经查不存在违纪。"}
    change_status(one.pk, Status.ACTIVE, by=registry_officer, on=LATER, **cleared)
    assert _kinds(one)[2:] == [
        (letters.STATUS_CHANGE, False),
        (letters.REINSTATEMENT, True),
        (letters.CERTIFICATE, True),
    ]
    assert [_talent_on(one, TODAY + timedelta(days=days)) for days in (9, 10, 29, 30)] == [
        True,
        False,
        False,
        True,
    ]
    change_status(one.pk, Status.REMOVED, by=registry_officer, on=LATER + timedelta(days=1), **GIVEN)
    one.refresh_from_db()
    assert (one.status, one.version) == (Status.REMOVED, 3)
    assert list(one.changes.values_list("position", flat=True)) == [1, 2, 3]
    assert [standing for _, standing in _kinds(one)].count(True) == 2, (
        "the removal and the note of reinstatement"
    )


def test_a_program_is_told_that_what_a_letter_says_has_changed(entry, registry_officer, client) -> None:
    """Given an inclusion letter, when its entry is suspended, then whoever verifies it through the API reads so."""
    one = entry()
    letter = Letter.objects.get(case=one.case, kind=letters.INCLUSION)
    assert client.get(f"/api/letters/verify/{letter.code}/").json()["standing"] is None
    change_status(one.pk, Status.SUSPENDED, by=registry_officer, on=TODAY, **GIVEN)
    told = client.get(f"/api/letters/verify/{letter.code}/").json()
    assert told["holds"] and "暂停" in told["standing"]["title"]


def test_removed_on_the_day_of_inclusion(entry, registry_officer) -> None:
    one = entry()
    change_status(one.pk, Status.REMOVED, by=registry_officer, on=TODAY, **GIVEN)
    assert not _talent_on(one, TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE talent_registry_statuschange SET reason = 'x'", "DELETE FROM talent_registry_statuschange"],
)
def test_what_was_done_to_an_entry_stays(entry, registry_officer, statement) -> None:
    one = entry()
    change_status(one.pk, Status.SUSPENDED, by=registry_officer, on=TODAY, **GIVEN)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
