"""What OpenFisca's formulas say of a person on a day: three-valued, over a vector of people.

Conditions are INELIGIBLE = 0 < UNDETERMINED = 1 < ELIGIBLE = 2, so that `and` is the least of them and `or`
the greatest: Kleene's logic. A figure without a value makes a comparison unknown.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.openfisca_facts import CHOICES, EPOCH, LEVELS, UNKNOWN
from portal.policy.facts import LEVEL_FACTS


def three_valued(known: Any, test: Any) -> Any:
    """2, 0, or 1 where not known. Sums of bytes: three times as fast as np.where."""
    return (known & test).view(np.int8) + (test | ~known).view(np.int8)


def all_of(*conditions: Any) -> Any:
    return _folded(np.minimum, conditions)


def any_of(*conditions: Any) -> Any:
    return _folded(np.maximum, conditions)


def _folded(fold: Any, conditions: tuple[Any, ...]) -> Any:
    result = conditions[0]
    for condition in conditions[1:]:
        result = fold(result, condition)
    return result


class Person:
    """A person (or all of them) on a day, with facts in the words of the policy."""

    def __init__(self, person: Any, day: Any, parameters: Any) -> None:
        self.person = person
        self.day = day
        self.parameters = parameters

    def __getitem__(self, name: str) -> Any:
        return self.person(name, self.day)

    def yes(self, fact: str) -> Any:
        value = self[fact]
        return three_valued(value != UNKNOWN, value == 1)

    def no(self, fact: str) -> Any:
        value = self[fact]
        return three_valued(value != UNKNOWN, value == 0)

    def among(self, fact: str, *codes: str) -> Any:
        value = self[fact]
        first, *others = [_number_of(fact, code) for code in codes]
        test = value == first
        for number in others:
            test |= value == number
        return three_valued(value != UNKNOWN, test)

    def figure(self, code: str) -> Any:
        """None when it has no value on the day."""
        node = self.parameters(self.day)
        for part in code.replace("-", "_").split("."):
            node = getattr(node, part)
        return node

    def compared(self, fact: str, code: str, test: Callable[[Any, Any], Any]) -> Any:
        value = self[fact]
        figure = self.figure(code)
        if figure is None:
            return np.ones(len(value), dtype=np.int8)
        return three_valued(value != UNKNOWN, test(value, figure))

    def senior(self) -> Any:
        value = self["skill_level"]
        return three_valued(value != UNKNOWN, value >= LEVELS["senior"])

    def in_time(self) -> Any:
        """A certificate not after the day, and the day within the months counted forward from it."""
        issued = self["certificate_issued_on"]
        months = self.figure("training.skill-upgrade.claim-window-months")
        on = self.day.start.date
        last = (on - EPOCH).days
        if months is None:
            return np.where((issued != UNKNOWN) & (issued > last), np.int8(0), np.int8(1))
        first = (_first_in_time(on, int(months)) - EPOCH).days
        return three_valued(issued != UNKNOWN, (issued >= first) & (issued <= last))


def _number_of(fact: str, code: str) -> int:
    return LEVELS[code] if fact in LEVEL_FACTS else CHOICES[fact].index(code)


def _months_after(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _, last_day = calendar.monthrange(year, month + 1)
    return dt.date(year, month + 1, min(day.day, last_day))


def _first_in_time(on: dt.date, months: int) -> dt.date:
    """The first day from which that many months have not run out (Civil Code article 202)."""
    day = _months_after(on, -months)
    return day if _months_after(day, months) >= on else day + dt.timedelta(days=1)
