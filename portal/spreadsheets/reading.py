"""Opens a spreadsheet and yields its rows as text, whatever kind of file it is.

The kind is told by the content, not the name.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Protocol, TextIO

from portal.spreadsheets.header import FileRefused, Header, SheetForm, read_header
from portal.spreadsheets.rows import EXCEL_EPOCH, Row, first_filled
from portal.spreadsheets.workbook import Workbook

_PIECE = 1 << 20
# Longer than any cell may be; csv would otherwise gather the rest of the file behind one stray quotation
# mark.
_LONGEST_CELL = 131_072
_HIDDEN_NAMED = 10

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
_WEB_PAGE = (
    "文件内容是网页（HTML）表格，不是Excel工作簿：一些系统导出的“.xls”就是这样的文件。"
    "请在Excel或WPS中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_XML_SHEET = (
    "文件内容是“XML 表格 2003”，不是Excel工作簿。"
    "请在Excel或WPS中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_MARKED_UP = re.compile(rb"(?:\xef\xbb\xbf|[\xff\xfe\s]|<!--.*?-->)*<[!?a-z]", re.DOTALL | re.IGNORECASE)
_MIME = re.compile(rb"\s*(?:mime-version|content-type)\s*:", re.IGNORECASE)
_BEGINNING = 4096
# The first line in which some programs say what stands between the cells.
_SAYS_DELIMITER = re.compile(r"""["']?sep *= *([^\r\n])["',;\t]*\s*""", re.IGNORECASE)
_NOT_A_SHEET = "文件不是表格。请上传 .xlsx 或 .csv 文件，可先下载模板填写。"


class Source(Protocol):
    """A spreadsheet that can be read from the beginning as often as needed."""

    suffix: str
    header: Header
    # How many rows there are, about: for the progress shown.
    expected: int
    # From which day its numbers of dates are counted.
    epoch: date
    # The rows with something in them that the sheet does not show.
    hidden: Collection[int]

    def rows(self) -> Iterator[Row]:
        """Each row below the header that is not empty. Raises FileRefused."""


def kind_of(path: Path) -> str:
    """ ".csv" or ".xlsx", by how the file begins. Raises FileRefused for what is known to be neither."""
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if not beginning:
        raise FileRefused("文件是空的。请填写后重新上传。")
    _refuse_web_page(beginning)
    for first_bytes, message in _KNOWN_BY_FIRST_BYTES:
        if beginning.startswith(first_bytes):
            raise FileRefused(message)
    return ".xlsx" if beginning.startswith(b"PK") else ".csv"


def _refuse_web_page(beginning: bytes) -> None:
    """FileRefused for a table of a web page, whatever the name of its file."""
    plain = beginning.replace(b"\0", b"").lower()
    if not _MARKED_UP.match(plain) and not _MIME.match(plain):
        return
    is_sheet = b"office:spreadsheet" in plain or b'progid="excel.sheet"' in plain
    raise FileRefused(_XML_SHEET if is_sheet and b"<html" not in plain else _WEB_PAGE)


def hidden_rows_in_words(source: Source) -> str:
    """What somebody is told about the rows that their sheet does not show; nothing when it shows all."""
    if not source.hidden:
        return ""
    first = sorted(source.hidden)[:_HIDDEN_NAMED]
    more = "等" if len(source.hidden) > _HIDDEN_NAMED else ""
    return (
        f"工作表中有{len(source.hidden)}行是隐藏的，或被筛选掉了（第{'、'.join(map(str, first))}行{more}）。"
        "这些行不导入，列在“未通过的行”中；确要导入的，请取消隐藏或筛选后重新上传。"
    )


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
    epoch = EXCEL_EPOCH
    hidden: Collection[int] = frozenset()

    def __init__(self, path: Path, form: SheetForm) -> None:
        self.path = path
        self.encoding, line_ends = _encoding_of(path)
        self._said, self.delimiter = self._delimiter()
        self._skipped, labels = first_filled(self._records())
        self.header = read_header(labels, form)
        self.expected = max(line_ends - self._skipped, 1)

    def _text(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="", errors="strict")

    def _delimiter(self) -> tuple[bool, str]:
        """(whether the first line is there to say it, what stands between the cells): what that line says,
        else what stands in the first line that is not empty.
        """
        with self._text() as file:
            first = next((line for line in file if line.strip()), "")
        if said := _SAYS_DELIMITER.fullmatch(first):
            return True, said[1]
        for mark in ",\t;":
            if mark in first:
                return False, mark
        return False, ","

    def _records(self) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        number = 0
        with self._text() as file:
            try:
                said = self._said
                for number, cells in enumerate(csv.reader(file, delimiter=self.delimiter), start=1):
                    if said and any(cells):
                        said = False
                    else:
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
