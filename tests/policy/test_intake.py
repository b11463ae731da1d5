"""Typed-in facts: what is accepted, in which one form, and how everything else is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.policy import check, validate_facts
from portal.policy.facts import FACTS
from portal.policy.intake import FactsRefused

DAY = dt.date(2024, 6, 30)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"shoe_size": 42}, "shoe_size"),
        ({"skill_level": "master"}, "skill_level"),
        ({"skill_level": 40}, "skill_level"),
        ({"skill_level": "none"}, "skill_level"),
        ({"skill_level": ["senior"]}, "skill_level"),
        ({"employment": "resting"}, "employment"),
        ({"employment": {}}, "employment"),
        ({"leading_talent": "true"}, "leading_talent"),
        ({"leading_talent": 1}, "leading_talent"),
        ({"unemployment_insured_months": -1}, "unemployment_insured_months"),
        ({"unemployment_insured_months": 12.5}, "unemployment_insured_months"),
        ({"unemployment_insured_months": True}, "unemployment_insured_months"),
        ({"unemployment_insured_months": 1e9}, "unemployment_insured_months"),
        ({"unemployment_insured_months": 10**30}, "unemployment_insured_months"),
        ({"unemployment_insured_months": "twelve"}, "unemployment_insured_months"),
        ({"unemployment_insured_months": [12]}, "unemployment_insured_months"),
        ({"worked_years": "NaN"}, "worked_years"),
        ({"worked_years": float("nan")}, "worked_years"),
        ({"worked_years": float("inf")}, "worked_years"),
        ({"worked_years": Decimal("NaN")}, "worked_years"),
        ({"worked_years": 1.001}, "worked_years"),
        ({"worked_years": 101}, "worked_years"),
        ({"worked_years": "１０"}, "worked_years"),
        ({"competition_rank": 0}, "competition_rank"),
        ({"certificate_issued_on": "2024-07-01"}, "certificate_issued_on"),
        ({"certificate_issued_on": "2023-02-29"}, "certificate_issued_on"),
        ({"certificate_issued_on": "2024/01/31"}, "certificate_issued_on"),
        ({"certificate_issued_on": "20240131"}, "certificate_issued_on"),
        ({"certificate_issued_on": 20240131}, "certificate_issued_on"),
        ({"certificate_issued_on": dt.datetime(2024, 1, 31, tzinfo=dt.UTC)}, "certificate_issued_on"),
        ({"birth_on": "1850-01-01"}, "birth_on"),
        ({"birth_on": "2025-01-01"}, "birth_on"),
        ({"honours": "may_day_medal"}, "honours"),
        ({"honours": {"may_day_medal": True}}, "honours"),
        ({"honours": ["五一劳动奖章"]}, "honours"),
        ({"honours": [None]}, "honours"),
        ({"honours": ["a"] * 51}, "honours"),
        ({"work_region": "15062"}, "work_region"),
        ({"work_region": 150624}, "work_region"),
        ({"certificate_occupation": ""}, "certificate_occupation"),
        ({"certificate_occupation": "焊\x00工"}, "certificate_occupation"),
        ({"certificate_occupation": "\ud800"}, "certificate_occupation"),
        ({"certificate_occupation": "焊" * 81}, "certificate_occupation"),
        ({"certificate_occupation": 5}, "certificate_occupation"),
    ],
    ids=lambda part: str(part).encode("unicode_escape").decode()[:50],
)
def test_refused_with_field_problem_and_what_is_allowed(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(FactsRefused) as refused:
        validate_facts(facts, DAY)
    (problem,) = refused.value.problems
    assert problem["field"] == field
    assert problem["problem"] and problem["allowed"]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(FactsRefused) as refused:
        validate_facts(
            {"leading_talent": "no", "honours": 1, "unemployment_insured_months": -2, "hat": 1}, DAY
        )
    assert [p["field"] for p in refused.value.problems] == [
        "leading_talent",
        "honours",
        "unemployment_insured_months",
        "hat",
    ]


@pytest.mark.parametrize("payload", [None, [], "facts", 5])
def test_facts_are_an_object(payload: Any) -> None:
    with pytest.raises(FactsRefused) as refused:
        validate_facts(payload, DAY)
    assert refused.value.problems[0]["field"] == "facts"


@pytest.mark.parametrize("value", [12, 12.0, "12", "12.00", " 12 ", Decimal("12.0")])
@pytest.mark.parametrize("fact", ["unemployment_insured_months", "worked_years"])
def test_numbers_have_one_form(fact: str, value: Any) -> None:
    cleaned = validate_facts({fact: value}, DAY)
    assert cleaned == {fact: 12}
    assert type(cleaned[fact]) is int


def test_canonical_form() -> None:
    cleaned = validate_facts(
        {
            "worked_years": "9.50",
            "honours": ["b", "a", "b"],
            "certificate_issued_on": dt.date(2024, 1, 31),
            "sex": None,
            "certificate_occupation": " 焊工 ",
            "birth_on": "1985-06-15",
        },
        DAY,
    )
    assert cleaned == {
        "birth_on": "1985-06-15",
        "certificate_occupation": "焊工",
        "certificate_issued_on": "2024-01-31",
        "honours": ["a", "b"],
        "worked_years": 9.5,
    }
    assert list(cleaned) == [fact for fact in FACTS if fact in cleaned]
    assert validate_facts(cleaned, DAY) == cleaned


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(payload=st.dictionaries(st.sampled_from(list(FACTS)) | st.text(), ANYTHING, max_size=5))
def test_anything_is_either_canonical_or_refused(payload: dict[str, Any]) -> None:
    try:
        cleaned = validate_facts(payload, DAY)
    except FactsRefused as refused:
        assert refused.problems
    else:
        assert validate_facts(cleaned, DAY) == cleaned


@pytest.mark.django_db
@pytest.mark.parametrize(
    "benefits", ["leave.annual", {"leave.annual": 1}, [], ["no.such"], [None], ["facility.master-studio"], 5]
)
def test_benefits_are_a_list_of_a_persons_codes(benefits: Any) -> None:
    with pytest.raises(FactsRefused) as refused:
        check({}, DAY, benefits)
    assert refused.value.problems[0]["field"] == "benefits"


@pytest.mark.django_db
def test_text_that_looks_like_sql_or_a_placeholder_is_only_text() -> None:
    check({"certificate_occupation": "%s'; DROP TABLE policy_clause; --", "honours": ["a-b"]}, DAY)
