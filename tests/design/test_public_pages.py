"""What everybody may read, and the one thing a person may ask without an account: where their case is."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.cache import cache

from portal.cases import actions
from portal.cases.actions import NewCase
from portal.policy.models import Clause
from portal.regions.models import ServiceWindow
from tests.cast import OTOG, id_number, make_worker

PAGES = [
    "/",
    "/check/",
    "/policy/",
    "/policy/figures/",
    "/policy/figures/leave.annual.days/",
    "/policy/一/",
    "/policy/九/",
    "/windows/",
    f"/windows/{OTOG}/",
    "/about/",
    "/case-status/",
]
ALSO_ASKED_FOR = ["/notices/", "/letters/verify/", "/registry/", "/accounts/login/", "/accounts/activate/"]
POLICY = "内党办发〔2019〕6号"


@pytest.mark.parametrize("path", PAGES + ALSO_ASKED_FOR)
def test_whoever_only_asks_whether_a_page_is_there_is_told(client, db, path: str) -> None:
    """Monitors, link checkers and some proxies send HEAD."""
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stands_with_one_heading_and_its_landmarks(client, db, path: str) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == page.count("<main") == 1
    assert 'class="skip" href="#main"' in page
    assert "匠惠通</title>" in page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stays_small(client, db, path: str) -> None:
    """Under 100 KB with its styles and script, before compression."""
    from pathlib import Path

    static = Path(__file__).resolve().parent.parent.parent / "portal/static/portal"
    shared = sum(
        (static / name).stat().st_size
        for name in ("tokens.css", "portal.css", "public.css", "portal.js", "mark.svg")
    )
    assert shared + len(client.get(path).content) < 100_000


def test_home_asks_three_questions(client, db) -> None:
    page = client.get("/").content.decode()
    for question in ("我能享受哪些待遇？", "我的事办到哪一步了？", "公布了什么？"):
        assert question in page
    assert 'action="/case-status/"' in page


def test_home_counts_sixteen_clauses_with_few_queries(client, db, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(4):
        page = client.get("/").content.decode()
    assert page.count('href="/policy/') >= 16


# -- elder-friendly mode -------------------------------------------------------------------------------------
def test_elder_mode_is_remembered_without_an_account_and_shows_fewer_things(client, db) -> None:
    before = client.get("/").content
    response = client.get("/display/elder/", {"next": "/windows/"})
    assert (response.status_code, response["Location"]) == (302, "/windows/")
    page = client.get("/").content
    assert b'class="public elder"' in page
    assert len(page) < len(before)
    client.get("/display/standard/")
    assert b'class="public elder"' not in client.get("/").content


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "javascript:alert(1)", "\\\\example.org"]
)
def test_elder_mode_leads_nowhere_else(client, target: str) -> None:
    assert client.get("/display/elder/", {"next": target})["Location"] == "/"


def test_there_is_no_other_display(client, db) -> None:
    assert client.get("/display/loud/").status_code == 404


# -- windows -------------------------------------------------------------------------------------------------
def test_what_the_office_has_not_given_is_said_to_be_open(client, db) -> None:
    page = client.get(f"/windows/{OTOG}/").content.decode()
    assert page.count("待公布") == 5
    assert "示例" not in page


def test_a_sample_is_called_a_sample(client, db) -> None:
    ServiceWindow.objects.filter(region_id=OTOG).update(address="乌兰镇示例路1号", is_sample=True)
    page = client.get(f"/windows/{OTOG}/").content.decode()
    assert "示例信息，不是窗口的真实信息" in page
    assert page.count("待公布") == 4


def test_windows_are_found_by_a_part_of_the_name(client, db) -> None:
    page = client.get("/windows/", {"q": "鄂托克"}).content.decode()
    assert "鄂托克前旗" in page
    assert "昆都仑区" not in page
    assert "没有找到这个地名" in client.get("/windows/", {"q": "火星"}).content.decode()


def test_all_windows_cost_few_queries(client, db, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(2):
        page = client.get("/windows/").content.decode()
    assert page.count('href="/windows/') >= 116


def test_a_place_that_is_none_is_not_found(client, db) -> None:
    assert client.get("/windows/999999/").status_code == 404


# -- the policy shelf ----------------------------------------------------------------------------------------
def test_the_shelf_shows_sixteen_clauses_with_the_lead_department_first(client, db) -> None:
    page = client.get("/policy/").content.decode()
    assert Clause.objects.filter(document__number=POLICY).count() == page.count('<li class="clause">') == 16
    assert "牵头：党委组织部" in page


def test_a_clause_says_what_it_gives_and_on_what_figures(client, db) -> None:
    page = client.get("/policy/九/").content.decode()
    for words in (
        "技能提升补贴",
        "失业保险基金",
        "岗前技能培训补贴",
        "2,000元",
        "人社部发〔2017〕40号",
        "依据细则待补",
    ):
        assert words in page


def test_figures_are_those_of_the_day(client, db) -> None:
    def months(day: str) -> str:
        page = client.get("/policy/九/", {"on": day}).content.decode()
        row = page[page.index("失业保险累计缴费月数") :]
        return row[: row.index("</tr>")]

    assert "36个月" in months("2018-06-30")
    assert "12个月" in months("2019-01-01")
    assert "依据细则待补" in months("2016-12-31")


def test_a_day_that_does_not_exist_is_refused_with_words(client, db) -> None:
    page = client.get("/policy/figures/", {"on": "2026-02-30"}).content.decode()
    assert "没有2026年2月30日这一天" in page


def test_no_code_reaches_the_reader(client, db) -> None:
    """Every key of every table of figures has its Chinese word."""
    import re

    page = client.get("/policy/figures/").content.decode()
    values = re.findall(r'data-label="取值">(.*?)</td>', page, re.S)
    assert values
    text = re.sub(r"<[^>]+>", " ", " ".join(values))
    assert not re.findall(r"[a-z]+(?:[_-][a-z]+)+", text)


def test_a_clause_that_is_none_is_not_found(client, db) -> None:
    assert client.get("/policy/十七/").status_code == 404


# -- where is my case ----------------------------------------------------------------------------------------
@pytest.fixture
def person(db):
    return make_worker(number=id_number(serial=721))


@pytest.fixture
def case(person):
    kind = "registry.direct-inclusion"
    [opened] = actions.open_cases(
        kind, [NewCase(OTOG, person.pk, "全国技术能手")], by=None, on=date(2026, 11, 16)
    )
    return opened


def ask(client, number: str, proof: str):
    return client.post("/case-status/", {"number": number, "proof": proof})


def test_number_and_id_number_show_the_state_and_nobody_s_name(client, case, person) -> None:
    page = ask(client, case.number, person.id_number).content.decode()
    assert case.state_label in page
    assert case.number in page
    assert person.name not in page
    assert person.id_number not in page


def test_what_an_input_method_makes_of_a_number_is_forgiven(client, case, person) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in person.id_number)
    assert case.state_label in ask(client, f" {case.number.lower()} ", wide).content.decode()


def test_wrong_digits_and_an_unknown_number_look_the_same(client, case, person) -> None:
    wrong = "11010519491231002X"
    pages = [
        ask(client, case.number, wrong).content.decode(),
        ask(client, "ZJ-2026-999999", wrong).content.decode(),
    ]
    for page in pages:
        assert "没有找到" in page
        assert case.state_label not in page
    # What was typed is kept.
    assert f'value="{case.number}"' in pages[0]


@pytest.mark.parametrize("tail", ["", "0034", "110105194912310021", "11010519491331002X", "abcdef"])
def test_digits_that_cannot_be_right_are_said_to_be_wrong(client, case, tail: str) -> None:
    page = ask(client, case.number, tail).content.decode()
    assert "error-summary" in page
    assert 'href="#id_proof"' in page


def test_what_is_missing_is_said(client, case, person, registry_officer) -> None:
    day = date(2026, 11, 18)
    with actions.transition(case.pk, "return_for_correction", by=registry_officer, on=day) as locked:
        actions.open_correction(locked, ["荣誉证书复印件不清晰"], by=registry_officer, on=day)
    assert "荣誉证书复印件不清晰" in ask(client, case.number, person.id_number).content.decode()


def test_guessing_at_one_case_ends(client, case, person) -> None:
    for _ in range(10):
        assert ask(client, case.number, "11010519491231002X").status_code == 200
    refused = ask(client, case.number, person.id_number)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "分钟后再试" in refused.content.decode()


def test_asking_from_one_address_ends(client, case, monkeypatch) -> None:
    from portal.throttle import Limit, Misses
    from portal.window.public import pages

    cache.clear()
    limits = Misses(Limit("test-address", 2), Limit("test-number-address", 10), Limit("test-number", 30))
    monkeypatch.setattr(pages, "MISSES", limits)
    statuses = [ask(client, f"ZJ-2026-00000{n}", "11010519491231002X").status_code for n in range(3)]
    assert statuses == [200, 200, 429]
    assert client.get("/case-status/").status_code == 200


def test_who_finds_their_case_is_not_counted(client, case, person, monkeypatch) -> None:
    """Given one address for many people, when each looks up their own case, then nobody is turned away."""
    from portal.throttle import Limit, Misses
    from portal.window.public import pages

    cache.clear()
    limits = Misses(Limit("hits-address", 2), Limit("hits-number-address", 2), Limit("hits-number", 2))
    monkeypatch.setattr(pages, "MISSES", limits)
    tail = person.id_number
    assert {ask(client, case.number, tail).status_code for _ in range(6)} == {200}


def test_who_guesses_at_a_case_keeps_nobody_elsewhere_from_it(client, case, person) -> None:
    cache.clear()
    for _ in range(11):
        ask(client, case.number, "11010519491231002X")
    answer = client.post(
        "/case-status/", {"number": case.number, "proof": person.id_number}, REMOTE_ADDR="203.0.113.9"
    )
    assert answer.status_code == 200 and case.state_label in answer.content.decode()


def test_neither_number_stands_in_an_address(client, case, person) -> None:
    response = client.get("/case-status/", {"number": case.number, "proof": person.id_number})
    assert case.state_label not in response.content.decode()
