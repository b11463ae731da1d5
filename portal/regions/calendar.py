"""Working days by the official calendar.

A deadline that runs through a year whose calendar is not loaded counts plain weekdays there and says that it
is not certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.regions.models import CalendarDay, CalendarYear


@dataclass(frozen=True)
class Deadline:
    """The last day of a period; `certain` is false when an official calendar it needs is not loaded."""

    on: date
    certain: bool


def _exceptions(first: date, last: date) -> dict[date, bool]:
    return dict(CalendarDay.objects.filter(on__range=(first, last)).values_list("on", "works"))


def add_working_days(start: date, days: int) -> Deadline:
    """The `days`-th working day after `start` (the day itself does not count, Civil Code 201)."""
    if days < 0:
        raise ValueError("a period cannot be negative")
    horizon = start + timedelta(days=days * 2 + 40)
    exceptions = _exceptions(start, horizon)
    loaded = set(
        CalendarYear.objects.filter(year__range=(start.year, horizon.year)).values_list("year", flat=True)
    )
    day, left, certain = start, days, True
    while left:
        day += timedelta(days=1)
        if day.year not in loaded:
            certain = False
        if exceptions.get(day, day.weekday() < 5):
            left -= 1
    return Deadline(day, certain)


class OfficeCalendar:
    """The whole calendar, read once, for many deadlines at a time."""

    def __init__(self) -> None:
        self._exceptions = dict(CalendarDay.objects.values_list("on", "works"))
        self._counted: dict[tuple[date, date], int] = {}

    def day_after(self, start: date, days: int) -> date:
        """The `days`-th working day after `start`, without a query; nothing is said of how certain it is."""
        day, left = start, days
        while left > 0:
            day += timedelta(days=1)
            left -= self.works(day)
        return day

    def works(self, day: date) -> bool:
        """Whether offices work on a day; weekends where the year is not loaded."""
        return self._exceptions.get(day, day.weekday() < 5)

    def ends_on(self, day: date) -> date:
        """The last day of a period that would end on this one: the next working day if nobody works on it (Civil Code
        203).
        """
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def last_before(self, day: date) -> date:
        """The last working day before a day: what was due until then, or earlier, is late on it."""
        day -= timedelta(days=1)
        while not self.works(day):
            day -= timedelta(days=1)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """As the function of this name, without a query."""
        if (start, end) not in self._counted:
            self._counted[start, end] = _count(self._exceptions, start, end)
        return self._counted[start, end]


def working_days_between(start: date, end: date) -> int:
    """Number of working days after `start` up to and including `end`; negative when `end` lies before."""
    return _count(_exceptions(min(start, end), max(start, end)), start, end)


def _count(exceptions: Mapping[date, bool], start: date, end: date) -> int:
    if end < start:
        return -_count(exceptions, end, start)
    count, day = 0, start
    while day < end:
        day += timedelta(days=1)
        count += exceptions.get(day, day.weekday() < 5)
    return count
