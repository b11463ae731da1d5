"""Who saw somebody is found, also where it was in a list or in an export of everybody.

Given lists that were shown and exports that were taken away, when the auditor asks about a person, then every one that
named this person is there, however many others it named, and nobody can take the person out of it afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from portal import audit
from portal.address_codes import code_of
from portal.audit import people
from portal.audit.chain import verify
from portal.audit.models import Entry, PeopleBlock
from tests.cases.test_life_of_a_case import opened
from tests.cast import make_honour, make_worker

AUDIT = "/window/audit/"


def naming(worker: Any) -> list[str]:
    """The actions of all entries that name somebody, in order."""
    found = Entry.objects.naming(getattr(worker, "pk", worker)).order_by("id")
    return list(found.values_list("action", flat=True))


# -- sets ----------------------------------------------------------------------------------------------------
def test_a_set_says_again_who_is_in_it() -> None:
    draw = random.Random(11)
    for numbers in (
        [],
        [1],
        [8191, 8192, 8193],
        [draw.randrange(1, 2**40) for _ in range(500)],
        [*range(1, 30_000)],
    ):
        assert people.people_in(people.blocks_of(numbers)) == sorted(set(numbers))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, people.FEW, people.FEW + 1, 20_000])
def test_each_of_a_set_is_found_and_nobody_else(count: int) -> None:
    draw = random.Random(count)
    numbers = draw.sample(range(1, 700_000), count)
    audit.record("worker.export", by=None, people=iter(numbers))
    named = set(numbers)
    for number in draw.sample(numbers, min(count, 40)):
        assert naming(number) == ["worker.export"]
    others = [number for number in draw.sample(range(1, 700_000), 60) if number not in named]
    assert all(naming(number) == [] for number in others)
    entry = Entry.objects.get()
    assert entry.blocks.exists() == (count > people.FEW)
    assert (entry.detail.get("people") or len(entry.detail["shown"])) == count


@pytest.mark.django_db
def test_everybody_in_an_export_costs_some_eighty_rows() -> None:
    audit.record("worker.export", by=None, people=range(1, 650_001))
    assert PeopleBlock.objects.count() == 80
    assert naming(1) == naming(650_000) == ["worker.export"] and naming(650_001) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_column_size(b.*)) FROM audit_peopleblock b")
        assert cursor.fetchone()[0] < 100_000


@pytest.mark.django_db
def test_lists_of_before_are_found() -> None:
    """Entries of earlier releases hold the numbers in their detail, in the order of the page."""
    audit.record("worker.list", by=None, detail={"asked": [], "shown": [12, 7, 12345]})
    assert naming(7) == naming(12345) == ["worker.list"] and naming(1234) == []


# -- pages and exports ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_every_list_and_export_names_who_stands_in_it(clerk: Any, worker: Any, as_user: Any) -> None:
    make_honour(worker, recorded_by=clerk)
    opened(worker)
    other = make_worker("另一人", region=worker.work_region_id)
    client = as_user(clerk)
    for name, action in (
        ("window:workers", "worker.list"),
        ("window:workers_export", "worker.export"),
        ("window:honours", "worker.list"),
        ("window:honours_export", "honour.export"),
        ("window:cases", "worker.list"),
        ("window:cases_export", "case.export"),
    ):
        assert client.get(reverse(name)).status_code == 200
        assert naming(worker)[-1] == action, name
    assert naming(other) == ["worker.list", "worker.export"]
    client.get(reverse("window:workers_export"), {"name": "另一人"})
    assert (naming(worker).count("worker.export"), naming(other).count("worker.export")) == (1, 2)


@pytest.mark.django_db
def test_the_auditor_asks_about_a_person(clerk: Any, audit_admin: Any, worker: Any, as_user: Any) -> None:
    other = make_worker("另一人", region=worker.work_region_id)
    as_user(clerk).get(reverse("window:workers_export"), {"name": worker.name})
    audit.record("worker.export", by=clerk, people=[*range(10**6, 10**6 + 300), worker.pk])
    client = as_user(audit_admin)
    ask = f"{AUDIT}?worker={code_of('person', worker.pk)}"
    page = client.get(ask).content.decode()
    assert page.count("导出人员</td>") == 2 and clerk.username in page and "涉及人数：301" in page
    assert "导出人员</td>" not in client.get(f"{AUDIT}?worker={code_of('person', other.pk)}").content.decode()


# -- nobody takes themselves out -----------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_peopleblock SET bits = set_bit(bits, 5, 0)",
        "DELETE FROM audit_peopleblock",
        "TRUNCATE audit_peopleblock",
    ],
)
def test_the_application_changes_no_set(statement: str) -> None:
    audit.record("worker.export", by=None, people=range(1, 300))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_peopleblock SET bits = set_bit(bits, 5, 0)",
        "DELETE FROM audit_peopleblock",
        "INSERT INTO audit_peopleblock (entry_id, block, bits) SELECT entry_id, 9, bits FROM audit_peopleblock",
    ],
)
def test_a_set_that_was_changed_is_told(
    committed: str, owner_sql: Callable[..., list[tuple]], statement: str
) -> None:
    audit.record("worker.export", by=None, people=range(1, 300))
    assert verify().holds
    owner_sql("ALTER TABLE audit_peopleblock DISABLE TRIGGER audit_peopleblock_stands")
    owner_sql(statement)
    verdict = verify()
    assert (verdict.broken_at, verdict.why) == (1, "the people it named were changed")


def test_somebody_added_to_an_earlier_list_is_told(committed: str) -> None:
    """The application may add sets: one of an entry that had none shows."""
    audit.record("worker.view", by=None)
    PeopleBlock.objects.create(entry=Entry.objects.get(), block=0, bits=bytes(1024))
    assert verify().why == "the people it named were changed"
