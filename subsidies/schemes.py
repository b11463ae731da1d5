"""The kinds of subsidy a worker claims: by which benefit it is decided, out of which fund it comes, how often."""

from __future__ import annotations

from dataclasses import dataclass

from portal.policy.facts import SkillLevel
from portal.policy.law import DayLaw

SKILL_UPGRADE, TECHNICIAN = "subsidies.skill-upgrade", "subsidies.technician"


@dataclass(frozen=True)
class Scheme:
    """`kind` is the kind of its cases; `earlier` how an approved claim is written down among earlier ones."""

    kind: str
    title: str
    benefit: str
    fund: str
    earlier: str
    # Figures of the law that, added up, say how many claims a person has in a year, or in a life.
    places: tuple[str, ...]
    yearly: bool
    # Of which levels a certificate is claimed by.
    levels: frozenset[SkillLevel]

    @property
    def slug(self) -> str:
        """The kind as it stands in an address."""
        return self.kind.removeprefix("subsidies.")

    def places_on(self, law: DayLaw) -> int | None:
        """How many claims of this fund a person has in the year, or in a life; None when the law says nothing."""
        first, *further = (law.value(code) for code in self.places)
        if first is None:
            return None
        return int(first) + sum(int(value) for value in further if value is not None)


SCHEMES: dict[str, Scheme] = {
    one.kind: one
    for one in (
        Scheme(
            SKILL_UPGRADE,
            "技能提升补贴",
            "training.skill-upgrade",
            "unemployment_insurance_fund",
            "skill_upgrade",
            ("training.skill-upgrade.claims-per-year", "training.skill-upgrade.scarce-claims-per-year"),
            yearly=True,
            levels=frozenset({SkillLevel.JUNIOR, SkillLevel.INTERMEDIATE, SkillLevel.SENIOR}),
        ),
        Scheme(
            TECHNICIAN,
            "技师、高级技师培训补贴",
            "training.technician",
            "employment_subsidy_fund",
            "training_subsidy",
            ("training.employment-fund.lifetime-claims",),
            yearly=False,
            levels=frozenset({SkillLevel.TECHNICIAN, SkillLevel.SENIOR_TECHNICIAN}),
        ),
    )
}
BY_BENEFIT: dict[str, Scheme] = {one.benefit: one for one in SCHEMES.values()}
