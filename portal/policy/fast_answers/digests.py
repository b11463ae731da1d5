"""The digests of a typed-in answer, taken where the answer is put together.

A digest is SHA-256 over the text that `jsonb` prints of the answer's codes and values, never its words;
`RuleSet.digest_sql` says of what exactly, and takes those that are kept as evidence. A check takes twenty-two
of every answer and keeps none: here the same text is filled into templates made once under the law of a day,
which takes less than building the objects. Tests hold both together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.policy.facts import FACTS
from portal.policy.fast_answers.templates import (
    Hole,
    ReadyText,
    Template,
    build_template,
    canonical_json,
    canonical_json_object,
    plain_json,
)
from portal.policy.rules import Rule

_HOLDS = {True: b"true", False: b"false", None: b"null"}
_OUTCOMES = {True: b'"eligible"', False: b'"ineligible"', None: b'"undetermined"'}
# Names of what fills the holes. A fact's begins with a point and the others with a colon, so that none is a
# column's.
_FACTS = {name: f".{name}" for name in FACTS}
_UNKNOWN = dict.fromkeys(_FACTS.values(), b"null")
_OUTCOME, _AMOUNT, _GIVES = ":outcome", ":amount", ":gives"


@dataclass(frozen=True)
class DigestSheet:
    """What one rule's digest is taken of under the law of a day, and the columns its answer is read from."""

    text: Template
    verdict: str
    amount: str | None
    # The column, or what is given to everybody.
    gives: Mapping[str, str | ReadyText]


def digest_sheet(
    rule: Rule,
    day: str,
    figures: str,
    facts: Iterable[str],
    conditions: Mapping[str, str],
    verdict: str,
    results: Mapping[str, str | ReadyText],
) -> DigestSheet:
    """The sheet of a rule; `figures` is the law as jsonb prints it, `conditions` {code: column}."""
    text = build_template(
        {
            "benefit": rule.benefit,
            "version": rule.version,
            "on": day,
            "fund": rule.fund,
            "law": ReadyText(figures),
            "facts": {fact: Hole(_FACTS[fact]) for fact in facts},
            "conditions": {code: Hole(column) for code, column in conditions.items()},
            "outcome": Hole(_OUTCOME),
            "amount": Hole(_AMOUNT),
            "gives": Hole(_GIVES),
        },
        canonical=True,
    )
    amount = results.get("amount")
    amount_column = amount if isinstance(amount, str) else None
    return DigestSheet(text, verdict, amount_column, {key: results[key] for key in rule.gives})


def answer_digests(
    sheets: Iterable[DigestSheet], row: Mapping[str, Any], facts: Mapping[str, Any]
) -> list[str]:
    """The digest of every sheet's answer in a row of the executor, for canonical facts."""
    texts = dict(_UNKNOWN)
    for column, value in row.items():
        if value is None or value is True or value is False:
            texts[column] = _HOLDS[value]
    for name, value in facts.items():
        texts[_FACTS[name]] = plain_json(value, canonical_json).encode()
    digests = []
    for sheet in sheets:
        verdict = row[sheet.verdict]
        amount = row[sheet.amount] if verdict and sheet.amount else None
        texts[_OUTCOME] = _OUTCOMES[verdict]
        texts[_AMOUNT] = b"null" if amount is None else f'"{Decimal(amount):.2f}"'.encode()
        texts[_GIVES] = _gives_json(sheet, row).encode() if verdict else b"{}"
        digests.append(hashlib.sha256(sheet.text.fill(texts)).hexdigest())
    return digests


def _gives_json(sheet: DigestSheet, row: Mapping[str, Any]) -> str:
    return canonical_json_object({key: _given_json(given, row) for key, given in sheet.gives.items()})


def _given_json(given: str | ReadyText, row: Mapping[str, Any]) -> str:
    if isinstance(given, ReadyText):
        return given.text
    value = row[given]
    # A figure with its decimals as the law has them, which JSON read back as a number would lose.
    return str(value) if isinstance(value, Decimal) else plain_json(value, canonical_json)
