"""Opens a spreadsheet and yields its rows as text, whatever kind of file it is.

The kind is told by the content, not the name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO, Any, Protocol

from portal import memory_files
from portal.confined import Confined, Ended, Limits, TooMuchMemory, TooSlow
from portal.spreadsheets import limits
from portal.spreadsheets.header import FileRefused, Header, SheetForm, read_header
from portal.spreadsheets.rows import Row

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
# So much of a file tells its kind.
BEGINNING = 4096
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
        return kind_of_beginning(file.read(BEGINNING))


def kind_of_beginning(beginning: bytes) -> str:
    """`kind_of` of a file that begins so."""
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


def open_spreadsheet(
    given: Path | IO[bytes], form: SheetForm, *, within: Limits = limits.AT_LENGTH
) -> Source:
    """The spreadsheet in a file, on the disk or in memory (portal.memory_files). Raises FileRefused with what is wrong
    and what to do about it, OSError when there is no file.
    """
    kind_of(given if isinstance(given, Path) else memory_files.path_of(given))
    return Reading(given, form, within)


def open_rows(given: Path | IO[bytes], called: str, *, within: Limits = limits.AT_LENGTH) -> Rows:
    """The same of a file whose rows may all be alike, without a header. Raises FileRefused."""
    kind_of(given if isinstance(given, Path) else memory_files.path_of(given))
    return Rows(given, called, within)


class Rows:
    """Rows that a process of its own reads, with limits: what the file holds can do nothing here. `labels` are the cells
    of the first one with something in it, which stands in line `at`.
    """

    def __init__(self, given: Path | IO[bytes], called: str, within: Limits) -> None:
        # A file in memory is there as long as it is held.
        self._in_memory = [] if isinstance(given, Path) else [given]
        self._path = given if isinstance(given, Path) else memory_files.path_of(given)
        self._called, self._within = called, within
        self._opened: Confined | None = None
        self._busy = False
        said = self._open()
        self.suffix: str = said["suffix"]
        self.labels: list[str] = said["labels"]
        self.at: int = said["at"]
        self.first: int = said["first"]
        self.expected: int = said["expected"]
        self.epoch = date.fromisoformat(said["epoch"])
        self.hidden: Collection[int] = frozenset(said["hidden"])

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

    def _open(self) -> Any:
        """Begin anew: what the file is, in short."""
        if self._opened is not None:
            self._opened.close()
        self._opened, self._busy = Confined(_READS, self._within, files=self._in_memory), False
        asked = {"path": str(self._path), "called": self._called, "most": asdict(limits.MOST)}
        with _in_words():
            self._opened.send(json.dumps(asked).encode())
            return _heard(self._opened)


class Reading(Rows):
    """A spreadsheet with a header of a form."""

    def __init__(self, given: Path | IO[bytes], form: SheetForm, within: Limits) -> None:
        super().__init__(given, form.name, within)
        self.header = read_header(self.labels, form, first=self.first)


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
