"""The staff pages of the law: who gets in, the list, and the history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from portal.policy.actions import confirm_parameter_value
from portal.policy.models import Parameter, ParameterValue
from portal.window.law.history import history
from tests.cast import ORDOS, PEOPLE, REGION, make_account
from tests.roles import Person, compared, drawn_once, one_of_each
from tests.window.law_given import AMOUNT, LIMIT, entered, page, parameter, text


@pytest.mark.sweep
def test_pages_are_for_policy_officers_of_the_whole_region(cast: Any, as_user: Any) -> None:
    value = entered(cast("policy_officer"))
    pages = [reverse("window:law"), page("law_parameter"), page("law_enter")]
    pages += [page(name, LIMIT, value.pk) for name in ("law_value", "law_confirm", "law_withdraw")]
    elsewhere = make_account("ordos.policy", "包音", "policy_officer", ORDOS)
    people = [*one_of_each(cast), Person("ordos.policy", elsewhere, "policy_officer", ORDOS)]
    new = {"value": "4", "since": "2027-01-01", "document": "x"}
    with drawn_once(), compared() as expect:
        for who, user, role, region in people:
            client = as_user(user)
            allowed = role == "policy_officer" and region == REGION
            for address in pages:
                expect(f"{who} {address}", client.get(address).status_code, 200 if allowed else 403)
            if not allowed:
                for name in ("law_confirm", "law_withdraw"):
                    status = client.post(page(name, LIMIT, value.pk), {"reason": "核实"}).status_code
                    expect(f"{who} {name}", status, 403)
                expect(f"{who} enters", client.post(page("law_enter"), new).status_code, 403)
    assert list(ParameterValue.objects.waiting()) == [value]
    shown = [
        name
        for name, *_ in PEOPLE
        if 'href="/window/law/"' in as_user(cast(name)).get("/window/", follow=True).content.decode()
    ]
    assert shown == ["policy_officer", "second_policy_officer"]


# -- the list ------------------------------------------------------------------------------------------------
def test_the_list_shows_the_day_what_waits_and_what_has_no_value(
    policy_officer: Any, second_policy_officer: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for month in range(1, 7):
        confirm_parameter_value(
            entered(policy_officer, value=month, since=dt.date(2026, month, 1)), by=second_policy_officer
        )
    value = entered(policy_officer, AMOUNT, "2500")
    client = as_user(policy_officer)
    client.get(reverse("window:law"))
    with django_assert_max_num_queries(12):
        whole = client.get(reverse("window:law"))
    rows = {row["parameter"].code: row for row in whole.context["rows"]}
    assert len(rows) == Parameter.objects.count()
    assert rows[AMOUNT]["figure"] is None and rows[AMOUNT]["waiting"] == [value]
    assert "依据细则待补" in text(whole) and "随系统" not in text(whole)
    waiting = client.get(reverse("window:law"), {"state": "waiting"}).context["rows"]
    assert [row["parameter"].code for row in waiting] == [AMOUNT]
    without = client.get(reverse("window:law"), {"state": "without", "clause": "十"}).context["rows"]
    assert {row["parameter"].code for row in without} == {AMOUNT, "facility.yearly-quota"}
    office = client.get(reverse("window:law"), {"clause": "none"}).context["rows"]
    assert office and all(row["parameter"].clause is None for row in office)
    on_day = client.get(reverse("window:law"), {"on": "2018-06-30"})
    months = next(row for row in on_day.context["rows"] if row["parameter"].code.endswith("insured-months"))
    assert months["lines"] == [("", "36个月")]
    assert "没有2026年2月30日这一天" in text(client.get(reverse("window:law"), {"on": "2026-02-30"}))
    with django_assert_max_num_queries(12):
        history_page = client.get(page("law_parameter"))
    assert text(history_page).count("宋文") >= 6


def test_the_history_says_what_held_when_and_who_answers_for_it(
    policy_officer: Any, second_policy_officer: Any, as_user: Any, client: Any
) -> None:
    confirm_parameter_value(
        entered(policy_officer, value=4, since=dt.date(2026, 1, 1)), by=second_policy_officer
    )
    corrected = entered(
        policy_officer, value=5, since=dt.date(2026, 1, 1), until=dt.date(2026, 3, 31), caveat="试行"
    )
    confirm_parameter_value(corrected, by=second_policy_officer)
    confirm_parameter_value(
        entered(policy_officer, value=None, since=dt.date(2026, 4, 15)), by=second_policy_officer
    )
    confirm_parameter_value(
        entered(policy_officer, value=7, since=dt.date(2099, 1, 1)), by=second_policy_officer
    )
    entered(policy_officer, value=9, since=dt.date(2098, 1, 1))
    entries = history(
        parameter(), list(ParameterValue.objects.filter(parameter=parameter())), {}, dt.date(2026, 5, 1)
    )
    assert [(e.lines[0][1], e.ends_on, e.state[0]) for e in entries] == [
        ("7次", None, "尚未施行"),
        ("9次", None, "待复核"),
        ("没有取值", dt.date(2098, 12, 31), "没有取值"),
        ("5次", dt.date(2026, 3, 31), "不再执行"),
        ("4次", dt.date(2026, 1, 1), "已更正"),
        ("1次", dt.date(2025, 12, 31), "不再执行"),
        ("3次", dt.date(2025, 4, 21), "不再执行"),
        ("3次", dt.date(2024, 12, 31), "不再执行"),
    ]
    staff = text(as_user(policy_officer).get(page("law_parameter")))
    for words in ("随系统发布", "宋文", "何平", "待复核", "9次", "提示 ：试行"):
        assert words in staff or words.replace(" ", "") in staff.replace(" ", ""), words
    response = client.get(f"/policy/figures/{LIMIT}/")
    public = text(response)
    for words in ("7次", "人社部发〔2024〕40号", "内人社发〔2026〕9号 第四条", "试行", "尚未施行", "第九条"):
        assert words in public, words
    assert "9次" not in public and "宋文" not in public and "何平" not in public


def test_the_history_says_which_value_holds_again(
    policy_officer: Any, second_policy_officer: Any, as_user: Any, client: Any
) -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
    relaxed = entered(policy_officer, value=9, since=first, until=last, gives_way_to=dt.date(2025, 1, 1))
    confirm_parameter_value(relaxed, by=second_policy_officer)
    values = list(ParameterValue.objects.filter(parameter=parameter()))

    def told(on: dt.date) -> list[tuple[str, str, dt.date | None]]:
        entries = history(parameter(), values, {}, on)
        return [(e.lines[0][1], e.state[0], e.resumed_on) for e in entries]

    before = [("1次", "不再执行", None), ("3次", "不再执行", None), ("3次", "不再执行", None)]
    assert told(last) == [("9次", "现行", None), *before]
    before[1] = ("3次", "现行", dt.date(2026, 4, 1))
    assert told(dt.date(2026, 4, 1)) == [("9次", "不再执行", None), *before]
    staff = text(as_user(policy_officer).get(page("law_parameter")))
    for said in (staff, text(client.get(f"/policy/figures/{LIMIT}/"))):
        assert "期满后恢复 2025-01-01 起的取值" in said and "2026-04-01 起恢复执行" in said


def test_everybody_reads_where_a_figure_comes_from(
    client: Any, db: None, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):
        page_ = client.get("/policy/figures/training.skill-upgrade.insured-months/")
    assert "36个月" in text(page_) and "2018-12-31" in text(page_)
    assert "依据细则待补" in text(client.get(f"/policy/figures/{AMOUNT}/"))
    assert client.get("/policy/figures/no.such/").status_code == 404
    for path in ("/policy/figures/", "/policy/十/"):
        assert f'href="/policy/figures/{AMOUNT}/"' in client.get(path).content.decode()
    for code in Parameter.objects.values_list("code", flat=True):
        assert client.get(f"/policy/figures/{code}/").status_code == 200, code
