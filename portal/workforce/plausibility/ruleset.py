"""All rules of plausibility, and those of a day. How to add one: docs/decisions/13-plausibility.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal.workforce.plausibility.about_skill import (
    ATTESTED,
    CLAIM,
    COMPETITION,
    CREDENTIAL,
    HONOUR,
    SCHOOLING,
)
from portal.workforce.plausibility.about_work import EMPLOYMENT, INSURANCE
from portal.workforce.plausibility.limits import LABOUR_LAW, LAWFUL_FROM, LIFE, NOBODY_BELOW
from portal.workforce.plausibility.rules import Rule, age, before_age, between_ages

PERSON = [
    Rule(
        key="person.under-fourteen",
        impossible=True,
        fields={"worker": "id_number"},
        when=before_age("today", NOBODY_BELOW),
        words=f"按证件号码，本人{{birth_on}}出生，现未满{NOBODY_BELOW}周岁，不能登记为技术工人",
        source=LIFE,
        cell="number",
    ),
    Rule(
        key="person.under-sixteen",
        impossible=False,
        fields={"worker": "id_number"},
        when=between_ages("today", NOBODY_BELOW, LAWFUL_FROM),
        words=f"按证件号码，本人{{birth_on}}出生，现未满{LAWFUL_FROM}周岁",
        source=LABOUR_LAW,
        cell="number",
    ),
    Rule(
        key="person.over-ninety",
        impossible=False,
        fields={"worker": "id_number"},
        when="today >= birth_on + interval '90 years'",
        words=f"按证件号码，本人{{birth_on}}出生，现{{{age('today')}}}周岁",
        source="超过90周岁的，应核对证件号码",
        cell="number",
    ),
]

RULES: tuple[Rule, ...] = (
    *PERSON,
    *EMPLOYMENT,
    *CREDENTIAL,
    *INSURANCE,
    *HONOUR,
    *COMPETITION,
    *SCHOOLING,
    *ATTESTED,
    *CLAIM,
)


def rules_on(day: date, *, kind: str = "") -> list[Rule]:
    """The rules in force for what is written down on a day, all or those of one kind of record."""
    return [rule for rule in RULES if rule.holds_on(day) and (not kind or kind in rule.fields)]


def with_cells(rules: Iterable[Rule]) -> list[Rule]:
    """Those that a roster can contradict."""
    return [rule for rule in rules if rule.cell]


# Noted by an upgrade, of what stood in the register before; nobody can write it down any more.
_NOTED_BY_UPGRADES = {
    "credential.spelled-twice": "同一人、同一职业（工种）、同一等级、同一编号的证书只登记一次；请撤销其中一条",
    "claim.spelled-twice": "同一人、同一职业（工种）、同一等级的补贴只享受一次；请撤销重复登记，或核查是否重复领取",
}


def source_of(key: str, version: int) -> str:
    """Where the limit of a rule comes from; "" for one that there is no longer."""
    asked = next((rule.source for rule in RULES if (rule.key, rule.version) == (key, version)), "")
    return asked or _NOTED_BY_UPGRADES.get(key, "")
