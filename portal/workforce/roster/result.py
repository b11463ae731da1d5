"""Files that go back to people: the refused rows with the reason for each, and the template."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from portal.workforce.roster.columns import COLUMNS, ERROR_LABEL
from portal.workforce.roster.reading import Source
from portal.workforce.roster.workbook import UNREADABLE

# A cell of a CSV that begins like this is a formula to a spreadsheet; the ' in front makes it a text, and
# reading drops it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_OF_A_SHEET = 1_048_576


def _private(path: Path) -> IO[bytes]:
    """A new file that nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def write_refused(path: Path, source: Source, refusals: Iterable[tuple[int, str]]) -> int:
    """Write the refused rows as a file of the source's kind with a column 错误. The number of rows written.

    Neither the file nor the refusals are held in memory. The file appears when it is complete.
    """
    keep = [index for index, label in enumerate(source.header.labels) if label != ERROR_LABEL]
    labels = [source.header.labels[index] for index in keep] + [ERROR_LABEL]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    count = 0
    with _private(draft) as file:
        write, close = (_csv_writer if source.suffix == ".csv" else _sheet_writer)(file)
        write(labels)
        for cells, message in _refused(source, refusals):
            write(
                [cells[index].replace(UNREADABLE, "") if index < len(cells) else "" for index in keep]
                + [message]
            )
            count += 1
        close()
    draft.replace(path)
    return count


def _refused(source: Source, refusals: Iterable[tuple[int, str]]) -> Iterator[tuple[list[str], str]]:
    """The cells of each refused row. Both come in the order of the file, so one pass over it is enough."""
    rows = source.rows()
    for line, message in refusals:
        for number, cells in rows:
            if number == line:
                yield cells, message
                break


def _csv_writer(file: IO[bytes]) -> tuple[Any, Any]:
    import io

    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")

    def write(cells: list[str]) -> None:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])

    def close() -> None:
        text.flush()
        text.detach()

    return write, close


def _sheet_writer(file: IO[bytes]) -> tuple[Any, Any]:
    workbook = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = workbook.add_worksheet("未通过的行")
    as_text = workbook.add_format({"num_format": "@"})
    reason = workbook.add_format({"num_format": "@", "font_color": "#B3261E"})
    sheet.set_column(0, 13, 18, as_text)
    sheet.freeze_panes(1, 0)
    at = 0

    def write(cells: list[str]) -> None:
        nonlocal at
        if at >= _ROWS_OF_A_SHEET:
            raise ValueError("more rows than a sheet has")
        for column, cell in enumerate(cells):
            # write_string: write() would make a formula of a text that looks like one.
            sheet.write_string(at, column, cell[:32_767], reason if column == len(cells) - 1 else as_text)
        at += 1

    return write, workbook.close


def template_csv() -> bytes:
    """The header alone, as Excel opens it without asking."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([column.label for column in COLUMNS])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def template_xlsx() -> bytes:
    """The header, every column set to text; a second sheet explains the columns and shows how each is filled
    in.
    """
    buffer = BytesIO()
    workbook = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    as_text = workbook.add_format({"num_format": "@"})
    head = workbook.add_format(
        {"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": "@", "text_wrap": True}
    )
    needed = workbook.add_format(
        {"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": "@", "font_color": "#B3261E"}
    )
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top", "border": 1, "num_format": "@"})
    sheet = workbook.add_worksheet("花名册")
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(COLUMNS):
        sheet.set_column(index, index, max(12, 2 * len(column.label) + 2), as_text)
        sheet.write_string(0, index, column.label, needed if column.needed else head)
    guide = workbook.add_worksheet("填写说明")
    guide.set_column(0, 0, 20)
    guide.set_column(1, 1, 8)
    guide.set_column(2, 2, 70)
    guide.set_column(3, 3, 40)
    for index, title in enumerate(("列名", "必填", "填写要求", "示例")):
        guide.write_string(0, index, title, head)
    for row, column in enumerate(COLUMNS, start=1):
        for index, cell in enumerate(
            (column.label, "是" if column.needed else "", column.hint, column.example)
        ):
            guide.write_string(row, index, cell, wrapped)
    notes = (
        "请在“花名册”工作表中填写，第一行表头不要改动；各列顺序可以调整，不能增加其他列。",
        "空白单元格表示“未说明”，不会清除已登记的内容；同一文件重复导入不会改变任何内容。",
        "不要使用合并单元格；公式请先“选择性粘贴—数值”。",
        "未通过的行会连同原因一并退回，更正后可直接再次上传。",
    )
    for offset, note in enumerate(notes):
        guide.merge_range(len(COLUMNS) + 2 + offset, 0, len(COLUMNS) + 2 + offset, 3, note)
    workbook.close()
    return buffer.getvalue()
