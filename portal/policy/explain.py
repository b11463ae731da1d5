"""From a verdict to an answer people can act on: what holds, what is missing, and what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from portal.policy.answer_frames import Frame, FrameCondition, answer_frame
from portal.policy.benefits import BY_CODE, UNIT_BENEFITS
from portal.policy.contradictions import Contradiction, find_contradictions
from portal.policy.engine import RuleSet, current_rules
from portal.policy.facts import in_order
from portal.policy.intake import FactsRefused, validate_facts
from portal.policy.law import DayLaw
from portal.policy.prospects import Prospect, prospect_of
from portal.policy.rules import Need, Rule, Tree, digest_of, wording
from portal.policy.terms import DAY, Constant

_FEN = Decimal("0.01")


class Verdict(NamedTuple):
    """What the executor found for one benefit; `eligible` is None when it cannot be told.

    `facts` are at least those the rule reads, `holds` the conditions present on the day. There is no digest where
    the executor was not asked for any.
    """

    rule: Rule
    law: DayLaw
    facts: Mapping[str, Any]
    holds: Mapping[str, bool | None]
    eligible: bool | None
    amount: Decimal | None
    gives: Mapping[str, Any]
    digest: str


class Verdicts(Sequence[Verdict]):
    """What the executor found for all its rules about one person; each is read out of its row when it is asked for."""

    def __init__(self, rules: RuleSet, row: Mapping[str, Any], facts: Mapping[str, Any], law: DayLaw) -> None:
        self.rules, self.row, self.facts, self.law = rules, row, facts, law
        self._read: dict[int, Verdict] = {}

    def __len__(self) -> int:
        return len(self.rules.rules)

    def __getitem__(self, place: Any) -> Any:
        verdict = self._read.get(place)
        if verdict is None:
            rule = self.rules.rules[place]
            verdict = self._read[place] = verdict_from_row(self.rules, rule, self.row, self.facts, self.law)
        return verdict


@dataclass(frozen=True)
class Checked:
    """Answers with the day they are for and the name of the rules and the law they rest on."""

    on: dt.date
    policy_version: str
    results: list[dict[str, Any]]


def check(
    facts: Any, on: dt.date | None = None, benefits: Iterable[str] | None = None, *, law: DayLaw | None = None
) -> list[dict[str, Any]]:
    """What the catalogue says about typed-in facts on a day (today by default), one answer per benefit.

    Raises `FactsRefused` for facts or benefit codes that cannot be used. `law` is a draft to decide by
    instead of the law of the day as confirmed.
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
    """`check` for facts and benefit codes that are known to be usable."""
    verdicts, law = find_verdicts(known, on, benefits, law=law)
    return Checked(on, policy_version_under(law), [answer(verdict) for verdict in verdicts])


def find_verdicts(
    known: Mapping[str, Any],
    on: dt.date,
    benefits: Collection[str] | None = None,
    *,
    law: DayLaw | None = None,
) -> tuple[list[Verdict], DayLaw]:
    """What `check_validated` answers from, and the law it was decided by.

    The whole catalogue is decided whatever is wanted: otherwise every choice of benefits, which is the
    caller's, would have a statement of its own to be compiled and prepared.
    """
    rules = current_rules()
    if law is None:
        row, law = rules.decide_as_confirmed(known, on)
    else:
        row = rules.decide(known, law)
    verdicts = []
    for rule in rules.rules:
        if benefits is None or rule.benefit in benefits:
            verdicts.append(verdict_from_row(rules, rule, row, known, law))
    return verdicts, law


def policy_version_under(law: DayLaw) -> str:
    """See portal.policy.policy_version."""
    return _version(law.digest)


@lru_cache(maxsize=64)
def _version(law_digest: str) -> str:
    return digest_of({"rules": [rule.digest for rule in current_rules().rules], "law": law_digest})[:16]


def requested_benefits(benefits: Any) -> list[str] | None:
    """The benefit codes asked for, None for all; raises `FactsRefused` naming what is no person's benefit."""
    if benefits is None:
        return None
    if isinstance(benefits, str | bytes | Mapping) or not isinstance(benefits, Iterable):
        raise _benefits_refused(["应为事项代码的列表"])
    codes = list(benefits)
    if not codes:
        raise _benefits_refused(["列表为空；不填则查询全部事项"])
    unknown = [code for code in codes if not isinstance(code, str) or code not in BY_CODE]
    if unknown:
        raise _benefits_refused(dict.fromkeys(map(_why_no_benefit, unknown)))
    return codes


