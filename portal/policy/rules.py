"""The rule language: what a benefit is written in, and the data a rule is stored and replayed as.

A condition is `need(code, Q(...))`: a positive conjunction over facts, literals and figures of the law.
Conditions stand in trees of `all_of` / `any_of`. SQL's three-valued logic is the semantics: an unknown fact
or a figure without a value makes a condition unknown. Therefore no negation, no `|`, no `isnull`, no empty
list: each would turn unknown into an answer.

`definition(benefit)` is the rule as data and `parse` reads it back; the executor only ever runs parsed data,
so a stored version and the catalogue cannot differ in how they are understood. Words for people are kept
apart (`wording`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import F, Q

from portal.policy.facts import LEVEL_FACTS, PERSON, FactModel, choices_of, is_fact
from portal.policy.terms import DAY, Cite, Fact, Law, Result, Sum, WithinMonths, literal

OPERATORS = frozenset({"exact", "in", "lt", "lte", "gt", "gte", "overlap"})
IN_FORCE = "policy-in-force"


class RuleError(ValueError):
    """A rule says something the language does not allow, or that would not be true in three values."""


# -- conditions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Test:
    """One comparison: a fact or the day of the check, an operator, and a literal or another operand."""

    fact: str
    operator: str
    operand: Any

    def data(self) -> list[Any]:
        operand = self.operand.data() if hasattr(self.operand, "data") else self.operand
        return [self.fact, self.operator, operand]

    def facts(self) -> tuple[str, ...]:
        return self._facts

    @cached_property
    def _facts(self) -> tuple[str, ...]:
        names = []
        if self.fact != DAY:
            names.append(self.fact)
        if isinstance(self.operand, Fact):
            names.append(self.operand.name)
        if isinstance(self.operand, Sum):
            names += [part.name for part in self.operand.parts if isinstance(part, Fact)]
        return tuple(names)

    def laws(self) -> list[Law]:
        if isinstance(self.operand, Law):
            return [self.operand]
        if isinstance(self.operand, WithinMonths):
            return [self.operand.months]
        if isinstance(self.operand, Sum):
            return [part for part in self.operand.parts if isinstance(part, Law)]
        return []


# From the first day to the last one, both included; None: without an end.
Interval = tuple[str, str | None]


@dataclass(frozen=True)
class Need:
    """A condition. Before `since`, or outside all intervals of `during`, it is absent: the neutral element of
    the node it stands in.
    """

    code: str
    tests: tuple[Test, ...]
    cite: Cite | None = None
    since: str | None = None
    label: str = ""
    remedy: str = ""
    during: tuple[Interval, ...] = ()
    # From a day on it rests on another document: (day, cite), in order.
    later_cites: tuple[tuple[str, Cite], ...] = ()

    @cached_property
    def reads(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """The facts, and the parameters {code: kind}, that the condition is computed from."""
        facts: dict[str, None] = {}
        laws: dict[str, str] = {}
        for test in self.tests:
            facts |= dict.fromkeys(test.facts())
            laws |= {law.code: law.kind for law in test.laws()}
        return tuple(facts), laws

    def needs(self) -> Iterator[Need]:
        yield self

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """When the condition is there; none for one that always is."""
        if self.during:
            return self.during
        return ((self.since, None),) if self.since else ()

    def present_on(self, day: str) -> bool:
        return is_within(self.intervals, day)

    def cite_on(self, day: str) -> Cite | None:
        """What it rests on; None where that is said by the figure it reads, or the benefit."""
        cite = self.cite
        for since, later in self.later_cites:
            if since <= day:
                cite = later
        return cite

    def data(self) -> dict[str, Any]:
        # A word of the language that a rule does not use is not in its data: digests of released rules stay.
        used: dict[str, Any] = {}
        if self.later_cites:
            used["later_clauses"] = [[since, cite.data()] for since, cite in self.later_cites]
        if self.during:
            used["during"] = [list(interval) for interval in self.during]
        return {
            "need": self.code,
            "clause": self.cite.data() if self.cite else None,
            "since": self.since,
            **used,
            "tests": [test.data() for test in self.tests],
        }


def is_within(intervals: tuple[Interval, ...], day: str) -> bool:
    """Whether the day lies in one of the intervals; it does when there are none."""
    for first, last in intervals:
        if first <= day and (last is None or day <= last):
            return True
    return not intervals


@dataclass(frozen=True)
class Tree:
    """`all_of` when `every`, else `any_of`. On a day on which all its parts are absent, so is the tree."""

    every: bool
    parts: tuple[Need | Tree, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise RuleError("an empty all_of or any_of has no meaning in law")

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """When any part of it is there; none when one always is."""
        found: dict[Interval, None] = {}
        for part in self.parts:
            if not part.intervals:
                return ()
            found |= dict.fromkeys(part.intervals)
        return tuple(found)

    def needs(self) -> Iterator[Need]:
        for part in self.parts:
            yield from part.needs()

    @cached_property
    def coded_parts(self) -> tuple[tuple[str, Tree | None], ...]:
        """Of each part the code, for a condition, or the tree that it is."""
        return tuple((part.code, None) if isinstance(part, Need) else ("", part) for part in self.parts)

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(need.code for need in self.needs())

    def is_absent(self, holds: Mapping[str, bool | None]) -> bool:
        """Whether none of its conditions is among those present, and none has to be."""
        return bool(self.intervals) and self._codes.isdisjoint(holds)

    def present_on(self, day: str) -> bool:
        return is_within(self.intervals, day)

    def data(self) -> dict[str, Any]:
        return {"all_of" if self.every else "any_of": [part.data() for part in self.parts]}


def all_of(*parts: Need | Tree) -> Tree:
    return Tree(True, parts)


def any_of(*parts: Need | Tree) -> Tree:
    return Tree(False, parts)


def need(
    code: str,
    test: Q,
    label: str,
    remedy: str,
    cite: Cite | None = None,
    since: str | None = None,
    during: tuple[Interval, ...] = (),
    later_cites: tuple[tuple[str, Cite], ...] = (),
) -> Need:
    """A condition in code: `need("insured", Q(unemployment_insured_months__gte=whole("…")), "…", "…")`."""
    check_intervals(code, since, during)
    if test.negated or test.connector != Q.AND:
        raise RuleError(f"{code}: state it positively and as a conjunction; alternatives belong in any_of")
    tests = []
    for child in test.children:
        if not isinstance(child, tuple):
            raise RuleError(f"{code}: a condition is flat; nested conditions belong in the tree")
        name, _, operator = child[0].partition("__")
        tests.append(_read_test(name, operator or "exact", child[1]))
    return Need(code, tuple(tests), cite, since, label, remedy, during, later_cites)


def check_intervals(code: str, since: str | None, during: tuple[Interval, ...]) -> None:
    """Refuse intervals that are out of order, touch each other, or stand beside a single start."""
    if since and during:
        raise RuleError(f"{code}: a condition has either one start or several intervals")
    before: str | None = ""
    for first, last in during:
        if before is None or first <= before or (last is not None and last < first):
            raise RuleError(f"{code}: intervals follow one another, and none ends before it begins")
        before = last


def _read_test(name: str, operator: str, operand: Any) -> Test:
    if isinstance(operand, F):
        operand = Fact(operand.name)  # type: ignore[attr-defined]
    elif isinstance(operand, list | tuple | set | frozenset):
        operand = [literal(name, item) for item in operand]
    elif not hasattr(operand, "data"):
        operand = literal(name, operand)
    check_test(name, operator, operand)
    return Test(name, operator, operand)


def check_test(name: str, operator: str, operand: Any) -> None:
    """Refuse a test that names no fact, no operator or no value of the fact."""
    where = f"{name}__{operator}"
    if name == DAY and isinstance(operand, str):
        return
    if not is_fact(name):
        raise RuleError(f"{where}: there is no such fact")
    if operator not in OPERATORS:
        raise RuleError(
            f"{where}: operator not allowed (unknown is not a value, and everything is stated positively)"
        )
    named = operand.parts if isinstance(operand, Sum) else (operand,)
    for part in named:
        if isinstance(part, Fact) and not is_fact(part.name):
            raise RuleError(f"{where}: there is no fact {part.name}")
    if hasattr(operand, "data"):
        return
    values = operand if isinstance(operand, list) else [operand]
    if not values or (operator in {"in", "overlap"}) != isinstance(operand, list):
        raise RuleError(f"{where}: a list is for `in` and `overlap`, and never empty")
    allowed = choices_of(name)
    for value in values:
        if value is None or isinstance(value, dict) or (allowed and value not in allowed):
            raise RuleError(f"{where}: {value!r} is not a value of this fact")
        if not allowed and name in LEVEL_FACTS:
            raise RuleError(f"{where}: levels are written by code")


# -- benefits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Benefit:
    """One line of the catalogue, as written in code; `summary_given` is said when every result is known."""

    code: str
    title: str
    clause: Cite
    force: str
    when: Need | Tree
    summary: str
    summary_given: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    amount: Result | None = None
    fund: str | None = None
    gives: Mapping[str, Result] = field(default_factory=dict)
    version: int = 1
    since: str = "2019-02-20"
    since_cite: Cite | None = None
    # What somebody who had it would be from then on: facts that other benefits ask for. Said, never decided by.
    leads_to: Mapping[str, Any] = field(default_factory=dict)
    # Which facts its conditions may ask for.
    facts: FactModel = PERSON


@dataclass(frozen=True)
class Rule:
    """A benefit's rule read from data: what the executor compiles."""

    benefit: str
    version: int
    clause: Cite
    force: str
    fund: str | None
    when: Tree
    amount: Result | None
    gives: Mapping[str, Result]
    digest: str
    facts: FactModel = PERSON

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        return tuple(self.when.needs())

    @cached_property
    def results(self) -> dict[str, Result]:
        if self.amount is None:
            return dict(self.gives)
        return {"amount": self.amount, **self.gives}


