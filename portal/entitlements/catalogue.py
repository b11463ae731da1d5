"""The place of each benefit in the masks that are stored, and which benefits are offered to those who did not
ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.policy.benefits import BY_CODE

# For ever: a stored mask is read by these. A new benefit takes the next number; one that has gone leaves its
# number unused.
BITS: Mapping[str, int] = {
    code: place
    for place, code in enumerate(
        (
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
            "evaluation.engineer-route",
        )
    )
}

# What tells one entitlement to a benefit from the next one: another certificate, another competition. A
# person is told once of each.
_CERTIFICATE = ("certificate_occupation", "certificate_level", "certificate_issued_on")
_COMPETITION = ("competition", "competition_edition", "competition_role")
_ONCE: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offered:
    """A benefit the office offers by itself; a further entitlement differs in the `distinguishing_facts`."""

    benefit: str
    distinguishing_facts: tuple[str, ...] = _ONCE

    @property
    def bit(self) -> int:
        return 1 << BITS[self.benefit]

    @property
    def names_money(self) -> bool:
        """Whether something is paid: then only what is verified counts."""
        rule = BY_CODE[self.benefit]
        return rule.amount is not None or rule.fund is not None


# Not offered: what the registry's programme proposes or selects by itself (registry.*), what employers owe or
# localities may grant and nobody applies for at a window (evaluation.open, evaluation.engineer-route,
# title.equivalence, housing.support, leave.annual).
OFFERED: Mapping[str, Offered] = {
    one.benefit: one
    for one in (
        Offered("expert.checkup-and-leave"),
        Offered("promotion.exceptional"),
        Offered("recruited.parity"),
        Offered("household.registration"),
        Offered("schooling.compulsory"),
        Offered("family.employment"),
        Offered("family.public-welfare-post"),
        Offered("business.registration"),
        Offered("training.skill-upgrade", _CERTIFICATE),
        Offered("training.technician", _CERTIFICATE),
        Offered("evaluation.exceptional"),
        Offered("title.engineering-review"),
        Offered("schooling.equivalence"),
        Offered("award.worldskills", _COMPETITION),
        Offered("award.national-class-one", _COMPETITION),
    )
}


# Of these the verified relation decides.
MONEY: tuple[str, ...] = tuple(code for code, offered in OFFERED.items() if offered.names_money)
WITHOUT_MONEY: tuple[str, ...] = tuple(code for code in BITS if code not in MONEY)


def benefits_in(mask: int) -> list[str]:
    """The benefits whose bits are set, in order."""
    return [benefit for benefit, place in BITS.items() if mask >> place & 1]
