"""What the passing of days alone decides otherwise: the people whose facts a condition compares with the day
of the check.

From one night to the next hardly anybody is one of them. Who is not, and whose facts did not change either,
is answered as before: a look over the register need not decide about them again.
"""

# ruff: noqa: S608 - text is put together from compiled rules; values are bound
from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from portal.policy import compile as compiler
from portal.policy.compile import quoted
from portal.policy.engine import RuleSet
from portal.policy.law import DayLaw
from portal.policy.sets import law_row
from portal.policy.terms import DAY


def date_dependent_sql(rules: RuleSet, before: DayLaw, law: DayLaw) -> str | None:
    """SQL condition over facts of whom these rules may decide otherwise under `law` than under `before`,
    though no fact changed.

    None when that may be anybody: a figure that the rules read has another value, or a condition begins
    between the two days.
    """
    if _figures(rules, before) != _figures(rules, law) or _begins(rules, before, law):
        return None
    edges = list(
        dict.fromkeys(
            (test.fact, edge)
            for rule in rules.rules
            for need in rule.needs
            for test in need.tests
            if (edge := compiler.compared_day_sql(test))
        )
    )
    if not edges:
        return "false"
    days = zip(
        edges, *(_days(rules, each, [edge for _, edge in edges]) for each in (before, law)), strict=True
    )
    # Without a day (a figure without a value) the condition is unknown, before and after.
    found = [
        f"{quoted(fact)} BETWEEN DATE '{min(one, other)}' AND DATE '{max(one, other)}'"
        for (fact, _), one, other in days
        if one and other
    ]
    return " OR ".join(found) or "false"


def _figures(rules: RuleSet, law: DayLaw) -> dict[str, object]:
    return {code: law.value(code) for code in rules.laws}


def _begins(rules: RuleSet, before: DayLaw, law: DayLaw) -> bool:
    """Whether a condition is there on one of the days and not on the other, or a day of the law lies between."""
    first, last = sorted((before.on.isoformat(), law.on.isoformat()))
    starts = (
        start
        for rule in rules.rules
        for need in rule.needs
        for start in (need.since, *(test.operand for test in need.tests if test.fact == DAY))
    )
    return any(start is not None and first < start <= last for start in starts)


def _days(rules: RuleSet, law: DayLaw, edges: Iterable[str]) -> list[str | None]:
    """The days the facts are compared with under a law, as the executor itself computes them."""
    row = law_row(rules, law)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f'({edge})::text' for edge in edges)} FROM ({row.sql}) AS law", row.params
        )
        return list(cursor.fetchone())
