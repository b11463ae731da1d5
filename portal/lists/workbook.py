"""Lists as Excel workbooks: texts stay texts, numbers can be reckoned with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xlsxwriter

from portal import memory_files
from portal.spreadsheets.formulas import TextCells

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# No text is taken for anything but a text.
_OPTIONS: dict[str, Any] = {
    "constant_memory": True,
    "in_memory": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}


def workbook_of(
    sheet_name: str, headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Any]]
) -> IO[bytes]:
    """An .xlsx file with one list. The caller closes it."""
    return workbook_file(lambda book: add_list(book, sheet_name, headings, widths, rows))


def workbook_file(fill: Callable[[xlsxwriter.Workbook], None]) -> IO[bytes]:
    """An .xlsx file with the sheets that `fill` adds. The caller closes it."""
    import xlsxwriter

    file = memory_files.new()
    with memory_files.scratch() as folder, xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder}) as book:
        fill(book)
    file.seek(0)
    return file


def add_list(
    book: xlsxwriter.Workbook,
    sheet_name: str,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Add a sheet with a list: int are counts, Decimal are yuan, everything else is text."""
    sheet = book.add_worksheet(sheet_name)
    texts = TextCells(book, sheet)
    bold = book.add_format({"bold": True})
    count = book.add_format({"num_format": "#,##0"})
    money = book.add_format({"num_format": "#,##0.00"})
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(column, column, width)
        texts.write(0, column, heading, bold)
    sheet.freeze_panes(1, 0)
    for place, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                sheet.write_number(place, column, float(cell), money)
            elif isinstance(cell, int):
                sheet.write_number(place, column, cell, count)
            else:
                texts.write(place, column, cell)
