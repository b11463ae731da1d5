"""What a roster looks like before anything of it is read in: its sheets, its first rows, what was recognised of them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from portal import sealed_files
from portal.spreadsheets import limits
from portal.spreadsheets.formulas import unguarded
from portal.spreadsheets.header import FileRefused, column_letters
from portal.spreadsheets.layout import Layout, Reading, look_at
from portal.spreadsheets.limits import Limits
from portal.spreadsheets.reading import open_kept
from portal.workforce.identity import mask_id_number, mask_phone
from portal.workforce.models import RosterImport
from portal.workforce.roster.columns import ROSTER

_LONGEST_SHOWN = 60
_HIDDEN_NAMED = 10
# Of those above a header, which is in the first rows, nothing is asked.
_HIDDEN_KEPT = _HIDDEN_NAMED + limits.TOP
# What has one column in all its rows is no table.
_FEWEST_COLUMNS = 2
_PERSONAL = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15}|1[3-9][0-9]{9})(?![0-9])")


@dataclass(frozen=True)
class Preview:
    """The first rows of one sheet as they stand, and what there is besides. `first` is the column where rows begin."""

    suffix: str
    sheets: list[str]
    sheet: str
    first: int
    expected: int
    merged: int
    hidden: int
    hidden_lines: list[int]
    # (line, cells)
    top: list[tuple[int, list[str]]]

    def read_as(self, layout: Layout) -> Reading | None:
        """What is made of it, read in this way; None when no header is found."""
        try:
            return look_at(self.top, ROSTER, layout, first=self.first)
        except FileRefused:
            return None

    def is_read_by_hand(self, layout: Layout) -> Reading:
        """The same; where no header is found, the first row with several cells stands for one."""
        reading = self.read_as(layout)
        if reading is not None:
            return reading
        line = next((line for line, cells in self.top if len(_filled(cells)) >= _FEWEST_COLUMNS), 1)
        by_hand = Layout(sheet=layout.sheet, line=line, columns=layout.columns or {}, fixed=layout.fixed)
        return look_at(self.top, ROSTER, by_hand, first=self.first)

    def rows_below(self, line: int) -> tuple[int, bool]:
        """(how many rows stand below a line, whether they were counted): a file that is shown whole was counted, of
        others the end is known, with empty rows among them.
        """
        if len(self.top) <= limits.TOP:
            return sum(1 for at, _ in self.top if at > line), True
        return max(self.expected - (line - self.top[0][0]), 1), False

    def hidden_below(self, line: int) -> tuple[int, list[int]]:
        """(how many rows below a line the sheet does not show, the first of them)."""
        above = sum(1 for at in self.hidden_lines if at <= line)
        return self.hidden - above, self.hidden_lines[above : above + _HIDDEN_NAMED]

    @property
    def is_table(self) -> bool:
        return any(len(_filled(cells)) >= _FEWEST_COLUMNS for _, cells in self.top)


def _filled(cells: list[str]) -> list[str]:
    return [cell for cell in cells if cell.strip()]


def look(given: Path | IO[bytes], layout: Layout, *, within: Limits) -> Preview:
    """Open a file and see what is in it. Raises FileRefused for what is no table."""
    rows = open_kept(given, ROSTER, layout, within=within)
    preview = Preview(
        suffix=rows.suffix,
        sheets=rows.sheets,
        sheet=rows.sheet,
        first=rows.first,
        expected=rows.expected,
        merged=rows.merged,
        hidden=len(rows.hidden),
        hidden_lines=sorted(rows.hidden)[:_HIDDEN_KEPT],
        top=rows.top,
    )
    if not preview.is_table:
        look_at(preview.top, ROSTER, Layout())
        raise FileRefused("文件中没有表格。请核对后重新上传，可下载模板参考。")
    return preview


def keep(given: RosterImport, preview: Preview) -> None:
    """Keep it beside the file, encrypted as the file is."""
    sealed_files.keep(given.preview_file, json.dumps(asdict(preview)).encode())


def kept(given: RosterImport) -> Preview:
    """What was kept. Raises Unreadable when it is gone or was changed."""
    said = json.loads(sealed_files.read(given.preview_file))
    said["top"] = [(line, cells) for line, cells in said["top"]]
    return Preview(**said)


def shown(text: str) -> str:
    """A cell as it is shown before anybody has looked at it: numbers of people are masked wherever they stand."""
    plain = _PERSONAL.sub(_masked, " ".join(unguarded(text.strip()).split()))
    return plain if len(plain) <= _LONGEST_SHOWN else plain[: _LONGEST_SHOWN - 1] + "…"


def _masked(found: re.Match[str]) -> str:
    number = found[0]
    return mask_phone(number) if len(number) == 11 else mask_id_number(number)


def name_of_column(reading: Reading, index: int) -> str:
    """A column as a person finds it: “姓名”（B列）."""
    letters = column_letters(reading.first + index)
    label = reading.labels[index]
    return f"“{label}”（{letters}列）" if label else f"{letters}列（没有列名）"
