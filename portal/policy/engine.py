"""The one executor: a set of rules compiled once to constant SQL over two relations, `facts` and `law`.

Typed-in facts, one stored worker, the whole register, a replay and a draft of new law differ only in what
stands in FROM. Three layers: every distinct condition and result once (c0, c1, …), then a verdict per benefit
(b0, b1, …), then what the caller asks for. The digest of what is kept is a column of the same query; that of
an answer which is not kept is taken of the same text where it is put together (portal.policy.fast_answers.digests).
"""

# ruff: noqa: S608 - text is put together from compiled rules only; facts and law are bound
from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

from portal.policy import compile as compiler
from portal.policy.benefits import CATALOGUE
from portal.policy.compile import json_literal, quoted, text_literal
from portal.policy.facts import FACTS, LEVEL_BY_CODE, LEVEL_FACTS, in_order
from portal.policy.fast_answers.digests import DigestSheet, answer_digests, digest_sheet
from portal.policy.fast_answers.templates import ReadyText, canonical_json
from portal.policy.law import STAMP, DayLaw, law_book_at
from portal.policy.replay import parse
from portal.policy.rules import Need, Rule, RuleError, Tree, definition
from portal.policy.terms import DAY, Constant

# One for all: json.loads makes a new one each time when numbers are to be exact.
_read = json.JSONDecoder(parse_float=Decimal).decode
_LONGEST_NAME = 63  # PostgreSQL cuts longer identifiers without a word
_MOST_PAIRS, _MOST_ITEMS = 40, 90  # a function takes 100 arguments


