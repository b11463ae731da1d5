"""When applications are taken at all, where a programme takes them only for a time: asked of the programme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from portal.entitlements.numbers import AnswerDays
from portal.formats import date_cn


@dataclass(frozen=True)
class ApplicationWindow:
    """One time in which applications are taken, both days included."""

    name: str
    opens_on: dt.date
    closes_on: dt.date


# The present window on a day, else the next one that is announced; None when there is none.
Finder = Callable[[dt.date], ApplicationWindow | None]
_FINDERS: dict[str, Finder] = {}


def register_application_window(benefit: str, finder: Finder) -> None:
    """A programme says, when the application starts, that it takes applications for a benefit at times only."""
    _FINDERS[benefit] = finder


def days_within_window(benefit: str, days: AnswerDays) -> AnswerDays:
    """The days of somebody entitled, within the time in which applications are taken."""
    finder = _FINDERS.get(benefit)
    if finder is None:
        return days
    window = finder(days.on)
    if window is None:
        return replace(days, later=(), said="目前不在申报期内，开始申报后会在本平台公布")
    if days.on < window.opens_on:
        span = f"{date_cn(window.opens_on)}起接受申报，到{date_cn(window.closes_on)}止"
        said = f"{window.name}{span}"
        return replace(days, begin=window.opens_on, end=window.closes_on, said=said, later=())
    end = min(days.end, window.closes_on) if days.end else window.closes_on
    return replace(days, end=end, later=())
