"""The kinds of subsidy a worker claims: by which benefit it is decided, out of which fund it comes, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.funds.models import Use
from portal.policy.facts import SkillLevel
from portal.policy.law import DayLaw
from portal.workforce.subjects import CERTIFICATE
from subsidies.models import TRAINING

SKILL_UPGRADE, TECHNICIAN = "subsidies.skill-upgrade", "subsidies.technician"


@dataclass(frozen=True)
class Scheme:
    """`kind` is the kind of its cases; `earlier` how an approved claim is written down among earlier ones; `benefits`
    by which rule each kind of subject is decided.
    """

    kind: str
    title: str
    benefits: Mapping[str, str]
    fund: str
    # For what of the fund it is paid.
    use: str
    earlier: str
    # Figures of the law that, added up, say how many claims a person has in a year, or in a life.
    places: tuple[str, ...]
    yearly: bool
    # Of which levels a certificate is claimed by.
    levels: frozenset[SkillLevel]
    # The figure that says within how many months of its issue a certificate is claimed by; none: at any time.
    window: str = ""

    @property
    def benefit(self) -> str:
        """The benefit a person is told about."""
        return self.benefits[CERTIFICATE]

    @property
    def slug(self) -> str:
        """The kind as it stands in an address."""
        return self.kind.removeprefix("subsidies.")

    def is_for(self, subject_kind: str, level: int) -> bool:
        """Whether this is claimed by such a subject: a certificate of one of the levels, or any training."""
        return subject_kind != CERTIFICATE or level in self.levels

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
            {CERTIFICATE: "training.skill-upgrade"},
            "unemployment_insurance_fund",
            Use.SKILL_UPGRADE,
            "skill_upgrade",
            ("training.skill-upgrade.claims-per-year", "training.skill-upgrade.scarce-claims-per-year"),
            yearly=True,
            levels=frozenset({SkillLevel.JUNIOR, SkillLevel.INTERMEDIATE, SkillLevel.SENIOR}),
            window="training.skill-upgrade.claim-window-months",
        ),
        Scheme(
            TECHNICIAN,
            "技师、高级技师培训补贴",
            {CERTIFICATE: "training.technician", TRAINING: "training.technician-course"},
            "employment_subsidy_fund",
            Use.TRAINING,
            "training_subsidy",
            ("training.employment-fund.lifetime-claims",),
            yearly=False,
            levels=frozenset({SkillLevel.TECHNICIAN, SkillLevel.SENIOR_TECHNICIAN}),
        ),
    )
}
BY_BENEFIT: dict[str, Scheme] = {one.benefit: one for one in SCHEMES.values()}
