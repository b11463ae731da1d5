"""The executor over sets: a relation with the fact columns goes in, masks or full answers come out as SQL.

Nothing here loops over people. A `Relation` is SQL text with its parameters; what comes out is a `Statement`,
to be read, or written into a table with `INSERT INTO … ` in front of it.
"""

# ruff: noqa: S608 - text is put together from compiled rules and the caller's relation; values are bound
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from portal.policy import compile as compiler
from portal.policy.compile import quoted, text_literal
from portal.policy.engine import RuleSet, clause_of, current_rules, json_object, stored_form
from portal.policy.facts import PERSON, FactModel
from portal.policy.law import DayLaw, law_on
from portal.policy.rules import Need, Rule

_JSONB = 3802  # Django leaves jsonb as text on raw cursors
_MOST_BITS = 15  # of a smallint
_HALF = 32  # of the bits of a bigint


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters in order. A literal `%` in the text is written `%%`."""

    sql: str
    params: tuple[Any, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Run it and read every row as a dictionary."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            names = [column.name for column in cursor.description]
            json_places = [
                place for place, column in enumerate(cursor.description) if column.type_code == _JSONB
            ]
            for values in cursor:
                row = list(values)
                for place in json_places:
                    if isinstance(row[place], str):
                        row[place] = json.loads(row[place])
                yield dict(zip(names, row, strict=True))


@dataclass(frozen=True)
class Relation:
    """SELECT text with one row per subject: the fact columns, and the subject's number in the column `key`.

    `sources` names a jsonb column {fact: where it comes from}, kept beside determinations; none when empty.
    """

    sql: str
    params: tuple[Any, ...] = ()
    key: str = "worker_id"
    sources: str = ""


def typed_relation(
    facts: Mapping[str, Any],
    subject_id: int | None = None,
    sources: Mapping[str, str] | None = None,
    *,
    model: FactModel = PERSON,
) -> Relation:
    """Canonical typed-in facts as a relation of one row."""
    columns = ", ".join(
        f"{quoted(name)} {compiler.column_type(field)}" for name, field in model.fields.items()
    )
    sql = (
        "SELECT %s::bigint AS worker_id, %s::jsonb AS sources, typed.*"
        f" FROM jsonb_to_record(%s::jsonb) AS typed({columns})"
    )
    params = subject_id, json.dumps(dict(sources or {})), json.dumps(stored_form(facts))
    return Relation(sql, params, sources="sources")


def evaluate(
    source: Relation | str,
    params: Sequence[Any] = (),
    on: dt.date | None = None,
    benefits: Iterable[str] | None = None,
    form: Literal["masks", "answers"] = "masks",
    *,
    law: DayLaw | None = None,
    outcomes: Iterable[str] | None = None,
) -> Statement:
    """The rules of `benefits` (all by default) applied to every row of a relation, on a day.

    `masks`: subject_id, eligible and undetermined as bits in catalogue order (bit 0 the first benefit).
    `answers`: a row per subject and benefit with outcome, amount, gives, the facts used, each condition and
    the digest; `outcomes` keeps only those. `law` is a draft to decide by instead of the law as confirmed.
    """
    relation = source if isinstance(source, Relation) else Relation(source, tuple(params))
    if law is None:
        if on is None:
            raise ValueError("a day or a law is needed")
        law = law_on(on)
    rules = current_rules(benefits)
    return masks(rules, relation, law) if form == "masks" else answers(rules, relation, law, outcomes)


def from_clause(rules: RuleSet, relation: Relation, law: DayLaw) -> Statement:
    """FROM text: the relation as `facts`, the law of the day as a row of literals the planner can fold."""
    row = law_row(rules, law)
    return Statement(
        f"({relation.sql}) AS facts CROSS JOIN ({row.sql}) AS law", (*relation.params, *row.params)
    )


def law_row(rules: RuleSet, law: DayLaw) -> Statement:
    """The law of the day as a SELECT of one row of literals, a column per parameter that the rules read."""
    columns = compiler.law_columns(rules.laws)
    cells = compiler.law_cells(rules.laws, law.on, {code: law.value(code) for code in rules.laws})
    selected = []
    values = []
    for name, kind in columns:
        selected.append(f"%s::{kind} AS {quoted(name)}")
        value = cells[name]
        values.append(json.dumps(value) if isinstance(value, dict) else value)
    return Statement(f"SELECT {', '.join(selected)}", tuple(values))


def masks(
    rules: RuleSet,
    relation: Relation,
    law: DayLaw,
    *,
    places: Mapping[str, int] | None = None,
    keep: Mapping[str, str] | None = None,
) -> Statement:
    """Who is entitled and of whom it cannot be told, as bits; see `evaluate`.

    `places` gives each benefit its bit (their order in the catalogue by default), `keep` further columns as
    {name: SQL over the facts}. ValueError for a bit beyond the 31st.
    """
    source = from_clause(rules, relation, law)
    kept = {quoted(name): sql for name, sql in (keep or {}).items()}
    # Conditions in one layer: handing every column of every row on costs three times what deciding a shared
    # one twice does. A rule's verdict is taken once, and put into the one half of a number or the other; OFFSET 0
    # keeps it from being computed again wherever that number is named.
    decided = [f"facts.{quoted(relation.key)} AS subject_id", f"{_both_masks(rules, places)} AS both_masks"]
    decided += [f"{sql} AS {name}" for name, sql in kept.items()]
    columns = ["subject_id", f"both_masks & {(1 << _HALF) - 1} AS eligible"]
    columns += [f"both_masks >> {_HALF} AS undetermined", *kept]
    return Statement(
        f"SELECT {', '.join(columns)}"
        f" FROM (SELECT {', '.join(decided)} FROM {source.sql} OFFSET 0) AS decided",
        source.params,
    )


def _both_masks(rules: RuleSet, places: Mapping[str, int] | None) -> str:
    """SQL of a number: the bits of who is entitled in its lower half, of whom it cannot be told in the upper."""
    cells = []
    for order, rule in enumerate(rules.rules):
        place = order if places is None else places[rule.benefit]
        if place >= _HALF - 1:
            raise ValueError(f"{rule.benefit}: bit {place} does not fit into half a mask")
        cells.append(
            f"CASE {rules.verdict_sql(rule)} WHEN true THEN {1 << place}::bigint"
            f" WHEN false THEN 0 ELSE {1 << place + _HALF}::bigint END"
        )
    return f"({' | '.join(cells)})"


def condition_masks(rules: RuleSet, relation: Relation, law: DayLaw, keep: Iterable[str] = ()) -> Statement:
    """One rule over a register, with little written for each subject: `outcome`, and its conditions as bits.

    Bit n of `failed` is set when the nth of `conditions_present` does not hold, of `unknown` when that cannot
    be told. Columns of the relation named in `keep` and the facts the rule reads stand beside them.
    ValueError for a rule of more than 15 conditions.
    """
    (rule,) = rules.rules
    conditions = [rules.condition_sql(rule, need) for need in conditions_present(rule, law.on)]
    if len(conditions) > _MOST_BITS:
        raise ValueError(f"{rule.benefit}: more than {_MOST_BITS} conditions do not fit into a mask")

    def bits(test: str) -> str:
        cells = []
        for place, sql in enumerate(conditions):
            cells.append(f"CASE WHEN {sql} {test} THEN {1 << place} ELSE 0 END")
        return f"({' | '.join(cells)})"

    # In one layer: each further one hands every column of every row on once more.
    columns = [f"facts.{quoted(name)}" for name in dict.fromkeys((*keep, *rules.facts))]
    columns.append(f"{rules.outcome_sql(rule, rules.verdict_sql(rule))} AS outcome")
    columns += [f"{bits('IS FALSE')} AS failed", f"{bits('IS NULL')} AS unknown"]
    source = from_clause(rules, relation, law)
    return Statement(f"SELECT {', '.join(columns)} FROM {source.sql}", source.params)


def conditions_present(rule: Rule, on: dt.date) -> list[Need]:
    """The conditions the rule has on the day, in the order of the law."""
    return [need for need in rule.needs if need.present_on(on.isoformat())]


def answers(
    rules: RuleSet, relation: Relation, law: DayLaw, outcomes: Iterable[str] | None = None
) -> Statement:
    """One row per subject and benefit; see `evaluate`."""
    source = from_clause(rules, relation, law)
    keep = [f"facts.{quoted(relation.key)} AS subject_id"]
    if relation.sources:
        keep.append(f"facts.{quoted(relation.sources)} AS fact_sources")
    inner = rules.verdicts(source.sql, keep)
    wanted = None if outcomes is None else sorted(set(outcomes))
    parts, params = [], list(source.params)
    for rule in rules.rules:
        part = _answer_select(rules, rule, law, bool(relation.sources), wanted)
        parts.append(part.sql)
        params.extend(part.params)
    per_benefit = " UNION ALL ".join(parts)
    sql = f"""
