"""Opens a roster and yields its rows as text, whatever kind of file it is; the kind is told by the content,
not the name.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from portal.workforce.roster.columns import FileRefused, Header, read_header

Row = tuple[int, list[str]]
_PIECE = 1 << 20
# Longer than any cell may be; csv would otherwise gather the rest of the file behind one stray quotation
# mark.
_LONGEST_CELL = 131_072

_KNOWN_BY_FIRST_BYTES = (
    (
        b"\xd0\xcf\x11\xe0",
        "文件是旧版Excel（.xls）或设有密码。请在Excel中打开后另存为“Excel 工作簿（.xlsx）”，并取消密码，再重新上传。",
    ),
    (b"%PDF", "文件是PDF，不是表格。请上传 .xlsx 或 .csv 文件。"),
    (b"\x89PNG", "文件是图片，不是表格。请上传 .xlsx 或 .csv 文件。"),
    (b"\xff\xd8\xff", "文件是图片，不是表格。请上传 .xlsx 或 .csv 文件。"),
    (
        b"\xff\xfe",
        "文件采用UTF-16编码。请在Excel中另存为“CSV UTF-8（逗号分隔）”或“Excel 工作簿（.xlsx）”，再重新上传。",
    ),
    (
        b"\xfe\xff",
        "文件采用UTF-16编码。请在Excel中另存为“CSV UTF-8（逗号分隔）”或“Excel 工作簿（.xlsx）”，再重新上传。",
    ),
)
_NOT_A_SHEET = "文件不是表格。请上传 .xlsx 或 .csv 文件，可先下载模板填写。"


class Source(Protocol):
    """A roster that can be read from the beginning as often as needed."""

    suffix: str
    header: Header
    # How many rows there are, about: for the progress shown.
    expected: int

    def rows(self) -> Iterator[Row]:
        """(row number as a spreadsheet shows it, cells) for each row that is not empty. Raises FileRefused."""


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


def open_roster(path: Path) -> Source:
    """The roster in a file. Raises FileRefused with what is wrong and what to do about it, OSError when there
    is no file.
    """
    if kind_of(path) == ".xlsx":
        from portal.workforce.roster.workbook import Workbook

        return Workbook(path)
    return CommaSeparated(path)


class CommaSeparated:
    """A text file, read row by row: what is held in memory does not depend on its size."""

    suffix = ".csv"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding, self.expected = _encoding_of(path)
        self.delimiter = ","
        with self._text() as file:
            first = next((line for line in file if line.strip()), "")
        if "," not in first:
            self.delimiter = next((mark for mark in "\t;" if mark in first), ",")
        self._skipped, header = next(
            (record for record in self._records() if any(map(str.strip, record[1]))), (0, [])
        )
        self.header = read_header(header)
        self.expected = max(self.expected - self._skipped, 1)

    def _text(self):
        return self.path.open(encoding=self.encoding, newline="", errors="strict")

    def _records(self) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        number = 0
        with self._text() as file:
            try:
                for number, cells in enumerate(csv.reader(file, delimiter=self.delimiter), start=1):
                    yield number, cells
            except csv.Error as error:
                raise FileRefused(
                    f"第{number + 1}行附近无法读取，可能有未成对的引号。请在Excel中打开核对，另存为“CSV UTF-8（逗号分隔）”后重新上传。"
                ) from error

    def rows(self) -> Iterator[Row]:
        records = self._records()
        for number, cells in records:
            if number > self._skipped and any(cells) and any(map(str.strip, cells)):
                yield number, cells


def _encoding_of(path: Path) -> tuple[str, int]:
    """(encoding, number of line ends). UTF-8, with or without its mark, or else GB18030; the whole file must
    be one of them.
    """
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    lines, is_utf8 = 0, True
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if b"\0" in piece:
                raise FileRefused(_NOT_A_SHEET)
            lines += piece.count(b"\n") or piece.count(b"\r")
            if is_utf8:
                try:
                    utf8.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
        if is_utf8:
            try:
                utf8.decode(b"", final=True)
                return "utf-8-sig", lines
            except UnicodeDecodeError:
                pass
        gb = codecs.getincrementaldecoder("gb18030")()
        file.seek(0)
        try:
            while piece := file.read(_PIECE):
                gb.decode(piece)
            gb.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise FileRefused(
                "文件既不是UTF-8编码也不是GB18030编码，或已损坏。请在Excel中另存为“CSV UTF-8（逗号分隔）”后重新上传。"
            ) from error
    return "gb18030", lines
