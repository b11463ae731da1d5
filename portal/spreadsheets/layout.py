"""How a spreadsheet is to be read that people keep for themselves: which sheet, where its header is, which column holds
what. What nobody has said is found out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.spreadsheets.formulas import unguarded
from portal.spreadsheets.header import (
    ERROR_LABEL,
    LINE_LABEL,
    Column,
    FileRefused,
    Header,
    SheetForm,
    column_letters,
)
from portal.spreadsheets.rows import Row

# A header has two columns at least that are known: one alone may be a word in a sentence.
_FEWEST_KNOWN = 2
_LONGEST_LABEL = 60
_NAMED = 10
_BRACKETED = re.compile(r"[(（\[【〔<《].*?[)）\]】〕>》]")
_NO_LABEL = re.compile(r"[^\w]+")
_WHOSE = re.compile(r"^(?:参保|参训|务工|本人|职工|员工|人员|工人|个人|持证|劳动者)")


@dataclass(frozen=True)
class Layout:
    """What somebody has said of a file. Columns are counted from A = 0; what is not in `columns` is not read."""

    sheet: str = ""
    # The line of the header; 0 where it is to be found.
    line: int = 0
    # {column: key}; None where the labels are to tell.
    columns: Mapping[int, str] | None = None
    # {label: key, or "" for a column that is not read}: what was said of such labels before.
    named: Mapping[str, str] = field(default_factory=dict)
    # {key: text}: what is the same in every row and stands in no column.
    fixed: Mapping[str, str] = field(default_factory=dict)
    take_hidden: bool = False

    def as_json(self) -> dict[str, Any]:
        columns = None if self.columns is None else {str(at): key for at, key in self.columns.items()}
        return {
            "sheet": self.sheet,
            "line": self.line,
            "columns": columns,
            "named": dict(self.named),
            "fixed": dict(self.fixed),
            "take_hidden": self.take_hidden,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Layout:
        columns = said.get("columns")
        return cls(
            sheet=said.get("sheet", ""),
            line=said.get("line", 0),
            columns=None if columns is None else {int(at): key for at, key in columns.items()},
            named=said.get("named", {}),
            fixed=said.get("fixed", {}),
            take_hidden=said.get("take_hidden", False),
        )


@dataclass(frozen=True)
class Reading:
    """What was made of the first rows of a file: a header with its columns, and what stands against reading it."""

    line: int
    first: int
    labels: tuple[str, ...]
    at: Mapping[str, int]
    # Labels of the form that a column has to be found for, or that several columns have.
    missing: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()

    @property
    def problems(self) -> list[str]:
        said = []
        if self.missing:
            said.append(f"缺少列：{'、'.join(self.missing)}")
        if self.twice:
            said.append(f"重复的列：{'、'.join(self.twice)}")
        return said

    @property
    def unread(self) -> list[tuple[str, str]]:
        """(letters, label) of the columns that are not read."""
        read = set(self.at.values())
        return [
            (column_letters(self.first + index), label)
            for index, label in enumerate(self.labels)
            if index not in read and label not in {ERROR_LABEL, LINE_LABEL}
        ]


def plain_label(text: str) -> str:
    """A label without blanks, line ends, stars and colons around it."""
    return "".join(unguarded(text.strip("\ufeff ")).split()).strip("\ufeff*＊※：:")[:_LONGEST_LABEL]


class Labels:
    """What the columns of a form are called, by the form and by people."""

    def __init__(self, form: SheetForm, named: Mapping[str, str]) -> None:
        self._named = {_bare(label): key for label, key in named.items()}
        self._known: dict[str, str] = {}
        self._rank: dict[str, int] = {}
        for column in form.columns:
            for rank, label in enumerate(column.labels):
                self._known.setdefault(_bare(label), column.key)
                self._rank.setdefault(_bare(label), rank)

    def key_of(self, label: str) -> str:
        """The key of a column with this label; "" when it is none of the form's."""
        bare = _bare(label)
        if bare in self._named:
            return self._named[bare]
        without_hint = _bare(_BRACKETED.sub("", label))
        for name in dict.fromkeys((bare, without_hint, _WHOSE.sub("", bare), _WHOSE.sub("", without_hint))):
            if name in self._known:
                return self._known[name]
        return ""

    def rank_of(self, label: str) -> int:
        """How near a label is to what the form itself says; the nearest is 0, one that was named before too."""
        bare = _bare(label)
        return 0 if bare in self._named else self._rank.get(bare, len(self._rank))