class RuleSet:
    """Some rules, compiled together. Conditions that several share are computed once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._places = {rule.benefit: place for place, rule in enumerate(self.rules)}
        self.laws: dict[str, str] = {}
        self._columns: dict[str, str] = {}
        self._needs: dict[tuple[str, str], str] = {}
        self._results: dict[tuple[str, str], str] = {}
        self._reads: dict[str, tuple[list[str], list[str]]] = {}
        for rule in self.rules:
            self._compile(rule)
        self.facts = in_order({fact for facts, _ in self._reads.values() for fact in facts})
        for name, _ in compiler.law_columns(self.laws):
            if len(name.encode()) > _LONGEST_NAME:
                raise RuleError(
                    f"{name}: parameter codes used by rules are at most {_LONGEST_NAME} bytes long"
                )

    def _compile(self, rule: Rule) -> None:
        facts: set[str] = set()
        laws: dict[str, str] = {}
        for need in rule.needs:
            self._needs[rule.benefit, need.code] = self._column(compiler.need_sql(need))
            read, figures = need.reads
            facts.update(read)
            laws.update(figures)
        for key, result in rule.results.items():
            self._results[rule.benefit, key] = self._column(compiler.result_sql(result))
            of_result, figures = compiler.reads_of_result(result)
            facts.update(of_result)
            laws.update(figures)
        self._reads[rule.benefit] = in_order(facts), sorted(laws)
        self.laws.update(laws)

    def _column(self, sql: str) -> str:
        return self._columns.setdefault(sql, f"c{len(self._columns)}")

    def facts_of(self, rule: Rule) -> list[str]:
        return self._reads[rule.benefit][0]

    def laws_of(self, rule: Rule) -> list[str]:
        return self._reads[rule.benefit][1]

    def condition_column(self, rule: Rule, need: Need) -> str:
        return self._needs[rule.benefit, need.code]

    def result_column(self, rule: Rule, key: str) -> str:
        return self._results[rule.benefit, key]

    # -- layers ----------------------------------------------------------------------------------------------

    def verdicts(self, source: str, keep: Iterable[str] = ()) -> str:
        """The second layer over `source`, the FROM text that names `facts` and `law`; `keep` is carried along
        as it stands.
        """
        law = [f"law.{quoted(name)}" for name, _ in compiler.law_columns(self.laws)]
        facts = [f"facts.{quoted(fact)}" for fact in self.facts]
        conditions = [f"({sql}) AS {alias}" for sql, alias in self._columns.items()]
        first = f"SELECT {', '.join([*keep, *facts, *law, *conditions])} FROM {source} OFFSET 0"
        verdicts = ", ".join(
            f"{self._verdict(rule, rule.when)} AS b{place}" for place, rule in enumerate(self.rules)
        )
        return f"SELECT decided.*, {verdicts} FROM ({first}) AS decided OFFSET 0"

    def _verdict(self, rule: Rule, node: Need | Tree) -> str:
        return self._tree(node, lambda need: self.condition_column(rule, need), quoted(DAY))

    def _tree(self, node: Need | Tree, condition: Callable[[Need], str], day: str) -> str:
        if isinstance(node, Need):
            return condition(node)
        parts = []
        for part in node.parts:
            sql = self._tree(part, condition, day)
            if isinstance(part, Need) and part.since:
                # Absent before its start: the neutral element of the node it stands in.
                before = "<" if node.every else ">="
                sql = f"({day} {before} DATE '{part.since}' {'OR' if node.every else 'AND'} {sql})"
            parts.append(sql)
        return "(" + (" AND " if node.every else " OR ").join(parts) + ")"

    # -- without layers --------------------------------------------------------------------------------------

    def condition_sql(self, rule: Rule, need: Need) -> str:
        """The condition itself, over `facts` and `law` in FROM: for one rule over many rows, where carrying
        columns costs most.
        """
        wanted = self.condition_column(rule, need)
        return "(" + next(sql for sql, alias in self._columns.items() if alias == wanted) + ")"

    def verdict_sql(self, rule: Rule) -> str:
        """The whole rule in the same way: true, false, or NULL when it cannot be told."""
        return self._tree(rule.when, lambda need: self.condition_sql(rule, need), f"law.{quoted(DAY)}")

    def result_sql(self, rule: Rule, key: str) -> str:
        """What the rule gives, in the same way, to whomever: the amount in yuan unless another key is named.
        NULL without a value.
        """
        if key not in rule.results:
            return "NULL::numeric"
        wanted = self.result_column(rule, key)
        return "(" + next(sql for sql, alias in self._columns.items() if alias == wanted) + ")"

    # -- columns of the third layer --------------------------------------------------------------------------

    def place(self, rule: Rule) -> int:
        return self._places[rule.benefit]

    def outcome_sql(self, rule: Rule, verdict: str = "") -> str:
        """The outcome of the verdict, in the second layer's column or as given."""
        return f"CASE {verdict or f'b{self.place(rule)}'} WHEN true THEN 'eligible' WHEN false THEN 'ineligible' ELSE 'undetermined' END"

    def amount_sql(self, rule: Rule) -> str:
        if rule.amount is None:
            return "NULL::numeric"
        return f"CASE WHEN b{self.place(rule)} THEN round({self.result_column(rule, 'amount')}, 2) END"

    def gives_sql(self, rule: Rule) -> str:
        if not rule.gives:
            return "'{}'::jsonb"
        given = json_object({key: self.result_column(rule, key) for key in rule.gives})
        return f"CASE WHEN b{self.place(rule)} THEN {given} ELSE '{{}}'::jsonb END"

    def facts_sql(self, rule: Rule) -> str:
        return json_object({fact: compiler.evidence_sql(fact) for fact in self.facts_of(rule)})

    def conditions_sql(self, rule: Rule) -> str:
        """{code: holds} of the conditions present on the day."""
        always = {need.code: self.condition_column(rule, need) for need in rule.needs if not need.since}
        dated = [
            f"CASE WHEN {quoted(DAY)} >= DATE '{need.since}' THEN {json_object({need.code: self.condition_column(rule, need)})} "
            "ELSE '{}'::jsonb END"
            for need in rule.needs
            if need.since
        ]
        return "(" + " || ".join([json_object(always), *dated]) + ")"

    def digest_sql(self, rule: Rule) -> str:
        """SHA-256 in hex over jsonb's own canonical text: codes and canonical values, never words."""
        body = json_object(
            {
                "benefit": text_literal(rule.benefit) + "::text",
                "version": str(rule.version),
                "on": quoted(DAY),
                "facts": self.facts_sql(rule),
                "law": self._figures_sql(rule),
                "conditions": self.conditions_sql(rule),
                "outcome": self.outcome_sql(rule),
                "amount": f"({self.amount_sql(rule)})::text",
                "fund": text_literal(rule.fund) + "::text" if rule.fund else "NULL::text",
                "gives": self.gives_sql(rule),
            }
        )
        return f"encode(sha256(convert_to(({body})::text, 'UTF8')), 'hex')"

    def _figures_sql(self, rule: Rule) -> str:
        law = {}
        for code in self.laws_of(rule):
            columns = [
                quoted(name) for name, _ in compiler.law_columns({code: self.laws[code]}) if name != DAY
            ]
            law[code] = columns[0] if len(columns) == 1 else f"jsonb_build_array({', '.join(columns)})"
        return json_object(law)

    # -- typed-in facts --------------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> list[str]:
        """Names of what the statement answers, in order: conditions and results, then verdicts."""
        return [*self._columns.values(), *(f"b{place}" for place in range(len(self.rules)))]

    @cached_property
    def _digests(self) -> list[str]:
        return [f"d{place}" for place in range(len(self.rules))]

    def typed_facts_sql(self) -> str:
        """The constant statement over two jsonb parameters, facts and law: the columns in JSON arrays, then
        the stamp of the law.

        Arrays, because the driver takes longer over ninety columns, each with a name, than PostgreSQL over
        the rules.
        """
        facts = ", ".join(f"{quoted(fact)} {compiler.column_type(FACTS[fact])}" for fact in self.facts)
        law = ", ".join(f"{quoted(name)} {kind}" for name, kind in compiler.law_columns(self.laws))
        source = f"jsonb_to_record($1) AS facts({facts}) CROSS JOIN jsonb_to_record($2) AS law({law})"
        said = self.columns
        arrays = [
            f"json_build_array({', '.join(said[at : at + _MOST_ITEMS])})::text"
            for at in range(0, len(said), _MOST_ITEMS)
        ]
        return f"SELECT {', '.join(arrays)}, {STAMP} FROM ({self.verdicts(source)}) AS answered"

    def decide(self, facts: Mapping[str, Any], law: DayLaw) -> dict[str, Any]:
        """Every column, and the digests d0, d1, …, for canonical typed-in facts, by a statement prepared once
        per connection.

        `stamp` is that of the confirmed law at the moment of the answer, whatever `law` is.
        """
        with connection.cursor() as cursor:
            name = _prepared(self, cursor)
            cursor.execute(f"EXECUTE {name}(%s, %s)", [json.dumps(stored_form(facts)), self._cells(law)])
            *arrays, stamp = cursor.fetchone()
        row = dict(zip(self.columns, (value for array in arrays for value in _read(array)), strict=True))
        row.update(zip(self._digests, answer_digests(self._sheets(law), row, facts), strict=True))
        row["stamp"] = stamp
        return row

    def _cells(self, law: DayLaw) -> str:
        found: str | None = law.kept.get(self)
        if found is None:
            values = {code: law.value(code) for code in self.laws}
            found = law.kept[self] = json.dumps(compiler.law_cells(self.laws, law.on, values))
        return found

    def _sheets(self, law: DayLaw) -> list[DigestSheet]:
        """What the digests are taken of under a law, rule by rule."""
        found: list[DigestSheet] | None = law.kept.get((DigestSheet, self))
        if found is None:
            day = law.on.isoformat()
            given = {
                rule.benefit: {key: self._result(rule, key) for key in rule.results} for rule in self.rules
            }
            found = law.kept[DigestSheet, self] = [
                digest_sheet(
                    rule,
                    day,
                    figures,
                    self.facts_of(rule),
                    {
                        need.code: self.condition_column(rule, need)
                        for need in rule.needs
                        if need.present_on(day)
                    },
                    f"b{self.place(rule)}",
                    given[rule.benefit],
                )
                for rule, figures in zip(self.rules, self._figures_as_text(law), strict=True)
            ]
        return found

    def _result(self, rule: Rule, key: str) -> str | ReadyText:
        result = rule.results[key]
        return (
            ReadyText(canonical_json(result.value))
            if isinstance(result, Constant)
            else self.result_column(rule, key)
        )

    def _figures_as_text(self, law: DayLaw) -> list[str]:
        """The figures each rule reads, as jsonb prints them."""
        row = ", ".join(f"{quoted(name)} {kind}" for name, kind in compiler.law_columns(self.laws))
        texts = ", ".join(f"({self._figures_sql(rule)})::text" for rule in self.rules)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {texts} FROM jsonb_to_record(%s::jsonb) AS law({row})", [self._cells(law)]
            )
            return list(cursor.fetchone())

    def decide_as_confirmed(self, facts: Mapping[str, Any], on: dt.date) -> tuple[dict[str, Any], DayLaw]:
        """`decide` under the law of the day `on` as confirmed now, and that law, in one query as long as nothing
        was confirmed.

        The answer itself brings the stamp of the law: when it is not that of the law read before, it is asked
        again.
        """
        stamp = None
        while True:
            book = law_book_at(stamp)
            law = book.on(on)
            row = self.decide(facts, law)
            stamp = row["stamp"]
            if stamp == book.stamp:
                return row, law


