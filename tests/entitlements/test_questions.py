"""What is asked: a question for every fact of a rule, options that are values of the fact, an order that asks
little.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from portal.entitlements import questions
from portal.entitlements.check_state import CheckState, answers_for_facts, facts_to_ask, missing_facts_in
from portal.entitlements.forms import MONTHS, DayField, MonthsField, NumberField, StepForm
from portal.entitlements.questions import NO_HONOUR, next_step, steps, topics
from portal.policy import validate_facts
from portal.policy.benefits import BY_CODE
from portal.policy.engine import current_rules
from portal.policy.facts import FACTS, choices_of

ON = dt.date(2026, 11, 22)
EVERY = [question for step in steps() for question in step.questions]


def test_every_fact_of_a_rule_has_exactly_one_question_and_no_other_has(db: None) -> None:
    assert sorted(question.fact for question in EVERY) == sorted(current_rules().facts)


@pytest.mark.parametrize("question", EVERY, ids=lambda question: question.fact)
def test_every_option_is_a_value_of_its_fact(question: Any) -> None:
    kind = FACTS[question.fact].get_internal_type()
    if question.fact == "honours":
        assert set(question.options) == {NO_HONOUR}
    elif kind == "BooleanField":
        assert set(question.options) == {"true", "false"}
    elif choices_of(question.fact):
        assert question.options and set(question.options) <= set(choices_of(question.fact))
    else:
        assert not question.options
    assert question.ask.endswith("？") and len(question.ask) <= 40


def test_a_choice_leaves_no_value_out_that_somebody_could_need() -> None:
    """Levels are narrowed where the law knows three; everything else is offered whole."""
    for question in EVERY:
        if question.options and choices_of(question.fact) and question.fact != "highest_level_claimed":
            assert set(question.options) == set(choices_of(question.fact)), question.fact


def test_a_step_is_one_to_four_questions_and_its_button_answers_all_of_them() -> None:
    for step in steps():
        assert 1 <= len(step.questions) <= 4
        if step.none_label:
            assert set(step.none_facts) == set(step.facts)
            assert validate_facts(step.none_facts, ON) == {
                fact: step.none_facts[fact] for fact in FACTS if fact in step.facts
            }
    codes = [step.code for step in steps()]
    assert len(codes) == len(set(codes)) and "result" not in codes and "sheet" not in codes


def test_every_benefit_belongs_to_one_topic() -> None:
    listed = [code for topic in topics() for code in topic.benefits]
    assert sorted(listed) == sorted(BY_CODE)
    assert questions.benefits_of_topics([]) == list(BY_CODE)
    assert questions.benefits_of_topics(["leave", "training"]) == [
        "training.skill-upgrade",
        "training.technician",
        "leave.annual",
    ]


def test_what_opens_or_closes_the_most_is_asked_first() -> None:
    assert [fact for step in steps()[:2] for fact in step.facts] == [
        "employment",
        "public_institution_payroll",
        "leading_talent",
        "competition",
    ]


# -- an ordinary worker --------------------------------------------------------------------------------------
ORDINARY = {
    "employment": "employed", "public_institution_payroll": False, "leading_talent": False, "competition": "none",
    "on_front_line": True, "in_skilled_post": True, "skill_level": "senior", "technical_school_class": "none",
    "certificate_level": "senior", "certificate_issued_on": "2026-05-20", "attended_senior_technician_upskilling": False,
    "engineering_title": "none", "unemployment_insured_months": 180, "paying_unemployment_insurance": True,
    "claims_this_year": 0, "claimed_same_occupation_level": False,
    "highest_level_claimed": "none", "training_subsidy_for_same_certificate": False, "honours": [], "special_allowance": "none",
    "recognised_scarce_talent": False, "continuous_months": 144, "worked_years": 30, "superb_skill": False,
    "outstanding_contribution": False,
}  # fmt: skip


def walked(truth: dict[str, Any], topics: tuple[str, ...] = ()) -> tuple[CheckState, list[str]]:
    """Somebody who answers what they are asked, until nothing is asked any more."""
    state, asked = CheckState(topics=topics), []
    while step := next_step(
        need := missing_facts_in(answers_for_facts(state.facts, ON, state.benefits)), state.skipped
    ):
        shown = facts_to_ask(step, state, need, {})
        asked.append(step.code)
        state = state.after_step(step, shown, {fact: truth[fact] for fact in shown if fact in truth})
        assert len(asked) < 40
    return state, asked


def test_an_ordinary_worker_answers_ten_pages_and_nothing_twice(db: None) -> None:
    state, asked = walked(ORDINARY)
    assert len(asked) == len(set(asked)) == 10
    assert state.visited == tuple(asked) and not state.skipped
    assert "drawing" not in asked and "family" not in asked and "competition-part" not in asked


def test_who_wants_to_know_one_thing_is_asked_little(db: None) -> None:
    assert walked(ORDINARY, ("leave",))[1] == ["employment", "leave"]
    assert walked(ORDINARY | {"employment": "unemployed"}, ("leave",))[1] == ["employment"]


def test_who_knows_nothing_passes_every_page_once(db: None) -> None:
    state, asked = walked({})
    assert len(asked) == len(set(asked)) and not state.facts
    assert {one["outcome"] for one in answers_for_facts({}, ON, state.benefits)} == {"undetermined"}


# -- what people type ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "months"),
    [
        ("36", 36),
        ("３６", 36),
        ("36个月", 36),
        ("36 月", 36),
        ("3年", 36),
        ("2年3个月", 27),
        ("1.5年", 18),
        ("2年半", 30),
        ("半年", 6),
        ("0", 0),
    ],
)
def test_months_are_read_as_people_write_them(typed: str, months: int) -> None:
    assert MonthsField(required=False).clean(typed) == months


@pytest.mark.parametrize("typed", ["很久", "-3", "3年年", "年", "1e3", "三年"])
def test_what_is_no_span_is_said_to_be_none(typed: str) -> None:
    from django.forms import ValidationError

    with pytest.raises(ValidationError, match="请填写月数"):
        MonthsField(required=False).clean(typed)


def test_numbers_and_days_are_read_kindly() -> None:
    assert NumberField(whole=True, required=False).clean("第 2 名") == 2
    assert NumberField(whole=False, required=False).clean("12.5年") == 12.5
    days = DayField(required=False)
    assert {
        days.clean(text) for text in ("2026-03-05", "2026.3.5", "2026年3月5日", "20260305", "２０２６/３/５")
    } == {"2026-03-05"}
    assert set(MONTHS) <= set(FACTS)


def form_of(code: str, data: dict[str, Any]) -> StepForm:
    step = questions.steps_by_code()[code]
    return StepForm(step, step.facts, data, on=ON, known={}, honours=[("may_day_medal", "五一劳动奖章")])


def test_a_page_says_what_is_wrong_beside_the_field() -> None:
    assert "certificate_issued_on" in form_of("certificate", {"certificate_issued_on": "2026-02-30"}).errors
    assert "晚于" in str(form_of("certificate", {"certificate_issued_on": "2027-01-01"}).errors)
    assert "competition_edition" in form_of("competition-result", {"competition_edition": "0"}).errors
    assert "请先回答" in str(form_of("employment", {}).errors)
    assert "不要再选其他" in str(form_of("honours", {"honours": ["none", "may_day_medal"]}).errors)
    assert form_of("employment", {"employment": "resting"}).errors


def test_a_page_gives_canonical_facts() -> None:
    form = form_of("honours", {"honours": ["none"], "recognised_scarce_talent": "false"})
    assert form.is_valid() and form.given == {"honours": [], "recognised_scarce_talent": False}
