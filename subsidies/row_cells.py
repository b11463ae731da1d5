"""Cells of the rows that people give in about certificates, as both lists of payments and of claims have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from portal.names import InvalidName
from portal.spreadsheets.header import SheetForm
from portal.spreadsheets.reading import Source
from portal.spreadsheets.rows import UNREADABLE
from portal.workforce.identity import InvalidNumber
from portal.workforce.roster import cells
from portal.workforce.roster.cells import AS_TEXT, NO_VALUE, ROUNDED, Wrong
from subsidies.models import TRAINING
from subsidies.schemes import SCHEMES, Scheme

Given = TypeVar("Given")
Value = TypeVar("Value")


def tidied(source: Source, form: SheetForm, row: list[str]) -> Iterator[tuple[str, str]]:
    """The cells of a row by their columns; Wrong names the cell."""
    for column in form.columns:
        place = source.header.at.get(column.key)
        text = row[place] if place is not None and place < len(row) else ""
        try:
            tidy = _tidy(text, column.most)
            if not tidy and column.needed:
                raise Wrong("不能为空")
        except Wrong as wrong:
            raise Wrong(f"{column.label}：{wrong}") from wrong
        yield column.key, tidy


def _tidy(text: str, most: int) -> str:
    if UNREADABLE in text:
        raise Wrong(NO_VALUE)
    tidy = cells.tidy(text)
    if ROUNDED.fullmatch(tidy):
        raise Wrong(AS_TEXT)
    if len(tidy) > most:
        raise Wrong(f"最多{most}个字")
    return tidy


def understood(label: str, read_cell: Callable[[Given], Value], given: Given) -> Value:
    """What a cell says; Wrong names its column."""
    try:
        return read_cell(given)
    except (Wrong, InvalidNumber, InvalidName) as wrong:
        raise Wrong(f"{label}：{wrong}") from wrong


def scheme_of_level(level: int) -> Scheme:
    """The subsidy that a certificate of the level is claimed by; Wrong when there is none."""
    for scheme in SCHEMES.values():
        if level in scheme.levels:
            return scheme
    raise Wrong("这一等级没有对应的补贴")


def scheme_of_training(level: int) -> Scheme:
    """The subsidy for a training that belongs to the level; Wrong when there is none."""
    for scheme in SCHEMES.values():
        if TRAINING in scheme.benefits and level in scheme.levels:
            return scheme
    raise Wrong("培训结业只适用技师、高级技师")
