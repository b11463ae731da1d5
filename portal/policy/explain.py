"""From a verdict to an answer people can act on: what holds, what does not, what is missing, and what to do next."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone

from portal.policy.benefits import BY_CODE, UNIT_BENEFITS
from portal.policy.compile import result_reads
from portal.policy.engine import RuleSet, clause_of, current_rules
from portal.policy.facts import in_order
from portal.policy.intake import FactsRefused, validate_facts
from portal.policy.law import DayLaw, law_on
from portal.policy.rules import Need, Rule, Tree, wording
from portal.policy.terms import DAY, Constant


@dataclass(frozen=True)
class Verdict:
    """What the executor found for one benefit. `holds` has the conditions present on the day, `eligible` None for unknown."""

    rule: Rule
    law: DayLaw
    facts: Mapping[str, Any]
    holds: Mapping[str, bool | None]
    eligible: bool | None
    amount: Decimal | None
    gives: Mapping[str, Any]
    digest: str


def check(
    facts: Any, on: dt.date | None = None, benefits: Iterable[str] | None = None, *, law: DayLaw | None = None
) -> list[dict[str, Any]]:
    """What the catalogue says about typed-in facts on a day (today in Shanghai by default), one answer per benefit.

    Raises `FactsRefused` for facts or benefit codes that cannot be used. Nothing is stored. `law` is the law of the day as
    confirmed unless another one is given (a draft).
    """
    on = on or timezone.localdate()
    known = validate_facts(facts, on)
    rules = current_rules(_wanted(benefits))
    law = law or law_on(on)
    row = rules.ask(known, law)
    return [answer(verdict_of(rules, rule, row, known, law)) for rule in rules.rules]


def _wanted(benefits: Iterable[str] | None) -> list[str] | None:
    """Refuse what is no list of person benefits."""
    if benefits is None:
        return None
    allowed = "、".join(BY_CODE)
    if isinstance(benefits, str | bytes | Mapping) or not isinstance(benefits, Iterable):
        raise FactsRefused([{"field": "benefits", "problem": "应为事项代码的列表", "allowed": allowed}])
    codes = list(benefits)
    if not codes:
        raise FactsRefused([{"field": "benefits", "problem": "列表为空；不填则查询全部事项", "allowed": allowed}])
    for code in codes:
        if not isinstance(code, str) or code not in BY_CODE:
            shown = str(code)[:60].encode("utf-8", "replace").decode()
            unit = isinstance(code, str) and code in UNIT_BENEFITS
            problem = f"{shown} 是用人单位的事项，不在个人查询范围内" if unit else f"没有事项 {shown}"
            raise FactsRefused([{"field": "benefits", "problem": problem, "allowed": allowed}])
    return codes


def verdict_of(rules: RuleSet, rule: Rule, row: Mapping[str, Any], facts: Mapping[str, Any], law: DayLaw) -> Verdict:
    """Read one benefit out of a row of the executor."""
    day = law.on.isoformat()
    place = rules.place(rule)
    eligible = row[f"b{place}"]
    given = {key: _given(rules, rule, key, row) for key in rule.results} if eligible else {}
    amount = given.pop("amount", None)
    return Verdict(
        rule, law, {fact: facts.get(fact) for fact in rules.facts_of(rule)},
        {need.code: row[rules.need_column(rule, need)] for need in rule.needs if need.present_on(day)},
        eligible, None if amount is None else Decimal(amount).quantize(Decimal("0.01")), given, row[f"d{place}"],
    )  # fmt: skip


def _given(rules: RuleSet, rule: Rule, key: str, row: Mapping[str, Any]) -> Any:
    result = rule.results[key]
    return result.value if isinstance(result, Constant) else row[rules.result_column(rule, key)]


def answer(verdict: Verdict, words: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer as the check gives it. `words` is the wording to use: the catalogue's unless a stored version's is given."""
    rule, law = verdict.rule, verdict.law
    words = words or _wording(rule.benefit)
    missing_facts, missing_law = _missing(verdict)
    return {
        "benefit": rule.benefit,
        "title": words["title"],
        "clause": rule.clause.data(),
        "force": rule.force,
        "outcome": outcome(verdict.eligible),
        "amount": None if verdict.amount is None else f"{verdict.amount:.2f}",
        "fund": rule.fund,
        "gives": {"summary": _summary(verdict.gives, words), **verdict.gives},
        "conditions": [_condition(verdict, need, words) for need in rule.needs if need.code in verdict.holds],
        "missing_facts": missing_facts,
        "missing_law": missing_law,
        "caveats": _caveats(rule, law, verdict.eligible, words),
        "digest": verdict.digest,
    }


