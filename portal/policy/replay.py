"""Read a rule back from the data it was stored as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.policy.facts import PERSON, facts_model
from portal.policy.rules import Need, Rule, RuleError, Test, Tree, check_intervals, check_test, digest_of
from portal.policy.terms import (
    Cell,
    Choice,
    Cite,
    Constant,
    DayOfCheck,
    Fact,
    Law,
    Result,
    Step,
    Sum,
    WithinMonths,
)


def parse(data: Mapping[str, Any]) -> Rule:
    """The rule that `data` (portal.policy.rules.definition) describes. Raises `RuleError` when it describes
    none.
    """
    when = _node(data["when"])
    if not isinstance(when, Tree):
        raise RuleError(f"{data['benefit']}: a rule is a tree")
    rule = Rule(
        benefit=data["benefit"],
        version=data["version"],
        clause=_required_cite(data["clause"]),
        force=data["force"],
        fund=data["fund"],
        when=when,
        amount=_result(data["amount"]) if data["amount"] else None,
        gives={key: _result(value) for key, value in data["gives"].items()},
        digest=digest_of(data),
        facts=facts_model(data.get("about", PERSON.code)),
    )
    _refuse_facts_of_others(rule)
    names = [need.code for need in rule.needs]
    if len(names) != len(set(names)):
        raise RuleError(f"{rule.benefit}: two conditions carry the same code")
    return rule


def _refuse_facts_of_others(rule: Rule) -> None:
    for need in rule.needs:
        for fact in need.reads[0]:
            if fact not in rule.facts.fields:
                raise RuleError(f"{rule.benefit}: {fact} is no fact of what the rule is about")


def _node(data: Mapping[str, Any]) -> Need | Tree:
    if "need" in data:
        during = tuple((first, last) for first, last in data.get("during", ()))
        check_intervals(data["need"], data["since"], during)
        return Need(
            data["need"],
            tuple(_test(test) for test in data["tests"]),
            _cite(data["clause"]),
            data["since"],
            during=during,
            later_cites=tuple((day, _required_cite(cite)) for day, cite in data.get("later_clauses", ())),
        )
    for word, every in (("all_of", True), ("any_of", False)):
        if word in data:
            return Tree(every, tuple(_node(part) for part in data[word]))
    raise RuleError(f"not a condition: {data!r}")


def _cite(data: Mapping[str, Any] | None) -> Cite | None:
    return Cite(data["document"], data["number"]) if data else None


def _required_cite(data: Mapping[str, Any]) -> Cite:
    return Cite(data["document"], data["number"])


def _law(data: Mapping[str, Any]) -> Law:
    return Law(data["law"], data["kind"])


def _test(data: list[Any]) -> Test:
    name, operator, operand = data
    if isinstance(operand, dict):
        if "within_months" in operand:
            operand = WithinMonths(_law(operand["within_months"]))
        elif "fact" in operand:
            operand = Fact(operand["fact"])
        elif "sum" in operand:
            operand = Sum(tuple(_part_of_sum(part) for part in operand["sum"]))
        elif "day" in operand:
            operand = DayOfCheck()
        else:
            operand = _law(operand)
    check_test(name, operator, operand)
    return Test(name, operator, operand)


def _part_of_sum(data: Mapping[str, Any]) -> Law | Fact:
    return Fact(data["fact"]) if "fact" in data else _law(data)


def _result(data: Mapping[str, Any]) -> Result:
    if "law" in data:
        return _law(data)
    if "cell" in data:
        return Cell(_law(data["cell"]), tuple(data["by"]))
    if "step" in data:
        return Step(_law(data["step"]), data["by"])
    if "choice" in data:
        return Choice(data["choice"], tuple((key, value) for key, value in data["of"]))
    if "value" in data:
        return Constant(data["value"])
    raise RuleError(f"not a result: {data!r}")
