"""What every answer of a rule has in common under the law of a day, built once and kept with that law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from portal.policy.compile import reads_of_result
from portal.policy.contradictions import Contradiction, contradictions_among
from portal.policy.engine import clause_of
from portal.policy.law import DayLaw
from portal.policy.open_readings import OpenReading, open_readings_of
from portal.policy.rules import Need, Rule
from portal.policy.terms import DAY


class FrameCondition(NamedTuple):
    """A condition present on the day, the clause it rests on, and the facts it is observed in."""

    need: Need
    clause: dict[str, str | None]
    observed: tuple[str, ...]


class FrameResult(NamedTuple):
    """What a rule gives under `key`, with the facts and the figures {code: kind} it is computed from."""

    key: str
    facts: tuple[str, ...]
    figures: dict[str, str]


@dataclass(frozen=True)
class Frame:
    """What every answer of a rule has in common under the law of a day."""

    clause: dict[str, str | None]
    conditions: list[FrameCondition]
    # What the office must still confirm of the figures used.
    caveats: list[str]
    # Parameters the rule reads that have no value on the day.
    without_value: frozenset[str]
    results: list[FrameResult]
    # What the rule reads may contradict itself in these ways.
    contradictions: tuple[Contradiction, ...]
    # What the law leaves open that may touch the answer on that day.
    open_readings: tuple[OpenReading, ...]

    @property
    def needs(self) -> list[Need]:
        return [condition.need for condition in self.conditions]


def answer_frame(rule: Rule, law: DayLaw) -> Frame:
    key = rule.benefit, rule.digest
    frame: Frame | None = law.kept.get(key)
    if frame is None:
        frame = law.kept[key] = _build_frame(rule, law)
    return frame


def _build_frame(rule: Rule, law: DayLaw) -> Frame:
    day = law.on.isoformat()
    needs = [need for need in rule.needs if need.present_on(day)]
    results = [FrameResult(key, *reads_of_result(result)) for key, result in rule.results.items()]
    codes = _figures_read(needs, results)
    figures = [law.figures[code] for code in codes if code in law.figures]
    return Frame(
        rule.clause.data(),
        [FrameCondition(need, clause_of(rule, need, law), _observed_facts(need)) for need in needs],
        [figure.caveat for figure in figures if figure.caveat],
        frozenset(code for code in codes if law.value(code) is None),
        results,
        contradictions_among(_facts_read(rule)),
        open_readings_of(rule.benefit, law.on),
    )


def _facts_read(rule: Rule) -> set[str]:
    facts = {fact for need in rule.needs for fact in need.reads[0]}
    return facts.union(*(reads_of_result(result)[0] for result in rule.results.values()))


def _figures_read(needs: Iterable[Need], results: Iterable[FrameResult]) -> list[str]:
    """Codes of the parameters, in the order in which the rule reads them."""
    codes: dict[str, str] = {}
    for need in needs:
        codes |= need.reads[1]
    for result in results:
        codes |= result.figures
    return list(codes)


def _observed_facts(need: Need) -> tuple[str, ...]:
    if any(test.fact == DAY for test in need.tests):
        return (DAY,)
    return need.reads[0]
