"""The rules of all benefits for a person as an OpenFisca country package: a second writing, vectorised and
three-valued.

`system()` is the tax-benefit system, for OpenFisca's Web API and for vectors alike. `masks(columns, on)`
decides a register.

Facts are whole numbers (`worked_years` alone has a fraction), UNKNOWN = -1 in every fact: no value of any of
them is negative.

    yes or no   0, 1
    level       the numbers of SkillLevel: 0 none, 10 apprentice … 80 chief technician
    choice      its place among the choices of the fact, from 0 (`CHOICES[fact]` has them in order)
    date        days since 1970-01-01, what datetime64[D] is as a number
    honours     1 when one of them is an inclusion honour of the day, 0 when none is (`HONOURS` lists them)
    number      itself

Outcomes and conditions are INELIGIBLE = 0 < UNDETERMINED = 1 < ELIGIBLE = 2, so that `and` is the least of
them and `or` the greatest: Kleene's logic. Figures are those of the portal's own list, with their dates; a
figure without a value makes a comparison unknown.
"""

from __future__ import annotations

import calendar
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

from bench.openfisca_figures import HONOURS, parameters
from portal.policy.facts import FACTS, LEVEL_BY_CODE, LEVEL_FACTS, choices_of

UNKNOWN = -1
INELIGIBLE, UNDETERMINED, ELIGIBLE = 0, 1, 2
POLICY, TRAINING = "2019_02_20", "2017_01_01"
# In the order of the catalogue: the nth is bit n of a mask.
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
    "drawing_unemployment_benefit",
    "certificate_issued_on",
    "claims_this_year",
    "claimed_same_occupation_level",
    "highest_level_claimed",
    "training_subsidy_for_same_certificate",
    "attended_senior_technician_upskilling",
    "public_institution_payroll",
    "in_skilled_post",
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
_EPOCH = dt.date(1970, 1, 1)


def variable_of(benefit: str) -> str:
    """The OpenFisca variable of a benefit's outcome."""
    return benefit.replace(".", "_").replace("-", "_")


# -- three values --------------------------------------------------------------------------------------------


def _three(known: Any, test: Any) -> Any:
    """2, 0, or 1 where not known. Sums of bytes: three times as fast as np.where."""
    return (known & test).view(np.int8) + (test | ~known).view(np.int8)


def _all(*conditions: Any) -> Any:
    return _folded(np.minimum, conditions)


def _any(*conditions: Any) -> Any:
    return _folded(np.maximum, conditions)


def _folded(fold: Any, conditions: tuple[Any, ...]) -> Any:
    result = conditions[0]
    for condition in conditions[1:]:
        result = fold(result, condition)
    return result


class _Asked:
    """A person (or all of them) on a day, asked about facts in the words of the policy."""

    def __init__(self, person: Any, day: Any, parameters: Any) -> None:
        self.person, self.day, self.parameters = person, day, parameters

    def __getitem__(self, name: str) -> Any:
        return self.person(name, self.day)

    def yes(self, fact: str) -> Any:
        value = self[fact]
        return _three(value != UNKNOWN, value == 1)

    def no(self, fact: str) -> Any:
        value = self[fact]
        return _three(value != UNKNOWN, value == 0)

    def among(self, fact: str, *codes: str) -> Any:
        value = self[fact]
        numbers = [LEVELS[code] if fact in LEVEL_FACTS else CHOICES[fact].index(code) for code in codes]
        test = value == numbers[0]
        for number in numbers[1:]:
            test |= value == number
        return _three(value != UNKNOWN, test)

    def figure(self, code: str) -> Any:
        """None when it has no value on the day."""
        node = self.parameters(self.day)
        for part in code.replace("-", "_").split("."):
            node = getattr(node, part)
        return node

    def compared(self, fact: str, code: str, test: Callable[[Any, Any], Any]) -> Any:
        value, figure = self[fact], self.figure(code)
        return (
            np.ones(len(value), dtype=np.int8)
            if figure is None
            else _three(value != UNKNOWN, test(value, figure))
        )

    def senior(self) -> Any:
        value = self["skill_level"]
        return _three(value != UNKNOWN, value >= LEVELS["senior"])

    def in_time(self) -> Any:
        """A certificate not after the day, and the day within the months counted forward from it."""
        value, months = (
            self["certificate_issued_on"],
            self.figure("training.skill-upgrade.claim-window-months"),
        )
        on = self.day.start.date
        last = (on - _EPOCH).days
        if months is None:
            return np.where((value != UNKNOWN) & (value > last), np.int8(0), np.int8(1))
        return _three(
            value != UNKNOWN, (value >= (_first_in_time(on, int(months)) - _EPOCH).days) & (value <= last)
        )


