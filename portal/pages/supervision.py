"""The tables of supervision, each part a tab of one page; a programme makes its own known: `register_part`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.formats import thousands

# Of one row there is nothing to compare, and of many nothing is to be read.
_FEWEST, _MOST = 2, 24


@dataclass(frozen=True)
class Asked:
    """Who asks, of which year and place; an empty place is all that they see."""

    user: Any
    today: date
    year: int
    region: str = ""


@dataclass(frozen=True)
class Share:
    """A part of a whole, as it is written and as it is drawn; nothing when there is no whole."""

    part: int
    whole: int

    @property
    def percent(self) -> float:
        return round(100 * self.part / self.whole, 1) if self.whole else 0.0

    def __str__(self) -> str:
        return f"{self.percent:.1f}%" if self.whole else "—"


@dataclass(frozen=True)
class Table:
    """A table with words in its first columns, counts and shares behind them; `drawn` are the columns of its chart."""

    code: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    words: int = 1
    note: str = ""
    nothing: str = "没有数据。"
    drawn: tuple[str, ...] = ()

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return [(label, place >= self.words) for place, label in enumerate(self.columns)]

    @property
    def cells(self) -> list[list[tuple[str, bool, str]]]:
        """(the column's label, whether it is a number, what stands there) of each row."""
        return [
            [
                (label, is_number, _written(cell))
                for (label, is_number), cell in zip(self.heads, row, strict=True)
            ]
            for row in self.rows
        ]

    @property
    def plain_rows(self) -> list[list[Any]]:
        """As a workbook takes them: counts stay numbers."""
        return [[cell if isinstance(cell, int) else str(cell) for cell in row] for row in self.rows]

    @property
    def chart_id(self) -> str:
        return f"chart-{self.code}"

    @property
    def chart(self) -> dict[str, Any] | None:
        """What portal/static/portal/charts.js draws."""
        if not self.drawn or not _FEWEST <= len(self.rows) <= _MOST:
            return None
        colours = ("--action", "--line-strong", "--action-line")
        series = []
        for label, colour in zip(self.drawn, colours, strict=False):
            place = self.columns.index(label)
            values = [_drawn(row[place]) for row in self.rows]
            series.append({"name": label, "colour": colour, "values": values})
        return {"names": ["".join(map(str, row[: self.words])) for row in self.rows], "series": series}


def _written(cell: Any) -> str:
    return thousands(cell) if isinstance(cell, int) else str(cell)


def _drawn(cell: Any) -> float:
    return cell.percent if isinstance(cell, Share) else float(cell)


@dataclass(frozen=True)
class Part:
    """A tab of the page: its tables, in few questions to the database."""

    code: str
    title: str
    lead: str
    tables: Callable[[Asked], list[Table]]
    # What is so today, whatever the year.
    of_today: bool = False


_PARTS: dict[str, Part] = {}


def register_part(part: Part) -> None:
    """Make a part known. Registered once more it stays one."""
    _PARTS[part.code] = part


def parts_of_programmes() -> tuple[Part, ...]:
    return tuple(_PARTS.values())