def definition(benefit: Benefit) -> dict[str, Any]:
    """The rule as data: everything that decides, nothing that is only said."""
    in_force = Need(IN_FORCE, (Test(DAY, "gte", benefit.since),), benefit.since_cite or benefit.clause)
    when: tuple[Need | Tree, ...] = (benefit.when,)
    if isinstance(benefit.when, Tree) and benefit.when.every:
        when = benefit.when.parts
    # Absent for people: digests of released rules stay.
    about = {} if benefit.facts is PERSON else {"about": benefit.facts.code}
    return {
        "benefit": benefit.code,
        **about,
        "version": benefit.version,
        "clause": benefit.clause.data(),
        "force": benefit.force,
        "fund": benefit.fund,
        "amount": benefit.amount.data() if benefit.amount else None,
        "gives": {key: result.data() for key, result in benefit.gives.items()},
        "when": Tree(True, (in_force, *when)).data(),
    }


def wording(benefit: Benefit) -> dict[str, Any]:
    """What is said to people about a rule: never part of a digest."""
    words = {need.code: {"label": need.label, "remedy": need.remedy} for need in benefit.when.needs()}
    words[IN_FORCE] = {
        "label": "政策已施行",
        "remedy": f"本项政策自 {benefit.since} 起施行，请以该日及以后的日期查询。",
    }
    return {
        "title": benefit.title,
        "summary": benefit.summary,
        "summary_given": benefit.summary_given,
        "words": {key: dict(labels) for key, labels in benefit.words.items()},
        "caveats": list(benefit.caveats),
        "conditions": words,
    }


def digest_of(data: Any) -> str:
    """SHA-256 over the canonical JSON of `data`, in hex."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
