"""Answers as JSON text, for programs that ask often: `results_json` says what `explain.answer` says of each benefit.

Almost all of an answer is the same for everybody: titles, labels, clauses, remedies. That is written once for
all rules under the law of a day, as for somebody of whom nothing is known and who is entitled to nothing, with holes
for what may differ. Only what does differ is told, and the text is put together once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from portal.policy.answer_frames import Frame, answer_frame
from portal.policy.contradictions import Contradiction, find_contradictions
from portal.policy.engine import RuleSet, current_rules
from portal.policy.explain import (
    Verdicts,
    caveats_of_answer,
    caveats_of_facts,
    find_missing,
    given_values,
    summary_of_gives,
    wording_of,
)
from portal.policy.fast_answers.digests import OUTCOMES, DigestSheet, digests_of, join_sheets
from portal.policy.fast_answers.templates import (
    Hole,
    JoinedTemplates,
    Template,
    build_template,
    compact_json,
    plain_json,
    text_json,
    text_list_json,
)
from portal.policy.fast_answers.texts import DAY_SENT, fact_names, hole
from portal.policy.following import Following, Gain
from portal.policy.law import DayLaw
from portal.policy.prospects import (
    NO_DAYS,
    Course,
    Measure,
    Prospect,
    Rise,
    course_of,
    prospect_of,
    standing_measure,
)
from portal.policy.rules import Rule
from portal.policy.terms import DAY

Texts = MutableMapping[str, bytes]


@dataclass(frozen=True)
class _AnswerSheet:
    """What stands fast of one benefit's answer, and the names of the holes in it that the digest has not."""

    place: int
    rule: Rule
    text: Template
    digests: DigestSheet
    frame: Frame
    course: Course
    words: Mapping[str, Any]
    # Columns of what it gives.
    results: Sequence[str]
    caveats: Mapping[bool | None, bytes]
    gives: str
    missing_facts: str
    missing_law: str
    caveat: str
    digest: str
    rises: str
    days: Mapping[str, str]
    measures: Mapping[str, str]

    def add_answer(self, texts: Texts, verdicts: Verdicts, contradictions: Collection[Contradiction]) -> None:
        """What differs from the answer to somebody who is entitled to nothing, but for the digest."""
        eligible = verdicts.row[self.digests.verdict]
        if eligible is not False:
            self._add_what_it_is(texts, verdicts, eligible=eligible)
        if self.frame.open_readings or (contradictions and self.frame.contradictions):
            self._add_caveats_of_facts(texts, eligible, verdicts.facts, contradictions)
        if not self.course.is_standing:
            self._add_prospect(texts, prospect_of(verdicts[self.place]))
        else:
            for need, test in self.course.measured:
                measure = standing_measure(test, verdicts.facts, verdicts.law)
                texts[self.measures[need.code]] = _measure_json(measure)

    def _add_what_it_is(self, texts: Texts, verdicts: Verdicts, *, eligible: bool | None) -> None:
        row = verdicts.row
        self.digests.add_outcome(texts, row)
        texts[self.caveat] = self.caveats[eligible]
        if eligible and self.digests.given:
            given = given_values(verdicts.rules, self.rule, row)
            given.pop("amount", None)
            texts[self.gives] = _gives_json(given, self.words)
        # Where all that is given is known, nothing is missing.
        if eligible is None or None in [row[column] for column in self.results]:
            facts, law = find_missing(verdicts[self.place], self.frame)
            texts[self.missing_facts] = text_list_json(facts).encode()
            texts[self.missing_law] = text_list_json(law).encode()

    def _add_caveats_of_facts(
        self,
        texts: Texts,
        eligible: bool | None,
        facts: Mapping[str, Any],
        contradictions: Collection[Contradiction],
    ) -> None:
        said = caveats_of_facts(facts, self.frame, contradictions)
        if said:
            caveats = [*caveats_of_answer(eligible, self.frame, self.words), *said]
            texts[self.caveat] = text_list_json(caveats).encode()

    def _add_prospect(self, texts: Texts, prospect: Prospect) -> None:
        if prospect.days is not NO_DAYS:
            for key, value in prospect.days.data().items():
                texts[self.days[key]] = plain_json(value).encode()
        if prospect.rises:
            texts[self.rises] = _rises_json(prospect.rises)
        for code, measure in prospect.measures.items():
            texts[self.measures[code]] = _measure_json(measure)


@dataclass(frozen=True)
class _Sheets:
    """Those of a set of rules under the law of a day, and what fills the holes of somebody entitled to nothing."""

    sheets: Sequence[_AnswerSheet]
    all_results: Template
    digests: JoinedTemplates
    nothing: Mapping[str, bytes]


def all_verdicts(facts: Mapping[str, Any], on: dt.date) -> Verdicts:
    """The whole catalogue decided under the law as confirmed now; the digests are taken by `results_json`."""
    rules = current_rules()
    row, law = rules.decide_as_confirmed(facts, on, with_digests=False)
    return Verdicts(rules, row, facts, law)


def results_json(verdicts: Verdicts, benefits: Collection[str] | None = None) -> bytes:
    """The answers as a JSON list: all of them, or of those benefits."""
    sheets = _sheets_of(verdicts.rules, verdicts.law)
    contradictions = find_contradictions(verdicts.facts)
    texts = {**sheets.nothing, **verdicts.rules.known_texts(verdicts.row, verdicts.facts)}
    for sheet in sheets.sheets:
        sheet.add_answer(texts, verdicts, contradictions)
    for sheet, digest in zip(sheets.sheets, digests_of(sheets.digests.fill_each(texts)), strict=True):
        texts[sheet.digest] = digest.encode()
    if benefits is None:
        return sheets.all_results.fill(texts)
    asked = [sheet.text.fill(texts) for sheet in sheets.sheets if sheet.rule.benefit in benefits]
    return b"[" + b",".join(asked) + b"]"


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


