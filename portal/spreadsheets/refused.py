"""The refused rows of a spreadsheet go back as the same kind of file, with the reason for each."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

from portal import memory_files
from portal.spreadsheets.formulas import TextCells, csv_writer
from portal.spreadsheets.header import ERROR_LABEL
from portal.spreadsheets.reading import Source
from portal.spreadsheets.rows import EPOCH_OF_1904, UNREADABLE

_ROWS_OF_A_SHEET = 1_048_576
# Writes one row of cells.
_Writer = Callable[[list[str]], Any]


def write_refused(file: IO[bytes], source: Source, refusals: Iterable[tuple[int, str]]) -> int:
    """Write the refused rows as a file of the source's kind with a column 错误. The number of rows written.

    `refusals` are (row number, reason) in the order of the file. Neither the file nor the refusals are held
    in memory.
    """
    labels = source.header.labels
    kept = [index for index, label in enumerate(labels) if label != ERROR_LABEL]
    count = 0
    with _writer(source, file, columns=len(kept)) as write:
        write([labels[index] for index in kept] + [ERROR_LABEL])
        for cells, reason in _refused_rows(source, refusals):
            write([_cell(cells, index) for index in kept] + [reason])
            count += 1
    return count


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that nobody else may read. It appears when it is complete."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
    draft.replace(path)


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

    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    # A number that stands for a date means the same day when the file is given in again.
    options["date_1904"] = epoch == EPOCH_OF_1904
    with memory_files.scratch() as folder:
        workbook = xlsxwriter.Workbook(file, options | {"tmpdir": folder})
        yield _rows_into(workbook, columns)
        workbook.close()


def _rows_into(workbook: Any, columns: int) -> _Writer:
    """Writes rows into a sheet of the workbook, one after the other."""
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

    return write
