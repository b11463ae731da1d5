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
# Characters of a token: with the rest of the address well under what servers take in a line.
_LONGEST = 3000
# Bytes of what it holds.
_LARGEST = 20_000
# Two servers' clocks differ a little.
_SECONDS_AHEAD = 60


class BadCheckState(Exception):
    """The token cannot be used: it is `expired`, or was cut, changed, or made for somebody else."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__(
            "the state of the check has expired" if expired else "the state of the check cannot be read"
        )
        self.expired = expired


@dataclass(frozen=True)
class CheckState:
    """What was answered so far: canonical facts, skipped facts, and the pages visited, oldest first."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    visited: tuple[str, ...] = ()
    skipped: frozenset[str] = frozenset()
    topics: tuple[str, ...] = ()
    banner: str = ""

    @property
    def benefits(self) -> list[str]:
        return questions.benefits_of_topics(self.topics)

    # -- moving on -------------------------------------------------------------------------------------------

    def after_step(self, step: Step, shown: Collection[str], given: Mapping[str, Any]) -> CheckState:
        """After a page: what was given is known, what was shown and left open is skipped."""
        facts = {fact: value for fact, value in self.facts.items() if fact not in shown}
        facts.update(given)
        skipped = set(self.skipped) - set(shown)
        skipped.update(fact for fact in shown if fact not in given)
        visited = self.visited
        if step.code not in visited:
            visited = (*visited, step.code)
        return replace(
            self,
            facts={fact: facts[fact] for fact in in_order(facts)},
            skipped=frozenset(skipped),
            visited=visited,
        )

    def page_number(self, step: Step) -> int:
        """The how many-th page this is, counted from 1: its place among those visited, or the next one."""
        if step.code in self.visited:
            return self.visited.index(step.code) + 1
        return len(self.visited) + 1

    def page_before(self, step: Step) -> str:
        """The page before this one; empty on the first."""
        number = self.page_number(step)
        return self.visited[number - 2] if number > 1 else ""

    # -- the token -------------------------------------------------------------------------------------------

    def token(self, bound_to: str = "") -> str:
        """The state as text for an address; it opens only with the same `bound_to`, whose it is."""
        facts, pages = list(FACTS), list(questions.steps_by_code())
        content = (
            [[facts.index(fact), value] for fact, value in self.facts.items()],
            [pages.index(code) for code in self.visited],
            [facts.index(fact) for fact in in_order(self.skipped)],
            list(self.topics),
            self.banner,
            int(time.time()),
        )
        sealed = crypto.encrypt_bytes(
            _pack(content), purpose=crypto.Purpose.WALKS, bound_to=_binding(bound_to)
        )
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    @classmethod
    def read(cls, token: str, on: dt.date, bound_to: str = "") -> CheckState:
        """The state again; raises BadCheckState for a token too long, changed, expired or outdated."""
        known, visited, skipped, topics, banner, made_at = _open_token(token, bound_to)
        if not -_SECONDS_AHEAD <= time.time() - made_at <= settings.CHECK_MINUTES * 60:
            raise BadCheckState(expired=True)
        facts, pages = list(FACTS), list(questions.steps_by_code())
        try:
            canonical = validate_facts({facts[place]: value for place, value in known}, on)
        except FactsRefused as error:
            raise BadCheckState from error
        return cls(
            canonical,
            tuple(pages[place] for place in visited),
            frozenset(facts[place] for place in skipped),
            tuple(topics),
            banner,
        )


def _open_token(token: str, bound_to: str) -> Any:
    if len(token) > _LONGEST:
        raise BadCheckState
    padded = token + "=" * (-len(token) % 4)
    try:
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        opened = crypto.decrypt_bytes(sealed, purpose=crypto.Purpose.WALKS, bound_to=_binding(bound_to))
        content = _unpack(opened)
        known, visited, skipped, topics, banner, made_at = content
    except (binascii.Error, crypto.Undecipherable, zlib.error, ValueError) as error:
        raise BadCheckState from error
    return known, visited, skipped, topics, banner, made_at


def _pack(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    compressor = zlib.compressobj(9, wbits=-15, zdict=_dictionary())
    return compressor.compress(text) + compressor.flush()


def _unpack(packed: bytes) -> Any:
    return json.loads(zlib.decompressobj(wbits=-15, zdict=_dictionary()).decompress(packed, _LARGEST))


def _binding(bound_to: str) -> bytes:
    """What a token opens with: whose it is, and the catalogue its numbers count in.

    Another release's token does not open.
    """
    return f"check-walk:{_catalogue_digest()}:{bound_to}".encode()


@lru_cache(maxsize=1)
def _catalogue_digest() -> str:
    return digest_of([list(FACTS), list(questions.steps_by_code()), _dictionary().decode()])


@lru_cache(maxsize=1)
def _dictionary() -> bytes:
    """Words that most states hold: compression starts with them."""
    codes = [code for step in questions.steps() for question in step.questions for code in question.options]
    return json.dumps([*dict.fromkeys(codes), *(topic.code for topic in questions.topics())]).encode()


# -- what is asked next --------------------------------------------------------------------------------------


def answers_for_facts(
    facts: Mapping[str, Any], on: dt.date, benefits: Collection[str]
) -> list[dict[str, Any]]:
    """What the rules say to canonical facts, one answer per benefit in catalogue order; nothing is stored."""
    if not benefits:
        return []
    rules, law = current_rules(benefits), law_on(on)
    row = rules.decide(facts, law)
    return [answer(verdict_from_row(rules, rule, row, facts, law)) for rule in rules.rules]


def missing_facts_in(answers: Collection[Mapping[str, Any]]) -> set[str]:
    """Facts that could still change one of these answers."""
    return {fact for answer in answers for fact in answer["missing_facts"]}


def facts_to_ask(
    step: Step, state: CheckState, asked: Collection[str], register: Mapping[str, Any]
) -> list[str]:
    """What a page asks: what can still change an answer or was answered, never what the register knows."""
    wanted = set(asked) | state.facts.keys() | state.skipped
    return [fact for fact in step.facts if fact in wanted and fact not in register]