SELECT subject_id, answer.* FROM ({inner}) AS decided
CROSS JOIN LATERAL ({per_benefit}) AS answer
"""
    return Statement(sql, tuple(params))


def _answer_select(
    rules: RuleSet, rule: Rule, law: DayLaw, with_sources: bool, wanted: list[str] | None
) -> Statement:
    sources = {fact: f"fact_sources -> {text_literal(fact)}" for fact in rules.facts_of(rule)}
    conditions, params = _conditions_json(rules, rule, law)
    columns = {
        "benefit": text_literal(rule.benefit) + "::text",
        "outcome": f"({rules.outcome_sql(rule)})::text",
        "amount": f"({rules.amount_sql(rule)})::numeric",
        "fund": text_literal(rule.fund) + "::text" if rule.fund else "NULL::text",
        "gives": rules.gives_sql(rule),
        "facts": rules.facts_sql(rule),
        "fact_sources": f"jsonb_strip_nulls({json_object(sources)})" if with_sources else "'{}'::jsonb",
        "conditions": conditions,
        "law": "%s::jsonb",
        "digest": rules.digest_sql(rule),
    }
    figures = {code: law.figures[code].data() for code in rules.laws_of(rule) if code in law.figures}
    params.append(json.dumps(figures, ensure_ascii=False))
    selected = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    if wanted is None:
        return Statement(f"SELECT {selected}", tuple(params))
    params.append(wanted)
    return Statement(f"SELECT {selected} WHERE {rules.outcome_sql(rule)} = ANY(%s)", tuple(params))


def _conditions_json(rules: RuleSet, rule: Rule, law: DayLaw) -> tuple[str, list[Any]]:
    """A jsonb array of the day's conditions, with the clause each rests on and whether it holds."""
    items: list[str] = []
    params: list[Any] = []
    for need in conditions_present(rule, law.on):
        code, holds = text_literal(need.code), rules.condition_column(rule, need)
        items.append(f"jsonb_build_object('code', {code}, 'clause', %s::jsonb, 'holds', {holds})")
        params.append(json.dumps(clause_of(rule, need, law), ensure_ascii=False))
    return f"jsonb_build_array({', '.join(items)})", params
