"""From a verdict to an answer people can act on: what holds, what does not, what is missing, and what to do
next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from portal.policy.benefits import BY_CODE, UNIT_BENEFITS
from portal.policy.compile import reads_of_result
from portal.policy.engine import RuleSet, clause_of, current_rules
from portal.policy.facts import in_order
from portal.policy.intake import FactsRefused, validate_facts
from portal.policy.law import DayLaw
from portal.policy.rules import Need, Rule, Tree, digest_of, wording
from portal.policy.terms import DAY, Constant

_FEN = Decimal("0.01")


class Verdict(NamedTuple):
    """What the executor found for one benefit. `holds` has the conditions present on the day, `eligible` None
    for unknown.

    `facts` are at least those the rule reads.
    """

    rule: Rule
    law: DayLaw
    facts: Mapping[str, Any]
    holds: Mapping[str, bool | None]
    eligible: bool | None
    amount: Decimal | None
    gives: Mapping[str, Any]
    digest: str


@dataclass(frozen=True)
class Checked:
    """Answers with the day they are for and the name of the rules and the law they rest on."""

    on: dt.date
    policy_version: str
    results: list[dict[str, Any]]


def check(
    facts: Any, on: dt.date | None = None, benefits: Iterable[str] | None = None, *, law: DayLaw | None = None
) -> list[dict[str, Any]]:
    """What the catalogue says about typed-in facts on a day (today in Shanghai by default), one answer per
    benefit.

    Raises `FactsRefused` for facts or benefit codes that cannot be used. Nothing is stored. `law` is the law
    of the day as confirmed unless another one is given (a draft).
    """
    on = on or timezone.localdate()
    return check_validated(validate_facts(facts, on), on, requested_benefits(benefits), law=law).results


def check_validated(
    known: Mapping[str, Any],
    on: dt.date,
    benefits: Collection[str] | None = None,
    *,
    law: DayLaw | None = None,
) -> Checked:
    """`check` for facts and benefit codes that have been checked already.

    The whole catalogue is asked whatever is wanted: otherwise every choice of benefits, which is the
    caller's, would have a statement of its own to be compiled and prepared.
    """
    verdicts, law = find_verdicts(known, on, benefits, law=law)
    return Checked(on, policy_version_under(law), [answer(verdict) for verdict in verdicts])


def find_verdicts(
    known: Mapping[str, Any],
    on: dt.date,
    benefits: Collection[str] | None = None,
    *,
    law: DayLaw | None = None,
) -> tuple[list[Verdict], DayLaw]:
    """What `check_validated` answers from, and the law it was decided by."""
    rules = current_rules()
    if law is None:
        row, law = rules.decide_as_confirmed(known, on)
    else:
        row = rules.decide(known, law)
    wanted_rules = [rule for rule in rules.rules if benefits is None or rule.benefit in benefits]
    return [verdict_from_row(rules, rule, row, known, law) for rule in wanted_rules], law


def policy_version_under(law: DayLaw) -> str:
    """See portal.policy.policy_version."""
    return _version(law.digest)


@lru_cache(maxsize=64)
def _version(law_digest: str) -> str:
    return digest_of({"rules": [rule.digest for rule in current_rules().rules], "law": law_digest})[:16]


def requested_benefits(benefits: Any) -> list[str] | None:
    """The benefit codes asked for, None for all of them. Raises `FactsRefused` naming everything that is no
    person's benefit.
    """
    if benefits is None:
        return None
    allowed = "、".join(BY_CODE)
    if isinstance(benefits, str | bytes | Mapping) or not isinstance(benefits, Iterable):
        raise FactsRefused([{"field": "benefits", "problem": "应为事项代码的列表", "allowed": allowed}])
    codes = list(benefits)
    if not codes:
        raise FactsRefused(
            [{"field": "benefits", "problem": "列表为空；不填则查询全部事项", "allowed": allowed}]
        )
    wrong = dict.fromkeys(
        _why_no_benefit(code) for code in codes if not isinstance(code, str) or code not in BY_CODE
    )
    if wrong:
        raise FactsRefused(
            [{"field": "benefits", "problem": problem, "allowed": allowed} for problem in wrong]
        )
    return codes


def _why_no_benefit(code: Any) -> str:
    shown = str(code)[:60].encode("utf-8", "replace").decode()
    unit = isinstance(code, str) and code in UNIT_BENEFITS
    return f"{shown} 是用人单位的事项，不在个人查询范围内" if unit else f"没有事项 {shown}"


def verdict_from_row(
    rules: RuleSet, rule: Rule, row: Mapping[str, Any], facts: Mapping[str, Any], law: DayLaw
) -> Verdict:
    """Read one benefit out of a row of the executor."""
    codes, holds, verdict, digest = _answer_columns(rules, rule, law)
    eligible = row[verdict]
    given = {key: _given_value(rules, rule, key, row) for key in rule.results} if eligible else {}
    amount = given.pop("amount", None)
    return Verdict(
        rule,
        law,
        facts,
        dict(zip(codes, holds(row), strict=True)),
        eligible,
        None if amount is None else Decimal(amount).quantize(_FEN),
        given,
        row[digest],
    )


class _Columns(NamedTuple):
    """Where a rule's answer stands in a row: the codes of the conditions present on the day and what picks
    them, verdict, digest.
    """

    codes: tuple[str, ...]
    holds: Callable[[Mapping[str, Any]], tuple[bool | None, ...]]
    verdict: str
    digest: str


def _answer_columns(rules: RuleSet, rule: Rule, law: DayLaw) -> _Columns:
    found: _Columns | None = law.kept.get((rules, rule.benefit))
    if found is None:
        needs, place = answer_frame(rule, law).needs, rules.place(rule)
        columns = tuple(rules.condition_column(rule, need) for need in needs)
        # itemgetter of a single name gives no tuple.
        holds = (
            itemgetter(*columns) if len(columns) > 1 else lambda row: tuple(row[column] for column in columns)
        )
        found = law.kept[rules, rule.benefit] = _Columns(
            tuple(need.code for need in needs), holds, f"b{place}", f"d{place}"
        )
    return found


def _given_value(rules: RuleSet, rule: Rule, key: str, row: Mapping[str, Any]) -> Any:
    result = rule.results[key]
    return result.value if isinstance(result, Constant) else row[rules.result_column(rule, key)]


def answer(verdict: Verdict, words: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer as the check gives it. `words` is the wording to use: the catalogue's unless a stored
    version's is given.

    Clauses are shared between answers: whoever changes one changes others'.
    """
    rule = verdict.rule
    frame = answer_frame(rule, verdict.law)
    words = words or wording_of(rule.benefit)
    missing_facts, missing_law = find_missing(verdict, frame)
    return {
        "benefit": rule.benefit,
        "title": words["title"],
        "clause": frame.clause,
        "force": rule.force,
        "outcome": outcome_code(verdict.eligible),
        "amount": None if verdict.amount is None else f"{verdict.amount:.2f}",
        "fund": rule.fund,
        "gives": {"summary": summary_of_gives(verdict.gives, words), **verdict.gives},
        "conditions": [
            _condition_answer(verdict, *present, words["conditions"]) for present in frame.conditions
        ],
        "missing_facts": missing_facts,
        "missing_law": missing_law,
        "caveats": caveats_of_answer(verdict.eligible, frame, words),
        "digest": verdict.digest,
    }


