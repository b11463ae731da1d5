"""The API as a program meets it."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from django.test import Client

from portal.api.docs import parts
from portal.audit.models import Entry
from tests.cast import make_worker

pytestmark = pytest.mark.django_db


def get(client: Client, address: str, **params):
    response = client.get(f"/api/{address}", params)
    return response.status_code, json.loads(response.content)


def by_number(client: Client, number: str):
    asked = {"id_number": number}
    response = client.post("/api/workers/by-number/", asked, content_type="application/json")
    return response.status_code, json.loads(response.content)


def test_the_root_names_addresses_that_answer(client) -> None:
    _, root = get(client, "")
    for name, address in root.items():
        assert client.get(address).status_code in {200, 401, 405}, name


def test_regions_are_the_whole_tree(client) -> None:
    status, page = get(client, "regions/", page_size=200)
    assert status == 200
    assert len(page["results"]) == 116
    assert get(client, "regions/150624/")[1]["window"]["is_sample"] is False


def test_regions_below_a_league(client) -> None:
    _, page = get(client, "regions/", parent="150600")
    assert [r["name"] for r in page["results"]][:2] == ["东胜区", "康巴什区"]


@pytest.mark.parametrize(
    ("address", "params", "field", "allowed"),
    [
        ("regions/", {"tier": "village"}, "tier", ["autonomous_region", "league_city", "banner_county"]),
        ("regions/", {"parent": "15"}, "parent", None),
        ("regions/", {"level": "x"}, "level", ["cursor", "format", "page_size", "parent", "tier"]),
        ("regions/", {"page_size": "0"}, "page_size", ["1 至 200"]),
        ("regions/", {"page_size": "many"}, "page_size", ["1 至 200"]),
        ("regions/", {"cursor": "no cursor"}, "cursor", None),
        ("policy/parameters/", {"on": "2026-02-30"}, "on", ["YYYY-MM-DD"]),
        ("registry/", {"league": "999999"}, "league", None),
        (
            "registry/",
            {"colour": "red"},
            "colour",
            [
                "basis",
                "cursor",
                "format",
                "honour",
                "league",
                "name",
                "occupation",
                "page_size",
                "selection_year",
                "status",
                "year",
            ],
        ),
        ("registry/", {"cursor": "cD1hYmM="}, "cursor", None),
    ],
)
def test_bad_input_is_told_which_field_and_what_is_allowed(client, address, params, field, allowed) -> None:
    status, answer = get(client, address, **params)
    assert status == 400
    [wrong] = answer["errors"]
    assert wrong["field"] == field
    assert wrong["problem"]
    if allowed is not None:
        assert wrong["allowed"] == allowed


def test_clauses_name_the_lead_department_first(client) -> None:
    _, clauses = get(client, "policy/clauses/")
    assert [c["number"] for c in clauses][:3] == ["一", "二", "三"]
    assert len(clauses) == 16
    assert "组织部" in clauses[0]["departments"][0]


def test_a_parameter_has_the_value_of_the_day_or_none(client) -> None:
    def value(on: str, code: str = "training.skill-upgrade.insured-months"):
        _, parameters = get(client, "policy/parameters/", on=on)
        [found] = [p for p in parameters if p["code"] == code]
        return found["value"] and found["value"]["value"]

    assert (value("2018-06-30"), value("2024-06-30"), value("2016-06-30")) == (36, 12, None)
    assert value("2026-11-22", "training.technician.amount") is None


def test_workers_are_for_those_who_may_see_them(client, worker, worker_user, as_user, cast) -> None:
    assert get(client, "workers/")[0] == 401
    other = make_worker("李芳", region="150203")
    seen = lambda user: {w["id"] for w in get(as_user(user), "workers/")[1]["results"]}  # noqa: E731
    assert seen(cast("clerk")) == {worker.pk}
    assert seen(cast("approver")) == {worker.pk, other.pk}
    assert seen(worker_user) == {worker.pk}
    assert get(as_user(cast("policy_officer")), "workers/")[0] == 403
    assert get(as_user(cast("clerk")), f"workers/{other.pk}/")[0] == 404


def test_an_id_number_is_found_and_never_shown(worker, clerk, as_user) -> None:
    status, page = by_number(as_user(clerk), worker.id_number)
    assert status == 200
    assert [w["id"] for w in page["results"]] == [worker.pk]
    assert worker.id_number[6:14] not in json.dumps(page)
    assert Entry.objects.about_worker(worker.pk).filter(action="worker.search", actor=clerk).exists()


def test_a_wrong_id_number_says_what_is_wrong(clerk, as_user) -> None:
    status, answer = by_number(as_user(clerk), "150624198506150011")
    assert (status, answer["errors"][0]["field"]) == (400, "id_number")


def test_filters_of_workers(worker, clerk, as_user) -> None:
    client = as_user(clerk)
    assert len(get(client, "workers/", name="建国")[1]["results"]) == 1
    assert len(get(client, "workers/", name="国建")[1]["results"]) == 0
    assert len(get(client, "workers/", region="150600")[1]["results"]) == 1
    assert len(get(client, "workers/", region="150624", level="senior")[1]["results"]) == 0


def test_a_list_costs_the_same_for_one_and_for_many(
    worker, clerk, as_user, django_assert_max_num_queries
) -> None:
    for number in range(20):
        make_worker(f"工人{number}")
    client = as_user(clerk)
    with django_assert_max_num_queries(9):
        assert len(get(client, "workers/")[1]["results"]) == 21


def test_pages_follow_each_other_without_loss(clerk, as_user) -> None:
    ids = {make_worker(f"工人{n}").pk for n in range(7)}
    client, seen, address = as_user(clerk), [], "/api/workers/?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [w["id"] for w in page["results"]]
        address = page["next"]
    assert seen == sorted(ids, reverse=True)


def test_what_is_no_json_is_told_so(client) -> None:
    answer = client.post("/api/eligibility-checks/", "{no json", content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, None)


def test_too_many_requests_are_told_when_to_come_back(client, settings, monkeypatch) -> None:
    from rest_framework.throttling import AnonRateThrottle

    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "2/min"})
    answers = [client.get("/api/regions/150624/") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert "秒后重试" in answers[-1].json()["errors"][0]["problem"]
    assert answers[-1]["Retry-After"]


def test_the_schema_describes_what_there_is_without_warnings(client, capsys) -> None:
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert {"/api/regions/", "/api/registry/", "/api/workers/", "/api/letters/verify/{code}/"} <= set(
        schema["paths"]
    )
    assert "Warning" not in capsys.readouterr().err
    assert client.get("/api/docs/try/").status_code == 200


def test_every_operation_says_how_it_refuses_and_where_it_stands(client) -> None:
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert schema["servers"] and schema["info"]["title"].isascii()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            refusals = {code for code in operation["responses"] if code.startswith("4")}
            assert {"400", "405", "429"} <= refusals, operation["operationId"]
            assert ("404" in refusals) or "{" not in path
            for code in refusals:
                assert operation["responses"][code]["content"]["application/json"]["schema"]
    worker = schema["paths"]["/api/workers/{id}/"]["get"]["responses"]
    assert {"401", "403"} <= set(worker)


def test_the_description_is_read_without_a_script(client) -> None:
    """Given the pages of all parts, when they are read, then every operation is told in full and no page is long."""
    front = client.get("/api/docs/").content.decode()
    assert len(front.encode()) < 100_000 and "swagger" not in front
    assert "请求过于频繁" in front and "POST /api/eligibility-checks/" in front
    pages = {part.code: client.get(f"/api/docs/{part.code}/").content.decode() for part in parts()}
    for part in parts():
        page = pages[part.code]
        assert len(page.encode()) < 100_000, part.code
        for operation in part.operations:
            assert f'id="{operation.code}"' in page and f"/api/docs/{part.code}/#{operation.code}" in front
    assert "qualifies_on" in pages["eligibility-checks"] and "GET /api/registry/" in pages["registry"]
    assert client.get("/api/docs/nothing/").status_code == 404


def test_every_operation_says_in_chinese_what_it_is_for() -> None:
    for part in parts():
        for operation in part.operations:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in operation.summary), operation.code


def test_what_is_described_is_described_in_chinese(client: Client) -> None:
    """Given the whole description, when every sentence in it is read, then none is what we say of the code."""
    schema = yaml.safe_load(client.get("/api/schema/").content)
    said = [
        one["description"]
        for operations in schema["paths"].values()
        for operation in operations.values()
        for one in (operation, *operation["responses"].values())
        if "description" in one
    ]
    said += [one["description"] for one in schema["components"]["schemas"].values() if "description" in one]
    assert len(said) > 200
    assert [one for one in said if not re.search("[\u4e00-\u9fff]", one)] == []
