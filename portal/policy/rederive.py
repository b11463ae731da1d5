"""Derive determinations again, in sets: by the law as confirmed when they were made, or as known today.

The same executor runs over the stored facts, with the rule read back from its stored version. What stands in
FROM is the stored determinations themselves, joined to one row of law per distinct day and state of the law.
"""

# ruff: noqa: S608 - text is put together from compiled rules only; values are bound
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection

from portal.policy import compile as compiler
from portal.policy.benefits import further_benefits
from portal.policy.compile import json_literal, quoted, text_literal
from portal.policy.engine import RuleSet, current_rules
from portal.policy.facts import LEVEL_FACTS, field_of
from portal.policy.law import LawBook, law_book
from portal.policy.models import RuleVersion
from portal.policy.replay import parse
from portal.policy.sets import Statement
from portal.policy.terms import DAY

CHUNK = 20_000


@dataclass(frozen=True)
class Difference:
    """One determination that comes out otherwise; `was` and `now` hold the parts that differ."""

    determination: int
    benefit: str
    subject_type: str
    subject_id: int | None
    on: dt.date
    was: dict[str, Any]
    now: dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Which determinations to derive: decided on or after `since`, of one `benefit`; all without either."""

    since: dt.date | None = None
    benefit: str | None = None


EVERYTHING = Scope()


def replay(scope: Scope = EVERYTHING, done: Callable[[int], None] | None = None) -> Iterator[Difference]:
    """What differs by the stored rule versions and the figures known at the decision: nothing may.

    `done` is called after each chunk with the number of determinations derived.
    """
    book = law_book()
    for version in RuleVersion.objects.order_by("id"):
        if scope.benefit in (None, version.benefit):
            yield from _derive(_rules_of(version), version, book, scope, False, done)


def as_known_today(
    scope: Scope = EVERYTHING, done: Callable[[int], None] | None = None
) -> Iterator[Difference]:
    """Whose outcome, amount or result would be another by today's rules and figures, on the same facts.

    Only determinations that nothing has superseded are derived.
    """
    book = law_book()
    current = {rule.benefit for rule in current_rules().rules} | {one.code for one in further_benefits()}
    for version in RuleVersion.objects.order_by("id"):
        if scope.benefit in (None, version.benefit) and version.benefit in current:
            yield from _derive(current_rules([version.benefit]), version, book, scope, True, done)


def _rules_of(version: RuleVersion) -> RuleSet:
    return _compiled(json.dumps(version.definition))


@lru_cache(maxsize=128)
def _compiled(definition: str) -> RuleSet:
    return RuleSet([parse(json.loads(definition))])


def _derive(
    rules: RuleSet,
    version: RuleVersion,
    book: LawBook,
    scope: Scope,
    today: bool,
    done: Callable[[int], None] | None,
) -> Iterator[Difference]:
    last = 0
    while True:
        chunk = _chunk(version, scope, today, last)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*), max(d.id) FROM ({chunk.sql}) AS d", chunk.params)
            count, newest = cursor.fetchone()
        if not count:
            return
        yield from _differences(rules, chunk, book, today)
        last = newest
        if done:
            done(count)


def _chunk(version: RuleVersion, scope: Scope, today: bool, after: int) -> Statement:
    """The next determinations of a version, in order of their ids."""
    where = ["d.rule_version_id = %s", "d.id > %s"]
    params: list[Any] = [version.pk, after]
    if scope.since:
        where.append("d.decided_at >= %s::date::timestamp AT TIME ZONE 'Asia/Shanghai'")
        params.append(scope.since)
    if today:
        where.append("NOT EXISTS (SELECT 1 FROM policy_determination later WHERE later.supersedes_id = d.id)")
    sql = f"SELECT d.* FROM policy_determination d WHERE {' AND '.join(where)} ORDER BY d.id LIMIT {CHUNK}"
    return Statement(sql, tuple(params))


_ABOUT = ("determination", "benefit", "subject_type", "subject_id", "day")


def _differences(rules: RuleSet, chunk: Statement, book: LawBook, today: bool) -> Iterator[Difference]:
    compared = _compared_columns(rules, today)
    for row in _differing_rows(rules, compared, chunk, book, today).rows():
        changed = [name for name in compared if row[f"was_{name}"] != row[f"now_{name}"]]
        yield Difference(
            determination=row["determination"],
            benefit=row["benefit"],
            subject_type=row["subject_type"],
            subject_id=row["subject_id"],
            on=row["day"],
            was={name: row[f"was_{name}"] for name in changed},
            now={name: row[f"now_{name}"] for name in changed},
        )


def _compared_columns(rules: RuleSet, today: bool) -> dict[str, str]:
    """{stored column: SQL that derives it}. By today's law only what somebody would notice is compared."""
    (rule,) = rules.rules
    columns = {
        "outcome": rules.outcome_sql(rule),
        "amount": rules.amount_sql(rule),
        "gives": rules.gives_sql(rule),
    }
    if not today:
        columns["fund"] = text_literal(rule.fund) + "::text" if rule.fund else "NULL::text"
        columns["conditions"] = rules.conditions_sql(rule)
        columns["digest"] = rules.digest_sql(rule)
    return columns


