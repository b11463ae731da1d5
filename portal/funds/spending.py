"""Spending against budget: what lines were given, what of it is reserved, approved and paid, and what is left.

It is told by the transfers in one statement. Of every row what was given is what is left, reserved and approved together;
what was paid is part of what was approved, and what was recovered counts as neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection, models

from portal.funds.models import Line
from portal.funds.money import yuan
from portal.funds.months import Month
from portal.funds.moves import Bucket
from portal.funds.statement import TOTAL
from portal.regions.models import Region

# What an approval has set in motion, and what of it has left the house and not come back.
_APPROVED = (Bucket.COMMITTED, Bucket.IN_TRANSIT, Bucket.PAID, Bucket.RECOVERABLE, Bucket.WRITTEN_OFF)
_PAID = (Bucket.PAID, Bucket.RECOVERABLE, Bucket.WRITTEN_OFF)


class By(models.TextChoices):
    """What a row of it is about."""

    FUND = "fund", "按资金"
    LINE = "line", "按科目"
    LEAGUE = "league", "按盟市"
    MONTH = "month", "按月份"


# The key of a row, of a line `l` and a moment `e.at`.
_KEYS = {
    By.FUND: "l.fund_id",
    By.LINE: "l.id::text",
    By.LEAGUE: "l.league_code",
    By.MONTH: "to_char(e.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')",
}
_TOLD = """
SELECT {key},
       coalesce(sum(e.amount) FILTER (WHERE e.bucket <> 'treasury'), 0),
       coalesce(sum(e.amount) FILTER (WHERE e.bucket = 'available'), 0),
       coalesce(sum(e.amount) FILTER (WHERE e.bucket = 'reserved'), 0),
       coalesce(sum(e.amount) FILTER (WHERE e.bucket = ANY (%(approved)s)), 0),
       coalesce(sum(e.amount) FILTER (WHERE e.bucket = ANY (%(paid)s)), 0)
FROM (
    SELECT from_line_id AS line_id, from_bucket AS bucket, -amount AS amount, at
    FROM funds_transfer WHERE from_line_id = ANY (%(lines)s)
    UNION ALL
    SELECT to_line_id, to_bucket, amount, at FROM funds_transfer WHERE to_line_id = ANY (%(lines)s)
) AS e JOIN funds_line l ON l.id = e.line_id
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Spent:
    """What was given, and what became of it, in yuan; for a month what changed in it, `rest` and `share` at its end."""

    key: str
    name: str
    # As a chart calls it, where there is less room.
    short: str
    given: Decimal
    reserved: Decimal
    approved: Decimal
    paid: Decimal
    rest: Decimal
    # Of what was given, in percent to one place; None where nothing was.
    share: Decimal | None


@dataclass(frozen=True)
class Spending:
    rows: list[Spent]
    total: Spent


def spending_of(lines: Sequence[Line], by: By) -> Spending:
    """What lines that somebody sees were given and spent. Their funds are read."""
    asked: dict[str, Any] = {
        "lines": [line.pk for line in lines],
        "approved": list(_APPROVED),
        "paid": list(_PAID),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(key=_KEYS[by]), asked)
        found = {key: [yuan(int(amount)) for amount in amounts] for key, *amounts in cursor.fetchall()}
    names = _names(lines, by, list(found))
    total = [sum(column, Decimal(0)) for column in zip(*found.values(), strict=True)] or [Decimal(0)] * 5
    if by == By.MONTH:
        return Spending(_month_by_month(names, found), _spent("", TOTAL, total, TOTAL))
    nothing = [Decimal("0.00")] * 5
    short = (
        {str(line.pk): f"{line.region}·{line.get_use_display()}" for line in lines} if by == By.LINE else {}
    )
    rows = [_spent(key, name, found.get(key, nothing), short.get(key, name)) for key, name in names.items()]
    return Spending(rows, _spent("", TOTAL, total, TOTAL))


def _spent(key: str, name: str, amounts: Sequence[Decimal], short: str) -> Spent:
    given, rest, reserved, approved, paid = amounts
    return Spent(key, name, short, given, reserved, approved, paid, rest, _share(paid, given))


def _month_by_month(names: dict[str, str], found: dict[str, list[Decimal]]) -> list[Spent]:
    """What changed in each month; what was left and the share paid are those at its end, since the beginning."""
    given_so_far = paid_so_far = rest_so_far = Decimal("0.00")
    rows = []
    for key, name in names.items():
        given, rest, reserved, approved, paid = found[key]
        given_so_far, paid_so_far, rest_so_far = given_so_far + given, paid_so_far + paid, rest_so_far + rest
        share = _share(paid_so_far, given_so_far)
        rows.append(Spent(key, name, name, given, reserved, approved, paid, rest_so_far, share))
    return rows


def _share(paid: Decimal, given: Decimal) -> Decimal | None:
    return (100 * paid / given).quantize(Decimal("0.1"), ROUND_HALF_UP) if given > 0 else None


def _names(lines: Sequence[Line], by: By, keys: Sequence[str]) -> dict[str, str]:
    """By key what a row is called, in order: whatever has a line, also when no money has moved on it yet."""
    if by == By.MONTH:
        return {key: str(Month.read(key)) for key in keys}
    if by == By.LINE:
        return {str(line.pk): f"{line}（{line.document.number}）" for line in lines}
    if by == By.FUND:
        funds = sorted({line.fund for line in lines}, key=lambda fund: fund.place)
        return {fund.pk: fund.name for fund in funds}
    leagues = {line.league_code for line in lines}
    return dict(Region.objects.filter(pk__in=leagues).order_by("pk").values_list("pk", "name"))
