"""What the policy says, written a second time: plain Python in three values, sharing nothing with the
executor.

`outcomes(facts, on)` gives {benefit: outcome}. None stands for unknown throughout.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from typing import Any

LADDER = [
    "none",
    "apprentice",
    "junior",
    "intermediate",
    "senior",
    "technician",
    "senior_technician",
    "special_technician",
    "chief_technician",
]
HONOURS = {
    "national_model_worker",
    "may_day_medal",
    "china_skills_award",
    "national_technical_expert",
    "great_craftsman_of_the_year",
    "regional_model_worker",
    "technician_contribution_award",
    "northern_border_craftsman",
    "grassland_talent",
}
Three = bool | None


def both(*values: Three) -> Three:
    return False if False in values else None if None in values else True


def either(*values: Three) -> Three:
    return True if True in values else None if None in values else False


def months_after(day: dt.date, months: int) -> dt.date:
    """The corresponding day, else the month's last day (Civil Code article 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def outcomes(facts: dict[str, Any], on: dt.date) -> dict[str, str]:
    def when(fact: str, test: Callable[[Any], bool]) -> Three:
        return None if facts.get(fact) is None else test(facts[fact])

    def yes(fact: str) -> Three:
        return when(fact, lambda value: value is True)

    def among(fact: str, *values: str) -> Three:
        return when(fact, lambda value: value in values)

    def at_least(fact: str, level: str) -> Three:
        return when(fact, lambda value: LADDER.index(value) >= LADDER.index(level))

    lead, employed, post = yes("leading_talent"), among("employment", "employed"), yes("in_skilled_post")
    ours, jobless = yes("for_inner_mongolia"), yes("jobless_willing_spouse_or_child")
    said = {
        "registry.direct-inclusion": either(
            when("honours", lambda held: bool(HONOURS & set(held))),
            among("special_allowance", "national", "autonomous_region"),
            yes("recognised_scarce_talent"),
        ),
        "registry.nomination": both(at_least("skill_level", "senior"), yes("on_front_line")),
        "expert.checkup-and-leave": both(lead, yes("liaison_expert")),
        "promotion.exceptional": both(
            lead,
            either(
                yes("solved_major_technical_problem"),
                yes("regional_innovation_award"),
                yes("outstanding_mentor"),
            ),
        ),
        "recruited.parity": both(lead, among("recruited", "by_region")),
        "housing.support": both(lead, among("recruited", "by_region", "other")),
        "household.registration": lead,
        "schooling.compulsory": both(lead, yes("child_in_compulsory_education")),
        "family.employment": both(lead, jobless),
        "family.public-welfare-post": both(lead, jobless, yes("hard_to_employ_family_member")),
        "business.registration": lead,
        "training.technician": both(
            employed,
            either(
                among("certificate_level", "technician", "senior_technician"),
                yes("attended_senior_technician_upskilling"),
            ),
            when("public_institution_payroll", lambda value: value is False),
        ),
        "evaluation.open": post,
        "evaluation.exceptional": both(post, yes("superb_skill"), yes("outstanding_contribution")),
        "title.equivalence": both(
            employed, among("skill_level", "senior", "technician", "senior_technician")
        ),
        "evaluation.engineer-route": when("engineering_title", lambda title: title != "none"),
        "title.engineering-review": at_least("skill_level", "senior"),
        "schooling.equivalence": when("technical_school_class", lambda value: value != "none"),
        "award.worldskills": both(
            among("competition", "worldskills"),
            ours,
            when("competition_prize", lambda value: value != "none"),
        ),
        "award.national-class-one": both(
            among("competition", "national_class_one"),
            ours,
            when("competition_rank", lambda rank: rank <= 3),
            among("competition_role", "competitor"),
        ),
        "leave.annual": both(employed, when("continuous_months", lambda months: months >= 12)),
    }
    if on < dt.date(2019, 2, 20):
        said = dict.fromkeys(said, False)
    said["training.skill-upgrade"] = both(on >= dt.date(2017, 1, 1), _skill_upgrade(facts, on, when, among))
    return {
        code: {True: "eligible", False: "ineligible", None: "undetermined"}[value]
        for code, value in said.items()
    }


def _claims_left(facts: dict[str, Any], on: dt.date, again: bool, when: Callable[..., Three]) -> Three:
    """Three a year from 2024; in 2025 for a time one, and of scarce occupations two more in any order."""
    if on < dt.date(2024, 1, 1):
        return True
    in_all = when("claims_this_year", lambda claims: claims < 3)
    if not again:
        return in_all
    claims, scarce = facts.get("claims_this_year"), facts.get("scarce_claims_this_year")
    ordinary_left = None if claims is None or scarce is None else claims - scarce < 1
    return both(
        in_all,
        either(
            when("claims_this_year", lambda claims: claims < 1),
            when("certificate_occupation_scarce", lambda value: value is True),
            ordinary_left,
        ),
    )


def _skill_upgrade(
    facts: dict[str, Any], on: dt.date, when: Callable[..., Three], among: Callable[..., Three]
) -> Three:
    if on < dt.date(2017, 1, 1):
        return False
    again = dt.date(2025, 4, 22) <= on <= dt.date(2025, 12, 31)
    relaxed = dt.date(2019, 1, 1) <= on <= dt.date(2024, 12, 31) or again
    months = 12 if relaxed else 36
    insured = both(
        among("employment", "employed"),
        when("paying_unemployment_insurance", lambda value: value is True),
        when("unemployment_insured_months", lambda paid: paid >= months),
    )
    if relaxed:
        insured = either(insured, when("drawing_unemployment_benefit", lambda value: value is True))

    def in_time(text: str) -> bool:
        issued = dt.date.fromisoformat(text)
        return issued <= on <= months_after(issued, 12)

    claimed, level = facts.get("highest_level_claimed"), facts.get("certificate_level")
    none_higher = None if claimed is None or level is None else LADDER.index(claimed) <= LADDER.index(level)
    return both(
        among("certificate_level", "junior", "intermediate", "senior"),
        insured,
        when("certificate_issued_on", in_time),
        _claims_left(facts, on, again, when),
        when("claimed_same_occupation_level", lambda value: value is False),
        none_higher,
        when("training_subsidy_for_same_certificate", lambda value: value is False),
    )
