"""Derive determinations again, in sets: as the law was confirmed when they were made, or as it is known
today.

The same executor runs over the stored facts, with the rule read back from its stored version. What stands in
FROM is the stored determinations themselves, joined to one row of law per distinct day and state of the law.
"""

# ruff: noqa: S608 - text is put together from compiled rules only; values are bound
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection

from portal.policy import compile as compiler
from portal.policy.compile import json_literal, quoted
from portal.policy.engine import RuleSet, current_rules
from portal.policy.facts import FACTS, LEVEL_FACTS
from portal.policy.law import LawBook, law_book
from portal.policy.models import RuleVersion
from portal.policy.replay import parse
from portal.policy.sets import Statement
from portal.policy.terms import DAY

CHUNK = 20_000


@dataclass(frozen=True)
class Difference:
    """One determination that comes out otherwise. Replaying, `was` and `now` hold every stored part that
    differs.
    """

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


def replay(scope: Scope = Scope(), done: Callable[[int], None] | None = None) -> Iterator[Difference]:  # noqa: B008 - frozen
    """With the stored rule version and the figures confirmed at that moment. Everything must come out
    identical.

    `done` is called with the number of determinations derived after each chunk. Yields what differs.
    """
    book = law_book()
    for version in RuleVersion.objects.order_by("id"):
        if scope.benefit in (None, version.benefit):
            yield from _derive(_rules_of(version), version, book, scope, False, done)


def as_known_today(scope: Scope = Scope(), done: Callable[[int], None] | None = None) -> Iterator[Difference]:  # noqa: B008
    """With today's rules and every figure confirmed until now, on the same day and facts; standing
    determinations only.

    Yields whose outcome, amount or result would be another.
    """
    book = law_book()
    current = {rule.benefit for rule in current_rules().rules}
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


def _differences(rules: RuleSet, chunk: Statement, book: LawBook, today: bool) -> Iterator[Difference]:
    (rule,) = rules.rules
    derived = {
        "outcome": rules.outcome_sql(rule),
        "amount": rules.amount_sql(rule),
        "gives": rules.gives_sql(rule),
    }
    if not today:
        derived |= {
            "fund": "%s::text",
            "conditions": rules.conditions_sql(rule),
            "digest": rules.digest_sql(rule),
        }
    fund = () if today else (rule.fund,)
    stored = _stored(rules, list(derived), chunk, book, today)
    law = _law(rules, stored, book, today)
    source = (
        f"({stored.sql}) AS facts JOIN {law.sql} ON law.{quoted(DAY)} = facts.day AND law.epoch = facts.epoch"
    )
    carried = [*_ABOUT, *(f"was_{name}" for name in derived)]
    inner = rules.verdicts(source, [f"facts.{name}" for name in carried])
    columns = ", ".join([*carried, *(f"{sql} AS now_{name}" for name, sql in derived.items())])
    differs = " OR ".join(f"was_{name} IS DISTINCT FROM now_{name}" for name in derived)
    sql = f"SELECT * FROM (SELECT {columns} FROM ({inner}) AS decided) AS again WHERE {differs} ORDER BY determination"
    for row in Statement(sql, (*fund, *stored.params, *law.params)).rows():
        changed = [name for name in derived if row[f"was_{name}"] != row[f"now_{name}"]]
        yield Difference(
            **{name: row[name] for name in _ABOUT if name != "day"},
            on=row["day"],
            was={name: row[f"was_{name}"] for name in changed},
            now={name: row[f"now_{name}"] for name in changed},
        )


_ABOUT = ("determination", "benefit", "subject_type", "subject_id", "day")


def _stored(rules: RuleSet, compared: list[str], chunk: Statement, book: LawBook, today: bool) -> Statement:
    """The stored determinations as a relation of facts, with what was decided then and the state of the law
    known to it.
    """
    was = {name: f"d.{name}" for name in compared}
    if "conditions" in was:
        was["conditions"] = (
            "(SELECT jsonb_object_agg(c ->> 'code', c -> 'holds') FROM jsonb_array_elements(d.conditions) AS c)"
        )
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
        value, kind = f"(d.facts ->> '{fact}')", compiler.column_type(FACTS[fact])
        if fact in LEVEL_FACTS:
            value = f"({json_literal(compiler.LEVEL_NUMBERS)} ->> {value})"
        elif isinstance(FACTS[fact], ArrayField):
            listed = f"ARRAY(SELECT jsonb_array_elements_text(d.facts -> '{fact}'))"
            value = f"CASE WHEN jsonb_typeof(d.facts -> '{fact}') = 'array' THEN {listed} END"
        columns.append(f"({value})::{kind} AS {quoted(fact)}")
    return columns


def _law(rules: RuleSet, stored: Statement, book: LawBook, today: bool) -> Statement:
    """The law relation: a row for every distinct day and state of the law among the stored rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT day, epoch FROM ({stored.sql}) AS d", stored.params)
        states = cursor.fetchall()
    rows = []
    for day, epoch in states:
        law = book.on(day) if today else book.on(day, book.moments[epoch - 1] if epoch else _BEFORE_ALL)
        cells = compiler.law_cells(rules.laws, day, {code: law.value(code) for code in rules.laws})
        rows.append({**cells, "epoch": epoch})
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in compiler.law_columns(rules.laws))
    return Statement(f"jsonb_to_recordset(%s::jsonb) AS law({columns}, epoch integer)", (json.dumps(rows),))


_BEFORE_ALL = dt.datetime.min.replace(tzinfo=dt.UTC)