def _benefits_refused(problems: Iterable[str]) -> FactsRefused:
    allowed = "、".join(BY_CODE)
    return FactsRefused(
        [{"field": "benefits", "problem": problem, "allowed": allowed} for problem in problems]
    )


def _why_no_benefit(code: Any) -> str:
    printable = str(code)[:60].encode("utf-8", "replace").decode()
    if isinstance(code, str) and code in UNIT_BENEFITS:
        return f"{printable} 是用人单位的事项，不在个人查询范围内"
    return f"没有事项 {printable}"


def verdict_from_row(
    rules: RuleSet, rule: Rule, row: Mapping[str, Any], facts: Mapping[str, Any], law: DayLaw
) -> Verdict:
    """Read one benefit out of a row of the executor."""
    columns = _answer_columns(rules, rule, law)
    eligible = row[columns.verdict]
    amount = None
    given: dict[str, Any] = {}
    if eligible and rule.results:
        given = given_values(rules, rule, row)
        amount = given.pop("amount", None)
        if amount is not None:
            amount = Decimal(amount).quantize(_FEN)
    holds = dict(zip(columns.codes, columns.pick_holds(row), strict=True))
    return Verdict(rule, law, facts, holds, eligible, amount, given, row.get(columns.digest, ""))


class _AnswerColumns(NamedTuple):
    """Where a rule's answer stands in a row; `codes` are the conditions present on the day."""

    codes: tuple[str, ...]
    pick_holds: Callable[[Mapping[str, Any]], tuple[bool | None, ...]]
    verdict: str
    digest: str


def _answer_columns(rules: RuleSet, rule: Rule, law: DayLaw) -> _AnswerColumns:
    key = rules, rule.benefit
    columns: _AnswerColumns | None = law.kept.get(key)
    if columns is None:
        needs = answer_frame(rule, law).needs
        columns = law.kept[key] = _AnswerColumns(
            tuple(need.code for need in needs),
            _picker_of([rules.condition_column(rule, need) for need in needs]),
            rules.verdict_column(rule),
            rules.digest_column(rule),
        )
    return columns


