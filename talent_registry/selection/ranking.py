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
    """Somebody to be ranked; `parts` are hundredths of a point by criterion, `key` is never compared."""

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
        if not self.eligible:
            return Reason.NOT_ELIGIBLE
        return None


@dataclass(frozen=True)
class Placed:
    """A candidate in order; `detail` says of a full quota its places and the last total that got in."""

    candidate: Candidate
    position: int
    selected: bool
    reason: Reason
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.candidate.total


def draw(year: int, id_digest: bytes) -> str:
    """What decides between equal scores: SHA-256 over the year and the keyed digest of the ID number.

    It differs from year to year, and nothing that happens in a round can change it.
    """
    return hashlib.sha256(str(year).encode() + bytes(id_digest)).hexdigest()


def place_key(candidate: Candidate) -> tuple[Any, ...]:
    """Sorting by it puts the best first. Draws differ between people, so there is one order."""
    parts = [-candidate.parts.get(part, 0) for part in ORDER]
    return (-candidate.total, *parts, candidate.draw)


def order_key(candidate: Candidate) -> tuple[Any, ...]:
    """The order of a list: those who take part by place, then those who do not."""
    return (candidate.barred is not None, *place_key(candidate))


Quota = tuple[str, str]
_REGION: Quota = ("region", "")
_FULL = {
    "region": Reason.PLACES_FULL,
    "league": Reason.LEAGUE_FULL,
    "industry": Reason.INDUSTRY_FULL,
}


class _Places:
    """The places of region, leagues and industries: how many there are, how many are taken."""

    def __init__(self, region: int, leagues: Mapping[str, int], industries: Mapping[str, int]) -> None:
        self.limits: dict[Quota, int] = {_REGION: region}
        for code, limit in leagues.items():
            self.limits["league", code] = limit
        for code, limit in industries.items():
            self.limits["industry", code] = limit
        self.used = dict.fromkeys(self.limits, 0)
        self.last_total: dict[Quota, int] = {}

    def quotas_of(self, candidate: Candidate) -> list[Quota]:
        """The quotas that hold for a candidate, the widest first."""
        quotas = (_REGION, ("league", candidate.league), ("industry", candidate.industry))
        return [quota for quota in quotas if quota in self.limits]

    def is_full(self, quota: Quota) -> bool:
        return self.used[quota] >= self.limits[quota]

    def take(self, quotas: Iterable[Quota], total: int) -> None:
        for quota in quotas:
            self.used[quota] += 1
            self.last_total[quota] = total

    def detail(self, quota: Quota) -> dict[str, Any]:
        """The numbers that a sentence about a full quota needs."""
        kind, key = quota
        return {
            "quota": kind,
            "key": key,
            "places": self.limits[quota],
            "last_total": self.last_total.get(quota),
        }


def rank(
    candidates: Iterable[Candidate],
    *,
    places: int,
    leagues: Mapping[str, int] | None = None,
    industries: Mapping[str, int] | None = None,
) -> list[Placed]:
    """Everybody in order, with the outcome; a league or industry that is not listed has no limit of its own.

    Those who take part in no ranking (excluded, already on the registry, not eligible) come last and use no
    place.
    """
    quotas = _Places(places, leagues or {}, industries or {})
    placed = []
    for position, candidate in enumerate(sorted(candidates, key=order_key), start=1):
        if candidate.barred is not None:
            placed.append(Placed(candidate, position, False, candidate.barred))
        else:
            placed.append(_placed_within(quotas, candidate, position))
    return placed


def _placed_within(places: _Places, candidate: Candidate, position: int) -> Placed:
    """Selected, unless the places of the region, the league or the industry are used up."""
    quotas = places.quotas_of(candidate)
    for quota in quotas:
        if places.is_full(quota):
            kind, _ = quota
            return Placed(candidate, position, False, _FULL[kind], places.detail(quota))
    places.take(quotas, candidate.total)
    return Placed(candidate, position, True, Reason.SELECTED)
