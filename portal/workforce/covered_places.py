"""What is covered of each place, fund by fund, for whoever looks where something is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F

from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.workforce.coverage import CLAIMS_BEGAN
from portal.workforce.figure_age import age_in_force
from portal.workforce.models import Aging, DecidedHere, Extracted, RegisterExtract

_DAY = timedelta(days=1)
# From a day until a day; without an end as long as it lasts.
Span = tuple[date, date | None]


@dataclass(frozen=True)
class Covered:
    """Of a place and a fund: what lacks until the last day that has to be covered, and until when all is."""

    fund: str
    gaps: list[tuple[date, date]]
    until: date | None
    decided_here: bool

    @property
    def label(self) -> str:
        return FUNDS[self.fund]


@dataclass(frozen=True)
class PlaceCovered:
    """A place with its funds."""

    place: Region
    funds: list[Covered]


def last_day(on: date) -> date:
    """The last day that has to be covered on a day."""
    age = age_in_force(Aging.CLAIMS, on)
    return on - timedelta(days=age.days if age else 0)


def covered_places(places: Iterable[Region], on: date) -> list[PlaceCovered]:
    """Each place with what was stated of it, of its league and of the region."""
    spans: dict[tuple[str, str], list[Span]] = {}
    extracts = RegisterExtract.objects.filter(
        kind=Extracted.CLAIMS, merged_at__isnull=False, withdrawn_at__isnull=True, refused=F("elsewhere")
    )
    for place, fund, since, until in extracts.values_list("place_id", "fund", "covers_from", "covers_until"):
        spans.setdefault((place, fund), []).append((since, until))
    decided = DecidedHere.objects.filter(confirmed_at__isnull=False)
    for place, fund, since, ends in decided.values_list("place_id", "fund", "since", "until"):
        spans.setdefault((place, fund), []).append((since, ends))
    last = last_day(on)
    return [
        PlaceCovered(place, [_covered(fund, _spans_of(place, fund, spans), last) for fund in FUNDS])
        for place in places
    ]


def _spans_of(place: Region, fund: str, spans: dict[tuple[str, str], list[Span]]) -> list[Span]:
    above = dict.fromkeys((place.code, place.league_code, f"{place.code[:2]}0000"))
    return [span for code in above for span in spans.get((code, fund), [])]


def _covered(fund: str, spans: Sequence[Span], last: date) -> Covered:
    gaps = []
    reached = CLAIMS_BEGAN - _DAY
    for since, until in sorted(spans, key=lambda span: span[0]):
        if since > reached + _DAY and reached < last:
            gaps.append((reached + _DAY, min(since - _DAY, last)))
        reached = max(reached, until or date.max)
        if reached == date.max:
            break
    if reached < last:
        gaps.append((reached + _DAY, last))
    until = None if reached < CLAIMS_BEGAN or reached == date.max else reached
    return Covered(fund, gaps, until, reached == date.max)
