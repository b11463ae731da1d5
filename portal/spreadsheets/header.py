"""The columns of a form, and which column of a file holds what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from portal.spreadsheets.formulas import unguarded


class FileRefused(Exception):
    """The file as a whole cannot be taken; the message says why and what to do. Nothing was written."""


# The column that comes back with refused rows. It may stand in a file that is given in again, and is not
# read.
ERROR_LABEL = "错误"
# The same of the line in which such a row stood.
LINE_LABEL = "原行号"
_MOST_NAMED = 10
_MOST_OF_A_LABEL = 30


@dataclass(frozen=True)
class Column:
    """One column of a form. `most` is the most characters a cell may have; an `optional` one may be missing. A file
    may call it by one of `also` as well.
    """

    key: str
    label: str
    hint: str
    example: str
    needed: bool = False
    most: int = 120
    optional: bool = False
    also: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.label, *self.also)


@dataclass(frozen=True)
class SheetForm:
    """What a spreadsheet has to look like: what it is called, its columns, what its template says of them."""

    name: str
    columns: Sequence[Column]
    # What the template says beside the rules that all forms share.
    notes: Sequence[str] = ()
    # Columns that a file may have for something else, and that are not read.
    beside: Sequence[str] = ()
    # Whether people fill in a template of ours; a file that somebody else made is taken as it came.
    has_template: bool = True
    # Whether people may give what they keep for themselves: titles above the header, other names and more columns,
    # merged cells (portal.spreadsheets.layout).
    is_free: bool = False

    @cached_property
    def keys_by_label(self) -> dict[str, str]:
        return {label: column.key for column in self.columns for label in column.labels}


@dataclass(frozen=True)
class Header:
    """Which column of a file holds what: `labels` are the cells as they stand, `at` the index of each key, `called`
    what the form calls each column.
    """

    labels: tuple[str, ...]
    at: dict[str, int]
    first: int = 0
    line: int = 0
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return len(self.labels)

    def cell(self, key: str, line: int) -> str:
        """A cell as a person finds it: “证件号码”（B12）."""
        index = self.at.get(key)
        if index is None or not self.labels[index]:
            return f"“{self.called[key]}”"
        return f"“{self.labels[index]}”（{column_letters(self.first + index)}{line}）"


def column_letters(index: int) -> str:
    """The letters a spreadsheet gives to a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def read_header(cells: Sequence[str], form: SheetForm, *, first: int = 0) -> Header:
    """The header of a file, in any order. Raises FileRefused naming each column that is missing, twice there,
    or unknown.
    """
    labels = _labels_of(cells)
    expected = form.keys_by_label
    if not any(label in expected for label in labels):
        raise FileRefused(
            f"第一行不是{form.name}表头。表头应为：{'、'.join(column.label for column in form.columns)}。"
            f"表头上方不能有标题行，{_what_to_compare(form)}。"
        )
    problems = _problems(labels, form, first)
    if problems:
        raise FileRefused(
            f"表头与要求不一致。{'；'.join(problems)}。{_what_to_mend(form)}后重新上传，各列顺序不限。"
        )
    at = {expected[label]: index for index, label in enumerate(labels) if label in expected}
    return Header(tuple(labels), at, first)


def _what_to_compare(form: SheetForm) -> str:
    return "请下载模板核对" if form.has_template else "请核对所选的类别，并上传原始文件"


def _what_to_mend(form: SheetForm) -> str:
    return "请按模板更正" if form.has_template else "请核对所选的类别"


def _labels_of(cells: Sequence[str]) -> list[str]:
    """The labels without what people add to them, and without empty columns behind the last one."""
    labels = ["".join(unguarded(cell.strip("\ufeff ")).split()).strip("\ufeff*：:") for cell in cells]
    while labels and not labels[-1]:
        labels.pop()
    return labels


def _problems(labels: Sequence[str], form: SheetForm, first: int) -> list[str]:
    """Every way in which these labels differ from the form's."""
    expected = form.keys_by_label
    different = [label for label in dict.fromkeys(labels) if label]
    missing = [
        column.label
        for column in form.columns
        if not column.optional and not any(label in labels for label in column.labels)
    ]
    twice = [label for label in different if labels.count(label) > 1]
    for column in form.columns:
        several = [label for label in column.labels if label in labels]
        twice += several if len(several) > 1 else []
    unread = {ERROR_LABEL, LINE_LABEL, *form.beside}
    unknown = [label for label in different if label not in expected and label not in unread]
    nameless = [column_letters(first + index) for index, label in enumerate(labels) if not label]
    problems = []
    if missing:
        problems.append(f"缺少列：{'、'.join(missing)}")
    if twice:
        problems.append(f"重复的列：{'、'.join(twice)}")
    if unknown:
        named = "、".join(label[:_MOST_OF_A_LABEL] for label in unknown[:_MOST_NAMED])
        problems.append(f"多出的列：{named}{'等' if len(unknown) > _MOST_NAMED else ''}")
    if nameless:
        problems.append(f"没有列名的列：{'、'.join(nameless[:_MOST_NAMED])}")
    return problems
