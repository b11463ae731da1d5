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
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from portal.spreadsheets.archive import NOT_A_WORKBOOK, check_archive, check_xml, tree
from portal.spreadsheets.extent import Extent, split
from portal.spreadsheets.header import FileRefused, column_letters
from portal.spreadsheets.limits import MOST, Most
from portal.spreadsheets.merged import Merged, Range, as_merged
from portal.spreadsheets.rows import EPOCH_OF_1904, EXCEL_EPOCH, UNREADABLE, Row, first_filled

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
# What stands there is about the document, in whatever encoding.
_NO_SHEETS = ("docprops/", "customxml/")
# So many cells without a value are not named one by one.
_MANY = 2000
_MERGED_NAMED = 5
_SHEETS_NAMED = 20
_EMPTY_FIRST = "工作簿的第一张工作表是空的。请将{}放在第一张工作表。"
_EMPTY = "工作表“{}”是空的，请选择另一张。"

_MANY_WITHOUT_VALUE = (
    "工作表有大量没有计算结果的公式或错误值。请在Excel中全选复制、“选择性粘贴—数值”，更正错误值后重新上传。"
)
_MANY_TEXTS = (
    "工作簿中的文字多得异常，不能读取。请在Excel中新建工作簿，只把表格内容复制过去，保存后重新上传。"
)
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


class Workbook:
    """One visible sheet of an .xlsx file: the one of a name, else the first. The whole sheet is held in memory, as it
    is packed in the file: only `portal.spreadsheets.process` makes one.
    """

    suffix = ".xlsx"
    hidden: Collection[int]

    def __init__(
        self, path: Path, called: str, most: Most = MOST, *, sheet: str = "", fill_merged: bool = False
    ) -> None:
        try:
            check_archive(path, most)
            with zipfile.ZipFile(path) as archive:
                _count_texts(archive, most)
                workbook, visible = _visible_sheets(path)
                self.sheets = [name for _, name in visible]
                index, self.sheet = _chosen(visible, sheet)
                self._broken, concealed = _passed_over(archive, self.sheet, most)
                self._sheet = workbook.get_sheet_by_index(index)
                self.epoch = _epoch_of(archive)
        except PasswordError as error:
            raise FileRefused("工作簿设有密码。请取消密码后重新上传。") from error
        except _BROKEN as error:
            raise FileRefused(NOT_A_WORKBOOK) from error
        if self._sheet.start is None:
            raise FileRefused(_EMPTY.format(sheet) if sheet else _EMPTY_FIRST.format(called))
        self.first = self._sheet.start[1]
        merged = self._sheet.merged_cell_ranges or []
        if merged and not fill_merged:
            _refuse_merged_cells(merged)
        self.merged = len(merged)
        self._merged = as_merged(merged, self.first)
        self.at, self.labels = first_filled(self._records())
        # The sheet counts its rows from 0.
        self.expected = max(self._sheet.total_height + 1 - self.at, 1)
        # Empty rows below the table are hidden often, and nobody misses them.
        self.hidden = (
            frozenset(number for number, _ in self.rows() if number in concealed) if concealed else ()
        )

    def _records(self) -> Iterator[Row]:
        broken, first = self._broken, self.first
        merged = Merged(self._merged) if self._merged else None
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            texts = [cell if type(cell) is str else as_text(cell) for cell in cells]
            if number in broken:
                _mark_unreadable(texts, [column - first for column in broken[number]])
            if merged is not None:
                merged.fill(number, texts)
            yield number, texts

    def rows(self) -> Iterator[Row]:
        for number, cells in self._records():
            if number > self.at and any(cells) and any(map(str.strip, cells)):
                yield number, cells


def _mark_unreadable(texts: list[str], places: list[int]) -> None:
    """Sets these cells of a row to UNREADABLE; the row may be too short for them."""
    for place in places:
        if place >= 0:
            texts += [""] * (place + 1 - len(texts))
            texts[place] = UNREADABLE


def _refuse_merged_cells(merged: Sequence[Range]) -> None:
    """Raises FileRefused naming the first of them: nobody can tell which row a merged cell is about."""
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


