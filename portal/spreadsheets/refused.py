"""The refused rows of a spreadsheet go back as the same kind of file, with the reason for each."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any

from portal import memory_files
from portal.spreadsheets.formulas import TextCells, csv_writer
from portal.spreadsheets.header import ERROR_LABEL, LINE_LABEL
from portal.spreadsheets.layout import Labels
from portal.spreadsheets.reading import Source
from portal.spreadsheets.rows import EPOCH_OF_1904, UNREADABLE

_ROWS_OF_A_SHEET = 1_048_576
# Writes one row of cells; those of the second are marked.
_Writer = Callable[[list[str], Collection[int]], Any]
# (line, reason), and the keys of the faulty columns, joined with commas, where they are known.
Refused = tuple[int, str] | tuple[int, str, str]


def write_refused(file: IO[bytes], source: Source, refusals: Iterable[Refused]) -> int:
    """Write the refused rows as a file of the source's kind with a column 错误. The number of rows written.

    `refusals` come in the order of the file. Neither the file nor the refusals are held in memory. What comes back of
    a free form can be given in again as it is: it says by itself what was chosen for it, and which line it was.
    """
    columns = _columns(source)
    at = {key: place for place, (_, key, _) in enumerate(columns) if key}
    count = 0
    with _writer(source, file, columns=len(columns)) as write:
        write([label for label, _, _ in columns] + [ERROR_LABEL], ())
        for line, cells, reason, faulty in _refused_rows(source, refusals):
            row = [take(line, cells) for _, _, take in columns]
            write([*row, reason], [at[key] for key in faulty.split(",") if key in at])
            count += 1
    return count


# (label, key or "", what stands there)
_Column = tuple[str, str, Callable[[int, list[str]], str]]


def _columns(source: Source) -> list[_Column]:
    """The columns of what comes back, as they stood, but for the reasons of an earlier time."""
    header, form = source.header, source.form
    key_at = {index: key for key, index in header.at.items()}
    left_out = {ERROR_LABEL, LINE_LABEL} if form.is_free else {ERROR_LABEL}
    columns: list[_Column] = []
    for index, label in enumerate(header.labels):
        if label not in left_out:
            key = key_at.get(index, "")
            columns.append((_label_again(label, key, source), key, partial(_given, index)))
    if form.is_free:
        labels = Labels(form, {})
        columns += [
            (header.called[key], key, partial(_same, text))
            for key, text in source.fixed.items()
            if labels.key_of(header.called[key]) == key
        ]
        before = header.labels.index(LINE_LABEL) if LINE_LABEL in header.labels else None
        columns.append((LINE_LABEL, "", partial(_line, before)))
    return columns


def _label_again(label: str, key: str, source: Source) -> str:
    """The label under which a column of a free form is understood the next time as it was this time; behind it in
    brackets what the file called it.
    """
    if not source.form.is_free:
        return label
    understood = Labels(source.form, {}).key_of(label) if label else ""
    if understood == key:
        return label
    if not key:
        return f"（未读入）{label}"
    called = source.header.called[key]
    return f"{called}（{label}）" if label else called


def named_in_brackets(label: str) -> str:
    """What a column that came back was called in the file; "" where it kept its name."""
    return label.partition("（")[2].removesuffix("）")


def _given(index: int, line: int, cells: list[str]) -> str:
    return _cell(cells, index)


def _same(text: str, line: int, cells: list[str]) -> str:
    return text


def _line(before: int | None, line: int, cells: list[str]) -> str:
    """The line in the file that was given in first."""
    return (_cell(cells, before) if before is not None else "") or str(line)


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that nobody else may read. It appears when it is complete."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
    draft.replace(path)


def _refused_rows(source: Source, refusals: Iterable[Refused]) -> Iterator[tuple[int, list[str], str, str]]:
    """(line, cells, reason, faulty columns) of each refused row. Both come in the order of the file, so one pass over
    it is enough.
    """
    rows = source.rows()
    for line, reason, *faulty in refusals:
        for number, cells in rows:
            if number == line:
                yield line, cells, reason, faulty[0] if faulty else ""
                break


def _cell(cells: list[str], index: int) -> str:
    """A cell as it was given; short rows end in empty ones."""
    return cells[index].replace(UNREADABLE, "") if index < len(cells) else ""


def _writer(source: Source, file: IO[bytes], *, columns: int) -> AbstractContextManager[_Writer]:
    return _csv_writer(file) if source.suffix == ".csv" else _sheet_writer(file, columns, source.epoch)


@contextmanager
def _csv_writer(file: IO[bytes]) -> Iterator[_Writer]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    write = csv_writer(text)
    yield lambda cells, faulty: write(cells)
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
    as_faulty = workbook.add_format({"num_format": "@", "quote_prefix": True, "bg_color": "#FADBD8"})
    sheet.set_column(0, columns - 1, 18, as_text)
    sheet.freeze_panes(1, 0)
    at = 0

    def write(cells: list[str], faulty: Collection[int]) -> None:
        nonlocal at
        if at >= _ROWS_OF_A_SHEET:
            raise ValueError("more rows than a sheet has")
        for column, cell in enumerate(cells):
            look = as_reason if column == columns else as_faulty if column in faulty else as_text
            texts.write(at, column, cell, look)
        at += 1

    return write
