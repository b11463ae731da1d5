"""Opens a spreadsheet and yields its rows as text, whatever kind of file it is.

The kind is told by the content, not the name.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TextIO

from portal.spreadsheets.header import FileRefused, Header, SheetForm, read_header
from portal.spreadsheets.rows import Row, first_filled
from portal.spreadsheets.workbook import Workbook

_PIECE = 1 << 20
# Longer than any cell may be; csv would otherwise gather the rest of the file behind one stray quotation
# mark.
_LONGEST_CELL = 131_072

_OLD_WORKBOOK = (
    "文件是旧版Excel（.xls）或设有密码。"
    "请在Excel中打开后另存为“Excel 工作簿（.xlsx）”，并取消密码，再重新上传。"
)
_PDF = "文件是PDF，不是表格。请上传 .xlsx 或 .csv 文件。"
_PICTURE = "文件是图片，不是表格。请上传 .xlsx 或 .csv 文件。"
_UTF16 = "文件采用UTF-16编码。请在Excel中另存为“CSV UTF-8（逗号分隔）”或“Excel 工作簿（.xlsx）”，再重新上传。"
_KNOWN_BY_FIRST_BYTES = (
    (b"\xd0\xcf\x11\xe0", _OLD_WORKBOOK),
    (b"%PDF", _PDF),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
)
_NOT_A_SHEET = "文件不是表格。请上传 .xlsx 或 .csv 文件，可先下载模板填写。"


class Source(Protocol):
    """A spreadsheet that can be read from the beginning as often as needed."""

    suffix: str
    header: Header
    # How many rows there are, about: for the progress shown.
    expected: int

    def rows(self) -> Iterator[Row]:
        """Each row below the header that is not empty. Raises FileRefused."""


def kind_of(path: Path) -> str:
    """ ".csv" or ".xlsx", by how the file begins. Raises FileRefused for what is known to be neither."""
    with path.open("rb") as file:
        beginning = file.read(8)
    if not beginning:
        raise FileRefused("文件是空的。请填写后重新上传。")
    for first_bytes, message in _KNOWN_BY_FIRST_BYTES:
        if beginning.startswith(first_bytes):
            raise FileRefused(message)
    return ".xlsx" if beginning.startswith(b"PK") else ".csv"


def open_spreadsheet(path: Path, form: SheetForm) -> Source:
    """The spreadsheet in a file. Raises FileRefused with what is wrong and what to do about it, OSError when
    there is no file.
    """
    if kind_of(path) == ".xlsx":
        return Workbook(path, form)
    return CommaSeparated(path, form)


class CommaSeparated:
    """A text file, read row by row: what is held in memory does not depend on its size."""

    suffix = ".csv"

    def __init__(self, path: Path, form: SheetForm) -> None:
        self.path = path
        self.encoding, line_ends = _encoding_of(path)
        self.delimiter = self._delimiter()
        self._skipped, labels = first_filled(self._records())
        self.header = read_header(labels, form)
        self.expected = max(line_ends - self._skipped, 1)

    def _text(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="", errors="strict")

    def _delimiter(self) -> str:
        """What stands between the cells of the first line that is not empty."""
        with self._text() as file:
            first = next((line for line in file if line.strip()), "")
        for mark in ",\t;":
            if mark in first:
                return mark
        return ","

    def _records(self) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        number = 0
        with self._text() as file:
            try:
                for number, cells in enumerate(csv.reader(file, delimiter=self.delimiter), start=1):
                    yield number, cells
            except csv.Error as error:
                raise FileRefused(
                    f"第{number + 1}行附近无法读取，可能有未成对的引号。"
                    "请在Excel中打开核对，另存为“CSV UTF-8（逗号分隔）”后重新上传。"
                ) from error

    def rows(self) -> Iterator[Row]:
        for number, cells in self._records():
            if number > self._skipped and any(cells) and any(map(str.strip, cells)):
                yield number, cells


def _encoding_of(path: Path) -> tuple[str, int]:
    """(encoding, number of line ends). UTF-8, with or without its mark, or else GB18030; the whole file must
    be one of them.
    """
    line_ends = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if b"\0" in piece:
                raise FileRefused(_NOT_A_SHEET)
            line_ends += piece.count(b"\n") or piece.count(b"\r")
    for encoding in ("utf-8-sig", "gb18030"):
        if _is_encoded_as(encoding, path):
            return encoding, line_ends
    raise FileRefused(
        "文件既不是UTF-8编码也不是GB18030编码，或已损坏。请在Excel中另存为“CSV UTF-8（逗号分隔）”后重新上传。"
    )


def _is_encoded_as(encoding: str, path: Path) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
