"""The days an answer turns on and what its conditions measure, held against the executor."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policy import check
from portal.policy.growth import facts_grown, months_after, months_until, whole_months_between
from tests.policy.people import UPGRADE, facts_of
from tests.policy.test_executor import DAYS, known_on, property_test

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 22)
ONE_DAY = dt.timedelta(days=1)
CLAIM = UPGRADE | {"certificate_issued_on": "2026-05-10"}


def answer_of(benefit: str, facts: dict[str, Any], on: dt.date = ON) -> dict[str, Any]:
    [answer] = check(facts, on, [benefit])
    return answer


def measure_of(answer: dict[str, Any], code: str) -> dict[str, Any]:
    [measure] = [one["measure"] for one in answer["conditions"] if one["code"] == code]
    return dict(measure)


def outcome_later(benefit: str, facts: dict[str, Any], on: dt.date, day: dt.date) -> str:
    """What the executor says on another day, the facts grown until then."""
    return str(answer_of(benefit, facts_grown(facts, on, day), day)["outcome"])


# -- the property -------------------------------------------------------------------------------------------------


NEAR = {
    "employment": "employed",
    "paying_unemployment_insurance": True,
    "certificate_level": "senior",
    "drawing_unemployment_benefit": False,
    "claimed_same_occupation_level": False,
    "highest_level_claimed": "none",
    "training_subsidy_for_same_certificate": False,
}


@st.composite
def near_the_line(draw: st.DrawFn, on: dt.date) -> dict[str, Any]:
    """Somebody whom months, a new year or the law of a later day may help or hurt."""
    issued = on - dt.timedelta(days=draw(st.integers(0, 420)))
    return {
        **NEAR,
        "certificate_issued_on": issued.isoformat(),
        "unemployment_insured_months": draw(st.integers(0, 40)),
        "claims_this_year": draw(st.integers(0, 4)),
        "scarce_claims_this_year": draw(st.integers(0, 3)),
        "certificate_occupation_scarce": draw(st.booleans()),
        "continuous_months": draw(st.integers(0, 14)),
        "worked_years": draw(st.integers(0, 4000)) / 100,
    }


@property_test
@given(data=st.data(), on=st.sampled_from(DAYS) | st.dates(dt.date(2017, 1, 1), dt.date(2027, 12, 31)))
def test_from_that_day_on_the_executor_says_yes_and_the_day_before_not(
    data: st.DataObject, on: dt.date
) -> None:
    """Given anybody, when a day is named, then it is the day: a yes on it, none on the day before."""
    facts = known_on(data.draw(near_the_line(on) | facts_of()), on)
    for answer in check(facts, on):
        benefit = answer["benefit"]
        if first := answer["qualifies_on"]:
            day = dt.date.fromisoformat(first)
            assert answer["outcome"] == "ineligible" and day > on
            assert outcome_later(benefit, facts, on, day) == "eligible"
            assert outcome_later(benefit, facts, on, day - ONE_DAY) != "eligible"
        if first := answer["possible_from"]:
            day = dt.date.fromisoformat(first)
            assert answer["outcome"] == "ineligible" and answer["qualifies_on"] is None and day > on
            assert outcome_later(benefit, facts, on, day) == "undetermined"
            assert outcome_later(benefit, facts, on, day - ONE_DAY) == "ineligible"
        if last := answer["possible_until"]:
            day = dt.date.fromisoformat(last)
            assert outcome_later(benefit, facts, on, day) != "ineligible"
            assert outcome_later(benefit, facts, on, day + ONE_DAY) == "ineligible"
        if last := answer["apply_until"]:
            day = dt.date.fromisoformat(last)
            assert outcome_later(benefit, facts, on, day) == "eligible"
            assert outcome_later(benefit, facts, on, day + ONE_DAY) != "eligible"


@property_test
@given(data=st.data(), on=st.sampled_from(DAYS), ahead=st.integers(1, 1200))
def test_no_day_is_overlooked(data: st.DataObject, on: dt.date, ahead: int) -> None:
    """Given a no that becomes a yes by itself, then a day is named, and not a later one; the same of a yes
    that ends.
    """
    facts = known_on(data.draw(near_the_line(on)), on)
    day = on + dt.timedelta(days=ahead)
    later = {one["benefit"]: one["outcome"] for one in check(facts_grown(facts, on, day), day)}
    for answer in check(facts, on):
        becomes = later[answer["benefit"]]
        if answer["outcome"] == "ineligible" and becomes == "eligible":
            assert answer["qualifies_on"] and answer["qualifies_on"] <= day.isoformat()
        if answer["outcome"] == "ineligible" and becomes == "undetermined":
            first = answer["possible_from"] or answer["qualifies_on"]
            assert first and first <= day.isoformat()
        if answer["outcome"] == "eligible" and becomes != "eligible":
            assert answer["apply_until"] and answer["apply_until"] < day.isoformat()


@property_test
@given(data=st.data(), on=st.sampled_from(DAYS) | st.dates(dt.date(2017, 1, 1), dt.date(2027, 12, 31)))
def test_every_stretch_is_named_and_nothing_between(data: st.DataObject, on: dt.date) -> None:
    """Given stretches, then the executor agrees on the first and the last day of each, and on the days around
    them; between two of them, and after the last one, it does not.
    """
    facts = known_on(data.draw(near_the_line(on)), on)
    for answer in check(facts, on):
        stretches = [(dt.date.fromisoformat(one["from"]), one["until"]) for one in answer["windows"]]
        is_sure = not (answer["possible_from"] or answer["possible_until"])
        wanted = {"eligible"} if is_sure else {"eligible", "undetermined"}
        bounds = [
            answer["qualifies_on"] or answer["possible_from"],
            answer["apply_until"] or answer["possible_until"],
        ]
        assert (
            not stretches or [stretches[0][0].isoformat() if bounds[0] else None, stretches[0][1]] == bounds
        )
        assert stretches or bounds == [None, None]
        for begin, until in stretches:
            assert outcome_later(answer["benefit"], facts, on, begin) in wanted
            if begin > on:
                assert outcome_later(answer["benefit"], facts, on, begin - ONE_DAY) not in wanted
            if until:
                end = dt.date.fromisoformat(until)
                assert outcome_later(answer["benefit"], facts, on, end) in wanted
                assert outcome_later(answer["benefit"], facts, on, end + ONE_DAY) not in wanted


@property_test
@given(data=st.data(), on=st.sampled_from(DAYS), ahead=st.integers(1, 1200))
def test_no_stretch_is_overlooked(data: st.DataObject, on: dt.date, ahead: int) -> None:
    """Given any later day, when an answer has stretches, then the executor says yes on it if one holds it."""
    facts = known_on(data.draw(near_the_line(on)), on)
    day = on + dt.timedelta(days=ahead)
    later = {one["benefit"]: one["outcome"] for one in check(facts_grown(facts, on, day), day)}
    for answer in check(facts, on):
        if not answer["windows"] or answer["possible_from"] or answer["possible_until"]:
            continue
        text = day.isoformat()
        is_within = any(one["from"] <= text <= (one["until"] or text) for one in answer["windows"])
        assert is_within is (later[answer["benefit"]] == "eligible")


def test_a_relaxation_that_ends_and_months_that_come_are_two_stretches() -> None:
    """Given 30 months in 2025, when the relaxation ends, then one may apply again once 36 have come."""
    on = dt.date(2025, 11, 15)
    facts = UPGRADE | {"certificate_issued_on": "2025-10-10", "unemployment_insured_months": 30}
    answer = answer_of("training.skill-upgrade", facts, on)
    assert (answer["outcome"], answer["apply_until"]) == ("eligible", "2025-12-31")
    assert answer["windows"] == [
        {"from": "2025-11-15", "until": "2025-12-31"},
        {"from": "2026-05-15", "until": "2026-10-10"},
    ]
    assert answer["assumes"] == ["如继续按月缴费"]
    always = answer_of("schooling.equivalence", {"technical_school_class": "senior"}, on)
    assert (always["apply_until"], always["windows"]) == (None, [])


# -- the line of insurance --------------------------------------------------------------------------------------


def test_months_that_are_wanting_are_counted_and_their_day_named() -> None:
    """Given 30 months, when 36 are asked, then six are wanting, and come by half a year of contributions."""
    answer = answer_of("training.skill-upgrade", CLAIM | {"unemployment_insured_months": 30})
    assert answer["outcome"] == "ineligible"
    # The certificate of 10 May serves until 10 May; on 22 May it is too late.
    assert answer["qualifies_on"] is None
    measure = measure_of(answer, "insured")
    assert (measure["required"], measure["has"], measure["missing"]) == (36, 30, 6)
    assert (measure["reached_on"], measure["assumes"]) == ("2027-05-22", "如继续按月缴费")
    assert measure_of(answer, "in-time") == {
        "fact": "certificate_issued_on",
        "comparison": "within_months",
        "required": 12,
        "has": "2026-05-10",
        "missing": None,
        "left": 169,
        "reached_on": None,
        "assumes": "",
        "until": "2027-05-10",
    }


def test_the_day_comes_before_the_certificate_is_too_old() -> None:
    answer = answer_of("training.skill-upgrade", CLAIM | {"unemployment_insured_months": 33})
    assert (answer["qualifies_on"], answer["apply_until"]) == ("2027-02-22", "2027-05-10")
    assert answer["assumes"] == ["如继续按月缴费"]


def test_who_does_not_pay_any_more_is_promised_no_day() -> None:
    facts = CLAIM | {"unemployment_insured_months": 33, "paying_unemployment_insurance": False}
    answer = answer_of("training.skill-upgrade", facts)
    assert (answer["qualifies_on"], answer["assumes"]) == (None, [])
    measure = measure_of(answer, "insured")
    assert (measure["missing"], measure["reached_on"], measure["assumes"]) == (3, None, "")


def test_a_year_s_claims_begin_anew() -> None:
    answer = answer_of("training.skill-upgrade", CLAIM | {"claims_this_year": 3})
    assert (answer["qualifies_on"], answer["apply_until"]) == ("2027-01-01", "2027-05-10")
    measure = measure_of(answer, "claims-left")
    assert (measure["required"], measure["has"], measure["left"]) == (3, 3, 0)
    assert measure["reached_on"] == "2027-01-01"
    assert answer["assumes"] == []


def test_a_relaxation_that_ends_is_the_last_day() -> None:
    """Given 20 months in 2025, when the base rule returns, then one may apply until the year's last day."""
    on = dt.date(2025, 6, 30)
    facts = UPGRADE | {"certificate_issued_on": "2025-05-01", "unemployment_insured_months": 20}
    answer = answer_of("training.skill-upgrade", facts, on)
    assert (answer["outcome"], answer["apply_until"]) == ("eligible", "2025-12-31")
    many = answer_of("training.skill-upgrade", facts | {"unemployment_insured_months": 60}, on)
    assert many["apply_until"] == "2026-05-01"


