"""Opens a spreadsheet and yields its rows as text, whatever kind of file it is.

The kind is told by the content, not the name.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from itertools import dropwhile
from pathlib import Path
from typing import IO, Any, Protocol

from portal import memory_files
from portal.confined import Confined, Ended, Limits, TooMuchMemory, TooSlow
from portal.spreadsheets import layout as layouts
from portal.spreadsheets import limits
from portal.spreadsheets.header import FileRefused, Header, SheetForm, read_header
from portal.spreadsheets.kinds import kind_of
from portal.spreadsheets.layout import Layout, header_of
from portal.spreadsheets.rows import Row

_HIDDEN_NAMED = 10
_SHEETS_TRIED = 20

_READS = "portal.spreadsheets.process"
_TOO_MUCH = (
    "表格内容过多或结构异常，读取时超出允许的内存。请在Excel中新建工作簿，只把表格内容复制过去，"
    "或分成几个文件后重新上传。"
)
_TOO_SLOW = (
    "表格内容过多或结构异常，读取时间过长。请在Excel中新建工作簿，只把表格内容复制过去，"
    "或分成几个文件后重新上传。"
)
_BROKEN = "文件无法读取，可能已损坏。请在Excel中打开核对，另存为“Excel 工作簿（.xlsx）”后重新上传。"


class ReadTooSlowly(FileRefused):
    """It was not read within the time given: a job has more."""


class Source(Protocol):
    """A spreadsheet that can be read from the beginning as often as needed."""

    suffix: str
    form: SheetForm
    header: Header
    # How many rows there are, about: for the progress shown.
    expected: int
    # From which day its numbers of dates are counted.
    epoch: date
    # The rows with something in them that the sheet does not show.
    hidden: Collection[int]
    # {key: text} of what is the same in every row and stands in no column.
    fixed: Mapping[str, str]

    def rows(self) -> Iterator[Row]:
        """Each row below the header that is not empty. Raises FileRefused."""


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


def open_spreadsheet(
    given: Path | IO[bytes],
    form: SheetForm,
    *,
    within: Limits = limits.AT_LENGTH,
    layout: Layout = Layout(),  # noqa: B008 - it is frozen
) -> Reading:
    """The spreadsheet in a file, on the disk or in memory (portal.memory_files). Raises FileRefused with what is wrong
    and what to do about it, OSError when there is no file. Only a form that is free minds the layout.
    """
    kind_of(given if isinstance(given, Path) else memory_files.path_of(given))
    return Reading(given, form, within, layout)


def open_kept(
    given: Path | IO[bytes], form: SheetForm, layout: Layout, *, within: Limits = limits.AT_LENGTH
) -> Rows:
    """The rows of a file in which the header of a free form may not be found: of the sheet that was asked for, else of
    the first one that has a header, else of the first. Raises FileRefused.
    """
    kind_of(given if isinstance(given, Path) else memory_files.path_of(given))
    rows = Rows(given, form.name, within, sheet=layout.sheet, fill_merged=True)
    if not layout.sheet:
        rows.turn_to_header(form, layout)
    return rows


def open_rows(given: Path | IO[bytes], called: str, *, within: Limits = limits.AT_LENGTH) -> Rows:
    """The same of a file whose rows may all be alike, without a header. Raises FileRefused."""
    kind_of(given if isinstance(given, Path) else memory_files.path_of(given))
    return Rows(given, called, within)


class Rows:
    """Rows that a process of its own reads, with limits: what the file holds can do nothing here. `labels` are the cells
    of the first one with something in it, which stands in line `at`. `top` are the first of those rows.
    """

    def __init__(
        self,
        given: Path | IO[bytes],
        called: str,
        within: Limits,
        *,
        sheet: str = "",
        fill_merged: bool = False,
    ) -> None:
        # A file in memory is there as long as it is held.
        self._in_memory = [] if isinstance(given, Path) else [given]
        self._path = given if isinstance(given, Path) else memory_files.path_of(given)
        self._called, self._within = called, within
        self._sheet, self._fill_merged = sheet, fill_merged
        self._opened: Confined | None = None
        self._busy = False
        self._take(self._open())

    def _take(self, said: Any) -> None:
        self.suffix: str = said["suffix"]
        self.labels: list[str] = said["labels"]
        self.at: int = said["at"]
        self.first: int = said["first"]
        self.expected: int = said["expected"]
        self.epoch = date.fromisoformat(said["epoch"])
        self.hidden: Collection[int] = frozenset(said["hidden"])
        self.sheets: list[str] = said["sheets"]
        self.sheet: str = said["sheet"]
        self.merged: int = said["merged"]
        self.top: list[Row] = [(number, cells) for number, cells in said["top"]]

    def rows(self) -> Iterator[Row]:
        if self._busy or self._opened is None or not self._opened.running:
            self._open()
        reader = self._opened
        assert reader  # noqa: S101
        self._busy = True
        with _in_words():
            reader.send(b"rows")
            while piece := _heard(reader):
                yield from map(tuple, piece)
        self._busy = False

    def turn_to_header(self, form: SheetForm, layout: Layout) -> None:
        """Turn to the first sheet that has a header; stay where we are when none has."""
        first = self.sheet
        for name in [first, *(name for name in self.sheets if name != first)][:_SHEETS_TRIED]:
            if self._has_header(name, form, layout):
                return
        if self.sheet != first:
            self._turn_to(first)

    def _has_header(self, sheet: str, form: SheetForm, layout: Layout) -> bool:
        try:
            if sheet != self.sheet:
                self._turn_to(sheet)
            layouts.look_at(self.top, form, layout, first=self.first)
        except FileRefused:
            return False
        return True

    def _turn_to(self, sheet: str) -> None:
        self._sheet = sheet
        self._take(self._open())

    def _open(self) -> Any:
        """Begin anew: what the file is, in short."""
        if self._opened is not None:
            self._opened.close()
        self._opened, self._busy = Confined(_READS, self._within, files=self._in_memory), False
        asked = {
            "path": str(self._path),
            "called": self._called,
            "most": asdict(limits.MOST),
            "sheet": self._sheet,
            "fill_merged": self._fill_merged,
        }
        with _in_words():
            self._opened.send(json.dumps(asked).encode())
            return _heard(self._opened)


class Reading(Rows):
    """A spreadsheet with a header of a form."""

    def __init__(self, given: Path | IO[bytes], form: SheetForm, within: Limits, layout: Layout) -> None:
        super().__init__(given, form.name, within, sheet=layout.sheet, fill_merged=form.is_free)
        self.form = form
        self.fixed: Mapping[str, str] = {}
        if not form.is_free:
            self.header = read_header(self.labels, form, first=self.first)
            return
        if not layout.sheet:
            self.turn_to_header(form, layout)
        reading = layouts.look_at(self.top, form, layout, first=self.first)
        self.header = header_of(reading, form)
        self.fixed = {key: text for key, text in layout.fixed.items() if text and key not in reading.at}
        self.hidden = frozenset(line for line in self.hidden if line > reading.line)
        self.expected = max(self.expected - (reading.line - self.at), 1)
        self.at = reading.line

    def rows(self) -> Iterator[Row]:
        at = self.at
        return dropwhile(lambda row: row[0] <= at, super().rows())


def _heard(reader: Confined) -> Any:
    """What the process says; raises FileRefused in its words."""
    said = reader.receive_json()
    if isinstance(said, dict) and "refused" in said:
        raise FileRefused(str(said["refused"]))
    return said


@contextmanager
def _in_words() -> Iterator[None]:
    """FileRefused, where the process that reads came to its end."""
    try:
        yield
    except TooMuchMemory as error:
        raise FileRefused(_TOO_MUCH) from error
    except TooSlow as error:
        raise ReadTooSlowly(_TOO_SLOW) from error
    except (Ended, ValueError) as error:
        raise FileRefused(_BROKEN) from error
