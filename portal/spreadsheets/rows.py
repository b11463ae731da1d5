"""Rows of a spreadsheet as text, as every kind of file gives them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

# (row number as a spreadsheet shows it, cells)
Row = tuple[int, list[str]]
# Stands in a cell whose formula gave no value or an error; no text can contain it.
UNREADABLE = "\ufffe"

# The day that Excel counts as 0, and the one from which workbooks of the 1904 system count.
EXCEL_EPOCH = date(1899, 12, 30)
EPOCH_OF_1904 = date(1904, 1, 1)


def first_filled(records: Iterable[Row]) -> Row:
    """The first row that is not empty; (0, []) when there is none."""
    for number, cells in records:
        if any(map(str.strip, cells)):
            return number, cells
    return 0, []
