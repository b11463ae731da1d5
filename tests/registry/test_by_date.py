"""Lists that say they run by date do so, whatever was entered first: on every page, in every file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from portal.cases.models import Case
from portal.letters.models import Letter
from talent_registry import exports
from talent_registry.models import RegistryEntry
from talent_registry.views import public

# In the order in which they are entered: days of three years, two of them twice.
DAYS = (
    date(2026, 3, 2),
    date(2024, 7, 1),
    date(2026, 11, 20),
    date(2025, 12, 31),
    date(2024, 7, 1),
    date(2026, 3, 2),
    date(2025, 1, 4),
)


@pytest.fixture
def entered(entry) -> list[str]:
    """Their numbers, as the lists shall show them: the newest day first, of one day the last entered first."""
    made = [entry(on=day, year=2023) for day in DAYS]
    made.sort(key=lambda one: (one.included_on, one.pk), reverse=True)
    return [one.number for one in made]


def through(client: Any, address: str, of_rows: Callable[[Any], list[Any]], link: str) -> list[Any]:
    """The rows of every page, from the first to the last or back again."""
    found, query = [], ""
    for _ in range(20):
        answer = client.get(f"{address}?{query}")
        rows = of_rows(answer)
        found = found + rows if link == "next" else rows + found
        following = re.search(rf'rel="{link}" href="\?([^"]+)', answer.text)
        if following is None:
            return found
        query = following[1].replace("&amp;", "&")
    raise AssertionError("the pages go round")


def test_the_published_list_runs_by_the_day_of_inclusion(entered, client, monkeypatch) -> None:
    monkeypatch.setattr(public, "PAGE_SIZE", 2)
    address = reverse("registry:list")

    def numbers(answer: Any) -> list[str]:
        return [one.number for one in answer.context["page"].rows]

    assert through(client, address, numbers, "next") == entered
    # And backwards from the last page, through the two days on which two were entered.
    last = client.get(address)
    while last.context["page"].next_cursor:
        last = client.get(address, {"after": last.context["page"].next_cursor})
    back = numbers(last)
    while last.context["page"].previous_cursor:
        last = client.get(address, {"before": last.context["page"].previous_cursor})
        back = numbers(last) + back
    assert back == entered


def test_so_do_the_office_s_list_and_every_file(
    entered, client, as_user, registry_officer, monkeypatch
) -> None:
    rows = as_user(registry_officer).get(reverse("registry:entries")).context["rows"]
    assert [row["entry"].number for row in rows] == entered
    monkeypatch.setattr(exports, "_CHUNK", 2)
    (of_file,) = [client.get("/registry/export.csv").getvalue().decode("utf-8-sig")]
    assert [row[0] for row in list(csv.reader(io.StringIO(of_file)))[1:]] == entered
    moment = exports.rows_of_one_moment(RegistryEntry.objects.public())
    assert [row[0] for row in moment] == entered


def test_letters_run_by_their_date(entered, as_user, registry_officer) -> None:
    shown = as_user(registry_officer).get(reverse("window:letters")).context["page"].rows
    assert [(one.issued_on, one.pk) for one in shown] == sorted(
        Letter.objects.values_list("issued_on", "pk"), reverse=True
    )
    assert len({one.issued_on.year for one in shown}) == 3


def test_cases_run_by_the_day_they_were_opened_both_ways(proposed, as_user, registry_officer) -> None:
    for days in (5, 900, 1, 400, 5, 30):
        case = proposed()
        Case.objects.filter(pk=case.pk).update(opened_on=case.opened_on - timedelta(days=days))
    client, address = as_user(registry_officer), reverse("window:cases")
    by_day = sorted(Case.objects.values_list("opened_on", "pk"))
    for sort, wanted in (("opened", by_day), ("-opened", by_day[::-1]), ("", by_day[::-1])):
        rows = client.get(address, {"sort": sort}).context["rows"]
        assert [(row["case"].opened_on, row["case"].pk) for row in rows] == wanted


@pytest.mark.parametrize(
    ("table", "filters"),
    [
        ("talent_registry_registryentry", "status <> 'removed'"),
        ("talent_registry_registryentry", "status <> 'removed' AND league_code = '150600'"),
        ("talent_registry_registryentry", "status = 'suspended'"),
        ("letters_letter", "league_code = '150600'"),
        ("letters_letter", "true"),
        ("cases_case", "league_code = '150600'"),
        ("cases_case", "true"),
        ("cases_objection", "true"),
    ],
)
def test_an_index_runs_in_the_order_of_the_list(db: None, table: str, filters: str) -> None:
    """No list is sorted: its first page is the beginning of an index."""
    day = {
        "talent_registry_registryentry": "included_on",
        "letters_letter": "issued_on",
        "cases_case": "opened_on",
        "cases_objection": "received_on",
    }[table]
    key = "case_id" if table == "cases_objection" else "id"
    asked = f"SELECT * FROM {table} WHERE {filters} ORDER BY {day} DESC, {key} DESC LIMIT 31"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_incremental_sort = off")
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Sort" not in plan and "Index" in plan, plan
