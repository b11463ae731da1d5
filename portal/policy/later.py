"""What a condition says of other facts or on a later day, with the law of that day; what a benefit would give then;
and when a test can turn.

A second reading of the rule language for what is not the case today. The executor decides; tests hold what is
foretold here against it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal.policy.facts import LEVEL_BY_CODE, LEVEL_FACTS
from portal.policy.growth import GROWING, YEARLY, months_after, months_until
from portal.policy.law import DayLaw
from portal.policy.rules import Need, Test, Tree
from portal.policy.terms import (
    DAY,
    Cell,
    Choice,
    Constant,
    DayOfCheck,
    Fact,
    Law,
    Result,
    Step,
    Sum,
    WithinMonths,
)

_ONE_DAY = dt.timedelta(days=1)
_MONTHS_AHEAD = 1200
_ABSENT: Any = object()
Values = Mapping[str, Any]


def value_of(node: Tree, holds: Mapping[str, bool | None]) -> bool | None:
    """The value of a tree by what holds of the conditions that are present, in three values."""
    decisive = not node.every
    undecided = False
    for code, tree in node.coded_parts:
        if tree is None:
            value = holds.get(code, _ABSENT)
            if value is _ABSENT:
                continue
        elif tree.is_absent(holds):
            continue
        else:
            value = value_of(tree, holds)
        if value is decisive:
            return decisive
        if value is None:
            undecided = True
    return None if undecided else not decisive


def value_of_need(need: Need, facts: Values, law: DayLaw, day: dt.date) -> bool | None:
    if len(need.tests) == 1:
        return _value_of_test(need.tests[0], facts, law, day)
    values = [_value_of_test(test, facts, law, day) for test in need.tests]
    if False in values:
        return False
    return None if None in values else True


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, operand: value == operand,
    "in": lambda value, operand: value in operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "overlap": lambda value, operand: not set(value).isdisjoint(operand),
}


def _value_of_test(test: Test, facts: Values, law: DayLaw, day: dt.date) -> bool | None:
    if test.fact == DAY:
        return day.isoformat() >= test.operand
    value = facts.get(test.fact)
    if value is None:
        return None
    if isinstance(test.operand, WithinMonths):
        months = law.value_later(test.operand.months.code, day)
        return None if months is None else day <= months_after(dt.date.fromisoformat(value), months)
    operand = operand_on(test, facts, law, day)
    if operand is None:
        return None
    if test.fact in LEVEL_FACTS and not isinstance(operand, list):
        value, operand = LEVEL_BY_CODE[value], LEVEL_BY_CODE[operand]
    return _TESTS[test.operator](value, operand)


def operand_on(test: Test, facts: Values, law: DayLaw, day: dt.date) -> Any:
    """What a fact is compared with on a day; None when that is unknown."""
    read = _OPERANDS.get(type(test.operand))
    return test.operand if read is None else read(test.operand, facts, law, day)


def _sum_on(operand: Sum, facts: Values, law: DayLaw, day: dt.date) -> Any:
    parts = [_OPERANDS[type(part)](part, facts, law, day) for part in operand.parts]
    return None if None in parts else sum(parts)


# How what is no literal is read.
_OPERANDS: Mapping[type, Callable[[Any, Values, DayLaw, dt.date], Any]] = {
    DayOfCheck: lambda operand, facts, law, day: day.isoformat(),
    Law: lambda operand, facts, law, day: law.value_later(operand.code, day),
    Fact: lambda operand, facts, law, day: facts.get(operand.name),
    Sum: _sum_on,
}


def result_on(result: Result, facts: Values, law: DayLaw) -> Any:
    """What a result would be with these facts, amounts as the law writes them; None when it cannot be told."""
    if isinstance(result, Law):
        return law.value(result.code)
    if isinstance(result, Constant):
        return result.value
    if isinstance(result, Cell):
        value = law.value(result.table.code)
        for fact in result.facts:
            value = value.get(str(facts.get(fact))) if isinstance(value, Mapping) else None
        return None if isinstance(value, Mapping) else value
    known = facts.get(result.fact)
    if known is None:
        return None
    if isinstance(result, Choice):
        return dict(result.results).get(known)
    return _step_reached(result, known, law)


def _step_reached(result: Step, value: Any, law: DayLaw) -> Any:
    reached = None
    for start, stepped in law.value(result.steps.code) or []:
        if start <= value:
            reached = stepped
    return reached


def turning_days(test: Test, facts: Values, law: DayLaw, law_days: Iterable[dt.date]) -> set[dt.date]:
    """When a test can turn, under the law as it is on each of these days."""
    days: set[dt.date] = set()
    value = facts.get(test.fact)
    if not YEARLY.isdisjoint(test.facts()):
        days.add(dt.date(law.on.year + 1, 1, 1))
    if value is None:
        return days
    if isinstance(test.operand, DayOfCheck):
        days.add(dt.date.fromisoformat(value))
    elif isinstance(test.operand, WithinMonths):
        begun = dt.date.fromisoformat(value)
        for day in law_days:
            months = law.value_later(test.operand.months.code, day)
            if months is not None:
                days.add(months_after(begun, months) + _ONE_DAY)
    elif test.fact in GROWING and GROWING[test.fact].goes_on(facts):
        for day in law_days:
            target = operand_on(test, facts, law, day)
            if target is not None:
                days.add(months_after(law.on, min(months_until(test.fact, value, target), _MONTHS_AHEAD)))
    return days
