"""The refused rows of a spreadsheet go back as the same kind of file, with the reason for each."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

from portal.spreadsheets.formulas import TextCells, csv_writer
from portal.spreadsheets.header import ERROR_LABEL
from portal.spreadsheets.reading import Source
from portal.spreadsheets.rows import EPOCH_OF_1904, UNREADABLE

_ROWS_OF_A_SHEET = 1_048_576
# Writes one row of cells.
_Writer = Callable[[list[str]], Any]


def write_refused(path: Path, source: Source, refusals: Iterable[tuple[int, str]]) -> int:
    """Write the refused rows as a file of the source's kind with a column 错误. The number of rows written.

    `refusals` are (row number, reason) in the order of the file. Neither the file nor the refusals are held
    in memory. The file appears when it is complete.
    """
    labels = source.header.labels
    kept = [index for index, label in enumerate(labels) if label != ERROR_LABEL]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    count = 0
    with _private(draft) as file, _writer(source, file, columns=len(kept)) as write:
        write([labels[index] for index in kept] + [ERROR_LABEL])
        for cells, reason in _refused_rows(source, refusals):
            write([_cell(cells, index) for index in kept] + [reason])
            count += 1
    draft.replace(path)
    return count


def _private(path: Path) -> IO[bytes]:
    """A new file that nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _refused_rows(source: Source, refusals: Iterable[tuple[int, str]]) -> Iterator[tuple[list[str], str]]:
    """The cells of each refused row. Both come in the order of the file, so one pass over it is enough."""
    rows = source.rows()
    for line, reason in refusals:
        for number, cells in rows:
            if number == line:
                yield cells, reason
                break


def _cell(cells: list[str], index: int) -> str:
    """A cell as it was given; short rows end in empty ones."""
    return cells[index].replace(UNREADABLE, "") if index < len(cells) else ""


def _writer(source: Source, file: IO[bytes], *, columns: int) -> AbstractContextManager[_Writer]:
    return _csv_writer(file) if source.suffix == ".csv" else _sheet_writer(file, columns, source.epoch)


@contextmanager
def _csv_writer(file: IO[bytes]) -> Iterator[_Writer]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    yield csv_writer(text)
    text.flush()
    text.detach()


@contextmanager
def _sheet_writer(file: IO[bytes], columns: int, epoch: date) -> Iterator[_Writer]:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    # A number that stands for a date means the same day when the file is given in again.
    options["date_1904"] = epoch == EPOCH_OF_1904
    workbook = xlsxwriter.Workbook(file, options)
    sheet = workbook.add_worksheet("未通过的行")
    texts = TextCells(workbook, sheet)
    as_text = workbook.add_format({"num_format": "@", "quote_prefix": True})
    as_reason = workbook.add_format({"num_format": "@", "font_color": "#B3261E"})
    sheet.set_column(0, columns - 1, 18, as_text)
    sheet.freeze_panes(1, 0)
    at = 0

    def write(cells: list[str]) -> None:
        nonlocal at
        if at >= _ROWS_OF_A_SHEET:
            raise ValueError("more rows than a sheet has")
        for column, cell in enumerate(cells):
            look = as_reason if column == columns else as_text
            texts.write(at, column, cell, look)
        at += 1

    yield write
    workbook.close()
