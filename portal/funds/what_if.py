"""What would be spent if what stands before the money came to it, at sums that somebody assumes: which lines that would use up,
and when the rest is used up at the pace of the last ninety days.

Nothing is written. What is drawn already counts as drawn; each line of a place is taken before that of the autonomous region,
and what may be used for the shortest time first, as approvals draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from portal.funds.forecast import DAYS, Ahead, Pace, Place, by_place, paces, shown_places
from portal.funds.models import Line

_CENT, _HUNDRED, _FAR = Decimal("0.01"), Decimal(100), 3650


@dataclass(frozen=True)
class Assumed:
    """How many of a hundred that are not decided are approved, how the sums change (100: as they are), what each claim
    whose sum nobody knows comes to, in yuan, and what comes besides to each place, in yuan.
    """

    approved: int = 100
    sums: int = 100
    unknown: Decimal = Decimal(0)
    besides: Decimal = Decimal(0)


@dataclass(frozen=True)
class Asking:
    """A fund and use in a league: what would be asked of it, what its lines carry, and what nobody does."""

    place: Place
    asked: Decimal
    carried: Decimal

    @property
    def missing(self) -> Decimal:
        return self.asked - self.carried


@dataclass(frozen=True)
class Outcome:
    """A line: what it has, what would be drawn at once, what is left, and when that is used up at the assumed sums."""

    line: Line
    left: Decimal
    drawn: Decimal
    a_day: Decimal
    ends: date | None

    @property
    def rest(self) -> Decimal:
        return self.left - self.drawn

    @property
    def is_used_up(self) -> bool:
        return self.drawn > 0 and self.rest == 0

    @property
    def ends_early(self) -> bool:
        return self.is_used_up or (self.ends is not None and self.ends < self.line.usable_until)


def what_if(user: Any, assumed: Assumed, on: date) -> tuple[list[Asking], list[Outcome]]:
    """Of each place of the user what would be asked, and of each open line what would become of it."""
    lines = paces(user, on)
    drawn = {pace.line.pk: Decimal(0) for pace in lines}
    asking = []
    found = by_place(user)
    for key, place in shown_places(found):
        asked = _asked(place, assumed)
        carried = _draw(_lines_for(lines, *key), drawn, asked)
        asking.append(Asking(place, asked, carried))
    return asking, [_outcome(pace, drawn[pace.line.pk], assumed, on) for pace in lines]


def _asked(place: Place, assumed: Assumed) -> Decimal:
    """Who waits for money is decided already, at the sum that was decided."""
    total = assumed.besides
    for ahead, flow in place.ahead.items():
        if ahead == Ahead.WAITING:
            total += flow.amount
        elif ahead != Ahead.APPROVED:
            known = flow.amount * assumed.sums / _HUNDRED
            total += (known + flow.unknown * assumed.unknown) * assumed.approved / _HUNDRED
    return total.quantize(_CENT, ROUND_HALF_UP)


def _lines_for(lines: Sequence[Pace], fund: str, use: str, league: str) -> list[Pace]:
    """The nearest first, then what ends soonest."""
    near = [
        pace
        for pace in lines
        if (pace.line.fund_id, pace.line.use) == (fund, use)
        and (pace.line.league_code == league or pace.line.region_id.endswith("0000"))
    ]
    return sorted(
        near, key=lambda pace: (pace.line.league_code != league, pace.line.usable_until, pace.line.pk)
    )


def _draw(lines: Sequence[Pace], drawn: dict[int, Decimal], asked: Decimal) -> Decimal:
    """Put what is asked on the lines as far as they carry it; how much that is."""
    open_sum = asked
    for pace in lines:
        part = min(open_sum, pace.left - drawn[pace.line.pk])
        drawn[pace.line.pk] += part
        open_sum -= part
    return asked - open_sum


def _outcome(pace: Pace, drawn: Decimal, assumed: Assumed, on: date) -> Outcome:
    a_day = (pace.drawn * assumed.sums / _HUNDRED / DAYS).quantize(_CENT, ROUND_HALF_UP)
    rest = pace.left - drawn
    ends = None
    if rest == 0 and drawn:
        ends = on
    elif a_day and rest / a_day <= _FAR:
        ends = on + timedelta(days=int(rest / a_day))
    return Outcome(pace.line, pace.left, drawn, a_day, ends)
