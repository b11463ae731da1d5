"""Answers as JSON text, for programs that ask often: `answer_json(verdict)` says what `explain.answer(verdict)`
says.

Almost all of an answer is the same for everybody: titles, labels, clauses, remedies. That is written once for
each rule under the law of a day, with holes for the outcome, what holds, what was observed and what is
missing. Filling them takes less than building the answer and turning it into text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.policy.explain import (
    Verdict,
    answer_frame,
    caveats_of_answer,
    find_missing,
    outcome_code,
    summary_of_gives,
    wording_of,
)
from portal.policy.facts import FACTS
from portal.policy.fast_answers.templates import Hole, Template, build_template, compact_json
from portal.policy.terms import DAY

_SAID = {True: "true", False: "false", None: "null"}


@dataclass(frozen=True)
class _Sheet:
    """What stands fast."""

    text: Template
    gives: str  # while nothing beside the summary is given
    caveats: Mapping[bool | None, str]


def observed_texts(verdict: Verdict) -> dict[str, str]:
    """Every fact that can be observed, as text: the same for all verdicts of one check, so it is made once."""
    return {
        **_UNKNOWN,
        _SEEN[DAY]: compact_json(verdict.law.on.isoformat()),
        **{_SEEN[name]: compact_json(value) for name, value in verdict.facts.items()},
    }


# Names of texts: a fact's own begin with a point, so that none is a condition's code.
_SEEN = {name: f".{name}" for name in (*FACTS, DAY)}
_UNKNOWN = dict.fromkeys(_SEEN.values(), "null")
# Names of the other texts, which no condition's code is.
_OUTCOME, _AMOUNT, _GIVES, _MISSING, _LAW, _CAVEATS, _DIGEST = (
    f":{name}" for name in ("o", "a", "g", "f", "l", "c", "d")
)


def answer_json(verdict: Verdict, values: Mapping[str, str]) -> str:
    """The answer as JSON. `values`: see `observed_texts`."""
    sheet = _sheet(verdict)
    missing_facts, missing_law = find_missing(verdict, answer_frame(verdict.rule, verdict.law))
    texts = {
        **values,
        **{code: _SAID[holds] for code, holds in verdict.holds.items()},
        _OUTCOME: outcome_code(verdict.eligible),
        _AMOUNT: "null" if verdict.amount is None else f'"{verdict.amount:.2f}"',
        _GIVES: _gives(verdict) if verdict.gives else sheet.gives,
        _MISSING: _codes(missing_facts),
        _LAW: _codes(missing_law),
        _CAVEATS: sheet.caveats[verdict.eligible],
        _DIGEST: verdict.digest,
    }
    return sheet.text.fill(texts)


def _codes(codes: list[str]) -> str:
    """A list of codes: nothing in them has to be escaped."""
    return '["' + '","'.join(codes) + '"]' if codes else "[]"


def _gives(verdict: Verdict) -> str:
    words = wording_of(verdict.rule.benefit)
    return compact_json({"summary": summary_of_gives(verdict.gives, words), **verdict.gives})


def _sheet(verdict: Verdict) -> _Sheet:
    key = _Sheet, verdict.rule.benefit, verdict.rule.digest
    kept = verdict.law.kept
    found: _Sheet | None = kept.get(key)
    if found is None:
        found = kept[key] = _prepared(verdict)
    return found


def _prepared(verdict: Verdict) -> _Sheet:
    rule = verdict.rule
    frame, words = answer_frame(rule, verdict.law), wording_of(rule.benefit)
    conditions = []
    for need, clause, seen in frame.conditions:
        said = words["conditions"][need.code]
        conditions.append(
            {
                "code": need.code,
                "label": said["label"],
                "clause": clause,
                "holds": Hole(need.code),
                "observed": {fact: Hole(_SEEN[fact]) for fact in seen},
                "remedy": said["remedy"],
            }
        )
    text = build_template(
        {
            "benefit": rule.benefit,
            "title": words["title"],
            "clause": frame.clause,
            "force": rule.force,
            "outcome": Hole(_OUTCOME, quoted=True),
            "amount": Hole(_AMOUNT),
            "fund": rule.fund,
            "gives": Hole(_GIVES),
            "conditions": conditions,
            "missing_facts": Hole(_MISSING),
            "missing_law": Hole(_LAW),
            "caveats": Hole(_CAVEATS),
            "digest": Hole(_DIGEST, quoted=True),
        }
    )
    return _Sheet(
        text,
        compact_json({"summary": words["summary"]}),
        {
            eligible: compact_json(caveats_of_answer(eligible, frame, words))
            for eligible in (True, False, None)
        },
    )
