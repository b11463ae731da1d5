"""Who is decided otherwise by the passing of days alone: people with a fact that is compared with the day.

From one night to the next hardly anybody is one of them. Who is not, and whose facts did not change either,
is answered as before: a look over the register need not decide about them again.
"""

# ruff: noqa: S608 - text is put together from compiled rules; values are bound
from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from django.db import connection

from portal.policy import compile as compiler
from portal.policy.compile import quoted
from portal.policy.engine import RuleSet
from portal.policy.law import DayLaw
from portal.policy.rules import Test
from portal.policy.sets import law_row
from portal.policy.terms import DAY


def date_dependent_sql(rules: RuleSet, before: DayLaw, law: DayLaw) -> str | None:
    """SQL matching workers whose outcome can change only because the date moved.

    None when that may be anybody: a figure that the rules read has another value, or a condition begins
    between the two days.
    """
    if _values_read(rules, before) != _values_read(rules, law) or _condition_begins(rules, before, law):
        return None
    comparisons = _comparisons_with_the_day(rules)
    if not comparisons:
        return "false"
    edges = [edge for _, edge in comparisons]
    days_before, days_now = _days_of(rules, before, edges), _days_of(rules, law, edges)
    conditions = []
    for (fact, _), one_day, other_day in zip(comparisons, days_before, days_now, strict=True):
        # Without a day (a figure without a value) the condition is unknown, before and after.
        if one_day and other_day:
            first, last = sorted((one_day, other_day))
            conditions.append(f"{quoted(fact)} BETWEEN DATE '{first}' AND DATE '{last}'")
    return " OR ".join(conditions) or "false"


def _values_read(rules: RuleSet, law: DayLaw) -> dict[str, object]:
    return {code: law.value(code) for code in rules.laws}


def _tests_of(rules: RuleSet) -> Iterator[Test]:
    for rule in rules.rules:
        for need in rule.needs:
            yield from need.tests


def _comparisons_with_the_day(rules: RuleSet) -> list[tuple[str, str]]:
    """(fact, SQL of the day it is compared with), each once."""
    comparisons = []
    for test in _tests_of(rules):
        edge = compiler.compared_day_sql(test)
        if edge and (test.fact, edge) not in comparisons:
            comparisons.append((test.fact, edge))
    return comparisons


def _condition_begins(rules: RuleSet, before: DayLaw, law: DayLaw) -> bool:
    """Whether a condition begins or has ended between the days, or a day named in the law lies there."""
    first, last = sorted((before.on.isoformat(), law.on.isoformat()))
    starts = [test.operand for test in _tests_of(rules) if test.fact == DAY]
    for rule in rules.rules:
        for begins, ends in chain.from_iterable(need.intervals for need in rule.needs):
            starts.append(begins)
            if ends is not None and first <= ends < last:
                return True
    return any(first < start <= last for start in starts)


def _days_of(rules: RuleSet, law: DayLaw, edges: Iterable[str]) -> list[str | None]:
    """The days the facts are compared with under a law, as the executor itself computes them."""
    row = law_row(rules, law)
    days = ", ".join(f"({edge})::text" for edge in edges)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {days} FROM ({row.sql}) AS law", row.params)
        return list(cursor.fetchone())