def _differing_rows(
    rules: RuleSet, compared: Mapping[str, str], chunk: Statement, book: LawBook, today: bool
) -> Statement:
    """The determinations of a chunk whose compared columns come out otherwise, with both values of each."""
    stored = _stored_relation(rules, list(compared), chunk, book, today)
    law = _law_relation(rules, stored, book, today)
    source = (
        f"({stored.sql}) AS facts JOIN {law.sql} ON law.{quoted(DAY)} = facts.day AND law.epoch = facts.epoch"
    )
    carried = [*_ABOUT, *(f"was_{name}" for name in compared)]
    decided = rules.verdicts(source, [f"facts.{name}" for name in carried])
    columns = ", ".join([*carried, *(f"{sql} AS now_{name}" for name, sql in compared.items())])
    differs = " OR ".join(f"was_{name} IS DISTINCT FROM now_{name}" for name in compared)
    sql = f"""
SELECT * FROM (SELECT {columns} FROM ({decided}) AS decided) AS derived
WHERE {differs} ORDER BY determination
"""
    return Statement(sql, (*stored.params, *law.params))


_HOLDS_BY_CODE = (
    "(SELECT jsonb_object_agg(c ->> 'code', c -> 'holds') FROM jsonb_array_elements(d.conditions) AS c)"
)


def _stored_relation(
    rules: RuleSet, compared: list[str], chunk: Statement, book: LawBook, today: bool
) -> Statement:
    """The stored determinations as a relation of facts, with what was decided then and the law known then."""
    was = {name: f"d.{name}" for name in compared}
    if "conditions" in was:
        was["conditions"] = _HOLDS_BY_CODE
    # How many of the moments of confirmation lay at or before the decision.
    epoch = "0" if today else "width_bucket(d.decided_at, %s::timestamptz[])"
    columns = [
        'd.id AS determination, d.benefit, d.subject_type, d.subject_id, d."on" AS day',
        f"{epoch} AS epoch",
        *(f"{sql} AS was_{name}" for name, sql in was.items()),
        *_stored_facts(rules),
    ]
    sql = f"SELECT {', '.join(columns)} FROM ({chunk.sql}) AS d"
    return Statement(sql, chunk.params if today else (book.moments, *chunk.params))


def _stored_facts(rules: RuleSet) -> list[str]:
    """The fact columns out of the stored evidence; a fact the version did not use is unknown."""
    columns = []
    for fact in rules.facts:
        field = field_of(fact)
        kind = compiler.column_type(field)
        value = f"(d.facts ->> '{fact}')"
        if fact in LEVEL_FACTS:
            value = f"({json_literal(compiler.LEVEL_NUMBERS)} ->> {value})"
        elif isinstance(field, ArrayField):
            listed = f"ARRAY(SELECT jsonb_array_elements_text(d.facts -> '{fact}'))"
            value = f"CASE WHEN jsonb_typeof(d.facts -> '{fact}') = 'array' THEN {listed} END"
        columns.append(f"({value})::{kind} AS {quoted(fact)}")
    return columns


def _law_relation(rules: RuleSet, stored: Statement, book: LawBook, today: bool) -> Statement:
    """The law relation: a row for every distinct day and state of the law among the stored rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT day, epoch FROM ({stored.sql}) AS d", stored.params)
        states = cursor.fetchall()
    rows = []
    for day, epoch in states:
        law = book.on(day) if today else book.on(day, _moment_of(book, epoch))
        cells = compiler.law_cells(rules.laws, day, {code: law.value(code) for code in rules.laws})
        rows.append({**cells, "epoch": epoch})
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in compiler.law_columns(rules.laws))
    return Statement(f"jsonb_to_recordset(%s::jsonb) AS law({columns}, epoch integer)", (json.dumps(rows),))


def _moment_of(book: LawBook, epoch: int) -> dt.datetime:
    """The last moment of confirmation that a decision of this epoch knew, or one before all of them."""
    if epoch == 0:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return book.moments[epoch - 1]
