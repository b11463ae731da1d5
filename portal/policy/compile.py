"""Conditions and results as SQL text, compiled by Django's own query compiler against the fact columns.

Two relations are read: `facts` (the fact columns, unqualified) and `law` (one row per day, a column per
parameter). Only the text of values leaves this module, with literals bound, so that it can be composed,
prepared and compared.
"""

# ruff: noqa: S608 - text is put together from rules only; `text_literal` and the driver bind every literal
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Expression, F, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual
from django.db.models.sql import Query

from portal.policy.facts import LEVEL_BY_CODE, LEVEL_FACTS, PERSON, FactModel, SkillLevel, field_of
from portal.policy.rules import Interval, Need, RuleError, Test
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

_FIELDS: dict[str, models.Field[Any, Any]] = {
    "integer": models.IntegerField(),
    "number": models.DecimalField(max_digits=14, decimal_places=4),
    "money": models.DecimalField(max_digits=12, decimal_places=2),
    "table": models.JSONField(),
    "codes": ArrayField(models.TextField()),
    "steps": ArrayField(models.IntegerField()),
    "day": models.DateField(),
}
_MOST_PAIRS = 40  # a function takes 100 arguments
# A stepped figure takes two columns: its values, and where each begins.
_STARTS = " starts"
LEVEL_CODES = {str(level.value): level.code for level in SkillLevel}
LEVEL_NUMBERS = {code: level.value for code, level in LEVEL_BY_CODE.items()}


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def text_literal(value: str) -> str:
    """A text literal. `%` never occurs in rules: the text is executed both with and without parameters."""
    if "%" in value or "\x00" in value:
        raise RuleError(f"{value!r} cannot stand in a rule")
    return "'" + value.replace("'", "''") + "'"


def json_literal(value: Any) -> str:
    return text_literal(json.dumps(value, ensure_ascii=False)) + "::jsonb"


def json_object(pairs: Mapping[str, str]) -> str:
    """SQL that builds a jsonb object from SQL values, however many."""
    items = [f"{text_literal(key)}, {sql}" for key, sql in pairs.items()]
    if not items:
        return "'{}'::jsonb"
    parts = []
    for start in range(0, len(items), _MOST_PAIRS):
        parts.append(f"jsonb_build_object({', '.join(items[start : start + _MOST_PAIRS])})")
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def within_sql(intervals: Iterable[Interval], day: str) -> str:
    """SQL condition: the day (SQL) lies in one of the intervals."""
    parts = []
    for first, last in intervals:
        until = f" AND {day} <= DATE '{last}'" if last else ""
        parts.append(f"{day} >= DATE '{first}'{until}")
    return parts[0] if len(parts) == 1 else f"({' OR '.join(f'({part})' for part in parts)})"


# -- the columns of the law ----------------------------------------------------------------------------------


def law_columns(laws: dict[str, str]) -> list[tuple[str, str]]:
    """(column, SQL type) of the law relation for parameters {code: kind}, the day first."""
    columns = [(DAY, "date")]
    for code, kind in sorted(laws.items()):
        columns.append((code, column_type(_FIELDS[kind])))
        if kind == "steps":
            columns.append((code + _STARTS, "numeric[]"))
    return columns


def law_cells(laws: dict[str, str], on: dt.date, values: dict[str, Any]) -> dict[str, Any]:
    """One row of the law relation as JSON-ready cells."""
    row: dict[str, Any] = {DAY: on.isoformat()}
    for code, kind in sorted(laws.items()):
        value = values.get(code)
        if kind == "steps":
            row[code] = None if value is None else [result for _, result in value]
            row[code + _STARTS] = None if value is None else [start for start, _ in value]
        else:
            row[code] = value
    return row


def column_type(field: models.Field[Any, Any]) -> str:
    return field.db_type(connection) or "text"


class _LawColumn(Expression):
    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return f"law.{quoted(self.name)}", ()


def _law_column(law: Law) -> _LawColumn:
    return _LawColumn(law.code, _FIELDS[law.kind])


def _day_of_check() -> _LawColumn:
    return _LawColumn(DAY, _FIELDS["day"])


class _WithinMonths(Expression):
    """Going back clips to the month's end and may land early: the first day is then the next one."""

    def __init__(self, months: Law) -> None:
        super().__init__(output_field=_FIELDS["day"])
        self.months = months

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        day = f"law.{quoted(DAY)}"
        span = f"make_interval(months => law.{quoted(self.months.code)})"
        clipped = f"({day} - {span}) + {span} < {day}"
        return f"(({day} - {span})::date + CASE WHEN {clipped} THEN 1 ELSE 0 END)", ()


