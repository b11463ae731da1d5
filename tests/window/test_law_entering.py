"""Entering a value of every kind on the pages of the law."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from portal.audit.models import Entry
from portal.policy.actions import withdraw_parameter_value
from portal.policy.models import ParameterValue
from portal.window.law.forms import ValueForm
from tests.window.law_given import AMOUNT, LIMIT, PRIZES, SINCE, SOURCE, page, parameter, text

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
        "office.litigation-courts",
        {"place-150600": " 合成法院 ", "place-150200": ""},
        {"150600": "合成法院"},
    ),
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
    ("office.litigation-courts", {}, {"place-150000"}),
    ("leave.annual.days", {"from-0": "0"}, {"value-0"}),
    ("leave.annual.days", {"value-1": "x"}, {"from-1", "value-1"}),
    (LIMIT, {"value": "4", "since": "", "document": " "}, {"since", "document"}),
    (LIMIT, {"value": "4", "since": "2026-02-30"}, {"since"}),
    (LIMIT, {"value": "4", "since": "0206-01-01"}, {"since"}),
    (LIMIT, {"value": "4", "until": "2026-05-31"}, {"until"}),
    (LIMIT, {"value": "4", "gives_way_to": "2024-01-01"}, {"until"}),
    (LIMIT, {"value": "4", "until": "2099-01-01", "gives_way_to": "2024-01-02"}, {"gives_way_to"}),
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