@lru_cache(maxsize=64)
def _wording(benefit: str) -> dict[str, Any]:
    return wording(BY_CODE[benefit])


def outcome(eligible: bool | None) -> str:
    return "undetermined" if eligible is None else "eligible" if eligible else "ineligible"


def _condition(verdict: Verdict, need: Need, words: Mapping[str, Any]) -> dict[str, Any]:
    said = words["conditions"].get(need.code, {"label": need.code, "remedy": ""})
    observed = {fact: verdict.facts.get(fact) for fact in need.reads[0]}
    if any(test.fact == DAY for test in need.tests):
        observed = {DAY: verdict.law.on.isoformat()}
    return {
        "code": need.code, "label": said["label"], "clause": clause_of(verdict.rule, need, verdict.law),
        "holds": verdict.holds[need.code], "observed": observed, "remedy": said["remedy"],
    }  # fmt: skip


def _summary(gives: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    if not words["summary_given"] or not gives or any(value is None for value in gives.values()):
        return words["summary"]
    labels = {
        key: words["words"].get(key, {}).get(value, value) if isinstance(value, str) else value for key, value in gives.items()
    }
    return words["summary_given"].format(**labels)


def _caveats(rule: Rule, law: DayLaw, eligible: bool | None, words: Mapping[str, Any]) -> list[str]:
    """What the office must still confirm: of the benefit itself, then of the figures used. None beside a plain no of the rule."""
    said = [] if eligible is False else list(words["caveats"])
    for code in _laws_of(rule, law):
        figure = law.figures.get(code)
        if figure and figure.caveat:
            said.append(figure.caveat)
    return list(dict.fromkeys(said))


def _laws_of(rule: Rule, law: DayLaw) -> list[str]:
    """The parameters used on the day, in the order in which the rule reads them."""
    day = law.on.isoformat()
    reads = [need.reads[1] for need in rule.needs if need.present_on(day)]
    reads += [result_reads(result)[1] for result in rule.results.values()]
    return list(dict.fromkeys(code for figures in reads for code in figures))


# -- what is missing ---------------------------------------------------------------------------------------------------


def _missing(verdict: Verdict) -> tuple[list[str], list[str]]:
    """(facts that could still change the outcome, the amount or what is given; parameters without a value that stand in the way).

    A decided node hides what is below it; an undecided one passes up only its unknown children. A comparison whose figure has
    no value stays unknown whatever is answered: it asks for nothing and names the figure.
    """
    facts: set[str] = set()
    laws: set[str] = set()
    value, leaves = _open(verdict.rule.when, verdict.holds)
    if value is not verdict.eligible:
        raise AssertionError(f"{verdict.rule.benefit}: the walk says {value}, the query {verdict.eligible}")
    for need in leaves:
        for test in need.tests:
            gone = [law.code for law in test.laws() if verdict.law.value(law.code) is None]
            laws.update(gone)
            if not gone:
                facts.update(fact for fact in test.facts() if verdict.facts.get(fact) is None)
    if verdict.eligible is not False:
        for key, result in verdict.rule.results.items():
            read, figures = result_reads(result)
            unknown = [fact for fact in read if verdict.facts.get(fact) is None]
            without = [code for code in figures if verdict.law.value(code) is None]
            facts.update([] if without else unknown)
            reached = verdict.amount if key == "amount" else verdict.gives.get(key)
            if verdict.eligible and reached is None and (without or not unknown):
                laws.update(figures)
    return in_order(facts), sorted(laws)


def _open(node: Need | Tree, holds: Mapping[str, bool | None]) -> tuple[bool | None, list[Need]]:
    """The value of a node and the conditions below it that can still change it."""
    if isinstance(node, Need):
        value = holds[node.code]
        return value, [node] if value is None else []
    parts = [_open(part, holds) for part in node.parts if not isinstance(part, Need) or part.code in holds]
    decisive = not node.every
    if any(value is decisive for value, _ in parts):
        return decisive, []
    if all(value is (not decisive) for value, _ in parts):
        return not decisive, []
    return None, [need for value, below in parts if value is None for need in below]