def json_object(pairs: Mapping[str, str]) -> str:
    """SQL that builds a jsonb object from SQL values, however many."""
    items = [f"{text_literal(key)}, {sql}" for key, sql in pairs.items()]
    parts = [
        f"jsonb_build_object({', '.join(items[at : at + _MOST_PAIRS])})"
        for at in range(0, len(items), _MOST_PAIRS)
    ]
    return f"({' || '.join(parts)})" if len(parts) > 1 else parts[0] if parts else "'{}'::jsonb"


def stored_form(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical facts as their columns hold them: levels by number."""
    levels = {name: LEVEL_BY_CODE[facts[name]].value for name in LEVEL_FACTS if facts.get(name) is not None}
    return {**facts, **levels}


# What each database connection has prepared. A connection that was closed and opened again starts from
# nothing. Prepared statements belong to a session: a pooler that hands sessions around per transaction must
# not stand in between.
_done: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def _prepared(rules: RuleSet, cursor: Any) -> str:
    text, name = _statement(rules)
    done = _done.setdefault(connection.connection, set())
    if name not in done:
        cursor.execute(f"PREPARE {name}(jsonb, jsonb) AS {text}")
        done.add(name)
    return name


@lru_cache(maxsize=64)
def _statement(rules: RuleSet) -> tuple[str, str]:
    """The text and the name under which it is prepared; the name follows the text, so a new release prepares
    its own.
    """
    text = rules.typed_facts_sql()
    return text, "check_" + hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Rule]:
    return {benefit.code: parse(json.loads(json.dumps(definition(benefit)))) for benefit in CATALOGUE}


@lru_cache(maxsize=64)
def _rule_set(codes: tuple[str, ...]) -> RuleSet:
    return RuleSet([_catalogue()[code] for code in codes])


def current_rules(benefits: Iterable[str] | None = None) -> RuleSet:
    """The catalogue's rules, all or those named, in catalogue order whatever order they are named in."""
    wanted = None if benefits is None else set(benefits)
    return _rule_set(tuple(code for code in _catalogue() if wanted is None or code in wanted))


def clause_of(rule: Rule, need: Need, law: DayLaw) -> dict[str, str | None]:
    """What a condition rests on: its own clause, else the document behind its figure on that day, else the
    benefit's clause.
    """
    if need.cite:
        return need.cite.data()
    for code in need.reads[1]:
        if figure := law.figures.get(code):
            return {"document": figure.document, "number": figure.article or None}
    return rule.clause.data()


__all__ = ["RuleSet", "clause_of", "current_rules", "json_literal", "json_object", "stored_form"]
