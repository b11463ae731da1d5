"""Reads a published list from a file and takes it in: whole, or refused with the reasons.

Lines are dated and never removed. The same file again changes nothing; a line that ends earlier or later than
was said is corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from portal import audit, locks
from portal.spreadsheets.header import FileRefused, SheetForm
from portal.spreadsheets.reading import open_spreadsheet
from portal.workforce.roster import cells

_MUCH_LATER = date(2100, 12, 31)


class ListRefused(Exception):
    """Rows that cannot be taken; `problems` has a sentence for each. Nothing was stored."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Loaded:
    """How many lines of the file were new, changed what stood there, or said the same."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class DatedList:
    """A list: its form, how a row is read, and what tells its lines apart."""

    form: SheetForm
    model: Any
    # A line from the tidy texts of a row and the days it is in force; raises `cells.Wrong`.
    read: Callable[[Mapping[str, str], date, date | None], Any]
    # Two lines with the same of these are the same; `same` names them, for the message.
    key: tuple[str, ...]
    same: str
    # What may be said otherwise of a line that stands.
    said: tuple[str, ...]
    action: str


@transaction.atomic
def load(which: DatedList, path: Path, *, dry_run: bool = False) -> Loaded:
    """Take the lines of a file in. Raises `FileRefused` for what is no such table, `ListRefused` with what is
    wrong in each row.
    """
    lines = _read_lines(which, path)
    locks.hold(which.action)
    held = {_values(line, which.key): line for line in which.model.objects.all()}
    added, changed = [], []
    for line in lines:
        before = held.get(_values(line, which.key))
        if before is None:
            added.append(line)
        elif _values(before, which.said) != _values(line, which.said):
            for name in which.said:
                setattr(before, name, getattr(line, name))
            changed.append(before)
    if not dry_run:
        which.model.objects.bulk_create(added)
        for line in changed:
            line.save()
        if added or changed:
            detail = {"file": path.name, "added": len(added), "changed": len(changed)}
            audit.record(which.action, by=None, detail=detail)
    return Loaded(len(added), len(changed), len(lines) - len(added) - len(changed))


def _values(line: Any, names: tuple[str, ...]) -> tuple[Hashable, ...]:
    return tuple(getattr(line, name) for name in names)


def _read_lines(which: DatedList, path: Path) -> list[Any]:
    source = open_spreadsheet(path, which.form)
    lines: dict[tuple[Hashable, ...], int] = {}
    read, problems = [], []
    if source.hidden:
        raise FileRefused("工作表中有隐藏或被筛选掉的行。请取消隐藏和筛选，或删除这些行后重新载入。")
    for number, row in source.rows():
        given = {key: row[place] if place < len(row) else "" for key, place in source.header.at.items()}
        try:
            line = _read_line(which, given, source.epoch)
        except cells.Wrong as wrong:
            problems.append(f"第{number}行：{wrong}。")
            continue
        key = _values(line, which.key)
        if key in lines:
            problems.append(f"第{number}行：与第{lines[key]}行的{which.same}相同。")
            continue
        lines[key] = number
        read.append(line)
    if problems:
        raise ListRefused(problems)
    return read


def _read_line(which: DatedList, given: Mapping[str, str], epoch: date) -> Any:
    texts = dict(_tidy_cells(which.form, given))
    since = _day("起始日期", texts["since"], epoch)
    until = _day("截止日期", texts["until"], epoch) if texts.get("until") else None
    if until is not None and until < since:
        raise cells.Wrong("截止日期早于起始日期")
    return which.read(texts, since, until)


def _tidy_cells(form: SheetForm, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in form.columns:
        text = cells.tidy(given.get(column.key, ""))
        if column.needed and not text:
            raise cells.Wrong(f"没有填写{column.label}")
        if len(text) > column.most:
            raise cells.Wrong(f"{column.label}超过{column.most}个字")
        yield column.key, text


def _day(label: str, text: str, epoch: date) -> date:
    try:
        return cells.day(text, _MUCH_LATER, epoch)
    except cells.Wrong as wrong:
        raise cells.Wrong(f"{label}：{wrong}") from wrong
