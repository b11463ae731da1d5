"""What a page says of the time that is left for a case: in working days, as the limits are set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.cases.models import Case
from portal.regions.calendar import OfficeCalendar, working_days_between

# From this many working days before the deadline on it is underlined.
_NEAR_DAYS = 3


@dataclass(frozen=True)
class Deadline:
    """The time left, in words, and the tone of their tag."""

    words: str
    tone: str


def soon_until(today: date, calendar: OfficeCalendar | None = None) -> date:
    """The last deadline that is about to be missed: what ends until then rises on lists of its own."""
    return (calendar or OfficeCalendar()).day_after(today, _NEAR_DAYS)


def deadline_of(case: Case, today: date, calendar: OfficeCalendar | None = None) -> Deadline:
    """The time left for a case. A list hands in the calendar, which it reads once for all its rows."""
    if case.closed_at:
        return Deadline("已办结", "plain")
    if case.stopped_on:
        return Deadline("暂停计时", "info")
    if case.due_on is None:
        return Deadline("未设期限", "plain")
    if case.due_on == today:
        return Deadline("今天到期", "warn")
    between = calendar.working_days_between if calendar else working_days_between
    days_left = between(today, case.due_on)
    if case.due_on < today:
        # On the days off that follow the last day no working day has passed yet.
        return Deadline(f"超期{-days_left}个工作日" if days_left else "已超期", "bad")
    if days_left == 0:
        return Deadline("休息日到期", "warn")
    return Deadline(f"还有{days_left}个工作日", "warn" if days_left <= _NEAR_DAYS else "plain")
