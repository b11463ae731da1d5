"""The one guard against texts that a spreadsheet program would run as formulas: every CSV file and every workbook that
the portal writes goes through it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from typing import Any

# A spreadsheet program takes these for the beginning of a formula, the full-width ones after conversion too.
_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# In front of a text it says that the text is no formula.
_GUARD = "'"
_LONGEST_CELL = 32_767
# What people put before a long number so that it stays a text, on either side or in front alone.
_MARKS = "'`´‘’＇｀"
# A text that begins with none of these is not guarded.
GUARDS = frozenset((*_MARKS, "=", "＝"))
# ="1501…" is how other systems write a text into a CSV file.
_AS_FORMULA = re.compile(r"""[=＝]\s*(?:T\s*[(（]\s*)?["“”＂](.*?)["“”＂]\s*[)）]?(?:\s*&\s*"")?""")


def guarded(text: str) -> str:
    """The text, with ' in front where it would start a formula."""
    return _GUARD + text if text.startswith(_STARTS) else text


def csv_writer(target: Any) -> Callable[[Iterable[Any]], Any]:
    """Writes a row of cells as a line of CSV into `target`; gives back what that gives back."""
    writer = csv.writer(target, lineterminator="\r\n")

    def write_row(cells: Iterable[Any]) -> Any:
        return writer.writerow(["" if cell is None else guarded(str(cell)) for cell in cells])

    return write_row


class TextCells:
    """Writes texts into a sheet of a workbook. One that begins like a formula says that it is a text, also to whoever
    edits it.
    """

    def __init__(self, workbook: Any, sheet: Any) -> None:
        self._sheet = sheet
        self._quoted = workbook.add_format({"num_format": "@", "quote_prefix": True})

    def write(self, row: int, column: int, text: str, look: Any = None) -> None:
        quoted = look is None and text.startswith(_STARTS)
        # write() would make a formula of a text that looks like one.
        self._sheet.write_string(row, column, text[:_LONGEST_CELL], self._quoted if quoted else look)


def unguarded(text: str) -> str:
    """The text without what keeps it from being a formula or a number: '… or `… before a number, ="…" around
    a text; a ' alone stands for no text.
    """
    if text == _GUARD:
        return ""
    if text.startswith(_GUARD) and text[1:].startswith(_STARTS):
        text = text[1:]
    if formula := _AS_FORMULA.fullmatch(text):
        return formula[1].strip('"“”＂ ')
    if text[:1] in _MARKS and text[1:2].isdigit():
        return text.strip(_MARKS)
    return text
