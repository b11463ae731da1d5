"""An answer in words, once for every page, sheet and record that tells one.

What the executor finds is codes. Here they become what a person reads: values with their unit, clauses, what
decided, what is missing, and what would change it. Nothing here decides anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from portal.entitlements.numbers import (
    AnswerDays,
    has_unit,
    measure_in_words,
    number_in_words,
    rise_in_words,
    years_of_months,
)
from portal.entitlements.open_points import worth_saying
from portal.formats import date_cn
from portal.policy.benefits import FORCES, FUNDS
from portal.policy.benefits.talent import POLICY
from portal.policy.determine import explain_determination
from portal.policy.engine import current_rules
from portal.policy.facts import LEVEL_BY_CODE, LEVEL_FACTS, SkillLevel, choices_of, field_of, is_fact
from portal.policy.models import Determination, OpenQuestion, Outcome, Parameter
from portal.policy.replay import parse
from portal.policy.rules import IN_FORCE, Need, Rule, Tree
from portal.policy.terms import DAY
from portal.workforce.models import HonourType

ELIGIBLE = Outcome.ELIGIBLE.value
UNDETERMINED = Outcome.UNDETERMINED.value
INELIGIBLE = Outcome.INELIGIBLE.value


@dataclass(frozen=True)
class Vocabulary:
    """Names of the register, read once for many answers, and words used instead of the catalogue's."""

    honours: Mapping[str, str] = field(default_factory=dict)
    no_honours: str = "没有已核实的荣誉"
    # {fact: {code: words}} of those who were asked in other words than the catalogue's.
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def register_vocabulary() -> Vocabulary:
    """The names as they are today, read when the first of them is needed: few answers name any."""
    names: Any = SimpleLazyObject(lambda: dict(HonourType.objects.values_list("pk", "name")))
    return Vocabulary(names)


# -- values --------------------------------------------------------------------------------------------------


def canonical_fact_value(fact: str, value: Any) -> Any:
    """A value of the register as the executor takes it: levels by code, days as text, numbers as in JSON."""
    if value is None:
        return None
    if fact in LEVEL_FACTS and isinstance(value, int):
        return SkillLevel(value).code
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def value_in_words(
    fact: str, value: Any, words: Vocabulary, *, day: Callable[[dt.date], str] = date_cn
) -> str:
    """A canonical value in words; nothing for what is unknown. `day` writes the dates."""
    if value is None:
        return ""
    if fact == "honours":
        return "、".join(words.honours.get(code, code) for code in value) or words.no_honours
    code = str(value).lower() if isinstance(value, bool) else str(value)
    option = words.options.get(fact, {}).get(code)
    if option:
        return option
    if isinstance(value, bool):
        return "是" if value else "否"
    if fact in LEVEL_FACTS:
        return str(LEVEL_BY_CODE[value].label)
    if fact == DAY or fact.endswith("_on"):
        return day(dt.date.fromisoformat(value))
    if has_unit(fact):
        years = years_of_months(fact, value)
        return number_in_words(fact, value) + (f"（{years}）" if years else "")
    if is_fact(fact):
        return choices_of(fact).get(code, code)
    return code


def observations_in_words(observed: Mapping[str, Any], words: Vocabulary) -> str:
    """What a condition was decided on; several facts are told apart by their names."""
    known = {}
    for fact, value in observed.items():
        if text := value_in_words(fact, value, words):
            known[fact] = text
    if len(observed) == 1:
        return "".join(known.values())
    return "；".join(f"{fact_label(fact)}：{text}" for fact, text in known.items())


def fact_label(fact: str) -> str:
    return str(field_of(fact).verbose_name) if is_fact(fact) else fact


def _missing_fact_label(fact: str) -> str:
    """A fact as the thing that is still to be told: 是否在技能岗位工作."""
    if isinstance(field_of(fact), models.BooleanField):
        return f"是否{fact_label(fact)}"
    return fact_label(fact)


def citation_of(clause: Mapping[str, str | None]) -> str:
    """内党办发〔2019〕6号（九）, 职工带薪年休假条例第三条: paragraphs in brackets, articles as written."""
    document, number = clause["document"] or "", clause["number"]
    if not number:
        return document
    return document + (number if number.startswith("第") else f"（{number}）")


