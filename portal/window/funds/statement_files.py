"""A month's statement taken away: the rows of the page as a workbook, and printed under a red header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from django.utils import timezone

from portal.funds.statement import BUCKETS, TOTAL, Part, Statement
from portal.letters.models import Issuer
from portal.lists.printed import Column, Listing
from portal.lists.workbook import add_list, workbook_file

if TYPE_CHECKING:
    import xlsxwriter

_NAME, _ROW = "科目", "项目"
_HEADINGS = (_NAME, _ROW, *(str(bucket.label) for bucket in BUCKETS), TOTAL)
_WIDTHS = (48, 14, *(18 for _ in BUCKETS), 18)
# Of the width of a page.
_SHARES = (20, 9, *(11 for _ in BUCKETS), 11)


def _parts(made: Statement) -> Iterator[Part]:
    yield from made.parts
    yield made.total


def workbook(made: Statement, said: Sequence[str]) -> IO[bytes]:
    """An .xlsx file: every row of every line with the name of its line, and what it is. The caller closes it."""

    def fill(book: xlsxwriter.Workbook) -> None:
        rows = (
            [_name(part), row.label, *row.amounts, row.total] for part in _parts(made) for row in part.rows
        )
        add_list(book, "月报", _HEADINGS, _WIDTHS, rows)
        add_list(book, "说明", ["说明"], [100], ([line] for line in said))

    return workbook_file(fill)


def printed_rows(made: Statement) -> list[list[str]]:
    """As they are printed: a line is named at its first row."""
    rows = []
    for part in _parts(made):
        for place, row in enumerate(part.rows):
            rows.append([_name(part) if place == 0 else "", row.label, *row.written])
    return rows


def listing(made: Statement, issuer: Issuer, title: str, said: Sequence[str]) -> Listing:
    """How it is laid out on landscape pages."""
    columns = [
        Column(heading, share, is_sum=place > 1)
        for place, (heading, share) in enumerate(zip(_HEADINGS, _SHARES, strict=True))
    ]
    unit, *notes = said
    return Listing(
        issuer=issuer,
        title=title,
        columns=columns,
        legal_basis=f"{unit}每个科目自期初起，经本月各项变动，至期末止。",
        on=timezone.localdate(),
        note="".join(notes),
        orientation="landscape",
    )


def _name(part: Part) -> Any:
    """With the document that it rests on: two lines may have one name."""
    return f"{part.name}（{part.line.document.number}）" if part.line else part.name
