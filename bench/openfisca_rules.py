"""The rules of all benefits for a person as an OpenFisca country package: a second writing, vectorised.

`system()` is the tax-benefit system, for OpenFisca's Web API and for vectors alike. `masks(columns, on)`
decides a register. Facts are the numbers of bench/openfisca_facts.py, conditions those of
bench/openfisca_logic.py, figures those of the portal's own list, with their dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from bench.openfisca_facts import (
    BENEFITS,
    CHOICES,
    ELIGIBLE,
    FACTS_READ,
    LEVELS,
    UNKNOWN,
    column_type,
    is_fraction,
    variable_of,
)
from bench.openfisca_figures import parameters
from bench.openfisca_logic import Person, all_of, any_of, three_valued
from portal.entitlements.catalogue import BITS

# The days from which the rules of the policy and those of the training subsidies hold.
POLICY = "2019_02_20"
TRAINING = "2017_01_01"
Formula = Callable[[Person], Any]
# Conditions of several benefits are variables of their own: OpenFisca computes them once.
SHARED: dict[str, Formula] = {
    "is_leading": lambda p: p.yes("leading_talent"),
    "is_employed": lambda p: p.among("employment", "employed"),
    "is_skilled": lambda p: p.yes("in_skilled_post"),
    "is_senior": lambda p: p.senior(),
    "is_ours": lambda p: p.yes("for_inner_mongolia"),
    "has_jobless": lambda p: p.yes("jobless_willing_spouse_or_child"),
}


def _insured(p: Person) -> Any:
    return all_of(
        p["is_employed"],
        p.yes("paying_unemployment_insurance"),
        p.compared("unemployment_insured_months", "training.skill-upgrade.insured-months", np.greater_equal),
    )


def _upgrade(p: Person, insured: Any, *more: Any) -> Any:
    level, claimed = p["certificate_level"], p["highest_level_claimed"]
    return all_of(
        p.among("certificate_level", "junior", "intermediate", "senior"),
        insured,
        p.in_time(),
        p.no("claimed_same_occupation_level"),
        three_valued((level != UNKNOWN) & (claimed != UNKNOWN), claimed <= level),
        p.no("training_subsidy_for_same_certificate"),
        *more,
    )


def _insured_or_drawing(p: Person) -> Any:
    return any_of(_insured(p), p.yes("drawing_unemployment_benefit"))


def _claims_left(p: Person) -> Any:
    return p.compared("claims_this_year", "training.skill-upgrade.claims-per-year", np.less)


def _claims_left_of_both_kinds(p: Person) -> Any:
    """Of scarce occupations some more in a year: counted apart, and together."""
    claims, scarce = p["claims_this_year"], p["scarce_claims_this_year"]
    limit = p.figure("training.skill-upgrade.claims-per-year")
    more = p.figure("training.skill-upgrade.scarce-claims-per-year")
    known = (claims != UNKNOWN) & (scarce != UNKNOWN)
    return all_of(
        three_valued(claims != UNKNOWN, claims < limit + more),
        any_of(
            _claims_left(p),
            p.yes("certificate_occupation_scarce"),
            three_valued(known, claims < limit + scarce),
        ),
    )


RULES: dict[str, Formula] = {
    "registry.direct-inclusion": lambda p: any_of(
        p.yes("honours"),
        p.among("special_allowance", "national", "autonomous_region"),
        p.yes("recognised_scarce_talent"),
    ),
    "registry.nomination": lambda p: all_of(p["is_senior"], p.yes("on_front_line")),
    "expert.checkup-and-leave": lambda p: all_of(p["is_leading"], p.yes("liaison_expert")),
    "promotion.exceptional": lambda p: all_of(
        p["is_leading"],
        any_of(
            p.yes("solved_major_technical_problem"),
            p.yes("regional_innovation_award"),
            p.yes("outstanding_mentor"),
        ),
    ),
    "recruited.parity": lambda p: all_of(p["is_leading"], p.among("recruited", "by_region")),
    "housing.support": lambda p: all_of(p["is_leading"], p.among("recruited", "by_region", "other")),
    "household.registration": lambda p: p["is_leading"],
    "schooling.compulsory": lambda p: all_of(p["is_leading"], p.yes("child_in_compulsory_education")),
    "family.employment": lambda p: all_of(p["is_leading"], p["has_jobless"]),
    "family.public-welfare-post": lambda p: all_of(
        p["is_leading"], p["has_jobless"], p.yes("hard_to_employ_family_member")
    ),
    "business.registration": lambda p: p["is_leading"],
    "training.technician": lambda p: all_of(
        p["is_employed"],
        any_of(
            p.among("certificate_level", "technician", "senior_technician"),
            p.yes("attended_senior_technician_upskilling"),
        ),
        p.no("public_institution_payroll"),
    ),
    "evaluation.open": lambda p: p["is_skilled"],
    "evaluation.exceptional": lambda p: all_of(
        p["is_skilled"], p.yes("superb_skill"), p.yes("outstanding_contribution")
    ),
    "title.equivalence": lambda p: all_of(
        p["is_employed"], p.among("skill_level", "senior", "technician", "senior_technician")
    ),
    "title.engineering-review": lambda p: p["is_senior"],
    "evaluation.engineer-route": lambda p: p.among(
        "engineering_title", "technician_title", "assistant_engineer", "engineer", "senior_engineer"
    ),
    "schooling.equivalence": lambda p: p.among(
        "technical_school_class", "intermediate", "senior", "pre_technician"
    ),
    "award.worldskills": lambda p: all_of(
        p.among("competition", "worldskills"),
        p["is_ours"],
        p.among("competition_prize", "gold", "silver", "bronze", "excellence"),
    ),
    "award.national-class-one": lambda p: all_of(
        p.among("competition", "national_class_one"),
        p["is_ours"],
        p.compared("competition_rank", "award.national-class-one.ranks", np.less_equal),
        p.among("competition_role", "competitor"),
    ),
    "leave.annual": lambda p: all_of(
        p["is_employed"], p.compared("continuous_months", "leave.annual.months", np.greater_equal)
    ),
}


# Before its start and after its end a condition is absent: the rule is another one from that day on.
SKILL_UPGRADE: dict[str, Formula] = {
    "2017_01_01": lambda p: _upgrade(p, _insured(p)),
    "2019_01_01": lambda p: _upgrade(p, _insured_or_drawing(p)),
    "2024_01_01": lambda p: _upgrade(p, _insured_or_drawing(p), _claims_left(p)),
    "2025_01_01": lambda p: _upgrade(p, _insured(p), _claims_left(p)),
    "2025_04_22": lambda p: _upgrade(p, _insured_or_drawing(p), _claims_left_of_both_kinds(p)),
    "2026_01_01": lambda p: _upgrade(p, _insured(p), _claims_left(p)),
}


def _cells(node: Any) -> dict[str, Any]:
    """The cells of a table on the day: {code: value}."""
    return {name.removeprefix("of_"): getattr(node, name) for name in node}


def _upgrade_amount(p: Person) -> Any:
    level = p["certificate_level"]
    amount = np.full(len(level), UNKNOWN, dtype=np.float32)
    for code, ceiling in _cells(p.figure("training.skill-upgrade.ceiling")).items():
        amount[level == LEVELS[code]] = UNKNOWN if ceiling is None else ceiling
    return _if_eligible(p, "training.skill-upgrade", amount)


def _prize(p: Person) -> Any:
    edition = p["competition_edition"]
    prize = p["competition_prize"]
    amount = np.full(len(edition), UNKNOWN, dtype=np.float32)
    for number, by_prize in _cells(p.figure("award.worldskills.prize")).items():
        for code, value in _cells(by_prize).items():
            place = CHOICES["competition_prize"].index(code)
            won = (edition == int(number)) & (prize == place)
            amount[won] = UNKNOWN if value is None else value
    return _if_eligible(p, "award.worldskills", amount)


def _leave_days(p: Person) -> Any:
    years = p["worked_years"]
    steps = p.figure("leave.annual.days")
    days = np.where(years != UNKNOWN, steps.calc(np.maximum(years, 0)), UNKNOWN)
    return _if_eligible(p, "leave.annual", days)


def _if_eligible(p: Person, benefit: str, amount: Any) -> Any:
    return np.where(p[variable_of(benefit)] == ELIGIBLE, amount, UNKNOWN)


# -- the country package -------------------------------------------------------------------------------------


class _Package:
    """The variables of the country package, one after the other."""

    def __init__(self) -> None:
        self.person = build_entity(key="person", plural="persons", label="Worker", is_person=True)
        self.variables: list[type[Variable]] = []

    def add(self, name: str, kind: type, period: DateUnit, **more: Any) -> None:
        body = {"value_type": kind, "entity": self.person, "definition_period": period, "label": name}
        self.variables.append(type(name, (Variable,), body | more))

    def add_fact(self, name: str) -> None:
        kind = float if is_fraction(name) else int
        self.add(name, kind, DateUnit.ETERNITY, default_value=UNKNOWN)

    def add_condition(self, name: str, rule: Formula) -> None:
        self.add(name, int, DateUnit.DAY, formula=_formula(rule))

    def add_benefit(self, benefit: str, rules: Mapping[str, Formula]) -> None:
        """Its outcome by the rule from each day on."""
        formulas = {f"formula_{since}": _formula(rule) for since, rule in rules.items()}
        self.add(variable_of(benefit), int, DateUnit.DAY, **formulas)

    def add_amount(self, name: str, kind: type, since: str, rule: Formula) -> None:
        formulas = {f"formula_{since}": _formula(rule)}
        self.add(name, kind, DateUnit.DAY, default_value=UNKNOWN, **formulas)

    def system(self) -> TaxBenefitSystem:
        system = TaxBenefitSystem([self.person])
        system.parameters = parameters()
        system.add_variables(*self.variables)
        return system


def _formula(rule: Formula) -> Any:
    return lambda person, day, parameters: rule(Person(person, day, parameters))


@cache
def system() -> TaxBenefitSystem:
    """The country package: facts (for ever), and per day conditions, outcomes and amounts."""
    package = _Package()
    for name in FACTS_READ:
        package.add_fact(name)
    for name, rule in SHARED.items():
        package.add_condition(name, rule)
    for benefit, rule in RULES.items():
        package.add_benefit(benefit, {POLICY: rule})
    package.add_benefit("training.skill-upgrade", SKILL_UPGRADE)
    package.add_amount("skill_upgrade_amount", float, TRAINING, _upgrade_amount)
    package.add_amount("worldskills_amount", float, POLICY, _prize)
    package.add_amount("leave_days", int, POLICY, _leave_days)
    return package.system()


# -- a register ----------------------------------------------------------------------------------------------


def masks(columns: Mapping[str, np.ndarray], on: dt.date) -> tuple[np.ndarray, np.ndarray]:
    """(eligible, undetermined) of every row on the day `on`: int64, the bits as the portal stores them.

    These are the portal's own masks. `columns` are facts in the numbers of openfisca_facts, UNKNOWN where a
    fact is not known; a fact that is not among them is unknown for everybody, other names are passed over.
    int32 columns (float32 for `worked_years`) are taken without a copy.
    """
    size = len(next(iter(columns.values())))
    simulation = SimulationBuilder().build_default_simulation(system(), size)
    for name in FACTS_READ:
        if name in columns:
            column = np.asarray(columns[name]).astype(column_type(name), copy=False)
            simulation.set_input(name, "ETERNITY", column)
    eligible = np.zeros(size, dtype=np.int32)
    undetermined = np.zeros(size, dtype=np.int32)
    for benefit in BENEFITS:
        place = BITS[benefit]
        # 2 and 1 are bits of their own, so each is shifted to its place as it is.
        outcome = simulation.calculate(variable_of(benefit), on.isoformat())
        eligible |= (outcome >> 1) << place
        undetermined |= (outcome & 1) << place
    return eligible.astype(np.int64), undetermined.astype(np.int64)
