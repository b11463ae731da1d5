"""What the code on a sheet of the check holds: the answers that were typed, for the window, for some days.

It stands in the address that the QR code opens, encrypted and authenticated under the data keys, and nowhere on the
server. It holds no name and no number of a person, nor anything that the register knows: at the window the register
says that itself. Facts stand in it by their names, so that a sheet outlives a release that asks more.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from portal import crypto
from portal.entitlements.check_state import BadCheckState, CheckState
from portal.policy.intake import FactsRefused, validate_facts

PARAMETER = "s"
_BOUND_TO = b"check-sheet:1"
# Characters of what stands in the address; more no QR code of that size holds.
_LONGEST = 2000
# Bytes of what it holds.
_LARGEST = 20_000
# Two servers' clocks differ a little.
_SECONDS_AHEAD = 60
# Words that most sheets hold: compression starts with them. A sheet that is out there opens with these alone: never edited.
_WORDS = Path(__file__).with_name("data") / "sheet_words.txt"


@dataclass(frozen=True)
class SheetState:
    """What was answered when the sheet was made."""

    facts: Mapping[str, Any]
    topics: tuple[str, ...]
    banner: str
    made_at: int
    # Whether the sheet was made on what the register knows of somebody, which is not in it.
    on_register: bool
    # How many answers the rules of today do not take any more.
    lost: int = 0

    @property
    def made_on(self) -> dt.date:
        return _day_of(self.made_at)

    @property
    def until(self) -> dt.date:
        """The last day on which it opens."""
        return last_day(self.made_on)

    @property
    def walk(self) -> CheckState:
        """The answers as a check that goes on."""
        return CheckState(self.facts, topics=self.topics, banner=self.banner)


def days_open() -> int:
    """For how many days after its own a sheet opens."""
    return int(settings.CHECK_SHEET_DAYS)


def last_day(made_on: dt.date) -> dt.date:
    """The last day on which a sheet of that day opens."""
    return made_on + dt.timedelta(days=days_open())


def seal(state: CheckState, *, on_register: bool) -> str:
    """The answers of a check as text for the address of a sheet's code."""
    content = [dict(state.facts), list(state.topics), state.banner, int(time.time()), on_register]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    compressor = zlib.compressobj(9, wbits=-15, zdict=_words())
    packed = compressor.compress(text) + compressor.flush()
    sealed = crypto.encrypt_bytes(packed, purpose=crypto.Purpose.WALKS, bound_to=_BOUND_TO)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(token: str, on: dt.date) -> SheetState:
    """The answers again. Raises BadCheckState for what is cut, changed, or older than its days."""
    facts, topics, banner, made_at, on_register = _opened(token)
    made_on = _day_of(made_at)
    if made_at > time.time() + _SECONDS_AHEAD or on > last_day(made_on):
        raise BadCheckState(expired=True)
    kept = _facts_of_today(facts, on)
    lost = len(facts) - len(kept)
    return SheetState(kept, tuple(topics), banner, made_at, on_register, lost)


def _opened(token: str) -> Any:
    if len(token) > _LONGEST:
        raise BadCheckState
    padded = token + "=" * (-len(token) % 4)
    try:
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        packed = crypto.decrypt_bytes(sealed, purpose=crypto.Purpose.WALKS, bound_to=_BOUND_TO)
        text = zlib.decompressobj(wbits=-15, zdict=_words()).decompress(packed, _LARGEST)
        facts, topics, banner, made_at, on_register = json.loads(text)
    except (binascii.Error, crypto.Undecipherable, zlib.error, ValueError) as error:
        raise BadCheckState from error
    return facts, topics, banner, made_at, on_register


def _facts_of_today(facts: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """What is still a fact; one that is none any more takes no other with it."""
    refused: set[str] = set()
    for name, value in facts.items():
        try:
            validate_facts({name: value}, on)
        except FactsRefused:
            refused.add(name)
    return validate_facts({name: facts[name] for name in facts if name not in refused}, on)


def _day_of(moment: int) -> dt.date:
    return timezone.localdate(dt.datetime.fromtimestamp(moment, dt.UTC))


@lru_cache(maxsize=1)
def _words() -> bytes:
    return _WORDS.read_bytes()
