"""然后还可享受: what an entitlement leads to, and what the next skill level would bring.

Told from the verdicts of the whole catalogue, with the one thing changed that would follow: only the conditions that
read it are looked at again (`later`), so that every answer can carry it. Tests hold it against the executor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from portal.policy.answer_frames import Frame, answer_frame
from portal.policy.benefits import BY_CODE
from portal.policy.contradictions import find_contradictions
from portal.policy.explain import (
    Verdict,
    caveats_of_answer,
    caveats_of_facts,
    in_yuan,
    summary_of_gives,
    wording_of,
)
from portal.policy.facts import SkillLevel
from portal.policy.later import result_on, value_of, value_of_need
from portal.policy.law import DayLaw
from portal.policy.rules import Need
from portal.policy.terms import Cell, Law

# A new certificate of the next level: nothing has been claimed for it, and nothing has been paid for its course.
_NEW_CERTIFICATE = {
    "claimed_same_occupation_level": False,
    "training_subsidy_for_same_certificate": False,
}


class Step(NamedTuple):
    """One thing that may come next: the benefit that leads to it, where one does, and the facts of then."""

    label: str
    benefit: str | None
    facts: Mapping[str, Any]


class Gain(NamedTuple):
    """A benefit that would follow, and what it gives."""

    benefit: str
    title: str
    summary: str
    amount: str | None
    fund: str | None
    caveats: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        return {**self._asdict(), "caveats": list(self.caveats)}


class Following(NamedTuple):
    """What follows one step: `gains` at once, `perhaps` when further conditions are met: what is out of
    the question now, or would be another amount.
    """

    step: Step
    gains: list[Gain]
    perhaps: list[Gain]

    @property
    def money_caveats(self) -> list[str]:
        """What has still to be confirmed of the amounts, each once."""
        priced = [gain for gain in (*self.gains, *self.perhaps) if gain.amount]
        return list(dict.fromkeys(caveat for gain in priced for caveat in gain.caveats))

    def data(self) -> dict[str, Any]:
        return {
            "label": self.step.label,
            "benefit": self.step.benefit,
            "facts": dict(self.step.facts),
            "gains": [gain.data() for gain in self.gains],
            "perhaps": [gain.data() for gain in self.perhaps],
        }


def what_follows(verdicts: Sequence[Verdict]) -> list[Following]:
    """The steps that lead further, each with what it brings; none that brings nothing.

    `verdicts` are those of the whole catalogue about one person.
    """
    following = []
    for step in _steps(verdicts):
        gains, perhaps = _what_step_brings(verdicts, step)
        if gains or perhaps:
            following.append(Following(step, gains, perhaps))
    return following


def concerning(following: Iterable[Following], benefits: Sequence[str]) -> Iterator[Following]:
    """Those that one of these benefits leads to, or that bring one of them."""
    for one in following:
        brought = {gain.benefit for gain in (*one.gains, *one.perhaps)}
        if one.step.benefit in benefits or not brought.isdisjoint(benefits):
            yield one


# -- steps ----------------------------------------------------------------------------------------------------


def _steps(verdicts: Sequence[Verdict]) -> list[Step]:
    return [*_entries(verdicts), *_next_level(verdicts[0])]


def _entries(verdicts: Sequence[Verdict]) -> list[Step]:
    """What the benefits that somebody may have lead to: each state once."""
    steps: list[Step] = []
    for place in _places_that_lead_on(verdicts):
        verdict = verdicts[place]
        benefit = BY_CODE[verdict.rule.benefit]
        if not verdict.eligible:
            continue
        is_known = all(verdict.facts.get(fact) == value for fact, value in benefit.leads_to.items())
        if not is_known and all(step.facts != benefit.leads_to for step in steps):
            steps.append(Step(f"“{benefit.title}”办成后", benefit.code, benefit.leads_to))
    return steps


def _places_that_lead_on(verdicts: Sequence[Verdict]) -> list[int]:
    """Of the benefits that lead to something; found once and kept with the law."""
    law = verdicts[0].law
    key = "places that lead on", len(verdicts)
    places: list[int] | None = law.kept.get(key)
    if places is None:
        places = [place for place, verdict in enumerate(verdicts) if BY_CODE[verdict.rule.benefit].leads_to]
        law.kept[key] = places
    return places


def _next_level(verdict: Verdict) -> list[Step]:
    facts = verdict.facts
    higher = _HIGHER.get(facts.get("skill_level"))
    if higher is None or facts.get("employment") == "retired":
        return []
    changed = {
        "skill_level": higher.code,
        "certificate_level": higher.code,
        "certificate_issued_on": verdict.law.on.isoformat(),
        **_NEW_CERTIFICATE,
    }
    return [Step(higher.label, None, changed)]


class _Higher(NamedTuple):
    """The level above one, and what coming to it is called."""

    code: str
    label: str


def _higher_levels() -> dict[Any, _Higher]:
    """By the code of the level somebody has; none above the highest."""
    higher = {}
    for level in SkillLevel:
        above = [one for one in SkillLevel if one > level]
        if above:
            higher[level.code] = _Higher(above[0].code, f"取得{above[0].label}证书后")
    return higher


_HIGHER = _higher_levels()


# -- what a step brings ---------------------------------------------------------------------------------------


class _Touched(NamedTuple):
    """A rule that reads what changes: its place in the catalogue, and the conditions that read it."""

    place: int
    needs: tuple[Need, ...]
    gives_otherwise: bool


def _what_step_brings(verdicts: Sequence[Verdict], step: Step) -> tuple[list[Gain], list[Gain]]:
    facts = {**verdicts[0].facts, **step.facts}
    gains: list[Gain] = []
    perhaps: list[Gain] = []
    for touched in _touched_by(verdicts, frozenset(step.facts)):
        before = verdicts[touched.place]
        if before.eligible and not touched.gives_otherwise:
            continue
        rule, law = before.rule, before.law
        holds = dict(before.holds)
        for need in touched.needs:
            holds[need.code] = value_of_need(need, facts, law, law.on)
        eligible = value_of(rule.when, holds)
        if eligible:
            after = _gain(before, facts, eligible=True)
            if not before.eligible or after != _gain(before, before.facts, eligible=True):
                gains.append(after)
        elif eligible is None and not before.eligible:
            after = _gain(before, facts, eligible=None)
            if before.eligible is False or _pays_more(touched, before, after):
                perhaps.append(after)
    return gains, perhaps


def _pays_more(touched: _Touched, before: Verdict, after: Gain) -> bool:
    """Whether what is open now and then would be worth another amount."""
    if not touched.gives_otherwise or after.amount is None:
        return False
    return after.amount != amount_if_entitled(before.rule.benefit, before.facts, before.law)


def _touched_by(verdicts: Sequence[Verdict], changed: frozenset[str]) -> list[_Touched]:
    """Worked out once and kept with the law."""
    law = verdicts[0].law
    key = _Touched, changed, len(verdicts)
    touched: list[_Touched] | None = law.kept.get(key)
    if touched is None:
        touched = []
        for place, verdict in enumerate(verdicts):
            needs = [need for need in answer_frame(verdict.rule, law).needs if changed & {*need.reads[0]}]
            results = answer_frame(verdict.rule, law).results
            gives_otherwise = any(changed & {*result.facts} for result in results)
            if needs or gives_otherwise:
                touched.append(_Touched(place, tuple(needs), gives_otherwise))
        # Kept when it is complete: other threads read it.
        law.kept[key] = touched
    return touched


def _gain(verdict: Verdict, facts: Mapping[str, Any], *, eligible: bool | None) -> Gain:
    """What somebody with these facts would get; of a mere possibility the amount alone is told.

    What depends on no fact is worked out once and kept with the law.
    """
    rule, law = verdict.rule, verdict.law
    frame = answer_frame(rule, law)
    same_for_all = not frame.contradictions and not frame.open_readings
    if not same_for_all or any(result.facts for result in frame.results):
        return _gain_of(verdict, facts, frame, eligible=eligible)
    key = Gain, rule.benefit, rule.digest, eligible
    gain: Gain | None = law.kept.get(key)
    if gain is None:
        gain = law.kept[key] = _gain_of(verdict, facts, frame, eligible=eligible)
    return gain


def _gain_of(verdict: Verdict, facts: Mapping[str, Any], frame: Frame, *, eligible: bool | None) -> Gain:
    rule, law = verdict.rule, verdict.law
    words = wording_of(rule.benefit)
    given = {}
    if eligible:
        given = {key: result_on(result, facts, law) for key, result in rule.gives.items()}
    against = find_contradictions(facts, frame.contradictions)
    caveats = (*caveats_of_answer(eligible, frame, words), *caveats_of_facts(facts, frame, against))
    amount = amount_if_entitled(rule.benefit, facts, law)
    return Gain(rule.benefit, words["title"], summary_of_gives(given, words), amount, rule.fund, caveats)


def amount_if_entitled(benefit: str, facts: Mapping[str, Any], law: DayLaw) -> str | None:
    """What would be paid, where that depends on what is known alone."""
    result = BY_CODE[benefit].amount
    if not isinstance(result, Law | Cell):
        return None
    value = result_on(result, facts, law)
    return None if value is None else in_yuan(value)