def test_a_relaxation_that_begins_is_the_first_day() -> None:
    on = dt.date(2025, 2, 15)
    facts = UPGRADE | {"certificate_issued_on": "2024-11-20", "unemployment_insured_months": 20}
    answer = answer_of("training.skill-upgrade", facts, on)
    assert (answer["outcome"], answer["qualifies_on"]) == ("ineligible", "2025-04-22")


def test_before_a_policy_is_in_force_its_day_is_named() -> None:
    answer = answer_of("schooling.equivalence", {"technical_school_class": "senior"}, dt.date(2018, 5, 1))
    assert (answer["outcome"], answer["qualifies_on"]) == ("ineligible", "2019-02-20")


# -- other measures -----------------------------------------------------------------------------------------------


def test_a_level_is_counted_in_steps() -> None:
    answer = answer_of("registry.nomination", {"skill_level": "junior", "on_front_line": True})
    measure = measure_of(answer, "senior-or-above")
    assert (measure["required"], measure["has"], measure["missing"]) == ("senior", "junior", 2)
    assert answer["qualifies_on"] is None


def test_a_rank_is_compared_and_never_grows() -> None:
    facts = {
        "competition": "national_class_one",
        "for_inner_mongolia": True,
        "competition_role": "competitor",
        "competition_rank": 4,
    }
    measure = measure_of(answer_of("award.national-class-one", facts), "top-three")
    assert (measure["comparison"], measure["required"], measure["has"]) == ("at_most", 3, 4)


