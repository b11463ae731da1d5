"""The empty form: as CSV its header alone, as a workbook also what to write into each column."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import Any

from portal.spreadsheets.formulas import TextCells, csv_writer
from portal.spreadsheets.header import SheetForm

_GUIDE = "填写说明"
_GUIDE_COLUMNS = (("列名", 20), ("必填", 8), ("填写要求", 70), ("示例", 40))
_HEAD = {"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": "@", "quote_prefix": True}


_NOTES = """请在“{}”工作表中填写，第一行表头不要改动；各列顺序可以调整，不能增加其他列。
隐藏的行和被筛选掉的行不导入，会连同原因退回。
不要使用合并单元格。"""
_NOTES_OF_FREE = """请在“{}”工作表中填写；各列顺序可以调整，可以有其他列，其他列不读入。
隐藏的行和被筛选掉的行，读入前请选择是否一并导入。
合并单元格的内容按其覆盖的每一行读取。"""


def template_csv(form: SheetForm) -> bytes:
    """The header alone, as Excel opens it without asking."""
    text = StringIO()
    csv_writer(text)(column.label for column in form.columns)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def template_xlsx(form: SheetForm) -> bytes:
    """The header, every column set to text; a second sheet explains the columns and shows how each is filled
    in.
    """
    import xlsxwriter

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        _write_form(workbook, form)
        _write_guide(workbook, form)
    return buffer.getvalue()


def _write_form(workbook: Any, form: SheetForm) -> None:
    """The sheet to fill in."""
    as_text = workbook.add_format({"num_format": "@"})
    head = workbook.add_format(_HEAD | {"text_wrap": True})
    needed = workbook.add_format(_HEAD | {"font_color": "#B3261E"})
    sheet = workbook.add_worksheet(form.name)
    texts = TextCells(workbook, sheet)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(form.columns):
        sheet.set_column(index, index, max(12, 2 * len(column.label) + 2), as_text)
        texts.write(0, index, column.label, needed if column.needed else head)


def _write_guide(workbook: Any, form: SheetForm) -> None:
    """The sheet that explains the columns, and below them the rules for the whole."""
    head = workbook.add_format(_HEAD | {"text_wrap": True})
    wrapped = workbook.add_format(
        {"text_wrap": True, "valign": "top", "border": 1, "num_format": "@", "quote_prefix": True}
    )
    sheet = workbook.add_worksheet(_GUIDE)
    texts = TextCells(workbook, sheet)
    for index, (title, width) in enumerate(_GUIDE_COLUMNS):
        sheet.set_column(index, index, width)
        texts.write(0, index, title, head)
    for row, column in enumerate(form.columns, start=1):
        cells = (column.label, "是" if column.needed else "", column.hint, column.example)
        for index, cell in enumerate(cells):
            texts.write(row, index, cell, wrapped)
    below = len(form.columns) + 2
    for row, note in enumerate(_notes(form), start=below):
        sheet.merge_range(row, 0, row, len(_GUIDE_COLUMNS) - 1, note)


def _notes(form: SheetForm) -> list[str]:
    return [
        *(_NOTES_OF_FREE if form.is_free else _NOTES).format(form.name).splitlines(),
        *form.notes,
        "公式请先“选择性粘贴—数值”。",
        "未通过的行会连同原因一并退回，更正后可直接再次上传。",
    ]