@lru_cache(maxsize=64)
def wording_of(benefit: str) -> dict[str, Any]:
    return wording(BY_CODE[benefit])


@dataclass(frozen=True)
class Frame:
    """What every answer of a rule has in common under the law of a day."""

    clause: dict[str, str | None]
    needs: list[Need]  # the conditions present on the day
    conditions: list[
        tuple[Need, dict[str, str | None], tuple[str, ...]]
    ]  # each with its clause and what it is observed in
    caveats: list[str]  # what the office must still confirm of the figures used
    gone: frozenset[str]  # parameters the rule reads that have no value on the day
    results: list[
        tuple[str, tuple[str, ...], dict[str, str]]
    ]  # each with the facts and the figures it is computed from


def answer_frame(rule: Rule, law: DayLaw) -> Frame:
    key = rule.benefit, rule.digest
    found: Frame | None = law.kept.get(key)
    if found is None:
        found = law.kept[key] = _build_frame(rule, law)
    return found


def _build_frame(rule: Rule, law: DayLaw) -> Frame:
    day = law.on.isoformat()
    needs = [need for need in rule.needs if need.present_on(day)]
    results = [(key, *reads_of_result(result)) for key, result in rule.results.items()]
    # In the order in which the rule reads them.
    codes = list(
        dict.fromkeys(
            code
            for figures in [*(need.reads[1] for need in needs), *(read[2] for read in results)]
            for code in figures
        )
    )
    figures = [law.figures[code] for code in codes if code in law.figures]
    conditions = [
        (
            need,
            clause_of(rule, need, law),
            (DAY,) if any(test.fact == DAY for test in need.tests) else need.reads[0],
        )
        for need in needs
    ]
    return Frame(
        rule.clause.data(),
        needs,
        conditions,
        [figure.caveat for figure in figures if figure.caveat],
        frozenset(code for code in codes if law.value(code) is None),
        results,
    )


