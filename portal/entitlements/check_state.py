"""Where somebody stands in the check, kept nowhere but in the address of the page.

The token in the query string holds what was answered, what was skipped and which pages were seen: compressed,
encrypted and authenticated under the data keys, good for a limited time. So back, forward, a refresh and a
second window work without an account, without a cookie and without a row on the server, and a log line tells
nothing.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import time
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.conf import settings

from portal import crypto
from portal.entitlements import questions
from portal.entitlements.questions import Step
from portal.policy.engine import current_rules
from portal.policy.explain import answer, verdict_from_row
from portal.policy.facts import FACTS, in_order
from portal.policy.intake import FactsRefused, validate_facts
from portal.policy.law import law_on
from portal.policy.rules import digest_of

PARAMETER = "t"
_LONGEST = 3000  # characters of a token: with the rest of the address well under what servers take in a line
_LARGEST = 20_000  # bytes of what it holds


class BadCheckState(Exception):
    """The token cannot be used: `expired` when it was good once, else it was cut, changed, or made for
    somebody else.
    """

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("the walk has expired" if expired else "the walk cannot be read")
        self.expired = expired


@dataclass(frozen=True)
class CheckState:
    """What was said so far. `facts` are canonical; `skipped` are facts somebody could not tell; `taken` are
    pages, oldest first.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    skipped: frozenset[str] = frozenset()
    topics: tuple[str, ...] = ()
    banner: str = ""

    @property
    def benefits(self) -> list[str]:
        return questions.benefits_of_topics(self.topics)

    # -- moving on -------------------------------------------------------------------------------------------

    def answered(self, step: Step, shown: Collection[str], given: Mapping[str, Any]) -> CheckState:
        """After a page: what was given is known, what was shown and left open is skipped. Answers to other
        pages stay.
        """
        facts = {fact: value for fact, value in self.facts.items() if fact not in shown} | dict(given)
        skipped = (self.skipped - set(shown)) | {fact for fact in shown if fact not in given}
        taken = self.taken if step.code in self.taken else (*self.taken, step.code)
        return replace(
            self,
            facts={fact: facts[fact] for fact in in_order(facts)},
            skipped=frozenset(skipped),
            taken=taken,
        )

    def number_of(self, step: Step) -> int:
        """The how many-th page this is, counted from 1: its place among those seen, or the next one."""
        return (self.taken.index(step.code) if step.code in self.taken else len(self.taken)) + 1

    def before(self, step: Step) -> str:
        """The page before this one; empty on the first."""
        place = self.number_of(step) - 1
        return self.taken[place - 1] if place else ""

    # -- the token -------------------------------------------------------------------------------------------

    def token(self, bound_to: str = "") -> str:
        """The walk as text for an address. It opens only with the same `bound_to`: one person's is of no use
        for another.
        """
        facts, pages = list(FACTS), list(questions.steps_by_code())
        said = (
            [[facts.index(fact), value] for fact, value in self.facts.items()],
            [pages.index(code) for code in self.taken],
            [facts.index(fact) for fact in in_order(self.skipped)],
            list(self.topics),
            self.banner,
            int(time.time()),
        )
        packed = zlib.compressobj(9, wbits=-15, zdict=_dictionary())
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = crypto.encrypt_bytes(packed.compress(text) + packed.flush(), bound_to=_binding(bound_to))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    @classmethod
    def read(cls, token: str, on: dt.date, bound_to: str = "") -> CheckState:
        """The walk again. Raises BadWalk for a token that is too long, changed, expired, or made for another
        release's facts.
        """
        if len(token) > _LONGEST:
            raise BadCheckState
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            packed = crypto.decrypt_bytes(sealed, bound_to=_binding(bound_to))
            text = zlib.decompressobj(wbits=-15, zdict=_dictionary()).decompress(packed, _LARGEST)
            given, taken, skipped, topics, banner, at = json.loads(text)
        except (binascii.Error, crypto.Undecipherable, zlib.error, ValueError) as error:
            raise BadCheckState from error
        # Two servers' clocks differ a little.
        if not -60 <= time.time() - at <= settings.CHECK_MINUTES * 60:
            raise BadCheckState(expired=True)
        facts, pages = list(FACTS), list(questions.steps_by_code())
        try:
            known = validate_facts({facts[place]: value for place, value in given}, on)
        except FactsRefused as error:
            raise BadCheckState from error
        return cls(
            known,
            tuple(pages[place] for place in taken),
            frozenset(facts[place] for place in skipped),
            tuple(topics),
            banner,
        )


def _binding(bound_to: str) -> bytes:
    """What a token opens with: whose it is, and the catalogue its numbers count in. Another release's token
    does not open.
    """
    return f"check-walk:{_catalogue()}:{bound_to}".encode()


@lru_cache(maxsize=1)
def _catalogue() -> str:
    return digest_of([list(FACTS), list(questions.steps_by_code()), _dictionary().decode()])


@lru_cache(maxsize=1)
def _dictionary() -> bytes:
    """Words that most walks hold: compression starts with them."""
    codes = [code for step in questions.steps() for question in step.questions for code in question.options]
    return json.dumps([*dict.fromkeys(codes), *(topic.code for topic in questions.topics())]).encode()


# -- what is asked next --------------------------------------------------------------------------------------


def answers_for_facts(
    facts: Mapping[str, Any], on: dt.date, benefits: Collection[str]
) -> list[dict[str, Any]]:
    """What the rules say to canonical facts, one answer per benefit in catalogue order; nothing is stored."""
    rules, law = current_rules(benefits), law_on(on)
    row = rules.decide(facts, law)
    return [answer(verdict_from_row(rules, rule, row, facts, law)) for rule in rules.rules]


def missing_facts_in(answers: Collection[Mapping[str, Any]]) -> set[str]:
    """Facts that could still change one of these answers."""
    return {fact for one in answers for fact in one["missing_facts"]}


def facts_to_ask(
    step: Step, walk: CheckState, asked: Collection[str], register: Mapping[str, Any]
) -> list[str]:
    """What a page asks: what can still change an answer, and what was said there before. Never what the
    register knows.
    """
    said = walk.facts.keys() | walk.skipped
    return [fact for fact in step.facts if fact not in register and (fact in asked or fact in said)]
