"""Tables of web pages, which many systems give out as “.xls”: read piece by piece, so that what is held in memory does
not depend on their size.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.limits import MOST, Most
from portal.spreadsheets.rows import EXCEL_EPOCH, Row, first_filled
from portal.spreadsheets.text import is_encoded_as

_PIECE = 1 << 18
_LONGEST_CELL = 131_072
# What Excel and WPS understand of a span; more is a mistake or made to cost memory.
_MOST_ROWS_SPANNED = 65_536
_MOST_TABLES = 50
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]{1,30})""", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Encodings by the names that pages of here give them; of the others Python knows none that is wanted.
_ENCODINGS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8", "utf8": "utf-8"}
_NOT_SHOWN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|(?<!-)height\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE
)
_CELLS = {"td", "th"}
_UNSEEN = {"script", "style", "head", "title"}
_SPANNED = (
    "网页表格有合并单元格。请在Excel中取消合并，每行填写完整，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_NO_TABLE = "文件内容是网页，其中没有表格。请上传 .xlsx 或 .csv 文件。"
_TOO_LONG = (
    "网页表格第{}行有内容过长的单元格，不能读取。请在Excel中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
)
_TOO_WIDE = "网页表格第{}行超过{}列，不能读取。请删除多余的列后重新上传。"


class WebTable:
    """One table of a web page, counted as sheets of a workbook are: 表1, 表2. The first that holds two rows, unless a
    name is given.
    """

    # Rows that come back are put into a workbook, which keeps long numbers as they are.
    suffix = ".xlsx"
    epoch = EXCEL_EPOCH
    first = 0
    hidden: Collection[int]

    def __init__(
        self, path: Path, called: str, most: Most = MOST, *, sheet: str = "", fill_merged: bool = False
    ) -> None:
        self._path, self._most = path, most
        self._encoding = _encoding_of(path)
        rows, self.merged = self._look()
        if self.merged and not fill_merged:
            raise FileRefused(_SPANNED)
        self.sheets = [f"表{n}" for n in range(1, len(rows) + 1)]
        self._table = self._chosen(sheet, rows)
        self.sheet = self.sheets[self._table]
        self.at, self.labels = first_filled(row for row, _ in self._read())
        self.expected = max(rows[self._table] - self.at, 1)
        self.hidden = frozenset(
            number for (number, cells), is_hidden in self._read() if is_hidden and any(cells)
        )

    def _look(self) -> tuple[list[int], int]:
        """How many rows each table has, and how many cells reach over several of them."""
        rows: list[int] = []
        spans = 0
        for table, _, cells, _ in self._all():
            while len(rows) <= table:
                rows.append(0)
            rows[table] += 1
            spans += sum(cell.down > 1 for cell in cells)
        if not rows:
            raise FileRefused(_NO_TABLE)
        return rows, spans

    def _chosen(self, name: str, rows: Sequence[int]) -> int:
        if name:
            if name not in self.sheets:
                raise FileRefused(f"文件中没有“{name[:40]}”。可以选择：{'、'.join(self.sheets)}。")
            return self.sheets.index(name)
        return next((index for index, count in enumerate(rows) if count > 1), 0)

    def _all(self) -> Iterator[tuple[int, int, list[_Cell], bool]]:
        """(table, row, cells, whether it is hidden) of every row of every table."""
        parser = _Tables(self._most)
        decoder = codecs.getincrementaldecoder(self._encoding)(errors="replace")
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE):
                parser.feed(decoder.decode(piece))
                yield from parser.take()
        parser.feed(decoder.decode(b"", final=True))
        parser.close()
        yield from parser.take()

    def _read(self) -> Iterator[tuple[Row, bool]]:
        """The rows of the table, with what is written once for several of them in each."""
        spanning: dict[int, tuple[int, str]] = {}
        for table, number, cells, is_hidden in self._all():
            if table == self._table:
                yield (number, self._laid_out(number, cells, spanning)), is_hidden

    def _laid_out(self, number: int, cells: list[_Cell], spanning: dict[int, tuple[int, str]]) -> list[str]:
        row: list[str] = []
        for cell in cells:
            self._put_spanning(row, spanning)
            if cell.down > 1:
                spanning[len(row)] = (cell.down - 1, cell.text)
            row += [cell.text, *[""] * (cell.across - 1)]
            if len(row) > self._most.columns:
                raise FileRefused(_TOO_WIDE.format(number, self._most.columns))
        self._put_spanning(row, spanning)
        for index in sorted(spanning):
            left, text = spanning[index]
            if index >= len(row):
                row += [""] * (index + 1 - len(row))
                row[index], spanning[index] = text, (left - 1, text)
        for index in [index for index, (left, _) in spanning.items() if left <= 0]:
            del spanning[index]
        return row

    @staticmethod
    def _put_spanning(row: list[str], spanning: dict[int, tuple[int, str]]) -> None:
        """What reaches down from earlier rows into the place where the next cell would stand."""
        while (reaching := spanning.get(len(row))) is not None and reaching[0] > 0:
            left, text = reaching
            spanning[len(row)] = (left - 1, text)
            row.append(text)

    def rows(self) -> Iterator[Row]:
        for (number, cells), _ in self._read():
            if number > self.at and any(map(str.strip, cells)):
                yield number, cells


