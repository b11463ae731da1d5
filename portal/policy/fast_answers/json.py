"""Answers as JSON text, for programs that ask often: `answer_json` says what `explain.answer` says.

Almost all of an answer is the same for everybody: titles, labels, clauses, remedies. That is written once for
each rule under the law of a day, with holes for the outcome, what holds, what was observed and what is
missing. Filling them takes less than building the answer and turning it into text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from portal.policy.answer_frames import answer_frame
from portal.policy.contradictions import Contradiction, find_contradictions
from portal.policy.explain import (
    Verdict,
    caveats_of_answer,
    caveats_of_facts,
    find_missing,
    outcome_code,
    summary_of_gives,
    wording_of,
)
from portal.policy.facts import FACTS
from portal.policy.fast_answers.templates import (
    Hole,
    Template,
    build_template,
    compact_json,
    plain_json,
    text_list_json,
)
from portal.policy.following import Following, Gain
from portal.policy.prospects import NO_DAYS, Measure, Prospect, Rise, course_of, prospect_of
from portal.policy.terms import DAY

_HOLDS = {True: b"true", False: b"false", None: b"null"}
# Names of the holes. A fact's begins with a point and the others with a colon, so that none is a condition's
# code.
_OBSERVED = {name: f".{name}" for name in (*FACTS, DAY)}
_UNKNOWN = dict.fromkeys(_OBSERVED.values(), b"null")
_OUTCOMES = {eligible: outcome_code(eligible).encode() for eligible in (True, False, None)}
_OUTCOME, _AMOUNT, _GIVES, _CAVEATS, _DIGEST = ":outcome", ":amount", ":gives", ":caveats", ":digest"
_MISSING_FACTS, _MISSING_LAW = ":missing-facts", ":missing-law"
_DAYS = {key: f":{key}" for key in NO_DAYS.data()}
_NO_DAYS_TEXTS = {_DAYS[key]: compact_json(value).encode() for key, value in NO_DAYS.data().items()}
_RISES = ":rises"
_MEASURE = ":measure:"


@dataclass(frozen=True)
class _AnswerSheet:
    """What stands fast. `gives` is what is given while that is nothing beside the summary; a `plain` rule has
    no days and measures nothing.
    """

    text: Template
    plain: bool
    gives: bytes
    caveats: Mapping[bool | None, bytes]


class Observed(NamedTuple):
    """What is the same for all verdicts of a check: every fact as text, and what the facts say against each other."""

    texts: Mapping[str, bytes]
    contradictions: Collection[Contradiction]


def observed_of(verdict: Verdict) -> Observed:
    """Made once for all verdicts of a check."""
    texts = dict(_UNKNOWN)
    texts[_OBSERVED[DAY]] = compact_json(verdict.law.on.isoformat()).encode()
    for name, value in verdict.facts.items():
        texts[_OBSERVED[name]] = plain_json(value).encode()
    return Observed(texts, find_contradictions(verdict.facts))


def answer_json(verdict: Verdict, observed: Observed) -> bytes:
    """The answer as JSON. `observed`: see `observed_of`."""
    sheet = _answer_sheet(verdict)
    frame = answer_frame(verdict.rule, verdict.law)
    missing_facts, missing_law = find_missing(verdict, frame)
    texts = dict(observed.texts)
    for code, holds in verdict.holds.items():
        texts[code] = _HOLDS[holds]
    texts[_OUTCOME] = _OUTCOMES[verdict.eligible]
    texts[_AMOUNT] = b"null" if verdict.amount is None else f'"{verdict.amount:.2f}"'.encode()
    texts[_GIVES] = _gives_json(verdict).encode() if verdict.gives else sheet.gives
    texts[_MISSING_FACTS] = _code_list(missing_facts)
    texts[_MISSING_LAW] = _code_list(missing_law)
    texts[_CAVEATS] = sheet.caveats[verdict.eligible]
    if frame.open_readings or (observed.contradictions and frame.contradictions):
        said = caveats_of_facts(verdict.facts, frame, observed.contradictions)
        if said:
            words = wording_of(verdict.rule.benefit)
            caveats = [*caveats_of_answer(verdict.eligible, frame, words), *said]
            texts[_CAVEATS] = text_list_json(caveats).encode()
    texts[_DIGEST] = verdict.digest.encode()
    if not sheet.plain:
        _add_prospect(texts, prospect_of(verdict))
    return sheet.text.fill(texts)


def following_json(following: Iterable[Following]) -> str:
    """What follows, as JSON: `Following.data` of each."""
    return "[" + ",".join(map(_following_text, following)) + "]"


def _following_text(one: Following) -> str:
    facts = ",".join([f'"{fact}":{plain_json(value)}' for fact, value in one.step.facts.items()])
    return (
        f'{{"label":{compact_json(one.step.label)},"benefit":{plain_json(one.step.benefit)},"facts":{{{facts}}},'
        f'"gains":[{",".join(map(_gain_json, one.gains))}],"perhaps":[{",".join(map(_gain_json, one.perhaps))}]}}'
    )


@lru_cache(maxsize=1024)
def _gain_json(gain: Gain) -> str:
    """Most people would get the same by the same step."""
    return compact_json(gain.data())


def _add_prospect(texts: dict[str, bytes], prospect: Prospect) -> None:
    days = prospect.days
    if days is NO_DAYS:
        texts.update(_NO_DAYS_TEXTS)
    else:
        for key, value in days.data().items():
            texts[_DAYS[key]] = plain_json(value).encode()
    texts[_RISES] = _rises_json(prospect.rises) if prospect.rises else b"[]"
    for code, measure in prospect.measures.items():
        texts[_MEASURE + code] = _measure_json(measure)


@lru_cache(maxsize=4096)
def _measure_json(measure: Measure) -> bytes:
    """Most people stand where many others do."""
    return compact_json(measure.data()).encode()


def _rises_json(rises: Iterable[Rise]) -> bytes:
    return compact_json([rise.data() for rise in rises]).encode()


def _code_list(codes: list[str]) -> bytes:
    return text_list_json(codes).encode() if codes else b"[]"


def _gives_json(verdict: Verdict) -> str:
    words = wording_of(verdict.rule.benefit)
    return compact_json({"summary": summary_of_gives(verdict.gives, words), **verdict.gives})


def _answer_sheet(verdict: Verdict) -> _AnswerSheet:
    key = _AnswerSheet, verdict.rule.benefit, verdict.rule.digest
    kept = verdict.law.kept
    sheet: _AnswerSheet | None = kept.get(key)
    if sheet is None:
        sheet = kept[key] = _build_sheet(verdict)
    return sheet


def _build_sheet(verdict: Verdict) -> _AnswerSheet:
    rule = verdict.rule
    frame = answer_frame(rule, verdict.law)
    words = wording_of(rule.benefit)
    course = course_of(rule, verdict.law)
    measured = {need.code for need, _ in course.measured}
    conditions = []
    for need, clause, observed in frame.conditions:
        wording = words["conditions"][need.code]
        conditions.append(
            {
                "code": need.code,
                "label": wording["label"],
                "clause": clause,
                "holds": Hole(need.code),
                "observed": {fact: Hole(_OBSERVED[fact]) for fact in observed},
                "remedy": wording["remedy"],
                "measure": Hole(_MEASURE + need.code) if need.code in measured else None,
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
            **(NO_DAYS.data() if course.is_plain else {key: Hole(name) for key, name in _DAYS.items()}),
            "rises": [] if course.is_plain else Hole(_RISES),
            "conditions": conditions,
            "missing_facts": Hole(_MISSING_FACTS),
            "missing_law": Hole(_MISSING_LAW),
            "caveats": Hole(_CAVEATS),
            "digest": Hole(_DIGEST, quoted=True),
        }
    )
    caveats = {}
    for eligible in _OUTCOMES:
        caveats[eligible] = text_list_json(caveats_of_answer(eligible, frame, words)).encode()
    gives = compact_json({"summary": words["summary"]}).encode()
    return _AnswerSheet(text, course.is_plain, gives, caveats)