def _visible_sheets(path: Path) -> tuple[CalamineWorkbook, list[tuple[int, str]]]:
    """The workbook, and the place and name of each of its sheets that is shown; none is read yet."""
    workbook = CalamineWorkbook.from_path(str(path))
    visible = [
        (index, sheet.name)
        for index, sheet in enumerate(workbook.sheets_metadata)
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if not visible:
        raise FileRefused("工作簿中没有可读取的工作表。")
    return workbook, visible


def _chosen(visible: Sequence[tuple[int, str]], name: str) -> tuple[int, str]:
    """The sheet of a name; the first one where none is asked for. FileRefused naming those there are."""
    if not name:
        return visible[0]
    for one in visible:
        if one[1].strip() == name.strip():
            return one
    there = "、".join(f"“{called}”" for _, called in visible[:_SHEETS_NAMED])
    raise FileRefused(f"工作簿中没有名为“{name[:40]}”的工作表。可以选择：{there}。")


def _parts_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """{name of a sheet: name of the XML part that holds it}."""
    relations = {
        entry.get("Id", ""): entry.get("Target", "") for entry in tree(archive, "xl/_rels/workbook.xml.rels")
    }
    parts: dict[str, str] = {}
    for entry in tree(archive, "xl/workbook.xml").iter():
        if entry.tag.endswith("}sheet"):
            key = next((value for name, value in entry.items() if name.endswith("}id")), "")
            target = relations.get(key, "")
            inside = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            parts.setdefault(entry.get("name", ""), posixpath.normpath(inside))
    return parts


def _epoch_of(archive: zipfile.ZipFile) -> date:
    """From which day the workbook counts: those that were begun on a Mac may count from 1904."""
    for entry in tree(archive, "xl/workbook.xml").iter():
        if entry.tag.rpartition("}")[2] == "workbookPr":
            return EPOCH_OF_1904 if entry.get("date1904", "0").lower() in {"1", "true", "on"} else EXCEL_EPOCH
    return EXCEL_EPOCH


def _passed_over(archive: zipfile.ZipFile, sheet: str, most: Most) -> tuple[dict[int, list[int]], set[int]]:
    """({row: [columns]} of cells whose formula has no value or gives an error, the rows that are not shown) of one
    sheet. Every sheet is gone through: FileRefused for one that would be held in memory as mostly nothing.
    """
    parts = _parts_of(archive)
    if parts.get(sheet) not in archive.namelist():
        raise FileRefused(NOT_A_WORKBOOK)
    names = {part: name for name, part in parts.items()}
    broken: dict[int, list[int]] = {}
    concealed: set[int] = set()
    for name in archive.namelist():
        if name in names or not name.lower().startswith(_NO_SHEETS):
            is_read = name == parts[sheet]
            extent, row = Extent(most, "" if is_read else names.get(name, "")), 0
            for piece in _pieces(archive, name):
                extent.note(piece)
                if is_read:
                    row = _note_concealed(piece, row, concealed)
                    _note_broken(piece, broken)
    return broken, concealed


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The XML of a part in pieces that each end with a cell or before a row; nothing of what is no XML."""
    rest, is_first = b"", True
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            if is_first:
                is_first = False
                if not piece.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
                    return
                check_xml(piece)
            piece = rest + piece
            end = max(piece.rfind(b"</c>"), piece.rfind(b":c>")) + 4
            if end < 4:
                end = max(piece.rfind(b"<row"), 0)
            piece, rest = piece[:end], piece[end:]
            if len(rest) > _LONGEST_CELL:
                raise FileRefused(NOT_A_WORKBOOK)
            if piece:
                yield piece
    if rest:
        yield rest


def _count_texts(archive: zipfile.ZipFile, most: Most) -> None:
    """FileRefused when the texts that the cells share are too many: all of them are held at once."""
    for part in archive.infolist():
        if not part.filename.lower().endswith("sharedstrings.xml"):
            continue
        if part.file_size > most.unpacked_texts:
            raise FileRefused(_MANY_TEXTS)
        count, is_first = 0, True
        with archive.open(part) as file:
            while piece := file.read(_PIECE):
                if is_first:
                    check_xml(piece)
                is_first = False
                count += piece.count(b"<si") + piece.count(b":si")
                if count > most.texts:
                    raise FileRefused(_MANY_TEXTS)


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


def _note_broken(piece: bytes, broken: dict[int, list[int]]) -> None:
    """Notes the cells without a value in a piece of a sheet. FileRefused when they are too many to be named."""
    if not any(mark in piece for mark in _SIGNS):
        return
    for attributes, content in _CELL.findall(piece):
        unfinished = _FORMULA.search(content) and not _VALUE.search(content) and not _TEXT.search(attributes)
        if _WRONG.search(attributes) or unfinished:
            place = _PLACE.search(attributes)
            if place:
                column, row = split(place[1].decode())
                broken.setdefault(row, []).append(column)
    if sum(map(len, broken.values())) > _MANY:
        raise FileRefused(_MANY_WITHOUT_VALUE)
