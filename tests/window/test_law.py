"""The staff pages of the law: who gets in, entering a value of every kind, the second person, and what
happens meanwhile.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import RoleAssignment
from portal.audit.models import Entry
from portal.policy import events
from portal.policy.actions import add_parameter_value, confirm_parameter_value, withdraw_parameter_value
from portal.policy.law import law_on
from portal.policy.models import Parameter, ParameterValue
from portal.window.law.forms import ValueForm
from portal.window.law.history import history
from tests.cast import ORDOS, PEOPLE, make_account

LIMIT, AMOUNT, PRIZES = (
    "training.skill-upgrade.claims-per-year",
    "training.technician.amount",
    "award.worldskills.prize",
)
SOURCE = {"document": "内人社发〔2026〕9号", "article": "第四条"}
SINCE = dt.date(2026, 6, 1)


def parameter(code: str = LIMIT) -> Parameter:
    return Parameter.objects.get(code=code)


def entered(by: Any, code: str = LIMIT, value: Any = 5, **fields: Any) -> ParameterValue:
    return add_parameter_value(parameter(code), value, by=by, **({"since": SINCE} | SOURCE | fields))


def page(name: str, code: str = LIMIT, *args: Any) -> str:
    return reverse(f"window:{name}", args=[code, *args])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# -- who gets in ---------------------------------------------------------------------------------------------
def test_pages_are_for_policy_officers_of_the_whole_region(cast: Any, as_user: Any) -> None:
    value = entered(cast("policy_officer"))
    pages = [reverse("window:law"), page("law_parameter"), page("law_enter")]
    pages += [page(name, LIMIT, value.pk) for name in ("law_value", "law_confirm", "law_withdraw")]
    everybody = [cast(name) for name, *_ in PEOPLE] + [
        make_account("ordos.policy", "包音", "policy_officer", ORDOS)
    ]
    for user in everybody:
        client = as_user(user)
        role = RoleAssignment.objects.get(user=user)
        allowed = role.role == "policy_officer" and role.region_id == "150000"
        for address in pages:
            assert client.get(address).status_code == (200 if allowed else 403), f"{user} {address}"
        if not allowed:
            for name in ("law_confirm", "law_withdraw"):
                assert client.post(page(name, LIMIT, value.pk), {"reason": "x"}).status_code == 403
            assert (
                client.post(
                    page("law_enter"), {"value": "4", "since": "2027-01-01", "document": "x"}
                ).status_code
                == 403
            )
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
    assert "日期不存在" in text(client.get(reverse("window:law"), {"on": "2026-02-30"}))
    with django_assert_max_num_queries(12):
        history_page = client.get(page("law_parameter"))
    assert text(history_page).count("宋文") >= 6


# -- entering ------------------------------------------------------------------------------------------------
GOOD = {"since": "2026-06-01", **SOURCE}
CRITERIA = {
    "cell-age-female": "40",
    "cell-age-male": "50",
    "cell-resident_months": "6",
    "cell-insured_months": "12",
    "cell-landless_age-female": "40",
    "cell-landless_age-male": "50",
    "cell-low_income_age-female": "35",
    "cell-low_income_age-male": "45",
    "cell-low_income_unemployed_months": "12",
    "cell-graduate_months": "24",
}
KINDS = [
    (LIMIT, {"value": " 4 "}, 4),
    ("leave.annual.month-days", {"value": "21.5"}, 21.5),
    ("leave.annual.unpaid-percent", {"value": "1,000"}, 1000),
    (AMOUNT, {"value": "2,500.5"}, "2500.50"),
    (
        "training.skill-upgrade.ceiling",
        {"cell-junior": "1200", "cell-senior": "2400"},
        {"junior": "1200.00", "senior": "2400.00"},
    ),
    ("facility.yearly-quota", {"cell-training_base-national": "3"}, {"training_base": {"national": 3}}),
    ("title.equivalence.extra-years", {"cell-senior": "2"}, {"senior": 2}),
    (
        PRIZES,
        {
            "cell-44-gold": "300000",
            "row-new-1": "47",
            "cell-new-1-gold": "400000",
            "cell-new-1-silver": "250000",
        },
        {"44": {"gold": "300000.00"}, "47": {"gold": "400000.00", "silver": "250000.00"}},
    ),
    ("award.worldskills.gold-expert-group", {"row-new-2": "47", "cell-new-2": "1"}, {"47": "1.00"}),
    (
        "registry.inclusion-honours",
        {"value": ["league_craftsman", "may_day_medal"]},
        ["league_craftsman", "may_day_medal"],
    ),
    ("training.employment-fund.barred-uses", {"value": ["competition_cost"]}, ["competition_cost"]),
    (
        "leave.annual.days",
        {"from-0": "0", "value-0": "5", "from-2": "15", "value-2": "12"},
        [[0, 5], [15, 12]],
    ),
    (LIMIT, {"nothing": "on", "value": "4"}, None),
    (PRIZES, {"nothing": "on", "cell-44-gold": "abc"}, None),
]


def test_a_value_of_every_kind_is_entered_in_plain_fields(policy_officer: Any, as_user: Any) -> None:
    client = as_user(policy_officer)
    for code, given, stored in KINDS:
        response = client.post(page("law_enter", code), {**GOOD, **given})
        assert response.status_code == 302, (code, text(response))
        value = ParameterValue.objects.waiting().get()
        assert (value.parameter.code, value.value, value.since) == (code, stored, SINCE)
        assert (value.document, value.article, value.entered_by) == (
            SOURCE["document"],
            SOURCE["article"],
            policy_officer,
        )
        assert response["Location"] == page("law_value", code, value.pk)
        assert client.get(response["Location"]).status_code == 200
        withdraw_parameter_value(value, by=policy_officer, reason="试填")


BAD = [
    (LIMIT, {}, {"value"}),
    (LIMIT, {"value": "五"}, {"value"}),
    (LIMIT, {"value": "3.5"}, {"value"}),
    (LIMIT, {"value": "99999999999"}, {"value"}),
    (AMOUNT, {"value": "1.005"}, {"value"}),
    (AMOUNT, {"value": "1,50"}, {"value"}),
    (AMOUNT, {"value": "-1"}, {"value"}),
    ("leave.annual.month-days", {"value": "NaN"}, {"value"}),
    (
        "family.hard-to-employ.criteria",
        {**CRITERIA, "cell-age-female": "abc", "cell-graduate_months": "-3"},
        {"cell-age-female", "cell-graduate_months"},
    ),
    ("facility.yearly-quota", {}, {"cell-training_base-national"}),
    (PRIZES, {"cell-new-1-gold": "5"}, {"row-new-1"}),
    (PRIZES, {"row-new-1": "47"}, {"row-new-1"}),
    (PRIZES, {"cell-44-gold": "1", "row-new-1": "44", "cell-new-1-gold": "2"}, {"row-new-1"}),
    (PRIZES, {"row-new-1": "x", "cell-new-1-gold": "2"}, {"row-new-1"}),
    ("registry.inclusion-honours", {}, {"value"}),
    ("registry.inclusion-honours", {"value": ["made_up"]}, {"value"}),
    (
        "leave.annual.days",
        {"from-0": "0", "value-0": "5", "from-1": "20", "value-1": "1", "from-3": "10", "value-3": "2"},
        {"from-3"},
    ),
    ("leave.annual.days", {"from-0": "0"}, {"value-0"}),
    ("leave.annual.days", {"value-1": "x"}, {"from-1", "value-1"}),
    (LIMIT, {"value": "4", "since": "", "document": " "}, {"since", "document"}),
    (LIMIT, {"value": "4", "since": "2026-02-30"}, {"since"}),
    (LIMIT, {"value": "4", "since": "0206-01-01"}, {"since"}),
    (LIMIT, {"value": "4", "until": "2026-05-31"}, {"until"}),
    (LIMIT, {"value": "4", "caveat_since": "2027-01-01"}, {"caveat"}),
    (LIMIT, {"value": "4", "document": "长" * 161}, {"document"}),
]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    policy_officer: Any, as_user: Any
) -> None:
    client = as_user(policy_officer)
    for code, given, wrong in BAD:
        response = client.post(page("law_enter", code), {**GOOD, **given})
        assert response.status_code == 200, (code, given)
        assert set(response.context["form"].errors) == wrong, (code, given, response.context["form"].errors)
        said = response.content.decode()
        assert "请更正以下内容" in said and f'value="{SOURCE["article"]}"' in said
        for name, typed in given.items():
            if isinstance(typed, str) and typed.strip() and name.startswith(("cell", "value", "from")):
                assert f'value="{typed}"' in said, (code, name)
    assert (
        not ParameterValue.objects.waiting().exists()
        and not Entry.objects.filter(action__startswith="policy.").exists()
    )


def test_a_form_begins_with_the_value_in_force(policy_officer: Any) -> None:
    def form(code: str) -> ValueForm:
        standing = ParameterValue.objects.in_force(timezone.localdate()).filter(parameter__code=code).first()
        return ValueForm(parameter=parameter(code), standing=standing, names={})

    prizes = form(PRIZES)
    assert prizes["cell-44-gold"].value() == "300000.00" and prizes["cell-43-bronze"].value() == "80000.00"
    assert [heading for heading, _ in prizes.groups][:2] == ["第43届", "第44届"]
    assert [str(field.label) for field in prizes.groups[0][1]] == [
        f"第43届 {medal}（元）" for medal in ("金牌", "银牌", "铜牌", "优胜奖")
    ]
    assert "grassland_talent" in form("registry.inclusion-honours")["value"].value()
    assert form("leave.annual.days")["from-2"].value() == 20
    assert form(LIMIT)["value"].value() is None


def test_a_double_click_enters_once(policy_officer: Any, as_user: Any) -> None:
    client = as_user(policy_officer)
    assert client.post(page("law_enter"), {**GOOD, "value": "4"}).status_code == 302
    again = client.post(page("law_enter"), {**GOOD, "value": "4"})
    assert again.status_code == 200 and "正在等待复核" in again.context["form"].errors["since"][0]
    assert ParameterValue.objects.waiting().count() == 1
    assert client.post(page("law_enter"), {**GOOD, "value": "4", "since": "2026-07-01"}).status_code == 302


# -- a value that waits --------------------------------------------------------------------------------------
def test_a_value_that_waits_says_what_it_changes(
    policy_officer: Any, second_policy_officer: Any, as_user: Any
) -> None:
    second = as_user(second_policy_officer)
    prizes = {"43": {"gold": "200000.00"}, "44": {"gold": "310000.00"}, "47": {"gold": "1.00"}}
    value = entered(
        policy_officer,
        PRIZES,
        prizes,
        until=dt.date(2027, 5, 31),
        caveat="示意",
        caveat_since=dt.date(2027, 1, 1),
    )
    said = second.get(page("law_value", PRIZES, value.pk))
    rows = {row.what: (row.before, row.after) for row in said.context["change"].changed}
    assert rows["第44届 金牌"] == ("300,000元", "310,000元") and rows["第47届 金牌"] == ("没有取值", "1元")
    assert rows["第43届 银牌"] == ("120,000元", "没有取值") and "第43届 金牌" not in rows
    for words in (
        "2027年5月31日之后没有取值",
        "起始日期早于今天",
        "内人社发〔2026〕9号 第四条",
        "示意（自2027年1月1日起提示）",
        "宋文",
    ):
        assert words in text(said), words
    assert "对在册人员的影响" not in text(said)
    told = render_to_string(
        "window/law_effect.html", {"effects": [{"label": "测算", "href": "/window/", "text": "12人"}]}
    )
    assert "对在册人员的影响" in told and 'href="/window/"' in told
    withdraw_parameter_value(value, by=policy_officer, reason="另行录入")

    honours = law_on(SINCE).value("registry.inclusion-honours")
    listed = entered(policy_officer, "registry.inclusion-honours", [*honours[1:], "league_craftsman"])
    said = second.get(page("law_value", "registry.inclusion-honours", listed.pk))
    assert {(row.what, row.before, row.after) for row in said.context["change"].changed} == {
        ("中华技能大奖", "列入", "不列入"),
        ("盟市工匠", "不列入", "列入"),
    }
    steps = entered(policy_officer, "leave.annual.days", [[0, 5], [10, 12], [20, 15]])
    said = second.get(page("law_value", "leave.annual.days", steps.pk))
    assert [(row.what, row.before, row.after) for row in said.context["change"].changed] == [
        ("满10年不满20年", "10天", "12天")
    ]
    withdraw_parameter_value(steps, by=policy_officer, reason="另行录入")
    steps = entered(policy_officer, "leave.annual.days", [[0, 5], [10, 10], [20, 15], [30, 20]])
    said = second.get(page("law_value", "leave.annual.days", steps.pk))
    assert [(row.what, row.before, row.after) for row in said.context["change"].changed] == [
        ("满30年", "15天", "20天")
    ]
    gone = entered(policy_officer, value=None)
    said = second.get(page("law_value", LIMIT, gone.pk))
    assert [(row.before, row.after) for row in said.context["change"].changed] == [("3次", "没有取值")]
    first = entered(policy_officer, AMOUNT, "2500")
    assert "该日原来没有取值" in text(second.get(page("law_value", AMOUNT, first.pk)))
    same = entered(policy_officer, "leave.annual.months", 12)
    assert "取值不变，只改变来源或有效期" in text(
        second.get(page("law_value", "leave.annual.months", same.pk))
    )


def test_a_second_person_confirms_and_those_who_derive_are_told(
    policy_officer: Any, second_policy_officer: Any, as_user: Any, monkeypatch: Any
) -> None:
    told: list[Any] = []

    def hears(codes: Any) -> None:
        told.append((list(codes), connection.in_atomic_block, law_on(SINCE).value(LIMIT)))

    monkeypatch.setattr(events, "_told_of_change", [])
    events.subscribe_to_law_changes(hears)
    events.subscribe_to_law_changes(hears)
    value = entered(policy_officer)
    address = page("law_confirm", LIMIT, value.pk)
    own = as_user(policy_officer).get(address)
    assert "由您本人录入，须由另一名政策管理员复核" in text(own) and "确认复核" not in text(own)
    assert "由您本人录入" in text(as_user(policy_officer).get(page("law_value", LIMIT, value.pk)))
    refused = as_user(policy_officer).post(address, {"replacing": own.context["replacing"]})
    assert refused.status_code == 409 and "本人录入的取值须由其他人员复核" in text(refused) and not told

    second = as_user(second_policy_officer)
    seen = second.get(address)
    assert "3次" in text(seen) and "5次" in text(seen) and "确认复核" in text(seen)
    done = second.post(address, {"replacing": seen.context["replacing"]}, follow=True)
    assert "已复核，自2026年6月1日起执行" in text(done)
    assert told == [([LIMIT], True, 5)] and law_on(SINCE).value(LIMIT) == 5
    again = second.post(address, {"replacing": seen.context["replacing"]})
    assert again.status_code == 409 and "复核，无需重复操作" in text(again) and "何平" in text(again)
    assert "已复核，无需重复操作" in text(second.get(address, follow=True))
    assert Entry.objects.filter(action="policy.parameter.confirm").count() == len(told) == 1


def test_a_watcher_that_fails_undoes_the_confirmation(
    policy_officer: Any, second_policy_officer: Any, monkeypatch: Any
) -> None:
    def fails(codes: Any) -> None:
        raise RuntimeError("the matching cannot take it")

    monkeypatch.setattr(events, "_told_of_change", [fails])
    value = entered(policy_officer)
    with pytest.raises(RuntimeError):
        confirm_parameter_value(value, by=second_policy_officer)
    assert ParameterValue.objects.waiting().get() == value


def test_a_change_other_than_the_one_seen_is_not_confirmed(
    policy_officer: Any, second_policy_officer: Any, as_user: Any
) -> None:
    value = entered(policy_officer)
    second = as_user(second_policy_officer)
    address = page("law_confirm", LIMIT, value.pk)
    seen = second.get(address).context["replacing"]
    confirm_parameter_value(
        entered(policy_officer, value=4, since=dt.date(2026, 5, 1)), by=second_policy_officer
    )
    refused = second.post(address, {"replacing": seen})
    assert refused.status_code == 409 and "另一项取值已经复核" in text(refused) and "4次" in text(refused)
    assert law_on(SINCE).value(LIMIT) == 4
    assert second.post(address, {"replacing": refused.context["replacing"]}).status_code == 302
    assert law_on(SINCE).value(LIMIT) == 5
    first = entered(policy_officer, AMOUNT, "2500")
    nothing = second.get(page("law_confirm", AMOUNT, first.pk)).context["replacing"]
    assert (
        nothing == ""
        and second.post(page("law_confirm", AMOUNT, first.pk), {"replacing": nothing}).status_code == 302
    )


def test_who_entered_takes_it_back_with_a_reason(
    policy_officer: Any, second_policy_officer: Any, as_user: Any
) -> None:
    value = entered(policy_officer)
    address = page("law_withdraw", LIMIT, value.pk)
    first, second = as_user(policy_officer), as_user(second_policy_officer)
    assert "须由录入人撤回" in text(second.get(address))
    refused = second.post(address, {"reason": "不对"})
    assert refused.status_code == 409 and "须由录入人撤回" in text(refused)
    assert "请写明撤回原因" in text(first.post(address, {"reason": " "}))
    done = first.post(address, {"reason": "数额抄错"}, follow=True)
    assert "取值已撤回" in text(done) and not ParameterValue.objects.waiting().exists()
    entry = Entry.objects.get(action="policy.parameter.withdraw")
    assert (entry.detail["reason"], entry.detail["value"], entry.detail["document"]) == (
        "数额抄错",
        5,
        SOURCE["document"],
    )
    for name in ("law_value", "law_confirm", "law_withdraw"):
        assert "录入后被撤回" in text(second.get(page(name, LIMIT, value.pk), follow=True))
    assert "录入后被撤回" in text(
        second.post(page("law_confirm", LIMIT, value.pk), {"replacing": "1"}, follow=True)
    )
    with pytest.raises(ValidationError, match="已被撤回"):
        confirm_parameter_value(value, by=second_policy_officer)

    left = entered(policy_officer)
    policy_officer.is_active = False
    policy_officer.save(update_fields=["is_active"])
    withdraw_parameter_value(left, by=second_policy_officer, reason="录入人已调离")
    kept = confirm_parameter_value(
        entered(second_policy_officer), by=make_account("region.policy3", "苏和", "policy_officer", "150000")
    )
    assert "不能撤回" in text(second.get(page("law_withdraw", LIMIT, kept.pk), follow=True))


def test_two_officers_confirm_at_once_and_one_of_them_is_told(committed: str, cast: Any) -> None:
    author, officers = (
        cast("policy_officer"),
        [cast("second_policy_officer"), make_account("p3", "苏和", "policy_officer", "150000")],
    )
    value = entered(author)
    ready, outcomes = threading.Barrier(2, timeout=30), []

    def confirms(officer: Any) -> None:
        ready.wait()
        try:
            confirm_parameter_value(value, by=officer)
            outcomes.append("confirmed")
        except ValidationError as refusal:
            outcomes.append(refusal.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=confirms, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 2 and "confirmed" in outcomes
    assert "无需重复操作" in next(said for said in outcomes if said != "confirmed")
    assert Entry.objects.filter(action="policy.parameter.confirm").count() == 1


# -- the history ---------------------------------------------------------------------------------------------
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
        ("3次", dt.date(2025, 12, 31), "不再执行"),
    ]
    staff = text(as_user(policy_officer).get(page("law_parameter")))
    for words in ("随系统发布", "宋文", "何平", "待复核", "9次", "提示 ：试行"):
        assert words in staff or words.replace(" ", "") in staff.replace(" ", ""), words
    response = client.get(f"/policy/figures/{LIMIT}/")
    public = text(response)
    for words in ("7次", "人社部发〔2024〕40号", "内人社发〔2026〕9号 第四条", "试行", "尚未施行", "第九条"):
        assert words in public, words
    assert "9次" not in public and "宋文" not in public and "何平" not in public


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
