"""Merged cells of a sheet: what stands in one of several rows is meant for each of them.

Filled downwards only. A cell that is merged across columns is about the column where it begins: nothing is written into
a column that means something else. A row that holds nothing of its own stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence

# ((first row, first column), (last row, last column)), each counted from 0.
Range = tuple[tuple[int, int], tuple[int, int]]
# (first row, last row, index of the cell in a row as it is read), rows counted from 1
_Span = tuple[int, int, int]


def as_merged(ranges: Sequence[Range], first: int) -> list[_Span]:
    """The merged cells that reach over several rows, from the top down; `first` is the column at which rows begin."""
    spans = [
        (top + 1, bottom + 1, left - first)
        for (top, left), (bottom, _) in ranges
        if bottom > top and left >= first
    ]
    return sorted(spans)


class Merged:
    """Goes down a sheet once, row by row."""

    def __init__(self, spans: Sequence[_Span]) -> None:
        self._coming = list(reversed(spans))
        # {index of a cell: (last row, text)} of those that reach into the rows at hand.
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, number: int, cells: list[str]) -> None:
        """Write into the empty cells of a row what is merged into it."""
        coming = self._coming
        has_own = any(cells) and any(map(str.strip, cells))
        if self._open and has_own:
            self._fill(number, cells)
        while coming and coming[-1][0] <= number:
            top, bottom, index = coming.pop()
            if top == number and index < len(cells) and cells[index].strip():
                self._open[index] = (bottom, cells[index])

    def _fill(self, number: int, cells: list[str]) -> None:
        for index, (bottom, text) in list(self._open.items()):
            if number > bottom:
                del self._open[index]
                continue
            if index >= len(cells):
                cells += [""] * (index + 1 - len(cells))
            if not cells[index].strip():
                cells[index] = text