def _months_after(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _first_in_time(on: dt.date, months: int) -> dt.date:
    """The first day from which that many months have not run out (Civil Code article 202)."""
    day = _months_after(on, -months)
    return day if _months_after(day, months) >= on else day + dt.timedelta(days=1)


# -- the rules -----------------------------------------------------------------------------------------------

Formula = Callable[[_Asked], Any]
# Conditions of several benefits are variables of their own: OpenFisca computes them once.
SHARED: dict[str, Formula] = {
    "is_leading": lambda p: p.yes("leading_talent"),
    "is_employed": lambda p: p.among("employment", "employed"),
    "is_skilled": lambda p: p.yes("in_skilled_post"),
    "is_senior": lambda p: p.senior(),
    "is_ours": lambda p: p.yes("for_inner_mongolia"),
    "has_jobless": lambda p: p.yes("jobless_willing_spouse_or_child"),
}


def _insured(p: _Asked) -> Any:
    return _all(
        p["is_employed"],
        p.compared("unemployment_insured_months", "training.skill-upgrade.insured-months", np.greater_equal),
    )


def _upgrade(p: _Asked, insured: Any, *more: Any) -> Any:
    level, claimed = p["certificate_level"], p["highest_level_claimed"]
    return _all(
        p.among("certificate_level", "junior", "intermediate", "senior"),
        insured,
        p.in_time(),
        p.no("claimed_same_occupation_level"),
        _three((level != UNKNOWN) & (claimed != UNKNOWN), claimed <= level),
        p.no("training_subsidy_for_same_certificate"),
        *more,
    )


def _insured_or_drawing(p: _Asked) -> Any:
    return _any(_insured(p), p.yes("drawing_unemployment_benefit"))


def _claims_left(p: _Asked) -> Any:
    return p.compared("claims_this_year", "training.skill-upgrade.claims-per-year", np.less)


RULES: dict[str, Formula] = {
    "registry.direct-inclusion": lambda p: _any(
        p.yes("honours"),
        p.among("special_allowance", "national", "autonomous_region"),
        p.yes("recognised_scarce_talent"),
    ),
    "registry.nomination": lambda p: _all(p["is_senior"], p.yes("on_front_line")),
    "expert.checkup-and-leave": lambda p: _all(p["is_leading"], p.yes("liaison_expert")),
    "promotion.exceptional": lambda p: _all(
        p["is_leading"],
        _any(
            p.yes("solved_major_technical_problem"),
            p.yes("regional_innovation_award"),
            p.yes("outstanding_mentor"),
        ),
    ),
    "recruited.parity": lambda p: _all(p["is_leading"], p.among("recruited", "by_region")),
    "housing.support": lambda p: _all(p["is_leading"], p.among("recruited", "by_region", "other")),
    "household.registration": lambda p: p["is_leading"],
    "schooling.compulsory": lambda p: _all(p["is_leading"], p.yes("child_in_compulsory_education")),
    "family.employment": lambda p: _all(p["is_leading"], p["has_jobless"]),
    "family.public-welfare-post": lambda p: _all(
        p["is_leading"], p["has_jobless"], p.yes("hard_to_employ_family_member")
    ),
    "business.registration": lambda p: p["is_leading"],
    "training.technician": lambda p: _all(
        p["is_employed"],
        _any(
            p.among("certificate_level", "technician", "senior_technician"),
            p.yes("attended_senior_technician_upskilling"),
        ),
        p.no("public_institution_payroll"),
    ),
    "evaluation.open": lambda p: p["is_skilled"],
    "evaluation.exceptional": lambda p: _all(
        p["is_skilled"], p.yes("superb_skill"), p.yes("outstanding_contribution")
    ),
    "title.equivalence": lambda p: _all(
        p["is_employed"], p.among("skill_level", "senior", "technician", "senior_technician")
    ),
    "title.engineering-review": lambda p: p["is_senior"],
    "schooling.equivalence": lambda p: p.among(
        "technical_school_class", "intermediate", "senior", "pre_technician"
    ),
    "award.worldskills": lambda p: _all(
        p.among("competition", "worldskills"),
        p["is_ours"],
        p.among("competition_prize", "gold", "silver", "bronze", "excellence"),
    ),
    "award.national-class-one": lambda p: _all(
        p.among("competition", "national_class_one"),
        p["is_ours"],
        p.compared("competition_rank", "award.national-class-one.ranks", np.less_equal),
        p.among("competition_role", "competitor"),
    ),
    "leave.annual": lambda p: _all(
        p["is_employed"], p.compared("continuous_months", "leave.annual.months", np.greater_equal)
    ),
}


def _cells(node: Any) -> dict[str, Any]:
    """The cells of a table on the day: {code: value}."""
    return {name.removeprefix("of_"): getattr(node, name) for name in node}


def _upgrade_amount(p: _Asked) -> Any:
    level = p["certificate_level"]
    amount = np.full(len(level), UNKNOWN, dtype=np.float32)
    for code, value in _cells(p.figure("training.skill-upgrade.ceiling")).items():
        amount[level == LEVELS[code]] = UNKNOWN if value is None else value
    return np.where(p[variable_of("training.skill-upgrade")] == ELIGIBLE, amount, UNKNOWN)


def _prize(p: _Asked) -> Any:
    edition, prize = p["competition_edition"], p["competition_prize"]
    amount = np.full(len(edition), UNKNOWN, dtype=np.float32)
    for number, by_prize in _cells(p.figure("award.worldskills.prize")).items():
        for code, value in _cells(by_prize).items():
            won = (edition == int(number)) & (prize == CHOICES["competition_prize"].index(code))
            amount[won] = UNKNOWN if value is None else value
    return np.where(p[variable_of("award.worldskills")] == ELIGIBLE, amount, UNKNOWN)


def _days(p: _Asked) -> Any:
    years = p["worked_years"]
    known = (p[variable_of("leave.annual")] == ELIGIBLE) & (years != UNKNOWN)
    return np.where(known, p.figure("leave.annual.days").calc(np.maximum(years, 0)), UNKNOWN)


def _formula(rule: Formula) -> Any:
    return lambda person, day, parameters: rule(_Asked(person, day, parameters))


@cache
def system() -> TaxBenefitSystem:
    """The country package: facts (for ever), and per day conditions, outcomes and amounts."""
    person = build_entity(key="person", plural="persons", label="Worker", is_person=True)
    found: list[type[Variable]] = []

    def add(name: str, kind: type, period: DateUnit, **more: Any) -> None:
        body = {"value_type": kind, "entity": person, "definition_period": period, "label": name}
        found.append(type(name, (Variable,), body | more))

    for name in FACTS_READ:
        kind = float if name == "worked_years" else int
        add(name, kind, DateUnit.ETERNITY, default_value=UNKNOWN)
    for name, rule in SHARED.items():
        add(name, int, DateUnit.DAY, formula=_formula(rule))
    for benefit, rule in RULES.items():
        add(variable_of(benefit), int, DateUnit.DAY, **{f"formula_{POLICY}": _formula(rule)})
    # Before its start a condition is absent: the rule is another one from that day on.
    add(
        variable_of("training.skill-upgrade"),
        int,
        DateUnit.DAY,
        formula_2017_01_01=_formula(lambda p: _upgrade(p, _insured(p))),
        formula_2019_01_01=_formula(lambda p: _upgrade(p, _insured_or_drawing(p))),
        formula_2024_01_01=_formula(lambda p: _upgrade(p, _insured_or_drawing(p), _claims_left(p))),
    )
    add(
        "skill_upgrade_amount",
        float,
        DateUnit.DAY,
        default_value=UNKNOWN,
        **{f"formula_{TRAINING}": _formula(_upgrade_amount)},
    )
    add(
        "worldskills_amount",
        float,
        DateUnit.DAY,
        default_value=UNKNOWN,
        **{f"formula_{POLICY}": _formula(_prize)},
    )
    add("leave_days", int, DateUnit.DAY, default_value=UNKNOWN, **{f"formula_{POLICY}": _formula(_days)})
    rules = TaxBenefitSystem([person])
    rules.parameters = parameters()
    rules.add_variables(*found)
    return rules


# -- a register ----------------------------------------------------------------------------------------------


def masks(columns: Mapping[str, np.ndarray], on: dt.date) -> tuple[np.ndarray, np.ndarray]:
    """(eligible, undetermined) of every row on the day `on`: int64, bit n for the nth of BENEFITS, as the
    portal's own masks.

    `columns` are facts in the numbers described above, UNKNOWN where a fact is not known; a fact that is not
    among them is unknown for everybody, other names are passed over. int32 columns (float32 for
    `worked_years`) are taken without a copy.
    """
    size = len(next(iter(columns.values())))
    simulation = SimulationBuilder().build_default_simulation(system(), size)
    for name in FACTS_READ:
        if name in columns:
            kind = np.float32 if name == "worked_years" else np.int32
            simulation.set_input(name, "ETERNITY", np.asarray(columns[name]).astype(kind, copy=False))
    eligible, undetermined = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    for place, benefit in enumerate(BENEFITS):
        # 2 and 1 are bits of their own, so each is shifted to its place as it is.
        outcome = simulation.calculate(variable_of(benefit), on.isoformat())
        eligible |= (outcome >> 1) << place
        undetermined |= (outcome & 1) << place
    return eligible.astype(np.int64), undetermined.astype(np.int64)


def encoded(facts: Mapping[str, Any]) -> dict[str, int | float]:
    """Canonical facts (portal.policy.validate_facts) as numbers, those that a rule reads and that are known."""
    return {name: _number(name, facts[name]) for name in FACTS_READ if facts.get(name) is not None}


def _number(name: str, value: Any) -> int | float:
    if name == "honours":
        return int(bool(HONOURS & set(value)))
    if name in LEVEL_FACTS:
        return LEVELS[value]
    if name in CHOICES:
        return CHOICES[name].index(value)
    if FACTS[name].get_internal_type() == "DateField":
        return (dt.date.fromisoformat(value) - _EPOCH).days
    return int(value) if isinstance(value, bool) else value


def columns_of(people: list[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Many people's canonical facts as columns for `masks`."""
    numbers = [encoded(facts) for facts in people]
    return {
        name: np.array(
            [row.get(name, UNKNOWN) for row in numbers],
            dtype=np.float32 if name == "worked_years" else np.int32,
        )
        for name in FACTS_READ
    }
