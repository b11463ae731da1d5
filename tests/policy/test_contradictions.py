"""Facts that contradict each other are said beside the answers that rest on them, and decide nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from portal.policy import check, validate_facts
from portal.policy.contradictions import CONTRADICTIONS, find_contradictions
from portal.policy.determine import determine_typed, explain_determination
from portal.policy.facts import FACTS
from portal.policy.fast_answers.json import all_verdicts, results_json
from portal.policy.fast_answers.templates import compact_json
from tests.policy.people import UPGRADE

DAY = dt.date(2024, 6, 30)
# Facts that contradict each other, and the nearest that do not.
PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"worked_years": 2, "continuous_months": 120}, {"worked_years": 2, "continuous_months": 35}),
    ({"worked_years": 0, "continuous_months": 12}, {"worked_years": 0, "continuous_months": 11}),
    ({"worked_years": 2.5, "continuous_months": 42}, {"worked_years": 2.5, "continuous_months": 41}),
    (
        {"worked_years": 2, "unemployment_insured_months": 36},
        {"worked_years": 2, "unemployment_insured_months": 35},
    ),
    ({"worked_years": 2, "front_line_years": 3}, {"worked_years": 2, "front_line_years": 2.5}),
    (
        {"employment": "employed", "drawing_unemployment_benefit": True},
        {"employment": "employed", "drawing_unemployment_benefit": False},
    ),
    (
        {"employment": "retired", "drawing_unemployment_benefit": True},
        {"employment": "unemployed", "drawing_unemployment_benefit": True},
    ),
    (
        {"employment": "self_employed", "drawing_unemployment_benefit": True},
        {"employment": "self_employed", "drawing_unemployment_benefit": False},
    ),
    (
        {"skill_level": "senior", "highest_level_claimed": "technician"},
        {"skill_level": "senior", "highest_level_claimed": "senior"},
    ),
    (
        {"jobless_willing_spouse_or_child": False, "hard_to_employ_family_member": True},
        {"jobless_willing_spouse_or_child": True, "hard_to_employ_family_member": True},
    ),
    (
        {"competition": "none", "competition_rank": 1},
        {"competition": "regional", "competition_rank": 1},
    ),
    (
        {"competition": "none", "competition_prize": "gold"},
        {"competition": "none", "competition_prize": "none"},
    ),
    (
        {"employment": "unemployed", "paying_unemployment_insurance": True},
        {"employment": "self_employed", "paying_unemployment_insurance": True},
    ),
    (
        {"paying_unemployment_insurance": True, "drawing_unemployment_benefit": True},
        {"paying_unemployment_insurance": False, "drawing_unemployment_benefit": True},
    ),
    (
        {"employment": "self_employed", "public_institution_payroll": True},
        {"employment": "employed", "public_institution_payroll": True},
    ),
    (
        {"employer_kind": "private", "public_institution_payroll": True},
        {"employer_kind": "public_institution", "public_institution_payroll": True},
    ),
    (
        {"employment": "retired", "on_front_line": True},
        {"employment": "self_employed", "on_front_line": True},
    ),
    (
        {"employment": "unemployed", "in_skilled_post": True},
        {"employment": "unemployed", "in_skilled_post": False},
    ),
    (
        {"skill_level": "junior", "certificate_level": "senior"},
        {"skill_level": "senior", "certificate_level": "senior"},
    ),
    (
        {"claims_this_year": 1, "scarce_claims_this_year": 2},
        {"claims_this_year": 1, "scarce_claims_this_year": 1},
    ),
    (
        {
            "certificate_level": "senior",
            "claimed_same_occupation_level": True,
            "highest_level_claimed": "junior",
        },
        {
            "certificate_level": "senior",
            "claimed_same_occupation_level": True,
            "highest_level_claimed": "senior",
        },
    ),
    (
        {
            "certificate_level": "senior",
            "claimed_same_occupation_level": False,
            "highest_level_claimed": "senior",
        },
        {
            "certificate_level": "senior",
            "claimed_same_occupation_level": False,
            "highest_level_claimed": "junior",
        },
    ),
]


@pytest.mark.parametrize(("against", "agreeing"), PAIRS, ids=lambda facts: " ".join(map(str, facts.values())))
def test_what_cannot_both_be_true_is_found(against: dict[str, Any], agreeing: dict[str, Any]) -> None:
    assert len(find_contradictions(validate_facts(against, DAY))) == 1
    assert find_contradictions(validate_facts(agreeing, DAY)) == []
    for fact in against:
        assert not find_contradictions({name: value for name, value in against.items() if name != fact})


def test_each_contradiction_is_met_and_is_about_facts() -> None:
    met = {one.says for against, _ in PAIRS for one in find_contradictions(against)}
    assert met == {one.says for one in CONTRADICTIONS}
    assert all(set(one.facts) <= set(FACTS) for one in CONTRADICTIONS)


@pytest.mark.django_db
def test_an_answer_says_it_where_it_rests_on_both_and_is_the_same_answer() -> None:
    facts = {**UPGRADE, "drawing_unemployment_benefit": True, "worked_years": 2, "continuous_months": 120}
    agreeing = {**UPGRADE, "drawing_unemployment_benefit": True, "employment": "unemployed"}
    answers = {answer["benefit"]: answer for answer in check(facts, DAY)}
    subsidy = answers["training.skill-upgrade"]
    assert subsidy["outcome"] == "eligible"
    assert [said for said in subsidy["caveats"] if "领取失业保险金" in said]
    assert answers["leave.annual"]["caveats"] == ["连续工作的时间比累计工作的时间还长，请核对。"]
    assert answers["registry.nomination"]["caveats"] == []
    (other,) = check({**agreeing, "paying_unemployment_insurance": False}, DAY, ["training.skill-upgrade"])
    assert other["outcome"] == "eligible" and other["caveats"] == []


@pytest.mark.django_db
def test_programs_and_stored_evidence_say_the_same() -> None:
    facts = validate_facts(
        {**UPGRADE, "drawing_unemployment_benefit": True, "worked_years": 1, "continuous_months": 99}, DAY
    )
    answers = check(facts, DAY)
    assert results_json(all_verdicts(facts, DAY)).decode() == compact_json(answers)
    by_code = {answer["benefit"]: answer for answer in answers}
    codes = ["training.skill-upgrade", "leave.annual"]
    for found in determine_typed(facts, DAY, codes, subject_type="worker", subject_id=1):
        assert explain_determination(found) == by_code[found.benefit]
