"""Answers as JSON text, for programs that ask often: `written(verdict)` says what `explain.answer(verdict)` says.

Almost all of an answer is the same for everybody: titles, labels, clauses, remedies. That is written once for each rule under the
law of a day. Between the pieces stand the outcome, what holds, what was observed and what is missing; putting them together takes
a third of the time of building the answer and turning it into text.
"""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.explain import Verdict, caveats_of, frame_of, missing_of, outcome, summary_of, words_of
from portal.policy.facts import FACTS
from portal.policy.terms import DAY

_SAID = {True: "true", False: "false", None: "null"}


def json_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class _Sheet:
    """The pieces that stand fast, in their order."""

    head: str
    fund: str
    gives: str  # while nothing beside the summary is given
    conditions: list[tuple[str, str, list[tuple[str, str]], str]]  # code; text before `holds`; (text before, fact); text behind
    caveats: Mapping[bool | None, str]


def values_text(verdict: Verdict) -> dict[str, str]:
    """Every fact that can be observed, as text: the same for all verdicts of one check, so it is made once."""
    known = {name: json_text(value) for name, value in verdict.facts.items()}
    return {**_UNKNOWN, DAY: json_text(verdict.law.on.isoformat()), **known}


_UNKNOWN = dict.fromkeys(FACTS, "null")


def written(verdict: Verdict, values: Mapping[str, str]) -> str:
    """The answer as JSON. `values`: see `values_text`."""
    sheet = _sheet(verdict)
    missing_facts, missing_law = missing_of(verdict, frame_of(verdict.rule, verdict.law))
    parts = [
        sheet.head, outcome(verdict.eligible), '","amount":', "null" if verdict.amount is None else f'"{verdict.amount:.2f}"',
        sheet.fund, _gives(verdict) if verdict.gives else sheet.gives, ',"conditions":[',
    ]  # fmt: skip
    add, holds = parts.append, verdict.holds
    for code, before, seen, behind in sheet.conditions:
        add(before)
        add(_SAID[holds[code]])
        for name, fact in seen:
            add(name)
            add(values[fact])
        add(behind)
    parts += (
        '],"missing_facts":', _codes(missing_facts), ',"missing_law":', _codes(missing_law), ',"caveats":',
        sheet.caveats[verdict.eligible], ',"digest":"', verdict.digest, '"}',
    )  # fmt: skip
    return "".join(parts)


def _codes(codes: list[str]) -> str:
    """A list of codes: nothing in them has to be escaped."""
    return '["' + '","'.join(codes) + '"]' if codes else "[]"


def _gives(verdict: Verdict) -> str:
    words = words_of(verdict.rule.benefit)
    return json_text({"summary": summary_of(verdict.gives, words), **verdict.gives})


def _sheet(verdict: Verdict) -> _Sheet:
    key = _Sheet, verdict.rule.benefit, verdict.rule.digest
    kept = verdict.law.kept
    found: _Sheet | None = kept.get(key)
    if found is None:
        found = kept[key] = _prepared(verdict)
    return found


def _prepared(verdict: Verdict) -> _Sheet:
    rule = verdict.rule
    frame, words = frame_of(rule, verdict.law), words_of(rule.benefit)
    head = json_text({"benefit": rule.benefit, "title": words["title"], "clause": frame.clause, "force": rule.force, "outcome": ""})
    conditions = []
    for place, (need, clause, seen) in enumerate(frame.conditions):
        said = words["conditions"][need.code]
        start = json_text({"code": need.code, "label": said["label"], "clause": clause})[:-1]
        names = [(("," if at else ',"observed":{') + f'"{fact}":', fact) for at, fact in enumerate(seen)]
        behind = '},"remedy":' + json_text(said["remedy"]) + "}"
        conditions.append((need.code, ("," if place else "") + start + ',"holds":', names, behind))
    return _Sheet(
        head[: -len('"}')], f',"fund":{json_text(rule.fund)},"gives":', json_text({"summary": words["summary"]}), conditions,
        {eligible: json_text(caveats_of(eligible, frame, words)) for eligible in (True, False, None)},
    )  # fmt: skip
