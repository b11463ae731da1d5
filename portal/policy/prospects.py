"""What a condition measures, and the days an answer turns on: from when one qualifies, until when one may apply.

All of it is read off the rule and the law: what a threshold requires, what there is, what is missing; and which
conditions change by the calendar alone. Nothing here decides: the executor has decided for the day of the
check, and a day named here is one on which it would answer otherwise, with the facts grown (`growth`). Tests
hold both together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from portal.policy.facts import LEVEL_BY_CODE, LEVEL_FACTS, SkillLevel
from portal.policy.growth import GROWING, YEARLY, facts_grown, months_after, months_until
from portal.policy.later import operand_on, turning_days, value_of, value_of_need
from portal.policy.law import DayLaw
from portal.policy.rules import Need, Rule, Test
from portal.policy.terms import DAY, DayOfCheck, Law, Step, Sum, WithinMonths

if TYPE_CHECKING:
    from portal.policy.explain import Verdict

# Farther ahead nothing is foretold: the law will be another.
_YEARS_AHEAD = 10
_ONE_DAY = dt.timedelta(days=1)
_LADDER = [level for level in SkillLevel if level]
_COMPARISONS = {"gte": "at_least", "lte": "at_most", "lt": "below"}


class Measure(NamedTuple):
    """What a condition requires of a fact, and how far it is met.

    `comparison`: at_least, at_most, below (so many are too many), or within_months of the day that the fact
    is. `missing` is how much is wanting (levels are counted), `left` how many times or days remain.
    """

    fact: str
    comparison: str
    required: Any
    has: Any
    missing: int | float | None = None
    left: int | None = None
    # From when the condition is met if everything goes on as it does, and on what that rests.
    reached_on: dt.date | None = None
    assumes: str = ""
    until: dt.date | None = None

    def data(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "comparison": self.comparison,
            "required": self.required,
            "has": self.has,
            "missing": self.missing,
            "left": self.left,
            "reached_on": day_text(self.reached_on),
            "assumes": self.assumes,
            "until": day_text(self.until),
        }


class Rise(NamedTuple):
    """A stepped result that a growing fact raises: from that many units on the value, expected from a day."""

    key: str
    fact: str
    required: Any
    value: Any
    on: dt.date

    def data(self) -> dict[str, Any]:
        return {
            "gives": self.key,
            "fact": self.fact,
            "required": self.required,
            "value": self.value,
            "on": self.on.isoformat(),
            "assumes": GROWING[self.fact].assumption,
        }


class Window(NamedTuple):
    """A stretch of days, both included; without an end where none is foreseen."""

    begin: dt.date
    end: dt.date | None

    def data(self) -> dict[str, Any]:
        return {"from": self.begin.isoformat(), "until": day_text(self.end)}


class Days(NamedTuple):
    """The days of one answer: from when one qualifies and until when one may apply; where something else is
    unknown, from when and until when nothing known speaks against it. `assumes` is what has to go on.

    These are the first stretch; `windows` are all of them, the first one among them. There are none where
    no day bounds the answer.
    """

    qualifies_on: dt.date | None = None
    apply_until: dt.date | None = None
    possible_from: dt.date | None = None
    possible_until: dt.date | None = None
    windows: tuple[Window, ...] = ()
    assumes: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        return {
            "qualifies_on": day_text(self.qualifies_on),
            "apply_until": day_text(self.apply_until),
            "possible_from": day_text(self.possible_from),
            "possible_until": day_text(self.possible_until),
            "windows": [window.data() for window in self.windows],
            "assumes": list(self.assumes),
        }


NO_DAYS = Days()


class Prospect(NamedTuple):
    """The days of one answer, its `measures` by condition, and what somebody entitled will be given more."""

    days: Days
    measures: Mapping[str, Measure]
    rises: tuple[Rise, ...]


def day_text(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def prospect_of(verdict: Verdict) -> Prospect:
    """What an answer turns on, on the day of its law and later."""
    course = course_of(verdict.rule, verdict.law)
    measures = {}
    for need, test in course.measured:
        measures[need.code] = _measure(need, test, course, verdict)
    rises = _next_rises(verdict) if course.rising and verdict.eligible else ()
    return Prospect(_days_of(course, verdict), measures, rises)


# -- how a rule goes on ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """What of a rule can change after the day of a law. `days` are those on which the law itself changes it."""

    moving: tuple[Need, ...]
    days: tuple[dt.date, ...]
    measured: tuple[tuple[Need, Test], ...]
    # Whether something it gives grows.
    rising: bool

    @property
    def is_plain(self) -> bool:
        """Nothing is measured, and what holds today holds for good."""
        return self.is_standing and not self.measured

    @property
    def is_standing(self) -> bool:
        """What is today is so for good, though something may be measured."""
        return not self.moving and not self.rising


def course_of(rule: Rule, law: DayLaw) -> Course:
    """Worked out once and kept with the law."""
    key = Course, rule.benefit, rule.digest
    course: Course | None = law.kept.get(key)
    if course is None:
        course = law.kept[key] = _build_course(rule, law)
    return course


def _build_course(rule: Rule, law: DayLaw) -> Course:
    moving = []
    days: set[dt.date] = set()
    for need in rule.needs:
        own = {*_bounds_after(need, law.on), *law.later_changes(need.reads[1])}
        if own or any(map(_is_moved_by_the_calendar, need.tests)):
            moving.append(need)
        days |= own
    today = law.on.isoformat()
    measured = []
    for need in rule.needs:
        tests = [test for test in need.tests if _is_measured(test)]
        if tests and need.present_on(today):
            measured.append((need, tests[0]))
    rising = any(isinstance(result, Step) and result.fact in GROWING for result in rule.results.values())
    return Course(tuple(moving), tuple(sorted(days)), tuple(measured), rising)


def _bounds_after(need: Need, on: dt.date) -> set[dt.date]:
    """Later days on which the condition comes, goes, or is met because the day is."""
    days = set()
    for first, last in need.intervals:
        days.add(dt.date.fromisoformat(first))
        if last is not None:
            days.add(dt.date.fromisoformat(last) + _ONE_DAY)
    for test in need.tests:
        if test.fact == DAY:
            days.add(dt.date.fromisoformat(test.operand))
    return {day for day in days if day > on}


def _is_moved_by_the_calendar(test: Test) -> bool:
    if isinstance(test.operand, DayOfCheck | WithinMonths):
        return True
    return any(fact in GROWING or fact in YEARLY for fact in test.facts())


def _is_measured(test: Test) -> bool:
    if isinstance(test.operand, WithinMonths):
        return test.operator == "gte"
    if isinstance(test.operand, Law | Sum):
        return test.operator in _COMPARISONS
    return test.operator == "gte" and test.fact in LEVEL_FACTS and isinstance(test.operand, str)


# -- days -----------------------------------------------------------------------------------------------------


def _days_of(course: Course, verdict: Verdict) -> Days:
    if not course.moving:
        return NO_DAYS
    rule, holds = verdict.rule, verdict.holds
    moving = course.moving
    if verdict.eligible is False:
        # No condition is negative: what is a no with all of these met never comes to be anything else.
        best = {**holds, **{need.code: True for need in moving}}
        if value_of(rule.when, best) is False:
            return NO_DAYS
    days = [_OnDay(verdict.law.on, holds, verdict.eligible)]
    for day in _days_to_look_at(moving, course.days, verdict):
        held = _holds_later(moving, verdict, day)
        days.append(_OnDay(day, held, value_of(rule.when, held)))
    sure = verdict.eligible is not None and any(one.value for one in days)
    windows = _windows(days, _YES if sure else _NO_NO)
    # What holds now and for good is bounded by no day.
    if not windows or windows[0] == (verdict.law.on, None):
        return NO_DAYS
    begin, end = windows[0]
    first = begin if verdict.eligible is False else None
    assumes = _assumptions(moving, days, windows)
    if sure:
        return Days(qualifies_on=first, apply_until=end, windows=windows, assumes=assumes)
    return Days(possible_from=first, possible_until=end, windows=windows, assumes=assumes)


# What is a yes; and whatever leaves it open, or grants it.
_YES: frozenset[bool | None] = frozenset({True})
_NO_NO: frozenset[bool | None] = frozenset({True, None})


class _OnDay(NamedTuple):
    """What holds from a day on, until the next one that is looked at, and what the answer is then."""

    day: dt.date
    holds: Mapping[str, bool | None]
    value: bool | None


def _windows(days: Iterable[_OnDay], wanted: Collection[bool | None]) -> tuple[Window, ...]:
    """Every stretch in which the answer is one of those wanted."""
    windows: list[Window] = []
    begin: dt.date | None = None
    for day, _, value in days:
        if begin is None:
            begin = day if value in wanted else None
        elif value not in wanted:
            windows.append(Window(begin, day - _ONE_DAY))
            begin = None
    if begin is not None:
        windows.append(Window(begin, None))
    return tuple(windows)


def _assumptions(
    moving: Iterable[Need], days: Sequence[_OnDay], windows: Iterable[Window]
) -> tuple[str, ...]:
    """What has to go on for the conditions that are met when a window begins and were not always before."""
    begins = {window.begin for window in windows}
    said: dict[str, None] = {}
    for need in moving:
        grows = [GROWING[fact].assumption for fact in need.reads[0] if fact in GROWING]
        if not grows:
            continue
        was_wanting = False
        for day, holds, _ in days:
            if day in begins and holds.get(need.code) and was_wanting:
                said |= dict.fromkeys(grows)
            was_wanting = was_wanting or holds.get(need.code) is False
    return tuple(said)


def _holds_later(moving: Iterable[Need], verdict: Verdict, day: dt.date) -> dict[str, bool | None]:
    """What will hold on a later day; conditions absent on it are left out."""
    facts = facts_grown(verdict.facts, verdict.law.on, day)
    holds = dict(verdict.holds)
    text = day.isoformat()
    for need in moving:
        holds.pop(need.code, None)
        if need.present_on(text):
            holds[need.code] = value_of_need(need, facts, verdict.law, day)
    return holds


def _days_to_look_at(needs: Iterable[Need], also: Iterable[dt.date], verdict: Verdict) -> list[dt.date]:
    """Every later day, in order, on which one of the conditions can change; between them nothing does."""
    facts, law = verdict.facts, verdict.law
    days = set(also)
    for need in needs:
        for test in need.tests:
            days |= turning_days(test, facts, law, (law.on, *days))
    last = months_after(law.on, _YEARS_AHEAD * 12)
    return sorted(day for day in days if law.on < day <= last)


# -- measures -------------------------------------------------------------------------------------------------


def _measure(need: Need, test: Test, course: Course, verdict: Verdict) -> Measure:
    measure = standing_measure(test, verdict.facts, verdict.law)
    if None in (measure.has, measure.required):
        return measure
    if test.operator != "gte" and test.fact in YEARLY:
        return measure._replace(reached_on=_reached_on(need, course, verdict))
    if measure.missing and test.fact in GROWING:
        reached_on = _reached_on(need, course, verdict)
        assumes = GROWING[test.fact].assumption if reached_on else ""
        return measure._replace(reached_on=reached_on, assumes=assumes)
    return measure


def standing_measure(test: Test, facts: Mapping[str, Any], law: DayLaw) -> Measure:
    """How far a condition is met on the day of the law, whatever goes on from then."""
    has = facts.get(test.fact)
    if isinstance(test.operand, WithinMonths):
        return _measure_of_months(test.fact, has, law.value(test.operand.months.code), law.on)
    required = operand_on(test, facts, law, law.on)
    comparison = _COMPARISONS[test.operator]
    if has is None or required is None:
        return Measure(test.fact, comparison, required, has)
    if test.operator == "gte":
        return Measure(test.fact, comparison, required, has, _wanting(test.fact, has, required))
    left = max(0, required - has) if test.operator == "lt" else None
    return Measure(test.fact, comparison, required, has, None, left)


def _measure_of_months(fact: str, has: str | None, months: int | None, on: dt.date) -> Measure:
    if has is None or months is None:
        return Measure(fact, "within_months", months, has)
    until = months_after(dt.date.fromisoformat(has), months)
    left = max(0, (until - on).days)
    return Measure(fact, "within_months", months, has, left=left, until=until)


def _wanting(fact: str, has: Any, required: Any) -> int | float:
    if fact in LEVEL_FACTS:
        least, most = LEVEL_BY_CODE[has], LEVEL_BY_CODE[required]
        return sum(1 for level in _LADDER if least < level <= most)
    wanting: int | float = round(max(0, required - has), 2)
    return wanting


def _reached_on(need: Need, course: Course, verdict: Verdict) -> dt.date | None:
    """The first later day on which a condition is met that is not met today."""
    if verdict.holds.get(need.code) is not False:
        return None
    for day in _days_to_look_at([need], course.days, verdict):
        if need.present_on(day.isoformat()):
            facts = facts_grown(verdict.facts, verdict.law.on, day)
            if value_of_need(need, facts, verdict.law, day):
                return day
    return None


# -- what grows further ---------------------------------------------------------------------------------------


def _next_rises(verdict: Verdict) -> tuple[Rise, ...]:
    """The next step of each stepped result, when the fact comes to it by itself."""
    facts, law = verdict.facts, verdict.law
    rises = []
    for key, result in verdict.rule.results.items():
        if not isinstance(result, Step) or result.fact not in GROWING:
            continue
        value = facts.get(result.fact)
        if value is None or not GROWING[result.fact].goes_on(facts):
            continue
        above = [step for step in law.value(result.steps.code) or [] if step[0] > value]
        if above:
            start, stepped = above[0]
            day = months_after(law.on, months_until(result.fact, value, start))
            rises.append(Rise(key, result.fact, start, stepped, day))
    return tuple(rises)