class _Cell:
    __slots__ = ("across", "down", "text")

    def __init__(self, down: int, across: int) -> None:
        self.text, self.down, self.across = "", down, across


class _Tables(HTMLParser):
    """Notes the rows of tables as they end."""

    def __init__(self, most: Most) -> None:
        super().__init__(convert_charrefs=True)
        self._most = most
        self._done: deque[tuple[int, int, list[_Cell], bool]] = deque()
        self._table, self._depth = -1, 0
        self._row = 0
        self._cells: list[_Cell] | None = None
        self._text: list[str] | None = None
        self._length = 0
        self._is_hidden = False
        self._unseen = 0

    def take(self) -> Iterator[tuple[int, int, list[_Cell], bool]]:
        while self._done:
            yield self._done.popleft()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._table, self._row = self._table + 1, 0
                if self._table >= _MOST_TABLES:
                    raise FileRefused(_NO_TABLE)
        elif self._depth == 1 and tag == "tr":
            self._end_row()
            self._row += 1
            said = dict(attributes)
            style = said.get("style") or ""
            self._cells, self._is_hidden = [], "hidden" in said or bool(_NOT_SHOWN.search(style))
        elif self._depth == 1 and tag in _CELLS and self._cells is not None:
            self._begin_cell(dict(attributes))
        elif tag in {"br", "p", "div"} and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in _CELLS:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._unseen:
            self._length += len(data)
            if self._length > _LONGEST_CELL:
                raise FileRefused(_TOO_LONG.format(self._row))
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _begin_cell(self, said: dict[str, str | None]) -> None:
        self._end_cell()
        assert self._cells is not None  # noqa: S101
        if len(self._cells) >= self._most.columns:
            raise FileRefused(_TOO_WIDE.format(self._row, self._most.columns))
        down = _span(said.get("rowspan"), _MOST_ROWS_SPANNED)
        self._cells.append(_Cell(down, _span(said.get("colspan"), self._most.columns)))
        self._text, self._length = [], 0

    def _end_cell(self) -> None:
        if self._text is not None and self._cells:
            self._cells[-1].text = " ".join("".join(self._text).split())
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells is not None:
            self._done.append((self._table, self._row, self._cells, self._is_hidden))
        self._cells = None


def _span(said: str | None, most: int) -> int:
    text = (said or "").strip()
    return max(1, min(int(text), most)) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _encoding_of(path: Path) -> str:
    """By the mark the page begins with, by what it says of itself, or by what fits all of it."""
    with path.open("rb") as file:
        beginning = file.read(4096)
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding
    said = _CHARSET.search(beginning)
    named = _ENCODINGS.get(said[1].decode("ascii", "replace").lower()) if said else None
    likely = [named] if named else []
    for encoding in [*likely, "utf-8", "gb18030"]:
        if is_encoded_as(encoding, path):
            return encoding
    raise FileRefused(
        "网页表格的文字编码无法识别。请在Excel中打开，另存为“Excel 工作簿（.xlsx）”后重新上传。"
    )
