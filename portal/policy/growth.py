"""Facts that change by the calendar alone: months and years that go on, counts that begin anew each year.

Everything else stays as it is until somebody says otherwise. What goes on rests on an assumption, which is
said wherever a day is foretold from it.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Growth:
    """A fact that grows by `months` whole months for each of its units, unless `halted` says that it stands."""

    months: int
    assumption: str
    # {fact: values with which it does not grow}
    halted: Mapping[str, frozenset[Any]]

    def goes_on(self, facts: Mapping[str, Any]) -> bool:
        return all(facts.get(fact) not in values for fact, values in self.halted.items())


_NOT_WORKING = {"employment": frozenset({"unemployed", "retired"})}
GROWING: Mapping[str, Growth] = {
    "unemployment_insured_months": Growth(
        1, "如继续按月缴费", {"paying_unemployment_insurance": frozenset({False})}
    ),
    "continuous_months": Growth(1, "如连续工作不中断", _NOT_WORKING),
    "worked_years": Growth(12, "如继续工作", _NOT_WORKING),
    "front_line_years": Growth(
        12, "如继续在一线岗位工作", {**_NOT_WORKING, "on_front_line": frozenset({False})}
    ),
}
# Counts of a calendar year.
YEARLY = frozenset({"claims_this_year", "scarce_claims_this_year"})


def months_after(day: dt.date, months: int) -> dt.date:
    """The corresponding day, else the month's last day (Civil Code article 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= 28:  # every month has it
        return dt.date(year, month + 1, day.day)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months_between(first: dt.date, last: dt.date) -> int:
    """How many whole months have run out on `last`, counted from `first` as `months_after` counts."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if months_after(first, months) <= last else months - 1


def facts_grown(facts: Mapping[str, Any], on: dt.date, day: dt.date) -> dict[str, Any]:
    """The facts of `on` as they will be on a later day if everything goes on as it does."""
    later = dict(facts)
    months = whole_months_between(on, day)
    for fact, growth in GROWING.items():
        value = facts.get(fact)
        if value is not None and growth.goes_on(facts):
            later[fact] = _grown_value(value, months, growth)
    if day.year > on.year:
        for fact in YEARLY:
            if facts.get(fact) is not None:
                later[fact] = 0
    return later


def _grown_value(value: Any, months: int, growth: Growth) -> Any:
    if growth.months == 1:
        return value + months
    # Years have two decimal places: what has not come to the second one yet is not counted.
    hundredths = (_hundredths(value) * growth.months + 100 * months) // growth.months
    years, rest = divmod(hundredths, 100)
    return hundredths / 100 if rest else years


def _hundredths(value: Any) -> int:
    return round(value * 100)


def months_until(fact: str, value: Any, target: Any) -> int:
    """In how many whole months a growing fact that is `value` comes to `target`; 0 where it has."""
    growth = GROWING[fact]
    wanting = (_hundredths(target) - _hundredths(value)) * growth.months
    return max(0, -(-wanting // 100))