# -- conditions ----------------------------------------------------------------------------------------------


_ALONE, _TOGETHER = "满足其中一种情形即可", "与本情形的其他条件同时满足即可"


def alternative_notes(node: Need | Tree, present: Collection[str], note: str = "") -> dict[str, str]:
    """What to say beside conditions of which not all are needed: one is enough, or several are one case.

    `present` are the conditions there on the day: where one alternative is left, it is none.
    """
    if isinstance(node, Need):
        return {node.code: note} if note else {}
    parts = [part for part in node.parts if any(need.code in present for need in part.needs())]
    notes: dict[str, str] = {}
    for part in parts:
        below = note if len(parts) == 1 else _note_below(node, part, note)
        notes |= alternative_notes(part, present, below)
    return notes


def _note_below(node: Tree, part: Need | Tree, note: str) -> str:
    # What stands with others in one of several cases counts only with them, however it is nested further in.
    if node.every or note == _TOGETHER:
        return note
    if isinstance(part, Tree) and part.every:
        return _TOGETHER
    return _ALONE


def find_deciding(node: Need | Tree, holds: Mapping[str, bool | None]) -> tuple[bool | None, list[str]]:
    """(the value of a tree, codes of the conditions that give it this value)."""
    if isinstance(node, Need):
        return holds[node.code], [node.code]
    parts = []
    for part in node.parts:
        # What is absent on the day is left out.
        if any(need.code in holds for need in part.needs()):
            parts.append(find_deciding(part, holds))
    value = _value_of_tree(node, [part_value for part_value, _ in parts])
    # One that decides is enough; when none does, all together give the value.
    return value, [code for part_value, codes in parts if part_value is value for code in codes]


def _value_of_tree(node: Tree, values: list[bool | None]) -> bool | None:
    decisive = not node.every
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def condition_rows(
    conditions: Iterable[Mapping[str, Any]],
    outcome: str,
    words: Vocabulary,
    *,
    rule: Rule | None = None,
    present: Collection[str] = (),
    on: dt.date | None = None,
) -> list[dict[str, Any]]:
    """Conditions as components/conditions.html shows them, each with the facts it was decided on.

    Of somebody entitled only what carries the entitlement is told, and not how to meet the rest. `rule` says
    which are alternatives among those `present` on the day. Days are counted from `on`, today if not given.
    """
    notes = alternative_notes(rule.when, present) if rule else {}
    on = on or timezone.localdate()
    rows = []
    for condition in conditions:
        if outcome == ELIGIBLE and condition["holds"] is not True:
            continue
        measure = measure_in_words(condition.get("measure"), on)
        rows.append(
            {
                **condition,
                "clause": citation_of(condition["clause"]),
                # The measure says what there is, beside what is required.
                "observed": "" if measure else observations_in_words(condition["observed"], words),
                "measure": measure,
                "facts": list(condition["observed"]),
                "remedy": "" if outcome == ELIGIBLE else condition["remedy"],
                "note": notes.get(condition["code"], ""),
            }
        )
    return rows


def determination_conditions(determination: Determination) -> list[dict[str, Any]]:
    """The conditions of a stored determination, in the words recorded with its rule."""
    return conditions_of_answer(explain_determination(determination), determination)


def conditions_of_answer(answer: Mapping[str, Any], determination: Determination) -> list[dict[str, Any]]:
    """The same of an answer that was made of the determination already."""
    conditions = answer["conditions"]
    rule = parse(determination.rule_version.definition)
    return condition_rows(
        _worth_saying(conditions),
        determination.outcome,
        register_vocabulary(),
        rule=rule,
        present=_codes_of(conditions),
    )


def _codes_of(conditions: Iterable[Mapping[str, Any]]) -> set[str]:
    return {condition["code"] for condition in conditions}


