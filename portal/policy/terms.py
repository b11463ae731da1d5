"""The terms of the rule language: figures of the law, what is compared with them and computed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.facts import SkillLevel

# The day of the check, where a test names a fact or is compared with it.
DAY = "on"


@dataclass(frozen=True)
class Cite:
    """What a condition rests on: a document, and the clause or article where it is known."""

    document: str
    number: str | None = None

    def data(self) -> dict[str, str | None]:
        return {"document": self.document, "number": self.number}


@dataclass(frozen=True)
class Law:
    """The value a parameter has on the day of the check; `kind` is one of portal.policy.models.Kind."""

    code: str
    kind: str

    def at(self, *facts: str) -> Cell:
        return Cell(self, facts)

    def by_step(self, fact: str) -> Step:
        return Step(self, fact)

    def data(self) -> dict[str, Any]:
        return {"law": self.code, "kind": self.kind}


@dataclass(frozen=True)
class Fact:
    """Another fact, as the thing compared with."""

    name: str

    def data(self) -> dict[str, Any]:
        return {"fact": self.name}


@dataclass(frozen=True)
class DayOfCheck:
    """The day the rule is applied to, as the thing compared with."""

    def data(self) -> dict[str, Any]:
        return {"day": DAY}


@dataclass(frozen=True)
class WithinMonths:
    """The first day from which that many calendar months have not run out on the day of the check.

    Months are counted forward from the event (Civil Code article 202: the corresponding day, else the month's
    last day).
    """

    months: Law

    def data(self) -> dict[str, Any]:
        return {"within_months": self.months.data()}


@dataclass(frozen=True)
class Sum:
    """Figures and facts added up, as the thing compared with; unknown when a part of it is."""

    parts: tuple[Law | Fact, ...]

    def data(self) -> dict[str, Any]:
        return {"sum": [part.data() for part in self.parts]}


@dataclass(frozen=True)
class Cell:
    """A cell of a table of amounts in yuan; a cell that is not listed has no value."""

    table: Law
    facts: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        return {"cell": self.table.data(), "by": list(self.facts)}


@dataclass(frozen=True)
class Step:
    """A stepped figure: the value of the highest step that the fact has reached."""

    steps: Law
    fact: str

    def data(self) -> dict[str, Any]:
        return {"step": self.steps.data(), "by": self.fact}


@dataclass(frozen=True)
class Choice:
    """One of several results, by the value of a fact."""

    fact: str
    results: tuple[tuple[str, str], ...]

    def data(self) -> dict[str, Any]:
        return {"choice": self.fact, "of": [list(pair) for pair in self.results]}


@dataclass(frozen=True)
class Constant:
    """The same for everyone: text, a number or a list of codes."""

    value: Any

    def data(self) -> dict[str, Any]:
        return {"value": self.value}


Result = Law | Cell | Step | Choice | Constant


def whole(code: str) -> Law:
    return Law(code, "integer")


def money(code: str) -> Law:
    return Law(code, "money")


def table(code: str) -> Law:
    return Law(code, "table")


def codes(code: str) -> Law:
    return Law(code, "codes")


def steps(code: str) -> Law:
    return Law(code, "steps")


def together(*parts: Law | Fact) -> Sum:
    return Sum(parts)


def literal(fact: str, value: Any) -> Any:
    """A literal as it is stored: levels by code, dates as ISO text."""
    if isinstance(value, SkillLevel):
        return value.code
    return value.isoformat() if isinstance(value, dt.date) else value


def chosen(fact: str, results: Mapping[Any, str]) -> Choice:
    return Choice(fact, tuple((literal(fact, key), value) for key, value in results.items()))
