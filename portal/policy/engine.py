"""The one executor: a set of rules compiled once to constant SQL over two relations, `facts` and `law`.

Typed-in facts, one stored worker, the whole register, a replay and a draft of new law differ only in what
stands in FROM. Three layers: every distinct condition and result once (c0, c1, …), then a verdict per benefit
(b0, b1, …), then what the caller asks for. The digest of what is kept is a column of the same query; that of
an answer which is not kept is taken of the same text elsewhere (portal.policy.fast_answers.digests).
"""

# ruff: noqa: S608 - text is put together from compiled rules only; facts and law are bound
from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from portal.policy import compile as compiler
from portal.policy.benefits import BY_CODE, CATALOGUE, further_benefits
from portal.policy.compile import json_literal, json_object, quoted, stored_form, text_literal
from portal.policy.facts import PERSON, field_of
from portal.policy.fast_answers.digests import DigestSheet, answer_digests, digest_sheet
from portal.policy.fast_answers.templates import ReadyText, canonical_json
from portal.policy.fast_answers.texts import texts_of
from portal.policy.law import STAMP, DayLaw, law_book_at
from portal.policy.prepared import only_row
from portal.policy.replay import parse
from portal.policy.rules import Need, Rule, RuleError, Tree, definition
from portal.policy.terms import DAY, Constant

# One for all: json.loads makes a new one each time when numbers are to be exact.
_read_json = json.JSONDecoder(parse_float=Decimal).decode
_LONGEST_NAME = 63  # PostgreSQL cuts longer identifiers without a word
_MOST_ITEMS = 90  # a function takes 100 arguments


