"""How far the cells of a sheet reach that hold something, told from its XML before anything reads it.

Between its corners a sheet is held whole, empty cells and all: one blank in a far corner would be more memory than any
machine has. What a sheet says of its own dimension is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.spreadsheets.header import FileRefused, column_letters
from portal.spreadsheets.limits import Most

_TOO_WIDE = (
    "{0}的单元格{1}有内容（可能只是一个空格），超出可读取的{2}列（到{3}列为止）。请选中表格右侧的空白列，"
    "整列删除后保存，再重新上传。"
)
_TOO_LONG = (
    "{0}的单元格{1}有内容（可能只是一个空格），超出可读取的{2:,}行。请选中表格下方的空白行，整行删除后保存，"
    "再重新上传；行数确实更多的，请分成几个文件。"
)
_FAR_CORNER = (
    "{0}的单元格{1}有内容（可能只是一个空格），离表格太远，无法读取。请选中表格右侧和下方的空白行、列，"
    "整行、整列删除后保存，再重新上传。"
)
# Nearly all cells of nearly all programs: <c r="A1" …, up to column Z and row 999999. These are near.
_USUAL = b'<c r="'
_UNUSUAL = re.compile(rb"""<c r="(?![A-Z][0-9]{1,6}")([^"]{0,40})"((?:[^>"']|"[^"]*"|'[^']*')*)>(?!</c>)""")
_NEAR_COLUMNS = 26
_TAG = re.compile(rb"""<(?:[\w.-]+:)?(row|c)(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?c>")
_ATTRIBUTE = re.compile(rb"""([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_AS_A_PLACE = re.compile(r"([A-Za-z]{1,7})0*([0-9]{1,15})")


class Extent:
    """Takes in the pieces of one sheet; each piece ends with a cell. Raises FileRefused naming the first cell that is
    too far away.
    """

    def __init__(self, most: Most, sheet: str) -> None:
        self._most = most
        self._sheet = f"工作表“{sheet}”" if sheet else "工作表"
        self._columns = self._rows = 0
        # Where the last cell stood that did not say where it stands.
        self._row, self._column = 0, -1

    def note(self, piece: bytes) -> None:
        usual = piece.count(_USUAL)
        if usual == piece.count(b"<c") and b":c" not in piece and b":row" not in piece:
            if usual:
                self._columns = max(self._columns, _NEAR_COLUMNS)
                self._rows = max(self._rows, _last_row(piece))
            places = _unusual(piece)
        else:
            places = self._all(piece)
        for column, row in places:
            self._reaches(column, row)

    def _reaches(self, column: int, row: int) -> None:
        most, name = self._most, f"{column_letters(column)}{row}"
        if column >= most.columns:
            last = column_letters(most.columns - 1)
            raise FileRefused(_TOO_WIDE.format(self._sheet, name, most.columns, last))
        if row > most.rows:
            raise FileRefused(_TOO_LONG.format(self._sheet, name, most.rows))
        self._columns, self._rows = max(self._columns, column + 1), max(self._rows, row)
        if self._columns * self._rows > most.cells:
            raise FileRefused(_FAR_CORNER.format(self._sheet, name))

    def _all(self, piece: bytes) -> Iterator[tuple[int, int]]:
        """Of every cell of a piece that holds something, in whatever way it is written."""
        for tag in _TAG.finditer(piece):
            kind, attributes = tag[1], tag[2]
            said = _said(attributes)
            if kind == b"row":
                self._row = int(said) if said.isdigit() else self._row + 1
                self._column = -1
                continue
            if said:
                self._column, row = split(said.decode("ascii", "replace"))
            else:
                self._column, row = self._column + 1, max(self._row, 1)
            if not attributes.endswith(b"/") and not _CLOSED.match(piece, tag.end()):
                yield self._column, row


def _said(attributes: bytes) -> bytes:
    """Where a row or a cell says that it stands; nothing when it does not say."""
    for attribute in _ATTRIBUTE.finditer(attributes):
        if attribute[1] == b"r":
            return (attribute[2] or attribute[3] or b"").strip()[:40]
    return b""


def _unusual(piece: bytes) -> Iterator[tuple[int, int]]:
    """Of the cells of a piece of the usual kind those that are far away, or say where they are in another way."""
    for cell in _UNUSUAL.finditer(piece):
        if not cell[2].endswith(b"/"):
            yield split(cell[1].decode("ascii", "replace"))


def _last_row(piece: bytes) -> int:
    """The row of the last cell of a piece of the usual kind; those further away are noted one by one."""
    at = piece.rfind(_USUAL) + len(_USUAL)
    digits = re.match(rb"[A-Z]{1,3}([0-9]{1,6})\"", piece[at : at + 12])
    return int(digits[1]) if digits else 0


def split(place: str) -> tuple[int, int]:
    """(column index, row number) of a place like B12. FileRefused for what is none."""
    parts = _AS_A_PLACE.fullmatch(place)
    if parts is None or not int(parts[2]):
        raise FileRefused(
            f"工作表中有单元格的位置（{place[:20]}）无法识别。请在Excel中打开，另存后重新上传。"
        )
    index = 0
    for letter in parts[1].upper():
        index = index * 26 + ord(letter) - 64
    return index - 1, int(parts[2])