def stored_form(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical facts as their columns hold them: levels by number."""
    stored = dict(facts)
    for name in LEVEL_FACTS:
        if facts.get(name) is not None:
            stored[name] = LEVEL_BY_CODE[facts[name]].value
    return stored


# -- fragments -----------------------------------------------------------------------------------------------


def need_sql(need: Need, facts: FactModel = PERSON) -> str:
    """The condition as a three-valued SQL expression (its start is not part of it)."""
    return " AND ".join(_compile_expression(_expression_of(test), facts) for test in need.tests)


def _expression_of(test: Test) -> Any:
    if test.fact == DAY:
        day = dt.date.fromisoformat(test.operand)
        return GreaterThanOrEqual(_day_of_check(), Value(day, output_field=models.DateField()))
    return Q(**{f"{test.fact}__{test.operator}": _operand_expression(test.fact, test.operand)})


def compared_day_sql(test: Test) -> str | None:
    """SQL over `law` of the day a fact is compared with, where that day moves with the day of the check."""
    if not isinstance(test.operand, DayOfCheck | WithinMonths):
        return None
    return _bind_literals(*_operand_expression(test.fact, test.operand).as_sql(None, connection))


def _operand_expression(fact: str, operand: Any) -> Any:
    if isinstance(operand, Law):
        return _law_column(operand)
    if isinstance(operand, Fact):
        return F(operand.name)
    if isinstance(operand, DayOfCheck):
        return _day_of_check()
    if isinstance(operand, Sum):
        # In bigint: what two integers make may not fit into one.
        parts = [Cast(_operand_expression(fact, part), models.BigIntegerField()) for part in operand.parts]
        return reduce(add, parts)
    if isinstance(operand, WithinMonths):
        return _WithinMonths(operand.months)
    if isinstance(operand, list):
        return [_operand_expression(fact, item) for item in operand]
    return LEVEL_BY_CODE[operand].value if fact in LEVEL_FACTS else operand


def _compile_expression(expression: Any, facts: FactModel) -> str:
    query = Query(facts.row, alias_cols=False)
    if isinstance(expression, Q):
        node = query.build_where(expression)
    else:
        node = expression.resolve_expression(query)
    return _bind_literals(*query.get_compiler(connection=connection).compile(node))


def _bind_literals(text: str, params: Any) -> str:
    with connection.cursor() as cursor:
        bound: bytes = cursor.cursor.mogrify(text, params)
    if b"%" in bound:
        raise RuleError(f"{bound!r} cannot stand in a rule")
    return bound.decode()


def code_sql(fact: str) -> str:
    """The fact as the text used for it in tables and evidence: levels by their code, the rest as they are."""
    text = f"{quoted(fact)}::text"
    return f"({json_literal(LEVEL_CODES)} ->> {text})" if fact in LEVEL_FACTS else text


def result_sql(result: Result) -> str:
    """An amount or a typed result as SQL, numeric or ready for jsonb; unknown when a part of it is."""
    if isinstance(result, Law):
        return f"law.{quoted(result.code)}"
    if isinstance(result, Cell):
        keys = ", ".join(code_sql(fact) for fact in result.facts)
        cell = f"law.{quoted(result.table.code)} #> ARRAY[{keys}]"
        is_amount = f"jsonb_typeof({cell}) IN ('string', 'number')"
        return f"(CASE WHEN {is_amount} THEN (({cell}) #>> '{{}}')::numeric END)"
    if isinstance(result, Step):
        code = result.steps.code
        starts = f"law.{quoted(code + _STARTS)}"
        return f"(law.{quoted(code)})[width_bucket({quoted(result.fact)}, {starts})]"
    if isinstance(result, Choice):
        return f"({json_literal(dict(result.results))} ->> {code_sql(result.fact)})"
    if isinstance(result, Constant):
        return json_literal(result.value)
    raise RuleError(f"not a result: {result!r}")


def reads_of_result(result: Result) -> tuple[tuple[str, ...], dict[str, str]]:
    """The facts, and the parameters {code: kind}, that a result is computed from."""
    if isinstance(result, Law):
        return (), {result.code: result.kind}
    if isinstance(result, Cell):
        return result.facts, {result.table.code: result.table.kind}
    if isinstance(result, Step):
        return (result.fact,), {result.steps.code: result.steps.kind}
    if isinstance(result, Choice):
        return (result.fact,), {}
    return (), {}


def evidence_sql(fact: str) -> str:
    """The fact in canonical form: the same jsonb from whatever relation it comes."""
    column = quoted(fact)
    field = field_of(fact)
    if fact in LEVEL_FACTS:
        return code_sql(fact)
    if isinstance(field, models.DecimalField):
        return f"trim_scale({column})"
    if isinstance(field, ArrayField):
        ordered = f'SELECT DISTINCT item COLLATE "C" FROM unnest({column}) AS item ORDER BY 1'
        return f"CASE WHEN {column} IS NOT NULL THEN to_jsonb(ARRAY({ordered})) END"
    return column
