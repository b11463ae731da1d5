"""The law of a day: which value every parameter has on it, as confirmed until a moment, and where the value
comes from.
"""

from __future__ import annotations

import bisect
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection

from portal.policy.rules import digest_of

_DAYS_KEPT = 64


@dataclass(frozen=True)
class Figure:
    """The value of one parameter on a day, with its source. `caveat` is what to say beside it on that day, or
    empty.
    """

    value: Any
    document: str
    article: str = ""
    caveat: str = ""
    value_id: int | None = None

    def data(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "document": self.document,
            "article": self.article,
            "caveat": self.caveat,
            "value_id": self.value_id,
        }


@dataclass(frozen=True)
class DayLaw:
    """Every figure in force on `on`. A parameter that is not listed has no value on that day."""

    on: dt.date
    figures: Mapping[str, Figure]
    # What others have worked out from this law alone, under keys of their own: it lasts as long as the law
    # does.
    kept: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def digest(self) -> str:
        """Of the figures in force, each with the document behind it."""
        return digest_of(
            {code: [figure.value, figure.document, figure.article] for code, figure in self.figures.items()}
        )

    def value(self, code: str) -> Any:
        figure = self.figures.get(code)
        return None if figure is None else figure.value

    def with_draft(self, values: Mapping[str, Any], document: str = "草案") -> DayLaw:
        """The same day with some figures as a draft would set them (None: no value)."""
        drafted = {code: Figure(value, document) for code, value in values.items() if value is not None}
        kept = {code: figure for code, figure in self.figures.items() if code not in values}
        return DayLaw(self.on, {**kept, **drafted})


@dataclass(frozen=True)
class _Row:
    id: int
    since: dt.date
    until: dt.date | None
    value: Any
    document: str
    article: str
    caveat: str
    caveat_since: dt.date | None
    confirmed_at: dt.datetime


class LawBook:
    """All confirmed values, read once and asked for any day and any moment of confirmation. `stamp`: see
    STAMP.
    """

    def __init__(self, rows: Iterable[tuple[str, _Row]], stamp: str = "") -> None:
        self.stamp = stamp
        self._by_code: dict[str, list[_Row]] = {}
        for code, row in rows:
            self._by_code.setdefault(code, []).append(row)
        for values in self._by_code.values():
            values.sort(key=lambda row: (row.since, row.confirmed_at, row.id), reverse=True)
        # The moments at which the law as known changed: a decision's place among them says what was known to
        # it.
        self.moments = sorted({row.confirmed_at for values in self._by_code.values() for row in values})
        self._days: dict[dt.date, DayLaw] = {}

    def on(self, day: dt.date, confirmed_before: dt.datetime | None = None) -> DayLaw:
        """The law of `day` from the values confirmed at or before that moment (all confirmed values without
        one).
        """
        if confirmed_before is not None:
            return self._on(day, confirmed_before)
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _DAYS_KEPT:  # the day is the caller's choice: what is kept must have an end
                self._days.clear()
            found = self._days[day] = self._on(day, None)
        return found

    def _on(self, day: dt.date, confirmed_before: dt.datetime | None) -> DayLaw:
        figures = {}
        for code, values in self._by_code.items():
            known = (
                row for row in values if confirmed_before is None or row.confirmed_at <= confirmed_before
            )
            row = next((row for row in known if row.since <= day), None)
            # What has ended, or says there is no value, is not followed by what stood before it.
            if row is None or row.value is None or (row.until is not None and row.until < day):
                continue
            caveat = row.caveat if row.caveat_since is None or row.caveat_since <= day else ""
            figures[code] = Figure(row.value, row.document, row.article, caveat, row.id)
        return DayLaw(day, figures)

    def epoch(self, moment: dt.datetime) -> int:
        """How many of `moments` lie at or before `moment`."""
        return bisect.bisect_right(self.moments, moment)


# Changes whenever a value is confirmed. Text, so that any query can carry it along as a column.
STAMP = """
(SELECT concat_ws(' ', current_database(), count(*), max(id), extract(epoch FROM max(confirmed_at)))
 FROM policy_parametervalue WHERE confirmed_at IS NOT NULL)
"""
_ROWS = """
SELECT p.code, v.id, v.since, v.until, v.value, v.document, v.article, v.caveat, v.caveat_since, v.confirmed_at
FROM policy_parametervalue v JOIN policy_parameter p ON p.id = v.parameter_id WHERE v.confirmed_at IS NOT NULL
"""
_last: LawBook | None = None  # the book last read by this process


def law_book() -> LawBook:
    """The confirmed law as it stands now; read again only when a value was confirmed since."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {STAMP}")
        (stamp,) = cursor.fetchone()
    return law_book_at(stamp)


def law_book_at(stamp: str | None) -> LawBook:
    """The law as confirmed when the database gave `stamp`, or later. None: as last read by this process,
    however long ago.

    What was answered under an old book may be kept only if the stamp read together with the answer is still
    that of the book.
    """
    global _last
    if _last is not None and stamp in (None, _last.stamp):
        return _last
    if stamp is None:
        return law_book()
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        book = LawBook(((code, _Row(*rest)) for code, *rest in _decoded(cursor.fetchall())), stamp)
    _last = book
    return book


def _decoded(rows: Iterable[tuple[Any, ...]]) -> Iterable[list[Any]]:
    """psycopg2 hands jsonb over as text under Django, which registers its own loader."""
    for row in rows:
        cells = list(row)
        cells[4] = json.loads(cells[4]) if isinstance(cells[4], str) else cells[4]
        yield cells


def law_on(on: dt.date, confirmed_before: dt.datetime | None = None) -> DayLaw:
    """The law of the day `on`, as confirmed at or before a moment, or as known now."""
    return law_book().on(on, confirmed_before)
