"""What is on its way to the money, beside what there is: by fund, use and league; and when a line is used up at the pace of
the last ninety days.

Programmes say what stands with them before it is decided (`register_pipeline`). From the decision on the ledger knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from portal.funds.models import AwaitingMoney, Balance, Fund, Line, Transfer, Use
from portal.funds.money import yuan
from portal.funds.moves import Bucket, MoveCode
from portal.regions.models import Region

DAYS = 90
# Later than this nobody plans, and no calendar goes.
_FAR = 3650


class Ahead(models.TextChoices):
    """How near it is to the money."""

    HANDED_IN = "handed_in", "已提交"
    REVIEWED = "reviewed", "已审核"
    WAITING = "waiting", "待资金"
    APPROVED = "approved", "已批准未支付"


@dataclass(frozen=True)
class Flow:
    """So many cases of a league stand so near to a fund, with so many yuan; of `unknown` of them nobody knows the sum yet."""

    fund: str
    use: str
    league: str
    ahead: Ahead
    count: int
    amount: Decimal
    unknown: int = 0


# Says of its cases in the places where a user keeps money what is not decided yet.
Pipeline = Callable[[Any], Sequence[Flow]]
_PIPELINES: list[Pipeline] = []


def register_pipeline(pipeline: Pipeline) -> None:
    """A programme says what stands with it. Called once when the application starts."""
    if pipeline not in _PIPELINES:
        _PIPELINES.append(pipeline)


@dataclass
class Place:
    """A fund and use in a league: what is ahead, and what its own lines have."""

    fund: str
    use: str
    league: str
    ahead: dict[str, Flow] = field(default_factory=dict)
    available: Decimal = Decimal(0)

    @property
    def columns(self) -> list[Flow | None]:
        return [self.ahead.get(one) for one in Ahead.values]

    @property
    def asked(self) -> Decimal:
        """What is still to be drawn: all that is ahead but what was drawn already."""
        flows = [flow for stage, flow in self.ahead.items() if stage != Ahead.APPROVED]
        return sum((flow.amount for flow in flows), Decimal(0))

    @property
    def missing(self) -> Decimal:
        """By how much that is more than the lines of the place itself have."""
        return max(self.asked - self.available, Decimal(0))


@dataclass(frozen=True)
class Pace:
    """A line: what is left, how much is drawn in a day, and when nothing is left at that."""

    line: Line
    left: Decimal
    drawn: Decimal
    ends: date | None

    @property
    def a_day(self) -> Decimal:
        return (self.drawn / DAYS).quantize(Decimal("0.01"))

    @property
    def ends_early(self) -> bool:
        """Before its last day of use."""
        return self.ends is not None and self.ends < self.line.usable_until


# Fund, use and league of a place.
Key = tuple[str, str, str]


def places(user: Any) -> list[Place]:
    """What is ahead in each place where the user keeps or looks after money, beside what its lines have."""
    return [place for _, place in shown_places(by_place(user))]


def by_place(user: Any) -> dict[Key, Place]:
    """The same by the codes of fund, use and league, not named yet."""
    found: dict[Key, Place] = {}

    def place(fund: str, use: str, league: str) -> Place:
        return found.setdefault((fund, use, league), Place(fund, use, league))

    for pipeline in _PIPELINES:
        for flow in pipeline(user):
            place(flow.fund, flow.use, flow.league).ahead[flow.ahead] = flow
    for flow in [*_waiting(user), *_approved(user)]:
        place(flow.fund, flow.use, flow.league).ahead[flow.ahead] = flow
    for fund, use, league, amount in _available(user):
        place(fund, use, league).available = yuan(amount)
    return found


def shown_places(found: Mapping[Key, Place]) -> list[tuple[Key, Place]]:
    """In the order of lists, each with the names of what it is about."""
    names, leagues = dict(Fund.objects.values_list("code", "name")), _league_names()
    order = sorted(found, key=lambda key: (names[key[0]], key[1], key[2]))
    shown = []
    for key in order:
        fund, use, league = key
        place = found[key]
        name = leagues.get(league, league)
        shown.append((key, Place(names[fund], Use(use).label, name, place.ahead, place.available)))
    return shown


def _league_names() -> dict[str, str]:
    named = Region.objects.filter(code__endswith="00").values_list("code", "name")
    return {code: f"{name}本级" if code.endswith("0000") else name for code, name in named}


def _open_lines(user: Any) -> Any:
    return Line.objects.visible_to(user).exclude(closings__closed_at__isnull=False)


def _waiting(user: Any) -> list[Flow]:
    waits = AwaitingMoney.objects.visible_to(user).waiting()
    rows = waits.values_list("fund", "use", "league_code").annotate(Count("pk"), Sum("amount"))
    return [
        Flow(fund, use, league, Ahead.WAITING, count, yuan(amount))
        for fund, use, league, count, amount in rows
    ]


def _approved(user: Any) -> list[Flow]:
    """Drawn and not yet paid, by the place of the line."""
    under_way = Q(payables__bucket__in=[Bucket.RESERVED, Bucket.COMMITTED, Bucket.IN_TRANSIT])
    lines = Line.objects.visible_to(user).filter(under_way)
    rows = lines.values_list("fund", "use", "league_code").annotate(
        Count("payables"), Sum("payables__amount")
    )
    return [
        Flow(fund, use, league, Ahead.APPROVED, count, yuan(amount))
        for fund, use, league, count, amount in rows
    ]


def _available(user: Any) -> list[tuple[str, str, str, int]]:
    balances = Balance.objects.filter(line__in=_open_lines(user), bucket=Bucket.AVAILABLE)
    rows = balances.values_list("line__fund", "line__use", "line__league_code").annotate(Sum("amount"))
    return list(rows)


def paces(user: Any, on: date) -> list[Pace]:
    """Of each open line of the user: what was drawn of it in the ninety days before `on`, and when it is used up at that."""
    lines = list(_open_lines(user).filter(usable_until__gte=on).select_related("fund", "region__parent"))
    left = dict(
        Balance.objects.filter(line__in=lines, bucket=Bucket.AVAILABLE).values_list("line_id", "amount")
    )
    begin = timezone.make_aware(datetime.combine(on - timedelta(days=DAYS), time.min))
    moved = Transfer.objects.filter(from_line__in=lines, at__gte=begin, payable__isnull=False)
    signs = models.Case(
        models.When(move=MoveCode.RESERVE, then=F("amount")),
        models.When(move__in=[MoveCode.RELEASE, MoveCode.CANCEL], then=-F("amount")),
        default=0,
        output_field=models.BigIntegerField(),
    )
    drawn = dict(moved.values_list("from_line").annotate(net=Sum(signs)))
    found = []
    for line in lines:
        net = max(int(drawn.get(line.pk, 0)), 0)
        found.append(Pace(line, yuan(left[line.pk]), yuan(net), _ends(left[line.pk], net, on)))
    return found


def _ends(left: int, drawn: int, on: date) -> date | None:
    """The day on which nothing is left; None when nothing is drawn, or too far away to say."""
    if not drawn:
        return None
    days = left * DAYS // drawn
    return on + timedelta(days=days) if days <= _FAR else None