def test_annual_leave_comes_after_twelve_months() -> None:
    facts = {"employment": "employed", "continuous_months": 7, "worked_years": 0.58}
    answer = answer_of("leave.annual", facts)
    assert (answer["qualifies_on"], answer["assumes"]) == ("2027-04-22", ["如连续工作不中断"])
    assert answer_of("leave.annual", facts | {"employment": "retired"})["qualifies_on"] is None


def test_what_is_unknown_is_measured_by_what_is_required() -> None:
    answer = answer_of("training.skill-upgrade", {"employment": "employed"})
    measure = measure_of(answer, "insured")
    assert (measure["required"], measure["has"], measure["missing"]) == (36, None, None)
    assert (answer["qualifies_on"], answer["apply_until"]) == (None, None)


# -- months --------------------------------------------------------------------------------------------------------


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 400))
def test_months_are_counted_back_as_they_are_counted_on(day: dt.date, months: int) -> None:
    later = months_after(day, months)
    assert whole_months_between(day, later) >= months
    assert whole_months_between(day, later - ONE_DAY) < max(months, 1)


@pytest.mark.parametrize(
    ("fact", "value", "target", "months"),
    [
        ("unemployment_insured_months", 30, 36, 6),
        ("continuous_months", 12, 12, 0),
        ("worked_years", 9, 10, 12),
        ("worked_years", 9.67, 10, 4),
        ("worked_years", 9.99, 10, 1),
        ("worked_years", 19.5, 20, 6),
    ],
)
def test_a_growing_fact_comes_to_its_target(fact: str, value: Any, target: Any, months: int) -> None:
    assert months_until(fact, value, target) == months