def _worth_saying(conditions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """That the policy is in force is worth a line only where it is not."""
    return [
        condition
        for condition in conditions
        if condition["code"] != IN_FORCE or condition["holds"] is not True
    ]


# -- answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExplainedAnswer:
    """One answer in words. `clause_number` is empty where the benefit's clause has no page of its own."""

    benefit: str
    title: str
    outcome: str
    force: str
    force_label: str
    clause: str
    clause_number: str
    summary: str
    amount: str | None
    fund: str
    conditions: list[dict[str, Any]]
    # Labels of the conditions that give a no, with what was observed and what would change it.
    because: list[dict[str, Any]]
    missing: list[tuple[str, str]]
    # Labels of parameters without a value on the day that stand in the way.
    open_figures: list[str]
    caveats: list[str]
    questions: list[OpenQuestion]
    digest: str
    days: AnswerDays
    # What will be given more, as (what, from when) in words.
    rises: list[str]

    @property
    def money_caveats(self) -> list[str]:
        """What stands beside the amount: of an answer that names money every caveat touches it."""
        return self.caveats if self.names_money else []

    @property
    def other_caveats(self) -> list[str]:
        return [] if self.names_money else self.caveats

    @property
    def names_money(self) -> bool:
        return self.amount is not None or bool(self.fund)

    @property
    def short_digest(self) -> str:
        """Enough to hold two answers against each other by eye."""
        return self.digest[:12]

    @property
    def lacks_amount(self) -> bool:
        """Entitled to an amount that nobody has fixed yet."""
        return self.outcome == ELIGIBLE and self.amount is None and bool(self.open_figures)


def explain_answers(
    answers: Iterable[Mapping[str, Any]],
    words: Vocabulary,
    *,
    on: dt.date | None = None,
    facts: Mapping[str, Any] | None = None,
) -> list[ExplainedAnswer]:
    """Answers of the check (portal.policy.explain.answer) in words; two queries for all of them.

    `on` is the day they are for, today if not given. With `facts`, open questions that they do not touch are
    left out.
    """
    answers = list(answers)
    on = on or timezone.localdate()
    codes = {code for answer in answers for code in answer["missing_law"]}
    labels = dict(Parameter.objects.filter(code__in=codes).values_list("code", "label")) if codes else {}
    questions = list(OpenQuestion.objects.all())
    if facts is not None:
        questions = [question for question in questions if worth_saying(question.code, facts, on)]
    rules = {rule.benefit: rule for rule in current_rules().rules}
    return [
        _explain_answer(answer, rules[answer["benefit"]], words, labels, questions, on) for answer in answers
    ]


def _explain_answer(
    answer: Mapping[str, Any],
    rule: Rule,
    words: Vocabulary,
    labels: Mapping[str, str],
    questions: Iterable[OpenQuestion],
    on: dt.date,
) -> ExplainedAnswer:
    outcome, clause = answer["outcome"], answer["clause"]
    conditions = _conditions_to_show(answer, rule, words, on)
    return ExplainedAnswer(
        benefit=answer["benefit"],
        title=answer["title"],
        outcome=outcome,
        force=answer["force"],
        force_label=FORCES[answer["force"]],
        clause=citation_of(clause),
        clause_number=clause["number"] if clause["document"] == POLICY else "",
        summary=answer["gives"]["summary"],
        amount=answer["amount"],
        fund=FUNDS.get(answer["fund"] or "", ""),
        conditions=conditions,
        because=_reasons_against(answer, rule, conditions) if outcome == INELIGIBLE else [],
        missing=[(fact, _missing_fact_label(fact)) for fact in answer["missing_facts"]],
        open_figures=[labels.get(code, code) for code in answer["missing_law"]],
        caveats=answer["caveats"],
        questions=[question for question in questions if answer["benefit"] in question.benefits],
        digest=answer["digest"],
        days=AnswerDays.read(answer, on),
        rises=[rise_in_words(rise) for rise in answer["rises"]],
    )


def _conditions_to_show(
    answer: Mapping[str, Any], rule: Rule, words: Vocabulary, on: dt.date
) -> list[dict[str, Any]]:
    conditions = _worth_saying(answer["conditions"])
    present = _codes_of(answer["conditions"])
    return condition_rows(conditions, answer["outcome"], words, rule=rule, present=present, on=on)


def _reasons_against(
    answer: Mapping[str, Any], rule: Rule, conditions: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Of the conditions as shown, those that give the no."""
    holds = {condition["code"]: condition["holds"] for condition in answer["conditions"]}
    _, deciding = find_deciding(rule.when, holds)
    return [condition for condition in conditions if condition["code"] in deciding]