class RuleSet:
    """Some rules, compiled together. Conditions that several share are computed once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.fact_model = rules[0].facts if rules else PERSON
        self._places = {rule.benefit: place for place, rule in enumerate(self.rules)}
        self.laws: dict[str, str] = {}
        self._columns: dict[str, str] = {}
        self._needs: dict[tuple[str, str], str] = {}
        self._results: dict[tuple[str, str], str] = {}
        self._reads: dict[str, tuple[list[str], list[str]]] = {}
        for rule in self.rules:
            self._compile_rule(rule)
        self.facts = self.fact_model.in_order(set[str]().union(*(facts for facts, _ in self._reads.values())))
        self._refuse_long_names()

    def _refuse_long_names(self) -> None:
        for name, _ in compiler.law_columns(self.laws):
            if len(name.encode()) > _LONGEST_NAME:
                raise RuleError(
                    f"{name}: parameter codes used by rules are at most {_LONGEST_NAME} bytes long"
                )

    def _compile_rule(self, rule: Rule) -> None:
        if rule.facts is not self.fact_model:
            raise RuleError(f"{rule.benefit} is about something else than {self.rules[0].benefit}")
        facts: set[str] = set()
        laws: dict[str, str] = {}
        for need in rule.needs:
            self._needs[rule.benefit, need.code] = self._add_column(compiler.need_sql(need, rule.facts))
            read, figures = need.reads
            facts.update(read)
            laws.update(figures)
        for key, result in rule.results.items():
            self._results[rule.benefit, key] = self._add_column(compiler.result_sql(result))
            read, figures = compiler.reads_of_result(result)
            facts.update(read)
            laws.update(figures)
        self._reads[rule.benefit] = rule.facts.in_order(facts), sorted(laws)
        self.laws.update(laws)

    def _add_column(self, sql: str) -> str:
        """The alias of this SQL; two conditions with the same SQL share one."""
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
        """The second layer over a FROM text naming `facts` and `law`; `keep` columns are carried along."""
        columns = list(keep)
        columns += [f"facts.{quoted(fact)}" for fact in self.facts]
        columns += [f"law.{quoted(name)}" for name, _ in compiler.law_columns(self.laws)]
        first = self._first_layer(source, columns)
        verdicts = [
            f"{self._verdict_over_columns(rule)} AS {self.verdict_column(rule)}" for rule in self.rules
        ]
        return f"SELECT decided.*, {', '.join(verdicts)} FROM ({first}) AS decided OFFSET 0"

    def _first_layer(self, source: str, keep: Iterable[str]) -> str:
        columns = [*keep, *(f"({sql}) AS {alias}" for sql, alias in self._columns.items())]
        return f"SELECT {', '.join(columns)} FROM {source} OFFSET 0"

    def _verdict_over_columns(self, rule: Rule) -> str:
        return self._tree_sql(rule.when, lambda need: self.condition_column(rule, need), quoted(DAY))

    def _tree_sql(self, node: Need | Tree, condition: Callable[[Need], str], day: str) -> str:
        if isinstance(node, Need):
            return condition(node)
        joined_by = "AND" if node.every else "OR"
        parts = []
        for part in node.parts:
            sql = self._tree_sql(part, condition, day)
            if part.intervals:
                # Absent outside: the neutral element of the node it stands in.
                within = compiler.within_sql(part.intervals, day)
                sql = f"(NOT ({within}) OR {sql})" if node.every else f"({within} AND {sql})"
            parts.append(sql)
        return "(" + f" {joined_by} ".join(parts) + ")"

    # -- without layers --------------------------------------------------------------------------------------

    def condition_sql(self, rule: Rule, need: Need) -> str:
        """The condition itself over `facts` and `law`: for many rows, where carrying columns costs most."""
        return self._sql_of(self.condition_column(rule, need))

    def verdict_sql(self, rule: Rule) -> str:
        """The whole rule in the same way: true, false, or NULL when it cannot be told."""
        return self._tree_sql(rule.when, lambda need: self.condition_sql(rule, need), f"law.{quoted(DAY)}")

    def result_sql(self, rule: Rule, key: str) -> str:
        """What the rule would give under this key, entitled or not; NULL without a value."""
        if key not in rule.results:
            return "NULL::numeric"
        return self._sql_of(self.result_column(rule, key))

    def _sql_of(self, column: str) -> str:
        return "(" + next(sql for sql, alias in self._columns.items() if alias == column) + ")"

    # -- columns of the third layer --------------------------------------------------------------------------

    def verdict_column(self, rule: Rule) -> str:
        return f"b{self._places[rule.benefit]}"

    def digest_column(self, rule: Rule) -> str:
        return f"d{self._places[rule.benefit]}"

    def outcome_sql(self, rule: Rule, verdict: str = "") -> str:
        """The outcome of the verdict, in the second layer's column or as given."""
        verdict = verdict or self.verdict_column(rule)
        return (
            f"CASE {verdict} WHEN true THEN 'eligible' WHEN false THEN 'ineligible' ELSE 'undetermined' END"
        )

    def amount_sql(self, rule: Rule) -> str:
        if rule.amount is None:
            return "NULL::numeric"
        amount = self.result_column(rule, "amount")
        return f"CASE WHEN {self.verdict_column(rule)} THEN round({amount}, 2) END"

    def gives_sql(self, rule: Rule) -> str:
        if not rule.gives:
            return "'{}'::jsonb"
        given = json_object({key: self.result_column(rule, key) for key in rule.gives})
        return f"CASE WHEN {self.verdict_column(rule)} THEN {given} ELSE '{{}}'::jsonb END"

    def facts_sql(self, rule: Rule) -> str:
        return json_object({fact: compiler.evidence_sql(fact) for fact in self.facts_of(rule)})

    def conditions_sql(self, rule: Rule) -> str:
        """{code: holds} of the conditions present on the day."""
        always: dict[str, str] = {}
        dated: list[str] = []
        for need in rule.needs:
            holds = self.condition_column(rule, need)
            if need.intervals:
                within = compiler.within_sql(need.intervals, quoted(DAY))
                dated.append(
                    f"CASE WHEN {within} THEN {json_object({need.code: holds})} ELSE '{{}}'::jsonb END"
                )
            else:
                always[need.code] = holds
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
        figures = {}
        for code in self.laws_of(rule):
            _day, *columns = compiler.law_columns({code: self.laws[code]})
            names = [quoted(name) for name, _ in columns]
            figures[code] = names[0] if len(names) == 1 else f"jsonb_build_array({', '.join(names)})"
        return json_object(figures)

    # -- typed-in facts --------------------------------------------------------------------------------------

    @cached_property
    def _condition_columns(self) -> list[str]:
        return list(dict.fromkeys(self._needs.values()))

    @cached_property
    def _result_columns(self) -> list[str]:
        return list(dict.fromkeys(self._results.values()))

    @cached_property
    def _truth_columns(self) -> list[str]:
        """Names of what is true, false or unknown."""
        return [*self._condition_columns, *map(self.verdict_column, self.rules)]

    @cached_property
    def _answered_columns(self) -> list[str]:
        """Names of what the statement answers, in order."""
        return [*self._truth_columns, *self._result_columns]

    @cached_property
    def _digest_columns(self) -> list[str]:
        return [self.digest_column(rule) for rule in self.rules]

    def typed_facts_sql(self) -> str:
        """The constant statement over two jsonb parameters, facts and law: JSON arrays, then the law's stamp.

        Arrays, because the driver takes longer over ninety named columns than PostgreSQL over the rules; and two
        layers instead of three, because each of them carries all columns of the one below.
        """
        facts = [f"{quoted(fact)} {compiler.column_type(field_of(fact))}" for fact in self.facts]
        source = (
            f"jsonb_to_record($1) AS facts({', '.join(facts)})"
            f" CROSS JOIN jsonb_to_record($2) AS law({self._law_column_types()})"
        )
        decided = self._first_layer(source, [f"law.{quoted(DAY)}"])
        answered = [*self._condition_columns, *map(self._verdict_over_columns, self.rules)]
        answered += self._result_columns
        arrays = []
        for start in range(0, len(answered), _MOST_ITEMS):
            items = ", ".join(answered[start : start + _MOST_ITEMS])
            arrays.append(f"json_build_array({items})::text")
        return f"SELECT {', '.join(arrays)}, {STAMP} FROM ({decided}) AS decided"

    def _law_column_types(self) -> str:
        return ", ".join(f"{quoted(name)} {kind}" for name, kind in compiler.law_columns(self.laws))

    def decide(self, facts: Mapping[str, Any], law: DayLaw) -> dict[str, Any]:
        """Every column and every digest for canonical typed-in facts, by a statement prepared once.

        `stamp` is that of the confirmed law at the moment of the answer, whatever `law` is.
        """
        row = self.decide_without_digests(facts, law)
        digests = answer_digests(self.digest_sheets(law), row, self.known_texts(row, facts))
        row.update(zip(self._digest_columns, digests, strict=True))
        return row

    def decide_without_digests(self, facts: Mapping[str, Any], law: DayLaw) -> dict[str, Any]:
        text, name = _statement_of(self)
        parameters = [json.dumps(stored_form(facts)), self._law_json(law)]
        *arrays, stamp = only_row(connections[DEFAULT_DB_ALIAS], name, text, parameters)
        row = dict(zip(self._answered_columns, chain.from_iterable(map(_read_json, arrays)), strict=True))
        row["stamp"] = stamp
        return row

    def known_texts(self, row: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, bytes]:
        """Facts, and what the row says of conditions and verdicts, as JSON by name."""
        return texts_of(facts, self.fact_model, self._truth_columns, self._pick_truths(row))

    @cached_property
    def _pick_truths(self) -> Callable[[Mapping[str, Any]], tuple[bool | None, ...]]:
        return itemgetter(*self._truth_columns)

    def _law_json(self, law: DayLaw) -> str:
        text: str | None = law.kept.get(self)
        if text is None:
            values = {code: law.value(code) for code in self.laws}
            text = law.kept[self] = json.dumps(compiler.law_cells(self.laws, law.on, values))
        return text

    def digest_sheets(self, law: DayLaw) -> list[DigestSheet]:
        """What the digests are taken of under a law, rule by rule."""
        sheets: list[DigestSheet] | None = law.kept.get((DigestSheet, self))
        if sheets is None:
            figures_of_rules = zip(self.rules, self._figures_as_text(law), strict=True)
            sheets = [self._digest_sheet(rule, law, figures) for rule, figures in figures_of_rules]
            law.kept[DigestSheet, self] = sheets
        return sheets

    def _digest_sheet(self, rule: Rule, law: DayLaw, figures: str) -> DigestSheet:
        day = law.on.isoformat()
        conditions = {}
        for need in rule.needs:
            if need.present_on(day):
                conditions[need.code] = self.condition_column(rule, need)
        results = {key: self._result_or_constant(rule, key) for key in rule.results}
        verdict = self.verdict_column(rule)
        return digest_sheet(rule, day, figures, self.facts_of(rule), conditions, verdict, results)

    def _result_or_constant(self, rule: Rule, key: str) -> str | ReadyText:
        result = rule.results[key]
        if isinstance(result, Constant):
            return ReadyText(canonical_json(result.value))
        return self.result_column(rule, key)

    def _figures_as_text(self, law: DayLaw) -> list[str]:
        """The figures each rule reads, as jsonb prints them."""
        texts = ", ".join(f"({self._figures_sql(rule)})::text" for rule in self.rules)
        sql = f"SELECT {texts} FROM jsonb_to_record(%s::jsonb) AS law({self._law_column_types()})"
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._law_json(law)])
            return list(cursor.fetchone())

    def decide_as_confirmed(
        self, facts: Mapping[str, Any], on: dt.date, *, with_digests: bool = True
    ) -> tuple[dict[str, Any], DayLaw]:
        """`decide` under the law of a day as confirmed now, and that law: one query as a rule.

        The answer brings the stamp of the law with it: when the law read before has another, decide again.
        """
        decide = self.decide if with_digests else self.decide_without_digests
        stamp = None
        while True:
            book = law_book_at(stamp)
            law = book.on(on)
            row = decide(facts, law)
            stamp = row["stamp"]
            if stamp == book.stamp:
                return row, law