def test_what_is_named_is_there() -> None:
    """Facts that grow, and facts that a benefit leads to, are facts; open questions told by relevance are open."""
    from portal.entitlements import open_points
    from portal.policy.benefits import CATALOGUE
    from portal.policy.engine import current_rules
    from portal.policy.facts import FACTS
    from portal.policy.growth import GROWING, YEARLY
    from portal.policy.intake import validate_facts
    from portal.policy.models import OpenQuestion
    from portal.policy.open_readings import OPEN_READINGS

    assert GROWING.keys() | YEARLY <= FACTS.keys()
    assert all(growth.halted.keys() <= FACTS.keys() for growth in GROWING.values())
    for benefit in CATALOGUE:
        assert validate_facts(benefit.leads_to, ON) == dict(benefit.leads_to)
    questions = {question.code: question for question in OpenQuestion.objects.all()}
    assert open_points._TOUCHES.keys() <= questions.keys()
    rules = current_rules()
    facts_of_rules = {rule.benefit: rules.facts_of(rule) for rule in rules.rules}
    for reading in OPEN_READINGS:
        assert reading.benefit in questions[reading.code].benefits
        decides_nothing = not set(reading.facts) <= set(facts_of_rules[reading.benefit])
        assert decides_nothing == reading.beyond_the_rule, reading.code
