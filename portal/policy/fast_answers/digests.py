"""The digests of a typed-in answer, taken where the answer is put together.

A digest is SHA-256 over the text that `jsonb` prints of the answer's codes and values, never its words;
`RuleSet.digest_sql` says of what exactly, and takes those that are kept as evidence. A check takes twenty-two
of every answer and keeps none: here the same text is filled into templates made once under the law of a day,
which takes less than building the objects. Tests hold both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from portal.policy.fast_answers.templates import (
    Hole,
    JoinedTemplates,
    ReadyText,
    Template,
    build_template,
    canonical_json,
    canonical_json_object,
    join_templates,
    plain_json,
)
from portal.policy.fast_answers.texts import fact_names, hole
from portal.policy.rules import Rule

OUTCOMES = {True: b'"eligible"', False: b'"ineligible"', None: b'"undetermined"'}


@dataclass(frozen=True)
class DigestSheet:
    """What one rule's digest is taken of under the law of a day, and the columns its answer is read from."""

    text: Template
    verdict: str
    amount_column: str | None
    # The column, or what is given to everybody.
    given: Mapping[str, str | ReadyText]
    # Names of holes.
    outcome: str
    amount: str
    gives: str

    def texts_without(self) -> dict[str, bytes]:
        """What fills the holes for somebody who is not entitled."""
        return {self.outcome: OUTCOMES[False], self.amount: b"null", self.gives: b"{}"}

    def add_outcome(self, texts: MutableMapping[str, bytes], row: Mapping[str, Any]) -> None:
        """What differs for those who are entitled, or may be."""
        verdict = row[self.verdict]
        texts[self.outcome] = OUTCOMES[verdict]
        if verdict:
            amount = row[self.amount_column] if self.amount_column else None
            if amount is not None:
                texts[self.amount] = f'"{Decimal(amount):.2f}"'.encode()
            if self.given:
                texts[self.gives] = _gives_json(self.given, row).encode()


def join_sheets(sheets: Sequence[DigestSheet]) -> JoinedTemplates:
    return join_templates([sheet.text for sheet in sheets], any_hole=sheets[0].amount)


def digests_of(texts: Iterable[bytes]) -> list[str]:
    return [sha256(text).hexdigest() for text in texts]


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
    canonical = fact_names(rule.facts).canonical
    outcome, amount, gives = (hole(what, rule.benefit) for what in ("outcome", "amount", "given"))
    text = build_template(
        {
            "benefit": rule.benefit,
            "version": rule.version,
            "on": day,
            "fund": rule.fund,
            "law": ReadyText(figures),
            "facts": {fact: Hole(canonical[fact]) for fact in facts},
            "conditions": {code: Hole(column) for code, column in conditions.items()},
            "outcome": Hole(outcome),
            "amount": Hole(amount),
            "gives": Hole(gives),
        },
        canonical=True,
    )
    paid = results.get("amount")
    amount_column = paid if isinstance(paid, str) else None
    given = {key: results[key] for key in rule.gives}
    return DigestSheet(text, verdict, amount_column, given, outcome, amount, gives)


def answer_digests(
    sheets: Iterable[DigestSheet], row: Mapping[str, Any], known: Mapping[str, bytes]
) -> list[str]:
    """The digest of every sheet's answer in a row of the executor; `known`: see `texts_of`."""
    filled = []
    for sheet in sheets:
        texts = {**known, **sheet.texts_without()}
        sheet.add_outcome(texts, row)
        filled.append(sheet.text.fill(texts))
    return digests_of(filled)


def _gives_json(given: Mapping[str, str | ReadyText], row: Mapping[str, Any]) -> str:
    return canonical_json_object({key: _given_json(value, row) for key, value in given.items()})


def _given_json(given: str | ReadyText, row: Mapping[str, Any]) -> str:
    if isinstance(given, ReadyText):
        return given.text
    value = row[given]
    # A figure with its decimals as the law has them, which JSON read back as a number would lose.
    return str(value) if isinstance(value, Decimal) else plain_json(value, canonical_json)
