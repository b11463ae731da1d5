"""The eligibility check as a program meets it: the agreed answer, every refusal, and what it must not do."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import Client
from django.test.client import ClientHandler, RequestFactory

from portal.api import checks, direct
from portal.api.check_schema import EXAMPLE_ANSWER, EXAMPLE_REQUEST, fact_schema
from portal.policy import check, policy_version
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.benefits import CATALOGUE
from portal.policy.facts import FACTS, choices_of
from portal.policy.models import Parameter
from portal.throttle import Limit
from tests.policy.people import UPGRADE

pytestmark = pytest.mark.django_db
ADDRESS = "/api/eligibility-checks/"
SUBSIDY = "training.skill-upgrade"
DAY = "2024-06-30"


class ShortWay(ClientHandler):
    """As the web server asks: addresses that are answered directly never meet the middleware."""

    def __call__(self, environ: dict[str, Any]) -> Any:
        if environ["PATH_INFO"] not in direct.DIRECT:
            return super().__call__(environ)
        response = direct.answered(environ)
        response.wsgi_request = WSGIRequest(environ)
        return response


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    # The connection is the test's; a request must not close it.
    monkeypatch.setattr(direct, "close_old_connections", lambda: None)
    client = Client()
    client.handler = ShortWay()
    return client


def ask(client: Client, body: Any, **more: Any) -> tuple[int, Any]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    response = client.post(ADDRESS, text, content_type=more.pop("content_type", "application/json"), **more)
    return response.status_code, json.loads(response.content)


def fields(answer: Any) -> list[str | None]:
    assert list(answer) == ["errors"]
    assert all(
        set(wrong) <= {"field", "problem", "allowed"} and wrong["problem"] for wrong in answer["errors"]
    )
    return [wrong["field"] for wrong in answer["errors"]]


# -- answers -------------------------------------------------------------------------------------------------


def test_every_benefit_in_the_order_of_the_law_as_the_contract_says(client: Client) -> None:
    status, answer = ask(client, {"on": DAY, "facts": UPGRADE})
    assert status == 200
    assert list(answer) == ["on", "policy_version", "results", "following"]
    assert answer["on"] == DAY
    assert answer["policy_version"] == policy_version(dt.date(2024, 6, 30))
    assert [result["benefit"] for result in answer["results"]] == [benefit.code for benefit in CATALOGUE]
    # Text for text what the executor explains, keys in the same order.
    assert json.dumps(answer["results"]) == json.dumps(check(UPGRADE, dt.date(2024, 6, 30)))
    assert ask(client, {"on": DAY, "facts": UPGRADE}) == (status, answer)


def test_only_the_benefits_asked_for_in_the_order_of_the_law(client: Client) -> None:
    _, answer = ask(
        client, {"on": DAY, "facts": UPGRADE, "benefits": ["leave.annual", SUBSIDY, "leave.annual"]}
    )
    assert [(result["benefit"], result["amount"]) for result in answer["results"]] == [
        (SUBSIDY, "2000.00"),
        ("leave.annual", None),
    ]


@pytest.mark.parametrize("body", [{"facts": {}}, {"on": None, "facts": {"sex": None}, "benefits": None}])
def test_without_a_day_it_is_today_in_shanghai(
    client: Client, monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    # Half an hour after midnight there, the day before by universal time.
    moment = dt.datetime(2026, 11, 21, 16, 30, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    status, answer = ask(client, body)
    assert (status, answer["on"], len(answer["results"])) == (200, "2026-11-22", 22)


def test_what_follows_is_told_and_can_be_asked_for(client: Client) -> None:
    """Given an honour, when the entry would follow, then nine benefits are named; asked again with its facts they
    are there.
    """
    facts = {"honours": ["may_day_medal"], "leading_talent": False}
    _, answer = ask(client, {"on": DAY, "facts": facts})
    [entry] = answer["following"]
    assert (entry["benefit"], entry["facts"]) == ("registry.direct-inclusion", {"leading_talent": True})
    assert len(entry["gains"]) + len(entry["perhaps"]) == 9
    _, then = ask(client, {"on": DAY, "facts": facts | entry["facts"]})
    entitled = {result["benefit"] for result in then["results"] if result["outcome"] == "eligible"}
    assert {gain["benefit"] for gain in entry["gains"]} <= entitled
    _, level = ask(client, {"on": DAY, "facts": {"skill_level": "junior"}, "benefits": [SUBSIDY]})
    [step] = level["following"]
    assert (step["label"], step["perhaps"][0]["amount"]) == ("取得中级工证书后", "1500.00")
    assert ask(client, {"on": DAY, "facts": facts, "benefits": ["leave.annual"]})[1]["following"] == []


def test_an_open_reading_of_the_law_is_a_caveat_here_too(client: Client) -> None:
    mixed = {"claims_this_year": 1, "scarce_claims_this_year": 0, "certificate_occupation_scarce": True}
    facts = UPGRADE | mixed | {"certificate_issued_on": "2025-05-10"}
    _, answer = ask(client, {"on": "2025-06-30", "facts": facts, "benefits": [SUBSIDY]})
    [result] = answer["results"]
    assert (result["outcome"], result["amount"]) == ("eligible", "2000.00")
    assert any("怎样计次" in caveat for caveat in result["caveats"])
    assert result["windows"] == [{"from": "2025-06-30", "until": result["apply_until"]}]


def test_the_described_example_is_a_real_one(client: Client) -> None:
    _, answer = ask(client, EXAMPLE_REQUEST)
    assert answer == EXAMPLE_ANSWER | {"policy_version": answer["policy_version"]}


def test_one_query_and_no_session_account_or_trace(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    counted = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
    with connection.cursor() as cursor:
        cursor.execute(counted)
        before = cursor.fetchone()
        ask(
            client, {"facts": {}, "on": DAY}
        )  # prepares the statement and reads the law of the day, if nobody has
        with django_assert_num_queries(1):
            response = client.post(
                ADDRESS, json.dumps({"facts": UPGRADE, "on": DAY}), content_type="application/json"
            )
        cursor.execute(counted)
        assert cursor.fetchone() == before
    assert not response.cookies
    assert "Vary" not in response.headers
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert int(response["Content-Length"]) == len(response.content)


def test_the_long_way_says_the_same_and_asks_for_no_form_token(client: Client) -> None:
    """The address as any other, for a server that does not know the short way."""
    for body in ({"on": DAY, "facts": UPGRADE}, {"facts": {"hat": 1}}):
        assert ask(Client(enforce_csrf_checks=True), body) == ask(client, body)


@pytest.mark.usefixtures("client")
def test_the_web_server_answers_this_address_directly_and_no_other() -> None:
    passed_on = []

    def portal(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        passed_on.append(environ["PATH_INFO"])
        return [b""]

    def asked(path: str, **more: Any) -> list[tuple[str, Any]]:
        said: list[tuple[str, Any]] = []
        environ = RequestFactory(**more).post(path, '{"facts": {}}', content_type="application/json").environ
        list(direct.Direct(portal)(environ, lambda status, headers: said.append((status, dict(headers)))))
        return said

    ((status, headers),) = asked(ADDRESS)
    assert (status, headers["X-Frame-Options"], passed_on) == ("200 OK", "DENY", [])
    for path in ("/", ADDRESS + "x", ADDRESS[:-1], "/api/"):
        assert asked(path) == []
    asked(ADDRESS, SCRIPT_NAME="/elsewhere")
    assert passed_on == ["/", ADDRESS + "x", ADDRESS[:-1], "/api/", ADDRESS]


def test_what_fails_is_told_as_everywhere_and_logged(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(request: Any) -> Any:
        raise RuntimeError("broken on purpose")

    monkeypatch.setitem(direct.DIRECT, ADDRESS, fails)
    client.raise_request_exception = False
    response = client.post(ADDRESS, '{"facts": {}}', content_type="application/json")
    assert response.status_code == 500
    assert fields(json.loads(response.content)) == [None]
    assert "broken on purpose" in caplog.text


def test_over_plain_http_one_is_sent_to_https(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    monkeypatch.setattr(direct, "_secured", direct.secured())
    response = client.post(ADDRESS, '{"facts": {}}', content_type="application/json")
    assert (response.status_code, response["Location"][:8]) == (301, "https://")


def test_a_confirmed_value_counts_at_once_and_changes_the_version(
    client: Client, policy_officer: Any, second_policy_officer: Any
) -> None:
    asked = {"on": DAY, "facts": {**UPGRADE, "claims_this_year": 4}, "benefits": [SUBSIDY]}
    _, before = ask(client, asked)
    value = add_parameter_value(
        Parameter.objects.get(code=SUBSIDY + ".claims-per-year"),
        5,
        by=policy_officer,
        since=dt.date(2024, 2, 1),
        document="内人社发〔2026〕9号",
    )
    assert ask(client, asked)[1] == before
    confirm_parameter_value(value, by=second_policy_officer)
    _, after = ask(client, asked)
    assert (before["results"][0]["outcome"], after["results"][0]["outcome"]) == ("ineligible", "eligible")
    assert before["policy_version"] != after["policy_version"]
    assert after["policy_version"] == policy_version(dt.date(2024, 6, 30))
    earlier = {**asked, "on": "2024-01-31"}
    assert ask(client, earlier)[1]["results"][0]["outcome"] == "ineligible"


# -- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"facts": {"shoe_size": 42}}, ["shoe_size"]),
        ({"facts": {"skill_level": "master"}}, ["skill_level"]),
        ({"on": DAY, "facts": {"certificate_issued_on": "2024-07-01"}}, ["certificate_issued_on"]),
        ({"facts": {"unemployment_insured_months": -1}}, ["unemployment_insured_months"]),
        ({"facts": {"unemployment_insured_months": "12"}}, ["unemployment_insured_months"]),
        ({"facts": {"honours": "may_day_medal"}}, ["honours"]),
        ({"facts": {"birth_on": "2023-02-29"}}, ["birth_on"]),
        ({"facts": {"certificate_occupation": "焊\x00工"}}, ["certificate_occupation"]),
        ({"facts": {"certificate_occupation": "\ud800"}}, ["certificate_occupation"]),
        ({"facts": {"\ud800": 1, "a\x00b": 1}}, ["?", "a\x00b"]),
        ({"facts": {"benefits": ["leave.annual"], "on": DAY}}, ["benefits", "on"]),
        ({"facts": []}, ["facts"]),
        ({"facts": None}, ["facts"]),
        ({}, ["facts"]),
        ({"facts": {}, "benefit": ["leave.annual"]}, ["benefit"]),
        ({"facts": {}, "benefits": []}, ["benefits"]),
        ({"facts": {}, "benefits": "leave.annual"}, ["benefits"]),
        ({"facts": {}, "benefits": {"leave.annual": True}}, ["benefits"]),
        (
            {"facts": {}, "benefits": ["no.such", "leave.annual", "facility.master-studio", None]},
            ["benefits"] * 3,
        ),
        ({"facts": {}, "on": "2024-02-30"}, ["on"]),
        ({"facts": {}, "on": "30.6.2024"}, ["on"]),
        ({"facts": {}, "on": 20240630}, ["on"]),
        ({"facts": {}, "on": "9999-12-31"}, ["on"]),
        ({"facts": {}, "on": "0001-01-01"}, ["on"]),
        ({"facts": {}, "on": "２０２４-06-30"}, ["on"]),
        (
            {
                "on": "soon",
                "facts": {"leading_talent": "yes", "worked_years": 1e400, "hat": 1},
                "benefits": ["x"],
                "extra": 1,
            },
            ["extra", "on", "leading_talent", "worked_years", "hat", "benefits"],
        ),
        (
            '{"facts": {"worked_years": NaN, "claims_this_year": Infinity, "honours": [NaN]}, "on": NaN}',
            ["on", "worked_years", "claims_this_year", "honours"],
        ),
        (
            '{"facts": {"sex": "male", "sex": "female", "hat": 1}, "on": "2024-06-30", "on": "2024-07-01"}',
            ["sex", "on", "hat"],
        ),
    ],
    ids=lambda part: json.dumps(part)[:60],
)
def test_every_wrong_field_is_named_with_what_is_allowed(
    client: Client, asked: Any, wrong: list[str]
) -> None:
    status, answer = ask(client, asked)
    assert status == 400
    assert fields(answer) == wrong
    assert all(problem["allowed"] and isinstance(problem["allowed"], list) for problem in answer["errors"])


def test_what_is_allowed_is_a_list_where_it_is_one(client: Client) -> None:
    _, answer = ask(client, {"facts": {"skill_level": "master", "hat": 1}, "benefits": ["x"]})
    allowed = {problem["field"]: problem["allowed"] for problem in answer["errors"]}
    assert allowed["skill_level"] == list(choices_of("skill_level"))
    assert allowed["hat"] == list(FACTS)
    assert allowed["benefits"] == [benefit.code for benefit in CATALOGUE]


def test_a_units_benefit_is_told_to_be_one(client: Client) -> None:
    _, answer = ask(client, {"facts": {}, "benefits": ["training.pre-job"]})
    assert "用人单位" in answer["errors"][0]["problem"]


@pytest.mark.parametrize(
    "body",
    [
        " ",
        "{",
        "null",
        "[]",
        "5",
        '"facts"',
        b"\xff\xfe",
        '{"facts": {}} x',
        "[" * 16_000,
        '{"facts":' * 1_500,
        '{"facts": {"a": 1' + "0" * 5000,
    ],
    ids=lambda body: str(body)[:12],
)
def test_what_is_no_json_object_is_refused(client: Client, body: Any) -> None:
    status, answer = ask(client, body)
    assert (status, fields(answer)) == (400, [None])


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", ""]
)
def test_another_content_type_is_refused(client: Client, content_type: str) -> None:
    status, answer = ask(client, {"facts": {}}, content_type=content_type)
    assert (status, fields(answer)) == (415, [None])


def test_a_huge_body_is_refused_unread_and_many_mistakes_are_counted(client: Client) -> None:
    status, answer = ask(client, {"facts": {"certificate_occupation": "焊" * 20_000}})
    assert (status, fields(answer)) == (413, [None])
    status, answer = ask(client, {"facts": {f"fact{number}": 1 for number in range(500)}})
    assert status == 400
    assert len(answer["errors"]) == 101
    assert "400" in answer["errors"][-1]["problem"]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    response = getattr(client, method)(ADDRESS)
    assert (response.status_code, response["Allow"]) == (405, "OPTIONS, POST")
    if method != "head":
        assert fields(json.loads(response.content)) == [None]
        assert json.loads(response.content)["errors"][0]["allowed"] == ["OPTIONS", "POST"]


def test_options_are_answered_with_the_methods(client: Client) -> None:
    """On the short way as on the long one, and everywhere else in the API."""
    for address in (ADDRESS, "/api/regions/", "/api/registry/", "/api/"):
        response = client.options(address)
        assert response.status_code == 200 and "OPTIONS" in response["Allow"]
        assert "OPTIONS" in json.loads(response.content)["methods"]


def test_a_foreign_host_is_refused(client: Client) -> None:
    status, answer = ask(client, {"facts": {}}, HTTP_HOST="elsewhere.example")
    assert (status, fields(answer)) == (400, [None])


def test_too_many_questions_of_one_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LIMIT", Limit("eligibility-check-test", 2, seconds=60))
    assert [ask(client, body)[0] for body in ({"facts": {}}, "nonsense")] == [200, 400]
    response = client.post(ADDRESS, '{"facts": {}}', content_type="application/json")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert fields(json.loads(response.content)) == [None]
    assert ask(client, {"facts": {}}, REMOTE_ADDR="198.51.100.7")[0] == 200


# -- description ---------------------------------------------------------------------------------------------


def test_the_description_knows_every_fact_and_the_address_is_the_one_answered(client: Client) -> None:
    schema = json.loads(client.get("/api/schema/?format=json").content)
    post = schema["paths"][ADDRESS]["post"]
    body = post["requestBody"]["content"]["application/json"]
    facts = body["schema"]["properties"]["facts"]
    assert list(facts["properties"]) == list(FACTS)
    assert facts["additionalProperties"] is False
    for name, described in facts["properties"].items():
        assert {key: described[key] for key in fact_schema(name) if key != "description"} == {
            key: value for key, value in fact_schema(name).items() if key != "description"
        }
        assert all(label in described["description"] for label in choices_of(name).values())
    assert body["examples"]
    assert set(post["responses"]) == {"200", "400", "405", "413", "415", "429"}
    assert list(direct.DIRECT) == [ADDRESS]
    assert client.get("/api/").json()["eligibility-checks"].endswith(ADDRESS)