def _bare(label: str) -> str:
    """What of a label tells it from others."""
    return _NO_LABEL.sub("", unicodedata.normalize("NFKC", label)).replace("_", "").lower()


def look_at(top: Sequence[Row], form: SheetForm, layout: Layout, *, first: int = 0) -> Reading:
    """What the first rows of a file say. Raises FileRefused when none of them is a header."""
    labels_known = Labels(form, layout.named)
    line, cells = _header_row(top, layout, labels_known, form)
    labels = [plain_label(cell) for cell in cells]
    while labels and not labels[-1]:
        labels.pop()
    at: dict[str, int] = {}
    twice: tuple[str, ...] = ()
    if layout.columns is not None:
        widest = max((index for index in layout.columns), default=-1) - first + 1
        labels += [""] * (widest - len(labels))
        by_key = {key: index - first for index, key in layout.columns.items() if key and index >= first}
        at = {column.key: by_key[column.key] for column in form.columns if column.key in by_key}
    else:
        at, twice = _told_by_labels(labels, labels_known, form)
    missing = tuple(
        column.label
        for column in form.columns
        if column.needed and column.key not in at and not layout.fixed.get(column.key)
    )
    return Reading(line, first, tuple(labels), at, missing, twice)


def header_of(reading: Reading, form: SheetForm) -> Header:
    """The header of a file that can be read. Raises FileRefused naming what stands against it."""
    if reading.problems:
        raise FileRefused(
            f"表头（第{reading.line}行）与要求不一致。{'；'.join(reading.problems)}。请更正后重新上传，各列顺序不限，其他列可以保留。"
        )
    called = {column.key: column.label for column in form.columns}
    return Header(reading.labels, dict(reading.at), reading.first, line=reading.line, called=called)


def named_columns(pairs: Iterable[str], form: SheetForm) -> dict[str, str]:
    """{label: key} of texts like 身份ID=证件号码; nothing behind the sign: the column is not read. Raises
    FileRefused for one that names no column of the form.
    """
    by_label = {_bare(label): column.key for column in form.columns for label in (*column.labels, column.key)}
    named = {}
    for pair in pairs:
        label, sign, target = pair.partition("=")
        key = by_label.get(_bare(target), "")
        if not sign or not plain_label(label) or (target.strip() and not key):
            known = "、".join(column.label for column in form.columns)
            raise FileRefused(f"“{pair[:60]}”应写作“文件中的列名=模板中的列名”。模板中的列名：{known}。")
        named[plain_label(label)] = key
    return named


def _header_row(top: Sequence[Row], layout: Layout, labels: Labels, form: SheetForm) -> Row:
    """The row of the header: the one that was named, else the first of those with most known labels."""
    if layout.line:
        for row in top:
            if row[0] == layout.line:
                return row
        raise FileRefused(f"第{layout.line}行不在文件的前{len(top)}个有内容的行中，不能作为表头。")
    best, most = None, 0
    for row in top:
        known = len({labels.key_of(plain_label(cell)) for cell in row[1] if cell.strip()} - {""})
        if known > most:
            best, most = row, known
    fewest = min(_FEWEST_KNOWN, len(form.columns))
    if best is None or most < fewest:
        expected = "、".join(column.label for column in form.columns)
        raise FileRefused(
            f"没有找到{form.name}表头：文件的前{max(len(top), 1)}行中，没有一行是列名。表头应有这些列名：{expected}。"
            "列名不同的，请核对后更正，可下载模板参考。"
        )
    return best


def _told_by_labels(
    labels: Sequence[str], known: Labels, form: SheetForm
) -> tuple[dict[str, int], tuple[str, ...]]:
    """({key: column}, labels of the form that two columns have alike). Of several names for one the form's own counts."""
    found: dict[str, list[tuple[int, int]]] = {}
    for index, label in enumerate(labels):
        key = known.key_of(label) if label else ""
        if key:
            found.setdefault(key, []).append((known.rank_of(label), index))
    at, twice = {}, []
    for column in form.columns:
        several = sorted(found.get(column.key, []))
        if several:
            at[column.key] = several[0][1]
        if len(several) > 1 and labels[several[0][1]] == labels[several[1][1]]:
            twice.append(labels[several[0][1]])
    return at, tuple(twice)


def column_named(form: SheetForm, key: str) -> Column:
    """The column of a key."""
    return next(column for column in form.columns if column.key == key)
