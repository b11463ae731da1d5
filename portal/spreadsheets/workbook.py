"""Spreadsheets in Excel workbooks: values by calamine, and from the sheet's own XML what calamine passes over
in silence.

A formula that was never calculated, and a cell that shows an error, come out of calamine as empty cells.
Empty would mean "not stated", so these are found in the XML and named.
"""

from __future__ import annotations

import datetime
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from portal.spreadsheets.header import FileRefused, SheetForm, column_letters, read_header
from portal.spreadsheets.rows import EPOCH_OF_1904, EXCEL_EPOCH, UNREADABLE, Row, first_filled

# A sheet of a million full rows unpacks to about a gigabyte; a bomb to much more.
_MOST_UNPACKED = 2 << 30
_MOST_INDEX = 8 << 20
_PIECE = 4 << 20
_EXACT = 10**15
# A cell that holds something; one that ends in "/>" is empty and has no formula.
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb"""\br=["']([A-Z]+[0-9]+)["']""")
_WRONG = re.compile(rb"""\bt=["']e["']""")
# The result of a formula that gives an empty text: empty on purpose.
_TEXT = re.compile(rb"""\bt=["']str["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
# Without any of these a piece of a sheet holds neither a formula nor an error.
_SIGNS = (b"<f", b":f", b'="e"', b"='e'")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]")
_LONGEST_CELL = 16 << 20
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
# Without any of these no row of a piece is hidden.
_CONCEALING = (b'hidden="1"', b"hidden='1'", b'hidden="true"', b"hidden='true'", b'ht="0', b"ht='0")
_HIDDEN = re.compile(rb"""\b(?:hidden=["'](?:1|true)["']|ht=["']0(?:\.0*)?["'])""")
# Cells to the right of column Z; tables of people have none. Each begins with plain text, which is found fast.
_FAR_RIGHT = (re.compile(rb'r="([A-Z]{2,3}[0-9]{1,7})"'), re.compile(rb"r='([A-Z]{2,3}[0-9]{1,7})'"))
_COLUMNS_OF_ONE_LETTER = 26
# A million rows of thirty columns.
_MOST_CELLS = 1 << 25
# So many cells without a value are not named one by one.
_MANY = 2000
_MERGED_NAMED = 5

_NOT_A_WORKBOOK = (
    "文件不是Excel工作簿，或已损坏。请在Excel中打开核对，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_MANY_WITHOUT_VALUE = (
    "工作表有大量没有计算结果的公式或错误值。请在Excel中全选复制、“选择性粘贴—数值”，更正错误值后重新上传。"
)
_FAR_CORNER = (
    "工作表的单元格{0}有内容（可能只是一个空格），离表格太远，无法读取。请选中表格右侧和下方的空白行、列，"
    "整行、整列删除后保存，再重新上传。"
)
_TOO_LARGE = "工作簿过大，无法读取。请另存为“CSV UTF-8（逗号分隔）”后重新上传。"
# What the readers raise for archives and documents that are damaged, or that are something else;
# NotImplementedError is what zipfile raises for a way of packing it does not know.
_BROKEN = (
    zipfile.BadZipFile,
    CalamineError,
    ElementTree.ParseError,
    KeyError,
    ValueError,
    OSError,
    NotImplementedError,
    zlib.error,
)


def unpacked_size(path: Path) -> int:
    """How many bytes a workbook unpacks to. Raises FileRefused for what is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except _BROKEN as error:
        raise FileRefused(_NOT_A_WORKBOOK) from error


class Workbook:
    """The first visible sheet of an .xlsx file. The whole sheet is held in memory, as it is packed in the
    file.
    """

    suffix = ".xlsx"
    hidden: Collection[int]

    def __init__(self, path: Path, form: SheetForm) -> None:
        self.path = path
        if unpacked_size(path) > _MOST_UNPACKED:
            raise FileRefused(_TOO_LARGE)
        try:
            with zipfile.ZipFile(path) as archive:
                if "xl/workbook.xml" not in archive.namelist():
                    raise FileRefused(_NOT_A_WORKBOOK)
                workbook, index, name = _first_sheet(path)
                self._broken, concealed = _passed_over(archive, name)
                self._sheet = workbook.get_sheet_by_index(index)
                self.epoch = _epoch_of(archive)
        except PasswordError as error:
            raise FileRefused("工作簿设有密码。请取消密码后重新上传。") from error
        except _BROKEN as error:
            raise FileRefused(_NOT_A_WORKBOOK) from error
        if self._sheet.start is None:
            raise FileRefused(f"工作簿的第一张工作表是空的。请将{form.name}放在第一张工作表。")
        _refuse_merged_cells(self._sheet)
        self._first = self._sheet.start[1]
        self._skipped, labels = first_filled(self._records())
        self.header = read_header(labels, form, first=self._first)
        self.expected = max(self._sheet.total_height - self._skipped, 1)
        # Empty rows below the table are hidden often, and nobody misses them.
        self.hidden = (
            frozenset(number for number, _ in self.rows() if number in concealed) if concealed else ()
        )

    def _records(self) -> Iterator[Row]:
        broken, first = self._broken, self._first
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            texts = [cell if type(cell) is str else as_text(cell) for cell in cells]
            if number in broken:
                _mark_unreadable(texts, [column - first for column in broken[number]])
            yield number, texts

    def rows(self) -> Iterator[Row]:
        for number, cells in self._records():
            if number > self._skipped and any(cells) and any(map(str.strip, cells)):
                yield number, cells


def _mark_unreadable(texts: list[str], places: list[int]) -> None:
    """Sets these cells of a row to UNREADABLE; the row may be too short for them."""
    for place in places:
        if place >= 0:
            texts += [""] * (place + 1 - len(texts))
            texts[place] = UNREADABLE


def _refuse_merged_cells(sheet: CalamineSheet) -> None:
    """Raises FileRefused naming the first of them: nobody can tell which row a merged cell is about."""
    merged = sheet.merged_cell_ranges or []
    if not merged:
        return
    places = []
    for (top, left), (bottom, right) in merged[:_MERGED_NAMED]:
        places.append(f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}")
    raise FileRefused(
        f"工作表有合并单元格（{'、'.join(places)}{'等' if len(merged) > _MERGED_NAMED else ''}）。"
        "请取消合并，每行填写完整，删除表头上方的标题行，再重新上传。"
    )


def as_text(cell: Any) -> str:
    """A cell's value as a person would type it. A number with more than 15 digits has lost some: it stays in
    scientific form, and the check of the row says what to do about it.
    """
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float | int):
        if abs(cell) >= _EXACT:
            return f"{cell:.14E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ") if cell.time() != datetime.time() else cell.date().isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)


def _first_sheet(path: Path) -> tuple[CalamineWorkbook, int, str]:
    """The workbook, and the place and name of its first visible sheet, which is not read yet."""
    workbook = CalamineWorkbook.from_path(str(path))
    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return workbook, index, sheet.name
    raise FileRefused("工作簿中没有可读取的工作表。")


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The name of the XML part that holds a sheet. Raises StopIteration when there is none."""

    entries = _tree(archive, "xl/workbook.xml").iter()
    wanted = next(entry for entry in entries if entry.tag.endswith("}sheet") and entry.get("name") == sheet)
    key = next(value for name, value in wanted.items() if name.endswith("}id"))
    relations = _tree(archive, "xl/_rels/workbook.xml.rels")
    target = next(entry.get("Target", "") for entry in relations if entry.get("Id") == key)
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join("xl", target))


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > _MOST_INDEX:
        raise FileRefused(_NOT_A_WORKBOOK)
    # The size is checked, and expat limits how entities expand.
    return ElementTree.fromstring(archive.read(name))  # noqa: S314


def _epoch_of(archive: zipfile.ZipFile) -> date:
    """From which day the workbook counts: those that were begun on a Mac may count from 1904."""
    for entry in _tree(archive, "xl/workbook.xml").iter():
        if entry.tag.rpartition("}")[2] == "workbookPr":
            return EPOCH_OF_1904 if entry.get("date1904", "0").lower() in {"1", "true", "on"} else EXCEL_EPOCH
    return EXCEL_EPOCH


def _passed_over(archive: zipfile.ZipFile, sheet: str) -> tuple[dict[int, list[int]], set[int]]:
    """({row: [columns]} of cells whose formula has no value or gives an error, the rows that are not shown), read
    piece by piece. Raises FileRefused for a sheet that would be held in memory as mostly nothing.
    """
    try:
        name = _part_of(archive, sheet)
    except StopIteration as error:
        raise FileRefused(_NOT_A_WORKBOOK) from error
    broken: dict[int, list[int]] = {}
    concealed: set[int] = set()
    extent = _Extent()
    rest, count, row = b"", 0, 0
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            piece = rest + piece
            end = max(piece.rfind(b"</c>"), piece.rfind(b":c>"))
            piece, rest = piece[: end + 4], piece[end + 4 :]
            if len(rest) > _LONGEST_CELL:
                raise FileRefused(_NOT_A_WORKBOOK)
            count += _note_broken(piece, broken)
            row = _note_concealed(piece, row, concealed)
            extent.note(piece, row)
            if count > _MANY:
                raise FileRefused(_MANY_WITHOUT_VALUE)
    extent.note(rest, row)
    return broken, concealed


class _Extent:
    """How far the cells of a sheet reach. Between its corners a sheet is held whole, empty cells and all: one
    blank in a far corner would be more than any machine has.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._columns = _COLUMNS_OF_ONE_LETTER
        self._farthest = ""

    def note(self, piece: bytes, last_row: int) -> None:
        self._rows = max(self._rows, last_row)
        for found in chain.from_iterable(cells.finditer(piece) for cells in _FAR_RIGHT):
            place = found[1].decode()
            column, row = _split(place)
            self._rows = max(self._rows, row)
            if column >= self._columns:
                self._columns, self._farthest = column + 1, place
            if self._rows * self._columns > _MOST_CELLS:
                raise FileRefused(_FAR_CORNER.format(self._farthest or place))


def _note_concealed(piece: bytes, row: int, concealed: set[int]) -> int:
    """Notes the rows of a piece that are hidden, filtered away or of no height; the number of its last row."""
    if not any(mark in piece for mark in _CONCEALING):
        return _last_row(piece, row)
    for attributes in _ROW.findall(piece):
        number = _NUMBER.search(attributes)
        # A row without a number follows the one before it.
        row = int(number[1]) if number else row + 1
        if _HIDDEN.search(attributes):
            concealed.add(row)
    return row


def _last_row(piece: bytes, row: int) -> int:
    """The number of the last row that begins in a piece, where `row` was the last one before it."""
    numbered = _ROW.match(piece, max(piece.rfind(b"<row"), 0))
    number = _NUMBER.search(numbered[1]) if numbered else None
    return int(number[1]) if number else row + piece.count(b"<row ") + piece.count(b"<row>")


def _note_broken(piece: bytes, broken: dict[int, list[int]]) -> int:
    """Notes the cells without a value in a piece of a sheet; how many there are."""
    if not any(mark in piece for mark in _SIGNS):
        return 0
    count = 0
    for attributes, content in _CELL.findall(piece):
        unfinished = _FORMULA.search(content) and not _VALUE.search(content) and not _TEXT.search(attributes)
        if _WRONG.search(attributes) or unfinished:
            place = _PLACE.search(attributes)
            if place:
                column, row = _split(place[1].decode())
                broken.setdefault(row, []).append(column)
                count += 1
    return count


def _split(place: str) -> tuple[int, int]:
    """(column index, row number) of a place like B12."""
    name = place.rstrip("0123456789")
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - 64
    return index - 1, int(place[len(name) :])