@lru_cache(maxsize=64)
def _statement_of(rules: RuleSet) -> tuple[str, str]:
    """The text and the name made from it: a new release prepares its own."""
    text = rules.typed_facts_sql()
    return text, "check_" + hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _rules() -> dict[str, Rule]:
    """The catalogue's rules in its order, and behind them those of other things than people."""
    benefits = (*CATALOGUE, *further_benefits())
    return {benefit.code: parse(json.loads(json.dumps(definition(benefit)))) for benefit in benefits}


@lru_cache(maxsize=64)
def _rule_set(codes: tuple[str, ...]) -> RuleSet:
    return RuleSet([_rules()[code] for code in codes])


def current_rules(benefits: Iterable[str] | None = None) -> RuleSet:
    """The catalogue's rules, all or those named, in catalogue order whatever order they are named in; behind them
    the named ones of other things than people. RuleError when they are about different things.
    """
    if benefits is None:
        return _rule_set(tuple(BY_CODE))
    wanted = set(benefits)
    return _rule_set(tuple(code for code in _rules() if code in wanted))


def clause_of(rule: Rule, need: Need, law: DayLaw) -> dict[str, str | None]:
    """What a condition rests on: its own clause, else the document behind its figure, else the benefit's."""
    if cite := need.cite_on(law.on.isoformat()):
        return cite.data()
    for code in need.reads[1]:
        if figure := law.figures.get(code):
            return {"document": figure.document, "number": figure.article or None}
    return rule.clause.data()


__all__ = ["RuleSet", "clause_of", "current_rules", "json_literal", "json_object", "stored_form"]