def outcome_code(eligible: bool | None) -> str:
    return "undetermined" if eligible is None else "eligible" if eligible else "ineligible"


def _condition_answer(
    verdict: Verdict,
    need: Need,
    clause: Mapping[str, str | None],
    seen: tuple[str, ...],
    words: Mapping[str, Any],
) -> dict[str, Any]:
    said = words.get(need.code) or {"label": need.code, "remedy": ""}
    facts = verdict.facts if seen != (DAY,) else {DAY: verdict.law.on.isoformat()}
    return {
        "code": need.code,
        "label": said["label"],
        "clause": clause,
        "holds": verdict.holds[need.code],
        "observed": {fact: facts.get(fact) for fact in seen},
        "remedy": said["remedy"],
    }


def summary_of_gives(gives: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    if not words["summary_given"] or not gives or any(value is None for value in gives.values()):
        return words["summary"]
    labels = {
        key: words["words"].get(key, {}).get(value, value) if isinstance(value, str) else value
        for key, value in gives.items()
    }
    return words["summary_given"].format(**labels)


def caveats_of_answer(eligible: bool | None, frame: Frame, words: Mapping[str, Any]) -> list[str]:
    """What the office must still confirm: of the benefit itself, then of the figures used. None beside a
    plain no of the rule.
    """
    return list(dict.fromkeys([*([] if eligible is False else words["caveats"]), *frame.caveats]))


# -- what is missing -----------------------------------------------------------------------------------------


def find_missing(verdict: Verdict, frame: Frame) -> tuple[list[str], list[str]]:
    """(facts that could still change the outcome, the amount or what is given; parameters without a value
    that stand in the way).

    A decided node hides what is below it; an undecided one passes up only its unknown children. A comparison
    whose figure has no value stays unknown whatever is answered: it asks for nothing and names the figure.
    """
    if verdict.eligible is False:
        return [], []
    facts: set[str] = set()
    laws: set[str] = set()
    known = verdict.facts
    for need in open_conditions(verdict) if verdict.eligible is None else ():
        for test in need.tests:
            gone = [law.code for law in test.laws() if law.code in frame.gone]
            laws.update(gone)
            if not gone:
                facts.update(fact for fact in test.facts() if known.get(fact) is None)
    for key, read, figures in frame.results:
        unknown = [fact for fact in read if known.get(fact) is None]
        without = not frame.gone.isdisjoint(figures)
        facts.update([] if without else unknown)
        reached = verdict.amount if key == "amount" else verdict.gives.get(key)
        if verdict.eligible and reached is None and (without or not unknown):
            laws.update(figures)
    return in_order(facts) if facts else [], sorted(laws)


def open_conditions(verdict: Verdict) -> list[Need]:
    """The conditions that can still change the outcome; none once it is decided."""
    value, leaves = _open_part(verdict.rule.when, verdict.holds)
    if value is not verdict.eligible:
        raise AssertionError(f"{verdict.rule.benefit}: the walk says {value}, the query {verdict.eligible}")
    return leaves


def _open_part(node: Tree, holds: Mapping[str, bool | None]) -> tuple[bool | None, list[Need]]:
    """The value of a node and the conditions below it that can still change it."""
    decisive = not node.every
    below: list[Need] = []
    undecided = False
    for part in node.parts:
        if isinstance(part, Need):
            if part.code not in holds:  # absent on the day
                continue
            value, more = holds[part.code], [part]
        else:
            value, more = _open_part(part, holds)
        if value is decisive:
            return decisive, []
        if value is None:
            undecided = True
            below += more
    return (None, below) if undecided else (not decisive, [])