def _picker_of(columns: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(columns) > 1:
        return itemgetter(*columns)
    # itemgetter of a single name gives no tuple.
    return lambda row: tuple(row[column] for column in columns)


def given_values(rules: RuleSet, rule: Rule, row: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody entitled is given, the amount among it."""
    given = {}
    for key, result in rule.results.items():
        if isinstance(result, Constant):
            given[key] = result.value
        else:
            given[key] = row[rules.result_column(rule, key)]
    return given


def answer(verdict: Verdict, words: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer as the check gives it, in the catalogue's words unless a stored version's are given.

    Clauses are shared between answers: whoever changes one changes others'.
    """
    rule = verdict.rule
    frame = answer_frame(rule, verdict.law)
    words = words or wording_of(rule.benefit)
    missing_facts, missing_law = find_missing(verdict, frame)
    prospect = prospect_of(verdict)
    return {
        "benefit": rule.benefit,
        "title": words["title"],
        "clause": frame.clause,
        "force": rule.force,
        "outcome": outcome_code(verdict.eligible),
        "amount": None if verdict.amount is None else in_yuan(verdict.amount),
        "fund": rule.fund,
        "gives": {"summary": summary_of_gives(verdict.gives, words), **verdict.gives},
        **prospect.days.data(),
        "rises": [rise.data() for rise in prospect.rises],
        "conditions": [
            _condition_answer(verdict, part, words["conditions"], prospect) for part in frame.conditions
        ],
        "missing_facts": missing_facts,
        "missing_law": missing_law,
        "caveats": [
            *caveats_of_answer(verdict.eligible, frame, words),
            *caveats_of_facts(verdict.facts, frame, find_contradictions(verdict.facts, frame.contradictions)),
        ],
        "digest": verdict.digest,
    }


@lru_cache(maxsize=64)
def wording_of(benefit: str) -> dict[str, Any]:
    return wording(BY_CODE[benefit])


def in_yuan(amount: Decimal | str) -> str:
    """An amount as answers say it: two decimals."""
    return f"{Decimal(amount):.2f}"


def outcome_code(eligible: bool | None) -> str:
    if eligible is None:
        return "undetermined"
    return "eligible" if eligible else "ineligible"


def _condition_answer(
    verdict: Verdict, condition: FrameCondition, words: Mapping[str, Any], prospect: Prospect
) -> dict[str, Any]:
    code = condition.need.code
    wording = words.get(code) or {"label": code, "remedy": ""}
    facts = verdict.facts
    if condition.observed == (DAY,):
        facts = {DAY: verdict.law.on.isoformat()}
    return {
        "code": code,
        "label": wording["label"],
        "clause": condition.clause,
        "holds": verdict.holds[code],
        "observed": {fact: facts.get(fact) for fact in condition.observed},
        "remedy": wording["remedy"],
        "measure": prospect.measures[code].data() if code in prospect.measures else None,
    }


def summary_of_gives(gives: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    if not words["summary_given"] or not gives or None in gives.values():
        return words["summary"]
    labels = dict(gives)
    for key, value in gives.items():
        if isinstance(value, str):
            labels[key] = words["words"].get(key, {}).get(value, value)
    return words["summary_given"].format(**labels)


def caveats_of_answer(eligible: bool | None, frame: Frame, words: Mapping[str, Any]) -> list[str]:
    """What the office must still confirm of the benefit and of the figures used.

    A plain no of the rule leaves nothing to confirm of the benefit.
    """
    of_benefit = [] if eligible is False else words["caveats"]
    return list(dict.fromkeys([*of_benefit, *frame.caveats]))


def caveats_of_facts(
    facts: Mapping[str, Any], frame: Frame, contradictions: Collection[Contradiction]
) -> list[str]:
    """What the facts say against each other, and what the law leaves open of them; hardly ever anything.

    `contradictions` are all in which these facts stand.
    """
    said = [f"{one.says}，请核对。" for one in frame.contradictions if one in contradictions]
    said += [one.says for one in frame.open_readings if one.touches(facts)]
    return said


# -- what is missing -----------------------------------------------------------------------------------------


def find_missing(verdict: Verdict, frame: Frame) -> tuple[list[str], list[str]]:
    """(facts that could still change the answer; parameters without a value that stand in the way).

    A decided node hides what is below it; an undecided one passes up only its unknown children. A comparison
    whose figure has no value stays unknown whatever is answered: it asks for nothing and names the figure.
    """
    if verdict.eligible is False:
        return [], []
    facts: set[str] = set()
    laws: set[str] = set()
    if verdict.eligible is None:
        _add_missing_of_conditions(verdict, frame, facts, laws)
    _add_missing_of_results(verdict, frame, facts, laws)
    return in_order(facts) if facts else [], sorted(laws)


def _add_missing_of_conditions(verdict: Verdict, frame: Frame, facts: set[str], laws: set[str]) -> None:
    for need in open_conditions(verdict):
        for test in need.tests:
            without_value = [law.code for law in test.laws() if law.code in frame.without_value]
            if without_value:
                laws.update(without_value)
            else:
                facts.update(fact for fact in test.facts() if verdict.facts.get(fact) is None)


def _add_missing_of_results(verdict: Verdict, frame: Frame, facts: set[str], laws: set[str]) -> None:
    for result in frame.results:
        unknown = [fact for fact in result.facts if verdict.facts.get(fact) is None]
        without_value = not frame.without_value.isdisjoint(result.figures)
        if not without_value:
            facts.update(unknown)
        value = verdict.amount if result.key == "amount" else verdict.gives.get(result.key)
        if verdict.eligible and value is None and (without_value or not unknown):
            laws.update(result.figures)


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
        elif part.is_absent(holds):
            continue
        else:
            value, more = _open_part(part, holds)
        if value is decisive:
            return decisive, []
        if value is None:
            undecided = True
            below += more
    return (None, below) if undecided else (not decisive, [])