@lru_cache(maxsize=4096)
def _measure_json(measure: Measure) -> bytes:
    """Most people stand where many others do."""
    return compact_json(measure.data()).encode()


def _rises_json(rises: Iterable[Rise]) -> bytes:
    return compact_json([rise.data() for rise in rises]).encode()


def _gives_json(gives: Mapping[str, Any], words: Mapping[str, Any]) -> bytes:
    values = {"summary": summary_of_gives(gives, words), **gives}
    return (
        f"{{{','.join([f'{text_json(key)}:{plain_json(value)}' for key, value in values.items()])}}}".encode()
    )


def _sheets_of(rules: RuleSet, law: DayLaw) -> _Sheets:
    """Made once and kept with the law."""
    sheets: _Sheets | None = law.kept.get((_Sheets, rules))
    if sheets is None:
        sheets = law.kept[_Sheets, rules] = _build_sheets(rules, law)
    return sheets


def _build_sheets(rules: RuleSet, law: DayLaw) -> _Sheets:
    nothing = {DAY_SENT: plain_json(law.on.isoformat()).encode()}
    sheets = []
    results = []
    for place, (rule, digests) in enumerate(zip(rules.rules, rules.digest_sheets(law), strict=True)):
        result = _result_with_holes(rules, rule, law, digests)
        sheet = _build_sheet(rules, place, law, digests, build_template(result))
        nothing |= digests.texts_without()
        nothing |= _without_anything(sheet)
        sheets.append(sheet)
        results.append(result)
    return _Sheets(sheets, build_template(results), join_sheets(rules.digest_sheets(law)), nothing)


def _build_sheet(
    rules: RuleSet, place: int, law: DayLaw, digests: DigestSheet, text: Template
) -> _AnswerSheet:
    rule = rules.rules[place]
    benefit = rule.benefit
    frame = answer_frame(rule, law)
    words = wording_of(benefit)
    course = course_of(rule, law)
    caveats = {}
    for eligible in OUTCOMES:
        caveats[eligible] = text_list_json(caveats_of_answer(eligible, frame, words)).encode()
    return _AnswerSheet(
        place,
        rule,
        text,
        digests,
        frame,
        course,
        words,
        results=[rules.result_column(rule, key) for key in rule.results],
        caveats=caveats,
        gives=hole("gives", benefit),
        missing_facts=hole("missing_facts", benefit),
        missing_law=hole("missing_law", benefit),
        caveat=hole("caveats", benefit),
        digest=hole("digest", benefit),
        rises=hole("rises", benefit),
        days={key: hole(key, benefit) for key in NO_DAYS.data()},
        measures={need.code: _measure_hole(need.code, benefit) for need, _ in course.measured},
    )


def _observed_hole(rule: Rule, fact: str) -> str:
    return DAY_SENT if fact == DAY else fact_names(rule.facts).sent(fact)


def _measure_hole(code: str, benefit: str) -> str:
    return hole(f"measure:{code}", benefit)


def _without_anything(sheet: _AnswerSheet) -> dict[str, bytes]:
    """What fills the holes for somebody entitled to nothing, but for the digest and what is measured."""
    texts = dict.fromkeys((sheet.missing_facts, sheet.missing_law, sheet.rises), b"[]")
    texts[sheet.caveat] = sheet.caveats[False]
    texts[sheet.gives] = compact_json({"summary": sheet.words["summary"]}).encode()
    for key, value in NO_DAYS.data().items():
        texts[sheet.days[key]] = compact_json(value).encode()
    return texts


def _result_with_holes(rules: RuleSet, rule: Rule, law: DayLaw, digests: DigestSheet) -> dict[str, Any]:
    """As `explain.answer` builds it."""
    benefit = rule.benefit
    frame = answer_frame(rule, law)
    words = wording_of(benefit)
    course = course_of(rule, law)
    measured = {need.code for need, _ in course.measured}
    conditions = []
    for need, clause, observed in frame.conditions:
        wording = words["conditions"][need.code]
        conditions.append(
            {
                "code": need.code,
                "label": wording["label"],
                "clause": clause,
                "holds": Hole(rules.condition_column(rule, need)),
                "observed": {fact: Hole(_observed_hole(rule, fact)) for fact in observed},
                "remedy": wording["remedy"],
                "measure": Hole(_measure_hole(need.code, benefit)) if need.code in measured else None,
            }
        )
    return {
        "benefit": benefit,
        "title": words["title"],
        "clause": frame.clause,
        "force": rule.force,
        "outcome": Hole(digests.outcome),
        "amount": Hole(digests.amount),
        "fund": rule.fund,
        "gives": Hole(hole("gives", benefit)),
        **(NO_DAYS.data() if course.is_plain else {key: Hole(hole(key, benefit)) for key in NO_DAYS.data()}),
        "rises": [] if course.is_plain else Hole(hole("rises", benefit)),
        "conditions": conditions,
        "missing_facts": Hole(hole("missing_facts", benefit)),
        "missing_law": Hole(hole("missing_law", benefit)),
        "caveats": Hole(hole("caveats", benefit)),
        "digest": Hole(hole("digest", benefit), quoted=True),
    }
