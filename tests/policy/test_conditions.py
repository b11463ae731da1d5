"""Every condition of the catalogue: true, false and, without its facts, unknown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from portal.policy import check
from portal.policy.benefits import CATALOGUE
from portal.policy.rules import IN_FORCE

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 6, 30)
YES, NO = True, False

# (benefit, condition): facts under which it holds; facts under which it does not.
CASES: dict[tuple[str, str], tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    ("registry.direct-inclusion", "inclusion-honour"): (
        [
            {"honours": [code]}
            for code in (
                "national_model_worker",
                "may_day_medal",
                "china_skills_award",
                "national_technical_expert",
                "great_craftsman_of_the_year",
                "regional_model_worker",
                "technician_contribution_award",
                "northern_border_craftsman",
                "grassland_talent",
            )
        ],
        [{"honours": []}, {"honours": ["model_worker"]}],
    ),
    ("registry.direct-inclusion", "special-allowance"): (
        [{"special_allowance": "national"}, {"special_allowance": "autonomous_region"}],
        [{"special_allowance": "none"}],
    ),
    ("registry.direct-inclusion", "scarce-talent"): (
        [{"recognised_scarce_talent": YES}],
        [{"recognised_scarce_talent": NO}],
    ),
    ("registry.nomination", "senior-or-above"): (
        [
            {"skill_level": code}
            for code in (
                "senior",
                "technician",
                "senior_technician",
                "special_technician",
                "chief_technician",
            )
        ],
        [{"skill_level": code} for code in ("apprentice", "junior", "intermediate")],
    ),
    ("registry.nomination", "front-line"): ([{"on_front_line": YES}], [{"on_front_line": NO}]),
    ("expert.checkup-and-leave", "liaison-expert"): ([{"liaison_expert": YES}], [{"liaison_expert": NO}]),
    ("promotion.exceptional", "solved-problem"): (
        [{"solved_major_technical_problem": YES}],
        [{"solved_major_technical_problem": NO}],
    ),
    ("promotion.exceptional", "innovation-award"): (
        [{"regional_innovation_award": YES}],
        [{"regional_innovation_award": NO}],
    ),
    ("promotion.exceptional", "mentor"): ([{"outstanding_mentor": YES}], [{"outstanding_mentor": NO}]),
    ("recruited.parity", "recruited-by-region"): (
        [{"recruited": "by_region"}],
        [{"recruited": "other"}, {"recruited": "none"}],
    ),
    ("housing.support", "recruited"): (
        [{"recruited": "by_region"}, {"recruited": "other"}],
        [{"recruited": "none"}],
    ),
    ("schooling.compulsory", "child"): (
        [{"child_in_compulsory_education": YES}],
        [{"child_in_compulsory_education": NO}],
    ),
    ("family.public-welfare-post", "hard-to-employ"): (
        [{"hard_to_employ_family_member": YES}],
        [{"hard_to_employ_family_member": NO}],
    ),
    ("training.skill-upgrade", "level"): (
        [{"certificate_level": code} for code in ("junior", "intermediate", "senior")],
        [{"certificate_level": code} for code in ("apprentice", "technician", "chief_technician")],
    ),
    ("training.skill-upgrade", "insured"): (
        [{"unemployment_insured_months": 12}, {"unemployment_insured_months": 400}],
        [{"unemployment_insured_months": 11}],
    ),
    ("training.skill-upgrade", "paying"): (
        [{"paying_unemployment_insurance": YES}],
        [{"paying_unemployment_insurance": NO}],
    ),
    ("training.skill-upgrade", "drawing"): (
        [{"drawing_unemployment_benefit": YES}],
        [{"drawing_unemployment_benefit": NO}],
    ),
    ("training.skill-upgrade", "in-time"): (
        [{"certificate_issued_on": "2023-06-30"}, {"certificate_issued_on": "2024-06-30"}],
        [{"certificate_issued_on": "2023-06-29"}],
    ),
    ("training.skill-upgrade", "claims-left"): (
        [{"claims_this_year": 0}, {"claims_this_year": 2}],
        [{"claims_this_year": 3}],
    ),
    ("training.skill-upgrade", "claims-left-in-all"): ([{"claims_this_year": 2}], [{"claims_this_year": 3}]),
    ("training.skill-upgrade", "scarce-occupation"): (
        [{"certificate_occupation_scarce": YES}],
        [{"certificate_occupation_scarce": NO}],
    ),
    ("training.skill-upgrade", "ordinary-claims-left"): (
        [
            {"claims_this_year": 0, "scarce_claims_this_year": 0},
            {"claims_this_year": 2, "scarce_claims_this_year": 2},
        ],
        [{"claims_this_year": 2, "scarce_claims_this_year": 1}],
    ),
    ("training.skill-upgrade", "first-for-level"): (
        [{"claimed_same_occupation_level": NO}],
        [{"claimed_same_occupation_level": YES}],
    ),
    ("training.skill-upgrade", "no-higher-claimed"): (
        [
            {"highest_level_claimed": "none", "certificate_level": "junior"},
            {"highest_level_claimed": "junior", "certificate_level": "junior"},
        ],
        [{"highest_level_claimed": "senior_technician", "certificate_level": "senior"}],
    ),
    ("training.skill-upgrade", "no-training-subsidy"): (
        [{"training_subsidy_for_same_certificate": NO}],
        [{"training_subsidy_for_same_certificate": YES}],
    ),
    ("training.technician", "technician-level"): (
        [{"certificate_level": "technician"}, {"certificate_level": "senior_technician"}],
        [{"certificate_level": "senior"}, {"certificate_level": "special_technician"}],
    ),
    ("training.technician", "attended"): (
        [{"attended_senior_technician_upskilling": YES}],
        [{"attended_senior_technician_upskilling": NO}],
    ),
    ("training.technician", "not-on-payroll"): (
        [{"public_institution_payroll": NO}],
        [{"public_institution_payroll": YES}],
    ),
    ("evaluation.exceptional", "superb-skill"): ([{"superb_skill": YES}], [{"superb_skill": NO}]),
    ("evaluation.exceptional", "contribution"): (
        [{"outstanding_contribution": YES}],
        [{"outstanding_contribution": NO}],
    ),
    ("evaluation.engineer-route", "engineering-title"): (
        [
            {"engineering_title": code}
            for code in ("technician_title", "assistant_engineer", "engineer", "senior_engineer")
        ],
        [{"engineering_title": "none"}],
    ),
    ("title.equivalence", "title-level"): (
        [{"skill_level": "senior"}, {"skill_level": "technician"}, {"skill_level": "senior_technician"}],
        [{"skill_level": "intermediate"}, {"skill_level": "chief_technician"}],
    ),
    ("schooling.equivalence", "class"): (
        [{"technical_school_class": code} for code in ("intermediate", "senior", "pre_technician")],
        [{"technical_school_class": "none"}],
    ),
    ("award.worldskills", "worldskills"): (
        [{"competition": "worldskills"}],
        [{"competition": "none"}, {"competition": "national_class_one"}],
    ),
    ("award.worldskills", "prize"): (
        [{"competition_prize": code} for code in ("gold", "silver", "bronze", "excellence")],
        [{"competition_prize": "none"}],
    ),
    ("award.national-class-one", "class-one"): (
        [{"competition": "national_class_one"}],
        [{"competition": "national_class_two"}, {"competition": "worldskills"}],
    ),
    ("award.national-class-one", "top-three"): (
        [{"competition_rank": 1}, {"competition_rank": 3}],
        [{"competition_rank": 4}],
    ),
    ("award.national-class-one", "competitor"): (
        [{"competition_role": "competitor"}],
        [{"competition_role": code} for code in ("technical_expert", "coach", "interpreter")],
    ),
    ("leave.annual", "twelve-months"): ([{"continuous_months": 12}], [{"continuous_months": 11}]),
}
# Conditions that stand in several benefits.
SHARED: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "leading-talent": ([{"leading_talent": YES}], [{"leading_talent": NO}]),
    "jobless-family": ([{"jobless_willing_spouse_or_child": YES}], [{"jobless_willing_spouse_or_child": NO}]),
    "employed": (
        [{"employment": "employed"}],
        [{"employment": "unemployed"}, {"employment": "self_employed"}, {"employment": "retired"}],
    ),
    "skilled-post": ([{"in_skilled_post": YES}], [{"in_skilled_post": NO}]),
    "senior-or-above": CASES["registry.nomination", "senior-or-above"],
    "for-inner-mongolia": ([{"for_inner_mongolia": YES}], [{"for_inner_mongolia": NO}]),
}
# Those of the relaxation of 2025.
IN_2025, ONLY_IN_2025 = (
    dt.date(2025, 6, 30),
    {"claims-left-in-all", "scarce-occupation", "ordinary-claims-left"},
)
CONDITIONS = [(benefit.code, need.code) for benefit in CATALOGUE for need in benefit.when.needs()]


def holds(benefit: str, condition: str, facts: dict[str, Any], on: dt.date = DAY) -> Any:
    (answer,) = check(facts, on, [benefit])
    return {found["code"]: found["holds"] for found in answer["conditions"]}[condition]


@pytest.mark.parametrize(("benefit", "condition"), CONDITIONS, ids=lambda part: part)
def test_condition_is_true_false_and_unknown(benefit: str, condition: str) -> None:
    true, false = CASES.get((benefit, condition)) or SHARED[condition]
    on = IN_2025 if condition in ONLY_IN_2025 else DAY
    assert [holds(benefit, condition, facts, on) for facts in true] == [True] * len(true)
    assert [holds(benefit, condition, facts, on) for facts in false] == [False] * len(false)
    assert holds(benefit, condition, {}, on) is None


@pytest.mark.parametrize("benefit", [benefit.code for benefit in CATALOGUE])
def test_policy_is_in_force_from_its_day(benefit: str) -> None:
    first = dt.date(2017, 1, 1) if benefit == "training.skill-upgrade" else dt.date(2019, 2, 20)
    assert holds(benefit, IN_FORCE, {}, first) is True
    assert holds(benefit, IN_FORCE, {}, first - dt.timedelta(days=1)) is False


def test_every_condition_says_what_it_is_and_what_to_do() -> None:
    for answer in check({}, DAY):
        assert answer["title"] and answer["gives"]["summary"]
        assert answer["force"] in {"entitled", "may_apply", "encouraged"}
        for condition in answer["conditions"]:
            assert condition["label"] and condition["remedy"] and condition["clause"]["document"]


def test_answers_come_in_catalogue_order_with_the_agreed_keys() -> None:
    answers = check({"leading_talent": True}, DAY, ["leave.annual", "registry.nomination"])
    assert [answer["benefit"] for answer in answers] == ["registry.nomination", "leave.annual"]
    assert list(answers[0]) == [
        "benefit",
        "title",
        "clause",
        "force",
        "outcome",
        "amount",
        "fund",
        "gives",
        "qualifies_on",
        "apply_until",
        "possible_from",
        "possible_until",
        "windows",
        "assumes",
        "rises",
        "conditions",
        "missing_facts",
        "missing_law",
        "caveats",
        "digest",
    ]
    agreed = ["code", "label", "clause", "holds", "observed", "remedy", "measure"]
    assert list(answers[0]["conditions"][0]) == agreed
    assert answers[0]["clause"] == {"document": "内党办发〔2019〕6号", "number": "一"}


@pytest.mark.parametrize(
    ("on", "documents"),
    [
        (dt.date(2018, 6, 30), ["人社部发〔2017〕40号", None]),
        (dt.date(2024, 6, 30), ["人社部发〔2024〕40号", "人社部发〔2024〕40号"]),
        (dt.date(2025, 2, 28), ["人社部发〔2017〕40号", None]),
        (dt.date(2025, 6, 30), ["人社部发〔2025〕18号", "人社部发〔2025〕18号"]),
        (dt.date(2026, 6, 30), ["人社部发〔2017〕40号", None]),
    ],
)
def test_condition_cites_the_document_behind_it_on_that_day(on: dt.date, documents: list[str | None]) -> None:
    (answer,) = check({}, on, ["training.skill-upgrade"])
    clauses = {condition["code"]: condition["clause"]["document"] for condition in answer["conditions"]}
    assert [clauses.get("insured"), clauses.get("drawing")] == documents


def test_summary_names_what_is_given() -> None:
    (title,) = check({"employment": "employed", "skill_level": "technician"}, DAY, ["title.equivalence"])
    (family,) = check(
        {"leading_talent": True, "jobless_willing_spouse_or_child": True}, DAY, ["family.employment"]
    )
    (leave,) = check({"employment": "employed", "continuous_months": 13}, DAY, ["leave.annual"])
    assert "工程师" in title["gives"]["summary"]
    assert "2 个以上" in family["gives"]["summary"]
    assert leave["gives"] == {"summary": "享受带薪年休假", "days": None}
