"""What the check asks and in which order: topics, steps (pages) and questions, read from data/questions.yaml.

Whether a step is asked at all is decided by the rules: the next one is the first that has a fact among the
`missing_facts` of the chosen benefits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from portal.entitlements.wording import Vocabulary
from portal.policy.benefits import BY_CODE

_FILE = Path(__file__).parent / "data" / "questions.yaml"
# Offered beside the honours, which are a figure of the law: none of them.
NO_HONOUR = "none"


@dataclass(frozen=True)
class Question:
    """One fact, asked as at a window. `options` are {code: words}; yes and no are true and false."""

    fact: str
    ask: str
    hint: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    # What to bring that shows it; empty where the office looks it up itself.
    proof: str = ""
    # Answers, by their fact, after which this one goes without saying: it is no.
    no_after: Mapping[str, Collection[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One page. `none` is the button that answers it as a whole: its words, and the facts it stands for."""

    code: str
    title: str
    questions: tuple[Question, ...]
    none_label: str = ""
    none_facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(question.fact for question in self.questions)


@dataclass(frozen=True)
class Topic:
    """What somebody may be interested in: some of the catalogue's benefits."""

    code: str
    label: str
    benefits: tuple[str, ...]
    hint: str = ""

    @property
    def label_with_hint(self) -> str:
        return f"{self.label}（{self.hint}）" if self.hint else self.label


@dataclass(frozen=True)
class Occasion:
    """What happened to somebody, and what of the catalogue it is about: for people, and for units."""

    code: str
    label: str
    hint: str
    benefits: tuple[str, ...]
    unit_benefits: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _read_questions() -> tuple[tuple[Topic, ...], tuple[Step, ...], tuple[Occasion, ...]]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return (
        tuple(map(_topic_from, data["topics"])),
        tuple(map(_step_from, data["steps"])),
        tuple(map(_occasion_from, data["occasions"])),
    )


def _occasion_from(entry: Mapping[str, Any]) -> Occasion:
    benefits, of_units = tuple(entry.get("benefits", ())), tuple(entry.get("unit_benefits", ()))
    return Occasion(entry["code"], entry["label"], entry["hint"], benefits, of_units)


def _topic_from(entry: Mapping[str, Any]) -> Topic:
    return Topic(entry["code"], entry["label"], tuple(entry["benefits"]), entry.get("hint", ""))


def _step_from(entry: Mapping[str, Any]) -> Step:
    questions = tuple(Question(**question) for question in entry["questions"])
    none = entry.get("none", {})
    return Step(entry["code"], entry["title"], questions, none.get("label", ""), none.get("facts", {}))


def topics() -> tuple[Topic, ...]:
    return _read_questions()[0]


def occasions() -> tuple[Occasion, ...]:
    return _read_questions()[2]


def steps() -> tuple[Step, ...]:
    return _read_questions()[1]


@lru_cache(maxsize=1)
def steps_by_code() -> dict[str, Step]:
    return {step.code: step for step in steps()}


@lru_cache(maxsize=1)
def _places_of_facts() -> dict[str, tuple[Step, Question]]:
    return {question.fact: (step, question) for step in steps() for question in step.questions}


def step_asking(fact: str) -> Step | None:
    """The page that asks for a fact; none for a fact that no rule uses."""
    place = _places_of_facts().get(fact)
    return place[0] if place else None


def question_of(fact: str) -> Question | None:
    place = _places_of_facts().get(fact)
    return place[1] if place else None


def without_saying(facts: Mapping[str, Any]) -> dict[str, bool]:
    """What need not be asked after these answers, as they have it: who has no work has no post."""
    return {
        question.fact: False
        for _, question in _places_of_facts().values()
        if any(facts.get(fact) in values for fact, values in question.no_after.items())
    }


def benefits_of_topics(chosen: Collection[str]) -> list[str]:
    """The benefits of some topics, in catalogue order; all of them when none is chosen. A benefit is a topic of its own."""
    wanted = {code for code in chosen if code in BY_CODE}
    for topic in topics():
        if topic.code in chosen:
            wanted.update(topic.benefits)
    return [code for code in BY_CODE if code in wanted] or list(BY_CODE)


# What brings somebody onto the registry is nothing to tell those who are on it.
_WAYS_ONTO_THE_REGISTRY = frozenset({"registry.direct-inclusion", "registry.nomination"})


def is_listed(facts: Mapping[str, Any]) -> bool:
    return facts.get("leading_talent") is True


def benefits_worth_telling(benefits: Iterable[str], facts: Mapping[str, Any]) -> list[str]:
    """Without the ways onto the registry for people who are on it: neither asked about nor told of."""
    listed = is_listed(facts)
    return [code for code in benefits if not (listed and code in _WAYS_ONTO_THE_REGISTRY)]


def next_step(missing: Collection[str], skipped: Collection[str]) -> Step | None:
    """The first page with a fact that can still change an answer and that nobody has said not to know."""
    wanted = set(missing) - set(skipped)
    for step in steps():
        if not wanted.isdisjoint(step.facts):
            return step
    return None


def vocabulary_as_asked(words: Vocabulary) -> Vocabulary:
    """The words in which people were asked, for what they answered."""
    options = {}
    for fact, (_, question) in _places_of_facts().items():
        if question.options and fact != "honours":
            options[fact] = question.options
    return Vocabulary(words.honours, "没有", options)


def proofs_to_bring(facts: Iterable[str]) -> list[str]:
    """What to bring for these facts, each thing once, in the order of the facts."""
    needed: dict[str, None] = {}
    for fact in facts:
        question = question_of(fact)
        if question and question.proof:
            needed[question.proof] = None
    return list(needed)
