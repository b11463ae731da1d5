"""The columns of a list, once for all its files: CSV, workbook and paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO

from portal.lists import printed
from portal.lists.csv_files import csv_of
from portal.lists.workbook import workbook_of


@dataclass(frozen=True)
class ListColumn:
    """One column: its heading, and its width in a workbook, in characters.

    `share` is its share of the width of a page; 0 leaves it out on paper. `ending` prints only so many of the
    last characters, under `printed_heading`.
    """

    heading: str
    width: int
    share: int = 0
    centred: bool = False
    printed_heading: str = ""
    ending: int = 0

    def printed(self, cell: str) -> str:
        """What of a cell is printed."""
        return cell[-self.ending :] if self.ending else cell


@dataclass(frozen=True)
class ListColumns:
    """The columns in their order. Rows are texts, one for each column."""

    columns: Sequence[ListColumn]

    @cached_property
    def headings(self) -> tuple[str, ...]:
        return tuple(column.heading for column in self.columns)

    @cached_property
    def _on_paper(self) -> list[tuple[int, ListColumn]]:
        return [(place, column) for place, column in enumerate(self.columns) if column.share]

    def as_csv(self, rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
        return csv_of(self.headings, rows)

    def as_workbook(self, sheet_name: str, rows: Iterable[Sequence[str]]) -> IO[bytes]:
        """An .xlsx file. The caller closes it."""
        widths = [column.width for column in self.columns]
        return workbook_of(sheet_name, self.headings, widths, rows)

    def on_paper(self) -> list[printed.Column]:
        """The columns that are printed."""
        columns = []
        for _, column in self._on_paper:
            heading = column.printed_heading or column.heading
            columns.append(printed.Column(heading, column.share, column.centred))
        return columns

    def printed(self, cells: Sequence[str]) -> list[str]:
        """What of a row is printed."""
        return [column.printed(cells[place]) for place, column in self._on_paper]
