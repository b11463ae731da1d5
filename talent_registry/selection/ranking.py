"""Who is in and who is out, and why: a pure function of candidates and places. No database, no clock, no
chance.

Candidates are taken in one order, best first; each is selected unless the places of the region, of the league
or of the industry are used up. So within one league and industry nobody is passed by a worse score, and the
order of what comes in changes nothing.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# After the total: highest first, one after the other.
ORDER = ("skill", "contribution", "achievement", "front_line", "panel")
TIE_BREAK = (
    "总分相同的，依次比较技能水平、突出贡献、业绩成果、一线年限、专家评审得分，高者在前；仍相同的，"
    "按年度和证件号码计算的固定摘要值由小到大排列，与申报、推荐和录入的先后无关。"
)


class Reason(enum.StrEnum):
    """Why somebody is in or out."""

    SELECTED = "selected"
    PLACES_FULL = "places-full"
    LEAGUE_FULL = "league-full"
    INDUSTRY_FULL = "industry-full"
    EXCLUDED = "excluded"
    ON_REGISTRY = "on-registry"
    NOT_ELIGIBLE = "not-eligible"


@dataclass(frozen=True)
class Candidate:
    """`parts`: hundredths of a point by criterion (skill, achievement, contribution, front_line, panel).
    `key` is never compared.
    """

    key: Any
    league: str
    industry: str
    parts: Mapping[str, int]
    draw: str
    eligible: bool = True
    on_registry: bool = False
    excluded: bool = False

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def barred(self) -> Reason | None:
        """Why this candidate takes part in no ranking."""
        if self.excluded:
            return Reason.EXCLUDED
        if self.on_registry:
            return Reason.ON_REGISTRY
        return None if self.eligible else Reason.NOT_ELIGIBLE


@dataclass(frozen=True)
class Placed:
    """`detail`: the numbers a sentence about it needs: of a full quota its places and the last total that got
    in.
    """

    candidate: Candidate
    position: int
    selected: bool
    reason: Reason
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.candidate.total


def draw(year: int, id_digest: bytes) -> str:
    """What decides when all scores are the same: SHA-256 over the year and the keyed digest of the ID number,
    in hex.

    It differs from year to year, and nothing that happens in a round can change it.
    """
    return hashlib.sha256(str(year).encode() + bytes(id_digest)).hexdigest()


def place_key(candidate: Candidate) -> tuple[Any, ...]:
    """Sorting by it puts the best first. Draws differ between people, so there is one order."""
    return (-candidate.total, *(-candidate.parts.get(part, 0) for part in ORDER), candidate.draw)


def order_key(candidate: Candidate) -> tuple[Any, ...]:
    """The order of a list: those who take part by place, then those who do not."""
    return (candidate.barred is not None, *place_key(candidate))


def rank(
    candidates: Iterable[Candidate],
    *,
    places: int,
    leagues: Mapping[str, int] | None = None,
    industries: Mapping[str, int] | None = None,
) -> list[Placed]:
    """Everybody in order, with the outcome. A league or an industry that is not listed has no limit of its
    own.

    Those who take part in no ranking (excluded, already on the registry, not eligible) come last and use no
    place.
    """
    ordered = sorted(candidates, key=order_key)
    limits: dict[tuple[str, str], int] = {("region", ""): places}
    limits |= {("league", code): limit for code, limit in (leagues or {}).items()}
    limits |= {("industry", code): limit for code, limit in (industries or {}).items()}
    used = dict.fromkeys(limits, 0)
    last: dict[tuple[str, str], int] = {}
    placed = []
    for position, one in enumerate(ordered, start=1):
        if one.barred is not None:
            placed.append(Placed(one, position, False, one.barred))
            continue
        quotas = [("region", ""), ("league", one.league), ("industry", one.industry)]
        full = next((quota for quota in quotas if quota in limits and used[quota] >= limits[quota]), None)
        if full is not None:
            detail = {"quota": full[0], "key": full[1], "places": limits[full], "last_total": last.get(full)}
            placed.append(Placed(one, position, False, _FULL[full[0]], detail))
            continue
        for quota in quotas:
            if quota in limits:
                used[quota] += 1
                last[quota] = one.total
        placed.append(Placed(one, position, True, Reason.SELECTED))
    return placed


_FULL = {"region": Reason.PLACES_FULL, "league": Reason.LEAGUE_FULL, "industry": Reason.INDUSTRY_FULL}
