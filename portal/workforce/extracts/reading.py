"""Rows of a file into temporary tables, by COPY, without asking the database: 650,000 of them in seconds.

What a column says repeats from row to row: each text is understood once and remembered.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from portal import crypto
from portal.spreadsheets.reading import Source
from portal.spreadsheets.rows import UNREADABLE
from portal.workforce.extracts.columns import NUMBER, Day, ExtractKind
from portal.workforce.identity import InvalidNumber, PlainNumbers, check_id_number, mask_id_number
from portal.workforce.roster import cells
from portal.workforce.roster.cells import AS_TEXT, NO_VALUE, ROUNDED, Wrong

PIECE = 10_000
UNDERSTOOD = 10
_REMEMBERED = 50_000
_HIDDEN = "第{}行在工作表中是隐藏的，或被筛选掉了，没有写入。请核对后取消隐藏，或从表中删除。"


@dataclass
class Read:
    """How many rows there are, and the first ones in words: their number masked, the cells as they were understood."""

    rows: int
    first: list[dict[str, Any]]


class Reader:
    """Understands the rows of one file."""

    def __init__(self, kind: ExtractKind, source: Source, day: Day) -> None:
        self._kind, self._source, self._day = kind, source, day
        self._digest = crypto.digester("id")
        self._plain = PlainNumbers(timezone.localdate())
        self._into = f"extract_row ({', '.join(('line', 'digest', *kind.staged))})"
        at = source.header.at
        self._at_number = at[NUMBER]
        # For each column what a text means, as COPY reads it.
        self._known: dict[str, dict[str, str]] = {key: {} for key in kind.staged}
        self._columns = [(key, at.get(key), self._known[key]) for key in kind.staged]
        self._most = {column.key: column.most for column in kind.form.columns}
        self._needed = {column.key: column.needed for column in kind.form.columns}

    def stage(self, progress: Callable[[int, int], None]) -> Read:
        """Everything into `extract_row` and `extract_refusal`. `progress(read, refused)` is called between pieces and may
        raise to stop.
        """
        read = refused = 0
        first: list[dict[str, Any]] = []
        rows = self._source.rows()
        while piece := list(islice(rows, PIECE)):
            good: list[str] = []
            refusals: list[str] = []
            for line, row in piece:
                said = self._row(line, row)
                (good if said[0] else refusals).append(said[1])
                if said[0] and len(first) < UNDERSTOOD:
                    first.append(self._in_words(line, row))
            _copy(self._into, good)
            _copy("extract_refusal", refusals)
            read += len(piece)
            refused += len(refusals)
            progress(read, refused)
        return Read(read, first)

    def _row(self, line: int, row: list[str]) -> tuple[bool, str]:
        """(whether it is understood, the line for COPY: of the row, or why it is refused)."""
        if line in self._source.hidden:
            return False, f"{line}\t{_HIDDEN.format(line)}\tf\n"
        values: list[str] = []
        wrong: list[str] = []
        number = self._number(line, row, wrong)
        for key, index, known in self._columns:
            text = row[index] if index is not None and index < len(row) else ""
            value = known.get(text)
            values.append(self._understand(key, text, line, wrong) if value is None else value)
        if wrong:
            return False, f"{line}\t{_for_copy('；'.join(wrong))}。\tf\n"
        return True, "\t".join((str(line), f"\\\\x{self._digest(number).hex()}", *values)) + "\n"

    def _number(self, line: int, row: list[str], wrong: list[str]) -> str:
        text = row[self._at_number] if self._at_number < len(row) else ""
        if self._plain.has(text):
            return text
        try:
            return check_id_number(_tidy(text, self._most[NUMBER]))
        except (Wrong, InvalidNumber) as error:
            wrong.append(f"{self._source.header.cell(NUMBER, line)}：{str(error).rstrip('。')}")
            return ""

    def _understand(self, key: str, text: str, line: int, wrong: list[str]) -> str:
        """The value of a cell as COPY reads it, or "" and the reason in `wrong`."""
        staged, known = self._kind.staged[key], self._known[key]
        try:
            value = staged.blank
            if tidy := _tidy(text, self._most[key]):
                value = staged.understand(tidy, self._day)
            elif self._needed[key]:
                raise Wrong("不能为空")
        except (Wrong, InvalidNumber) as error:
            place = self._source.header.cell(key, line) if key in self._source.header.at else key
            wrong.append(f"{place}：{str(error).rstrip('。')}")
            return ""
        if len(known) >= _REMEMBERED:
            known.clear()
        return known.setdefault(text, value)

    def _in_words(self, line: int, row: list[str]) -> dict[str, Any]:
        said = {}
        for column in self._kind.form.columns:
            index = self._source.header.at.get(column.key)
            text = _tidy(row[index], column.most) if index is not None and index < len(row) else ""
            said[column.label] = mask_id_number(check_id_number(text)) if column.key == NUMBER else text
        return {"line": line, "cells": said}


def _tidy(text: str, most: int) -> str:
    if UNREADABLE in text:
        raise Wrong(NO_VALUE)
    tidy = cells.tidy(text)
    if ROUNDED.fullmatch(tidy):
        raise Wrong(AS_TEXT)
    if len(tidy) > most:
        raise Wrong(f"最多{most}个字")
    return tidy


def _for_copy(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def _copy(table: str, lines: list[str]) -> None:
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.BytesIO("".join(lines).encode()), size=1 << 20)


def refusals(piece: int = 5_000) -> Iterator[tuple[int, str]]:
    """(line, message) of every refused row in the order of the file, a row's messages joined; streamed."""
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT line, string_agg(message, '' ORDER BY message) FROM extract_refusal"
                " WHERE line > %s GROUP BY line ORDER BY line LIMIT %s",
                [last, piece],
            )
            lines = cursor.fetchall()
        if not lines:
            return
        yield from lines
        last = lines[-1][0]
