"""What is asked, of which places, and how an answer is laid out: the same for every page, workbook and chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from portal.accounts.access import scope

PERMISSION = "funds.view"
# Of the case of a claim: where the user keeps or looks after money, and what was asked of it.
PLACES = """
(%(whole)s OR c.league_code = ANY (%(leagues)s) OR c.region_id = ANY (%(banners)s))
AND (%(league)s = '' OR c.league_code = %(league)s) AND (%(fund)s = '' OR cl.fund = %(fund)s)
"""
# The record that stands for the person.
PERSON = "coalesce((SELECT m.target_id FROM workforce_mergedperson m WHERE m.source_id = cl.worker_id), cl.worker_id)"


@dataclass(frozen=True)
class Asked:
    """Of which user's places, of which league and fund (empty: all), between which days, and from how many on."""

    user: Any
    first: date
    last: date
    league: str = ""
    fund: str = ""
    least: int = 1

    @property
    def values(self) -> dict[str, Any]:
        where = scope(self.user, PERMISSION)
        return {
            "whole": where.whole,
            "leagues": sorted(where.leagues),
            "banners": sorted(where.banners),
            "league": self.league,
            "fund": self.fund,
            "first": self.first,
            "last": self.last,
            "after": self.last + timedelta(days=1),
            "least": self.least,
        }

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.values | more)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@dataclass(frozen=True)
class Column:
    label: str
    is_number: bool = False


@dataclass(frozen=True)
class Link:
    """A cell that leads to more of it."""

    text: str
    href: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Laid:
    """A table: its name, what its numbers mean, its columns and rows; the last row sums up where there is a total."""

    code: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: list[list[Any]] = field(default_factory=list)
    total: list[Any] = field(default_factory=list)
    nothing: str = "没有符合条件的记录。"

    @property
    def cells(self) -> list[list[tuple[Column, Any]]]:
        """As a page has them: numbers with separators, as many places as they have; the total is the last row."""
        listed = [*self.rows, self.total] if self.total else self.rows
        return [list(zip(self.columns, map(_written, row), strict=True)) for row in listed]

    @property
    def plain_rows(self) -> list[list[Any]]:
        """As a workbook has them."""
        listed = [*self.rows, self.total] if self.total else self.rows
        return [[_plain(cell) for cell in row] for row in listed]


def _written(cell: Any) -> Any:
    return f"{cell:,}" if isinstance(cell, int | Decimal) else cell


def _plain(cell: Any) -> Any:
    if isinstance(cell, int | Decimal):
        return cell
    if isinstance(cell, list | tuple):
        return "、".join(map(str, cell))
    return "" if cell is None else str(cell)


def days(value: Any) -> Any:
    """A number of days to one place, whole where it is, and nothing where there is none."""
    if value is None:
        return "—"
    return int(value) if value == int(value) else Decimal(str(round(value, 1)))
