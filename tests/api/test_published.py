"""What the office publishes, as programs and pages of other sites read it: complete, kept for a while, asked anew by a mark."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.cases.models import PublicNotice
from portal.policy.benefits import CATALOGUE
from portal.regions.models import ServiceWindow
from tests.cast import OTOG

pytestmark = pytest.mark.django_db
PUBLIC = (
    "",
    "regions/",
    "policy/clauses/",
    "policy/parameters/",
    "benefits/",
    "honours/",
    "notices/",
    "windows/",
    "registry/",
)


def read(client: Client, address: str, **asked: str) -> Any:
    answer = client.get(f"/api/{address}", asked)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


@pytest.fixture
def notice() -> PublicNotice:
    """A notice of Otog Banner with one person, corrected once."""
    today = timezone.localdate()
    made = PublicNotice.objects.create(
        number="GS-2026-000001",
        kind="tests",
        region_id=OTOG,
        title="技能提升补贴公示",
        legal_basis="条款九",
        body="现予公示。",
        published_on=today,
        opens_on=today,
        closes_on=today,
        working_days=1,
    )
    columns = [{"label": "姓名", "kind": "text"}]
    made.versions.create(position=1, columns=columns, rows=[{"key": "1", "cells": ["王**"]}], digest="1" * 64)
    made.versions.create(
        position=2,
        columns=columns,
        rows=[{"key": "1", "cells": ["王*国"]}],
        digest="2" * 64,
        reason="姓名的遮盖有误",
        moved=["王*国：遮盖更正"],
    )
    return made


# -- what there is -------------------------------------------------------------------------------------------
def test_every_benefit_with_its_clause_and_what_to_bring(client: Client) -> None:
    told = read(client, "benefits/")
    assert [one["code"] for one in told] == [benefit.code for benefit in CATALOGUE]
    skill = read(client, "benefits/training.skill-upgrade/")
    assert skill == next(one for one in told if one["code"] == "training.skill-upgrade")
    assert skill["clause"]["number"] == "九" and skill["fund"] == "unemployment_insurance_fund"
    assert skill["guide"]["handled_by"] == "服务窗口" and "个工作日内" in skill["guide"]["handling_time"]
    assert skill["guide"]["materials"] == [], "the office has not said yet"
    assert client.get("/api/benefits/nothing/").status_code == 404


def test_before_its_day_there_is_no_benefit(client: Client) -> None:
    assert read(client, "benefits/", on="2016-12-31") == []


def test_honours_say_whether_they_include(client: Client) -> None:
    """Given the law of today and of a day before it, when honours are read, then each is told as it was."""
    today = {one["code"]: one for one in read(client, "honours/")}
    assert any(one["includes_directly"] for one in today.values())
    before = read(client, "honours/", on="2015-01-01")
    assert {one["includes_directly"] for one in before} == {None}


def test_a_notice_with_the_list_that_holds(client: Client, notice: PublicNotice) -> None:
    (told,) = read(client, "notices/")["results"]
    assert told["number"] == notice.number and told["region"] == OTOG and "body" not in told
    whole = read(client, f"notices/{notice.number}/")
    assert whole["version"]["position"] == 2 and whole["version"]["rows"] == [["王*国"]]
    assert whole["version"]["columns"] == ["姓名"] and whole["version"]["moved"] == ["王*国：遮盖更正"]
    assert read(client, "notices/", open_on="2001-01-01")["results"] == []
    assert len(read(client, "notices/", open_on=str(notice.closes_on))["results"]) == 1


def test_windows_as_the_office_gave_them(client: Client) -> None:
    ServiceWindow.objects.update_or_create(
        region_id=OTOG, defaults={"address": "乌兰镇", "phone": "0477-6210000"}
    )
    told = read(client, f"windows/{OTOG}/")
    assert told["phone"] == "0477-6210000" and told["region_name"].endswith("鄂托克旗")
    assert told in read(client, "windows/", page_size="200")["results"]


# -- how it is read ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", PUBLIC)
def test_what_has_not_changed_is_not_sent_again(client: Client, address: str) -> None:
    first = client.get(f"/api/{address}")
    assert "public" in first["Cache-Control"] and "max-age=300" in first["Cache-Control"]
    again = client.get(f"/api/{address}", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304 and again.content == b"" and again["ETag"] == first["ETag"]
    assert again["Access-Control-Allow-Origin"] == "*"
    head = client.head(f"/api/{address}")
    assert head.status_code == 200 and head["ETag"] == first["ETag"]


def test_what_has_changed_is_sent(client: Client) -> None:
    first = client.get(f"/api/regions/{OTOG}/")
    ServiceWindow.objects.update_or_create(region_id=OTOG, defaults={"address": "新址"})
    again = client.get(f"/api/regions/{OTOG}/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200 and again.json()["window"]["address"] == "新址"


@pytest.mark.parametrize("address", PUBLIC)
def test_pages_of_other_sites_may_read_it(client: Client, address: str) -> None:
    origin = {"origin": "https://example.org"}
    answer = client.get(f"/api/{address}", headers=origin)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    asked = client.options(f"/api/{address}", headers=origin)
    assert asked.status_code == 200 and asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    wrong = client.get(f"/api/{address}", {"nothing": "1"}, headers=origin)
    assert wrong["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ["workers/", "messages/", "subsidies/claims/", "letters/"])
def test_pages_of_other_sites_read_nothing_of_anybody(
    client: Client, cast: Any, as_user: Any, address: str
) -> None:
    answer = as_user(cast("clerk")).get(f"/api/{address}", headers={"origin": "https://example.org"})
    assert "Access-Control-Allow-Origin" not in answer and "ETag" not in answer


def test_what_somebody_known_reads_is_kept_by_nobody(cast: Any, as_user: Any) -> None:
    """Given a clerk who is signed in, when the same is read, then no machine between keeps it: the answer has her session."""
    answer = as_user(cast("clerk")).get("/api/regions/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"] and "public" not in answer["Cache-Control"]


def test_lists_ask_no_more_for_more_of_them(
    client: Client, notice: PublicNotice, django_assert_max_num_queries: Any
) -> None:
    for address in ("benefits/", "honours/", "notices/", "windows/?page_size=200"):
        with django_assert_max_num_queries(8):
            assert client.get(f"/api/{address}").status_code == 200
