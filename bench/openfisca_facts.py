"""Facts of a person as the numbers OpenFisca reckons with, and what it gives back.

Facts are whole numbers (`worked_years` alone has a fraction), UNKNOWN = -1 in every fact: no value of any of
them is negative.

    yes or no   0, 1
    level       the numbers of SkillLevel: 0 none, 10 apprentice … 80 chief technician
    choice      its place among the choices of the fact, from 0 (`CHOICES[fact]` has them in order)
    date        days since 1970-01-01, what datetime64[D] is as a number
    honours     1 when one of them is an inclusion honour of the day, 0 when none is (`HONOURS` lists them)
    number      itself
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.openfisca_figures import HONOURS
from portal.policy.facts import FACTS, LEVEL_BY_CODE, LEVEL_FACTS, choices_of

UNKNOWN = -1
INELIGIBLE, UNDETERMINED, ELIGIBLE = 0, 1, 2
# In the order of the catalogue.
BENEFITS = (
    "registry.direct-inclusion",
    "registry.nomination",
    "expert.checkup-and-leave",
    "promotion.exceptional",
    "recruited.parity",
    "housing.support",
    "household.registration",
    "schooling.compulsory",
    "family.employment",
    "family.public-welfare-post",
    "business.registration",
    "training.skill-upgrade",
    "training.technician",
    "evaluation.open",
    "evaluation.exceptional",
    "title.equivalence",
    "title.engineering-review",
    "evaluation.engineer-route",
    "schooling.equivalence",
    "award.worldskills",
    "award.national-class-one",
    "leave.annual",
)
# What is given beside the outcome, where it is not the same for everybody: an amount in yuan or a number of
# days, UNKNOWN for none.
AMOUNTS = {
    "training.skill-upgrade": "skill_upgrade_amount",
    "award.worldskills": "worldskills_amount",
    "leave.annual": "leave_days",
}
FACTS_READ = (
    "honours",
    "special_allowance",
    "recognised_scarce_talent",
    "skill_level",
    "on_front_line",
    "leading_talent",
    "liaison_expert",
    "solved_major_technical_problem",
    "regional_innovation_award",
    "outstanding_mentor",
    "recruited",
    "child_in_compulsory_education",
    "jobless_willing_spouse_or_child",
    "hard_to_employ_family_member",
    "certificate_level",
    "employment",
    "unemployment_insured_months",
    "paying_unemployment_insurance",
    "drawing_unemployment_benefit",
    "certificate_issued_on",
    "claims_this_year",
    "scarce_claims_this_year",
    "certificate_occupation_scarce",
    "claimed_same_occupation_level",
    "highest_level_claimed",
    "training_subsidy_for_same_certificate",
    "attended_senior_technician_upskilling",
    "public_institution_payroll",
    "in_skilled_post",
    "engineering_title",
    "superb_skill",
    "outstanding_contribution",
    "technical_school_class",
    "competition",
    "for_inner_mongolia",
    "competition_prize",
    "competition_edition",
    "competition_rank",
    "competition_role",
    "continuous_months",
    "worked_years",
)
CHOICES = {
    name: list(choices_of(name)) for name in FACTS_READ if name not in LEVEL_FACTS and choices_of(name)
}
LEVELS = {code: int(level) for code, level in LEVEL_BY_CODE.items()}
EPOCH = dt.date(1970, 1, 1)


def variable_of(benefit: str) -> str:
    """The OpenFisca variable of a benefit's outcome."""
    return benefit.replace(".", "_").replace("-", "_")


def is_fraction(fact: str) -> bool:
    return fact == "worked_years"


def column_type(fact: str) -> type:
    """numpy's type of a column of this fact."""
    return np.float32 if is_fraction(fact) else np.int32


def encoded(facts: Mapping[str, Any]) -> dict[str, int | float]:
    """Canonical facts (portal.policy.validate_facts) as numbers, those that are known and read."""
    numbers = {}
    for name in FACTS_READ:
        value = facts.get(name)
        if value is not None:
            numbers[name] = _number(name, value)
    return numbers


def _number(name: str, value: Any) -> int | float:
    if name == "honours":
        return int(bool(HONOURS & set(value)))
    if name in LEVEL_FACTS:
        return LEVELS[value]
    if name in CHOICES:
        return CHOICES[name].index(value)
    if FACTS[name].get_internal_type() == "DateField":
        return (dt.date.fromisoformat(value) - EPOCH).days
    return int(value) if isinstance(value, bool) else value


def columns_of(people: list[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Many people's canonical facts as columns for `openfisca_rules.masks`."""
    encoded_people = [encoded(facts) for facts in people]
    columns = {}
    for name in FACTS_READ:
        values = [numbers.get(name, UNKNOWN) for numbers in encoded_people]
        columns[name] = np.array(values, dtype=column_type(name))
    return columns


def number_sql(fact: str) -> str:
    """SQL of a fact of workforce_knownfacts as the same number."""
    kind = "float4" if is_fraction(fact) else "int"
    return f"coalesce({_value_sql(fact)}, {UNKNOWN})::{kind}"


def _value_sql(fact: str) -> str:
    if fact == "honours":
        return f"(honours && {_array_sql(sorted(HONOURS))})::int"
    if fact in LEVEL_FACTS or is_fraction(fact):
        return fact
    if fact in CHOICES:
        return f"array_position({_array_sql(CHOICES[fact])}, {fact}) - 1"
    if FACTS[fact].get_internal_type() == "DateField":
        return f"{fact} - DATE '1970-01-01'"
    return f"{fact}::int"


def _array_sql(codes: list[str]) -> str:
    quoted = ", ".join(f"'{code}'" for code in codes)
    return f"ARRAY[{quoted}]"


def columns_sql() -> str:
    """All facts that a rule reads, each under its name."""
    return ", ".join(f"{number_sql(fact)} AS {fact}" for fact in FACTS_READ)


# As they come by binary COPY.
FACT_FIELDS = [(fact, ">f4" if is_fraction(fact) else ">i4") for fact in FACTS_READ]


def loaded_facts(rows: np.ndarray) -> dict[str, np.ndarray]:
    """The facts of rows that were read as FACT_FIELDS, as columns for OpenFisca."""
    return {fact: rows[fact].astype(column_type(fact)) for fact in FACTS_READ}
