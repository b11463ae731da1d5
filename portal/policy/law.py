"""The law of a day: the value each parameter has on it, as confirmed until a moment, with its source."""

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
    """The value of one parameter on a day, with its source and what is to be said beside it on that day."""

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
    # What others have worked out from this law alone, under keys of their own; it lasts as long as the law.
    kept: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    # All that is confirmed, for what holds on later days; a draft stands alone.
    book: LawBook | None = field(default=None, compare=False, repr=False)

    @cached_property
    def digest(self) -> str:
        """Of the figures in force, each with the document behind it."""
        figures = {}
        for code, figure in self.figures.items():
            figures[code] = [figure.value, figure.document, figure.article]
        return digest_of(figures)

    def value(self, code: str) -> Any:
        figure = self.figures.get(code)
        return None if figure is None else figure.value

    def value_later(self, code: str, day: dt.date) -> Any:
        """The value on this day or a later one, as confirmed by now; without a book, that of this day."""
        if day == self.on:
            return self.value(code)
        steps = self.kept.get((DayLaw, code))
        if steps is None:
            changes = self.later_changes([code])
            steps = [(change, self.book.value(code, change)) for change in changes] if self.book else []
            self.kept[DayLaw, code] = steps
        value = self.value(code)
        for change, changed in steps:
            if change > day:
                break
            value = changed
        return value

    def later_changes(self, codes: Iterable[str]) -> list[dt.date]:
        """The days after this one on which one of these figures may have another value."""
        return [] if self.book is None else self.book.changes_after(self.on, codes)

    def with_draft(self, values: Mapping[str, Any], document: str = "草案") -> DayLaw:
        """The same day with some figures as a draft would set them (None: no value)."""
        figures = {code: figure for code, figure in self.figures.items() if code not in values}
        for code, value in values.items():
            if value is not None:
                figures[code] = Figure(value, document)
        return DayLaw(self.on, figures)


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
    gives_way_to: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        return self.until is None or day <= self.until


class LawBook:
    """All confirmed values, for any day and any moment of confirmation; `stamp`: see STAMP."""

    def __init__(self, rows: Iterable[tuple[str, _Row]], stamp: str = "") -> None:
        self.stamp = stamp
        self._by_code: dict[str, list[_Row]] = {}
        moments: set[dt.datetime] = set()
        for code, row in rows:
            self._by_code.setdefault(code, []).append(row)
            moments.add(row.confirmed_at)
        for values in self._by_code.values():
            values.sort(key=lambda row: (row.since, row.confirmed_at, row.id), reverse=True)
        # When the law as known changed: a decision's place among these moments says what was known to it.
        self.moments = sorted(moments)
        self._days: dict[dt.date, DayLaw] = {}

    def on(self, day: dt.date, confirmed_before: dt.datetime | None = None) -> DayLaw:
        """The law of `day` from the values confirmed at or before that moment, or from all without one."""
        if confirmed_before is not None:
            return self._law_of(day, confirmed_before)
        law = self._days.get(day)
        if law is None:
            # The day is the caller's choice: what is kept must have an end.
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            law = self._days[day] = self._law_of(day, None)
        return law

    def _law_of(self, day: dt.date, confirmed_before: dt.datetime | None) -> DayLaw:
        figures = {}
        for code, values in self._by_code.items():
            row = _row_in_force(values, day, confirmed_before)
            if row is None:
                continue
            caveat = row.caveat if row.caveat_since is None or row.caveat_since <= day else ""
            figures[code] = Figure(row.value, row.document, row.article, caveat, row.id)
        return DayLaw(day, figures, book=self if confirmed_before is None else None)

    def value(self, code: str, day: dt.date) -> Any:
        """The value of one parameter on a day, without the law of the whole day."""
        row = _row_in_force(self._by_code.get(code, []), day, None)
        return None if row is None else row.value

    def changes_after(self, day: dt.date, codes: Iterable[str]) -> list[dt.date]:
        """The later days on which one of these parameters begins or ends to have a value."""
        days: set[dt.date] = set()
        for code in codes:
            for row in self._by_code.get(code, []):
                days.add(row.since)
                if row.until is not None:
                    days.add(row.until + dt.timedelta(days=1))
        return sorted(change for change in days if change > day)

    def epoch(self, moment: dt.datetime) -> int:
        """How many of `moments` lie at or before `moment`."""
        return bisect.bisect_right(self.moments, moment)


def _row_in_force(values: Iterable[_Row], day: dt.date, confirmed_before: dt.datetime | None) -> _Row | None:
    """The value of a day; none where what began last has ended, or says there is no value: what stood before
    it does not follow.
    """
    row = _latest_begun(values, day, confirmed_before)
    if row is not None and row.gives_way_to is not None and not row.covers(day):
        row = _latest_begun(values, row.gives_way_to, confirmed_before)
    return None if row is None or row.value is None or not row.covers(day) else row


def _latest_begun(values: Iterable[_Row], day: dt.date, confirmed_before: dt.datetime | None) -> _Row | None:
    """The first of the values, latest first, that begins on or before the day and was known at the moment."""
    for row in values:
        known = confirmed_before is None or row.confirmed_at <= confirmed_before
        if known and row.since <= day:
            return row
    return None


# Changes whenever a value is confirmed. Text, so that any query can carry it along as a column.
STAMP = """
(SELECT concat_ws(' ', current_database(), count(*), max(id), extract(epoch FROM max(confirmed_at)))
 FROM policy_parametervalue WHERE confirmed_at IS NOT NULL)
"""
_ROWS = """
SELECT p.code, v.id, v.since, v.until, v.value, v.document, v.article, v.caveat, v.caveat_since,
       v.confirmed_at, v.gives_way_to
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
    """The law as confirmed when the database gave `stamp`, or later; None: as last read, however long ago.

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
        _last = LawBook(map(_read_row, cursor.fetchall()), stamp)
    return _last


def _read_row(cells: tuple[Any, ...]) -> tuple[str, _Row]:
    code, value_id, since, until, value, *rest = cells
    # psycopg2 hands jsonb over as text under Django, which registers its own loader.
    if isinstance(value, str):
        value = json.loads(value)
    return code, _Row(value_id, since, until, value, *rest)


def law_on(on: dt.date, confirmed_before: dt.datetime | None = None) -> DayLaw:
    """The law of the day `on`, as confirmed at or before a moment, or as known now."""
    return law_book().on(on, confirmed_before)
