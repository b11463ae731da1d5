"""Spreadsheets in text files, row by row: what is held in memory does not depend on their size."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.limits import MOST, Most
from portal.spreadsheets.rows import EXCEL_EPOCH, Row, first_filled

NOT_A_SHEET = "文件不是表格。请上传 .xlsx 或 .csv 文件，可先下载模板填写。"
_PIECE = 1 << 20
_MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Longer than any cell may be; csv would otherwise gather the rest of the file behind one stray quotation
# mark.
_LONGEST_CELL = 131_072
# So many of the first lines tell what stands between the cells.
_LOOKED_AT = 30
_QUOTED = re.compile(r'"[^"]*"')
# The first line in which some programs say it.
_SAYS_DELIMITER = re.compile(r"""["']?sep *= *([^\r\n])["',;\t]*\s*""", re.IGNORECASE)


class CommaSeparated:
    """A text file, read row by row: what is held in memory does not depend on its size."""

    suffix = ".csv"
    epoch = EXCEL_EPOCH
    hidden: Collection[int] = frozenset()
    # A text is one sheet, in which nothing is merged.
    sheets: Sequence[str] = ()
    sheet = ""
    merged = 0

    first = 0

    def __init__(self, path: Path, most: Most = MOST) -> None:
        self.path = path
        self._most = most
        self.encoding, lines = _encoding_of(path)
        self._said, self.delimiter = self._delimiter()
        self.at, self.labels = first_filled(self._records())
        self.expected = max(lines - self.at, 1)

    def _text(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="", errors="strict")

    def _delimiter(self) -> tuple[bool, str]:
        """(whether the first line is there to say it, what stands between the cells): what that line says, else what
        stands most often in one of the first lines. A line above the header may hold none.
        """
        with self._text() as file:
            filled = (line for line in _Lines(file, self._most, each=True) if line.strip())
            lines: list[str] = []
            # A line that is too long is told of when the rows are read.
            with suppress(_TooLong):
                lines.extend(islice(filled, _LOOKED_AT))
        if lines and (said := _SAYS_DELIMITER.fullmatch(lines[0])):
            return True, said[1]
        plain = [_QUOTED.sub("", line) for line in lines]
        most, best = 0, ","
        for mark in ",\t;|":
            times = max((line.count(mark) for line in plain), default=0)
            if times > most:
                most, best = times, mark
        return False, best

    def _records(self) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        number = 0
        with self._text() as file:
            try:
                said = self._said
                lines = _Lines(file, self._most)
                for number, cells in enumerate(csv.reader(lines, delimiter=self.delimiter), start=1):
                    lines.begin()
                    if said and any(cells):
                        said = False
                    else:
                        yield number, cells
            except csv.Error as error:
                raise FileRefused(
                    f"第{number + 1}行附近无法读取，可能有未成对的引号。"
                    "请在Excel中打开核对，另存为“CSV UTF-8（逗号分隔）”后重新上传。"
                ) from error
            except _TooLong as error:
                raise FileRefused(
                    f"第{number + 1}行过长，无法读取，可能缺少换行，或有未成对的引号。"
                    "请在Excel中打开核对，另存为“CSV UTF-8（逗号分隔）”后重新上传。"
                ) from error

    def rows(self) -> Iterator[Row]:
        for number, cells in self._records():
            if number > self.at and any(cells) and any(map(str.strip, cells)):
                yield number, cells


class _TooLong(Exception):
    """A row is longer than any."""


class _Lines:
    """The lines of a text, which may be one line as long as the file. Raises _TooLong."""

    def __init__(self, file: TextIO, most: Most, *, each: bool = False) -> None:
        self._file, self._most, self._taken = file, most.line, 0
        # Each line is a row: none is joined to the one before it.
        self._each = each

    def begin(self) -> None:
        """Another row begins: what was read belongs to earlier ones."""
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(self._most + 1):
            self._taken = len(line) + (0 if self._each else self._taken)
            if self._taken > self._most:
                raise _TooLong
            yield line


def _encoding_of(path: Path) -> tuple[str, int]:
    """(encoding, number of lines). UTF-16 by the mark it begins with, UTF-8, with or without its mark, or else
    GB18030; the whole file must be one of them.
    """
    with path.open("rb") as file:
        marked = file.read(2) in _MARKS_OF_UTF16
        file.seek(0)
        lines, last = 0, b""
        while piece := file.read(_PIECE):
            if b"\0" in piece and not marked:
                raise FileRefused(NOT_A_SHEET)
            lines += piece.count(b"\n") or piece.count(b"\r")
            last = piece[-2:]
    # The last line may have no end.
    lines += not last.strip(b"\0").endswith((b"\n", b"\r"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        if is_encoded_as(encoding, path):
            return encoding, lines
    raise FileRefused(
        "文件既不是UTF-8编码也不是GB18030编码，或已损坏。请在Excel中另存为“CSV UTF-8（逗号分隔）”后重新上传。"
    )


def is_encoded_as(encoding: str, path: Path) -> bool:
    """Whether the whole file can be read in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
