"""然后还可享受: what an entitlement leads to, and what the next skill level would bring.

The executor is asked once more, with the one thing changed that would follow; what it then answers otherwise
is what follows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal.entitlements.check_state import answers_for_facts
from portal.entitlements.wording import ELIGIBLE, INELIGIBLE
from portal.policy.benefits import BY_CODE
from portal.policy.facts import LEVEL_BY_CODE, SkillLevel
from portal.policy.law import DayLaw, law_on
from portal.policy.terms import Cell, Law

# A new certificate of the next level: nothing has been claimed for it, and nothing has been paid for its course.
_NEW_CERTIFICATE = {
    "claimed_same_occupation_level": False,
    "training_subsidy_for_same_certificate": False,
}
_LADDER = [level for level in SkillLevel if level]


@dataclass(frozen=True)
class Gain:
    """A benefit that would follow, and what it gives."""

    benefit: str
    title: str
    summary: str
    amount: str | None
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Following:
    """What follows one step: `gains` at once, `perhaps` when further conditions are met."""

    step: str
    gains: list[Gain]
    perhaps: list[Gain]

    @property
    def money_caveats(self) -> list[str]:
        """What has still to be confirmed of the amounts, each once."""
        priced = [gain for gain in (*self.gains, *self.perhaps) if gain.amount]
        return list(dict.fromkeys(caveat for gain in priced for caveat in gain.caveats))


def what_follows(facts: Mapping[str, Any], on: dt.date) -> list[Following]:
    """The steps that lead further, each with what it brings; none that brings nothing."""
    before = {answer["benefit"]: answer for answer in answers_for_facts(facts, on, list(BY_CODE))}
    steps = [*_entries(facts, before), *_next_level(facts, on)]
    law = law_on(on)
    following = []
    for step, changed in steps:
        later = {**facts, **changed}
        after = answers_for_facts(later, on, list(BY_CODE))
        gains = [_gain(answer) for answer in after if _is_gained(answer, before[answer["benefit"]])]
        perhaps = [
            replace(_gain(answer), amount=amount_if_entitled(answer["benefit"], later, law))
            for answer in after
            if _is_opened(answer, before[answer["benefit"]])
        ]
        if gains or perhaps:
            following.append(Following(step, gains, perhaps))
    return following


def _entries(
    facts: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    """What the benefits that somebody may have lead to: each state once."""
    steps: list[tuple[str, dict[str, Any]]] = []
    for code, answer in before.items():
        leads_to = dict(BY_CODE[code].leads_to)
        known = all(facts.get(fact) == value for fact, value in leads_to.items())
        if answer["outcome"] != ELIGIBLE or known or any(leads_to == changed for _, changed in steps):
            continue
        steps.append((f"“{answer['title']}”办成后", leads_to))
    return steps


def _next_level(facts: Mapping[str, Any], on: dt.date) -> list[tuple[str, dict[str, Any]]]:
    level = LEVEL_BY_CODE.get(str(facts.get("skill_level")))
    if level is None or facts.get("employment") == "retired":
        return []
    higher = [one for one in _LADDER if one > level]
    if not higher:
        return []
    code = higher[0].code
    changed = {
        "skill_level": code,
        "certificate_level": code,
        "certificate_issued_on": on.isoformat(),
        **_NEW_CERTIFICATE,
    }
    return [(f"取得{higher[0].label}证书后", changed)]


def amount_if_entitled(benefit: str, facts: Mapping[str, Any], law: DayLaw) -> str | None:
    """What would be paid, where that depends on what is known alone."""
    result = BY_CODE[benefit].amount
    value: Any = None
    if isinstance(result, Law):
        value = law.value(result.code)
    elif isinstance(result, Cell):
        value = law.value(result.table.code)
        for fact in result.facts:
            value = value.get(str(facts.get(fact))) if isinstance(value, Mapping) else None
    return None if value is None or isinstance(value, Mapping) else str(value)


def _gain(answer: Mapping[str, Any]) -> Gain:
    summary = answer["gives"]["summary"]
    return Gain(answer["benefit"], answer["title"], summary, answer["amount"], tuple(answer["caveats"]))


def _is_gained(after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    if after["outcome"] != ELIGIBLE:
        return False
    if before["outcome"] != ELIGIBLE:
        return True
    return any(after[part] != before[part] for part in ("amount", "gives"))


def _is_opened(after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """No longer out of the question."""
    return before["outcome"] == INELIGIBLE and after["outcome"] not in (ELIGIBLE, INELIGIBLE)
