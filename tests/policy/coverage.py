"""Which branches of the rules a list of situations meets, and which it does not: every condition true, false
and unknown, every alternative alone, every result, every day on which something begins. Only benefits that a
situation expects something of count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from portal.policy import check
from portal.policy.compile import reads_of_result
from portal.policy.engine import current_rules
from portal.policy.reference import read
from portal.policy.rules import IN_FORCE, Need, Rule, Tree
from portal.policy.terms import Choice, Constant, Law, Step

SAID = {True: "holds", False: "fails", None: "unknown"}
Branch = tuple[str, ...]


def branches() -> set[Branch]:
    """Every branch there is: (benefit, what, …)."""
    figures = {row["code"]: row for row in read("parameters.yaml")}
    found: set[Branch] = set()
    for rule in current_rules().rules:
        said = {(rule.benefit, outcome) for outcome in ("eligible", "ineligible", "undetermined")}
        conditions = {(rule.benefit, need.code, value) for need in rule.needs for value in SAID.values()}
        found |= said | (conditions - {(rule.benefit, IN_FORCE, "unknown")})
        found |= {
            (rule.benefit, "alone", _named(part)) for node in _choices(rule.when) for part in node.parts
        }
        for key, result in rule.results.items():
            found |= {(rule.benefit, key, value) for value in _values(result, figures)}
        for day in _starts(rule, figures):
            found |= {
                (rule.benefit, "on", day.isoformat()),
                (rule.benefit, "on", (day - dt.timedelta(days=1)).isoformat()),
            }
    return found


def met(situations: list[dict[str, Any]]) -> set[Branch]:
    """The branches that these situations meet."""
    rules = {rule.benefit: rule for rule in current_rules().rules}
    found: set[Branch] = set()
    for situation in situations:
        day = situation["as_of"].isoformat()
        for answer in check(situation["facts"], situation["as_of"], list(situation["expect"])):
            benefit = answer["benefit"]
            rule, holds = rules[benefit], {c["code"]: c["holds"] for c in answer["conditions"]}
            found |= {(benefit, answer["outcome"]), (benefit, "on", day)}
            found |= {(benefit, code, SAID[value]) for code, value in holds.items()}
            if answer["outcome"] != "eligible":
                continue
            for node in _choices(rule.when):
                values = {_named(part): _value(part, holds) for part in node.parts}
                if list(values.values()).count(True) == 1 and None not in values.values():
                    found |= {(benefit, "alone", name) for name, value in values.items() if value}
            for key, result in rule.results.items():
                found.add((benefit, key, _reached(key, result, answer, situation["facts"])))
    return found


def _choices(node: Need | Tree) -> Iterator[Tree]:
    if isinstance(node, Tree):
        if not node.every:
            yield node
        for part in node.parts:
            yield from _choices(part)


def _named(part: Need | Tree) -> str:
    return " + ".join(need.code for need in part.needs())


def _value(part: Need | Tree, holds: dict[str, bool | None]) -> bool | None:
    if isinstance(part, Need):
        return holds.get(part.code, False)
    values = [_value(inner, holds) for inner in part.parts if any(n.code in holds for n in inner.needs())]
    decisive = not part.every
    return decisive if decisive in values else None if None in values else not decisive


def _values(result: Any, figures: dict[str, Any]) -> set[str]:
    """What a result can come to. `no value`: the law says nothing. `not told`: a fact it depends on is
    unknown.
    """
    if isinstance(result, Constant):
        return {str(result.value)}
    if isinstance(result, Choice):
        return {value for _, value in result.results}
    (code,) = reads_of_result(result)[1]
    values = [value["value"] for value in figures[code].get("values", [])]
    if isinstance(result, Law):
        return {str(value) for value in values} or {"no value"}
    if isinstance(result, Step):
        return {str(step) for value in values for _, step in value} | {"not told"}
    if len(result.facts) == 1:
        return {amount for value in values for amount in value.values()}
    return {amount for value in values for row in value.values() for amount in row.values()} | {
        "no value",
        "not told",
    }


def _reached(key: str, result: Any, answer: dict[str, Any], facts: dict[str, Any]) -> str:
    value = answer["amount"] if key == "amount" else answer["gives"][key]
    if value is not None:
        return str(value)
    return "not told" if any(facts.get(fact) is None for fact in reads_of_result(result)[0]) else "no value"


def _starts(rule: Rule, figures: dict[str, Any]) -> set[dt.date]:
    """Days on which the rule, one of its conditions, one of its figures or a caveat about one begins, or on
    which it is there no more.
    """
    begins = {
        dt.date.fromisoformat(test.operand)
        for need in rule.needs
        if need.code == IN_FORCE
        for test in need.tests
    }
    first = min(begins)
    for start, end in (interval for need in rule.needs for interval in need.intervals):
        begins.add(dt.date.fromisoformat(start))
        if end:
            begins.add(dt.date.fromisoformat(end) + dt.timedelta(days=1))
    codes = {code for need in rule.needs for code in need.reads[1]}
    codes |= {code for result in rule.results.values() for code in reads_of_result(result)[1]}
    for code in codes:
        for value in figures[code].get("values", []):
            begins |= {day for day in (value["since"], value.get("caveat_since")) if day and day > first}
            if value.get("until"):
                begins.add(value["until"] + dt.timedelta(days=1))
    return begins
