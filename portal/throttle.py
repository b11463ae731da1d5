"""Limits how often something open to everybody is asked (a count in the cache for each address, or for each
thing asked about), and how many do something heavy at once.

A count that cannot be kept (cache away) raises: what guards personal data does not open when it fails.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import crypto

if TYPE_CHECKING:
    import redis

_MOST_HELD = 10_000


@dataclass(frozen=True)
class Limit:
    """At most `times` in `seconds`, counted under `name`.

    With a `step` this process counts so many at once and lets the next ones pass without asking the cache:
    what is answered in a millisecond should not spend a third of it on being counted. Never more than `times`
    pass. When several processes are asked in turn, the last few may be refused early, fewer than one step for
    each of the others. Only for what is no person's number.
    """

    name: str
    times: int
    seconds: int = 3600
    step: int = 1
    _ahead: _CountedAhead = field(
        default_factory=lambda: _CountedAhead(), init=False, compare=False, repr=False
    )
    _spent: _Spent = field(default_factory=lambda: _Spent(), init=False, compare=False, repr=False)

    def wait(self, subject: str) -> int:
        """Count once for `subject`. 0 when it may go on, else the seconds until it may try again."""
        window, passed = divmod(int(time.time()), self.seconds)
        # A limit of a few is counted one by one.
        step = max(1, min(self.step, self.times // 20))
        if step > 1 and self._ahead.use(window, subject):
            return 0
        count_before = self._count_up(self.key_of(subject, window), step) - step
        allowed = min(step, self.times - count_before)
        if allowed <= 0:
            self.note_spent(window, subject)
            return self.seconds - passed
        if allowed > 1:
            self._ahead.keep(window, subject, allowed - 1)
        return 0

    def wait_if_spent(self, subject: str) -> int:
        """The same without counting: for limits on what went wrong, which is known afterwards. Only for limits
        without a `step`.
        """
        window, passed = divmod(int(time.time()), self.seconds)
        count = server().get(cache.make_key(self.key_of(subject, window)))
        return self.seconds - passed if int(count or 0) >= self.times else 0

    def wait_if_told(self, subject: str) -> int:
        """The same without asking the cache: of what this process was told is spent."""
        window, passed = divmod(int(time.time()), self.seconds)
        return self.seconds - passed if self._spent.has(window, subject) else 0

    def note_spent(self, window: int, subject: str) -> None:
        """This process was told."""
        self._spent.note(window, subject)

    def key_of(self, subject: str, window: int) -> str:
        """The name of the count, before the cache makes it its own."""
        # The subject may be a number of a person: the cache sees its digest only.
        digest = crypto.digest(subject, purpose="throttle").hex()
        return f"throttle:{self.name}:{window}:{digest}"

    def _count_up(self, key: str, step: int) -> int:
        """The count under `key` with `step` more, in one round trip where the cache would take three."""
        name = cache.make_key(key)
        with server().pipeline(transaction=False) as pipeline:
            pipeline.incrby(name, step)
            pipeline.expire(name, self.seconds)
            count, _ = pipeline.execute()
        return int(count)


# Counts one after the other, up to the first that is spent: its place; -1 for none.
_IN_ORDER = """
for place = 1, #KEYS do
    local count = redis.call('INCR', KEYS[place])
    if count == 1 then redis.call('EXPIRE', KEYS[place], ARGV[2 * place]) end
    if count > tonumber(ARGV[2 * place - 1]) then return place - 1 end
end
return -1
"""


def wait_of_first_spent(limits: Sequence[tuple[Limit, str]]) -> int:
    """Count once for each subject, in one round trip; of the first limit that is spent those behind it are not used
    up. 0 when all let it pass, else the seconds until it may try again. Only for limits without a `step`.
    """
    now = int(time.time())
    keys = [cache.make_key(limit.key_of(subject, now // limit.seconds)) for limit, subject in limits]
    given = [number for limit, _ in limits for number in (limit.times, limit.seconds)]
    place = int(_in_order()(keys=keys, args=given))
    if place < 0:
        return 0
    spent, subject = limits[place]
    window, passed = divmod(now, spent.seconds)
    spent.note_spent(window, subject)
    return spent.seconds - passed


@lru_cache(maxsize=1)
def _in_order() -> Any:
    return server().register_script(_IN_ORDER)


@dataclass(frozen=True)
class Misses:
    """Limits on failed look-ups by everybody behind one address, of one thing by them, and of one thing by all.

    An address may be a carrier's, with thousands of telephones behind it: what was found is not counted, and
    a thing asked for in vain again and again keeps nobody from asking for another.
    """

    by_address: Limit
    of_one: Limit
    of_one_by_all: Limit | None = None

    def wait(self, address: str, thing: str) -> int:
        """0 when it may be looked up, else the seconds until it may. Nothing is counted."""
        waits = [limit.wait_if_spent(subject) for limit, subject in self._subjects(address, thing)]
        return max(waits)

    def count(self, address: str, thing: str) -> None:
        """It was not found."""
        for limit, subject in self._subjects(address, thing):
            limit.wait(subject)

    def _subjects(self, address: str, thing: str) -> list[tuple[Limit, str]]:
        subjects = [(self.by_address, address), (self.of_one, f"{address} {thing}")]
        if self.of_one_by_all is not None:
            subjects.append((self.of_one_by_all, thing))
        return subjects


class _CountedAhead:
    """What this process has counted ahead in the present window, for each subject."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._left: dict[str, int] = {}

    def use(self, window: int, subject: str) -> bool:
        with self._lock:
            if window != self._window:
                return False
            left = self._left.get(subject, 0)
            if left:
                self._left[subject] = left - 1
            return left > 0

    def keep(self, window: int, subject: str, count: int) -> None:
        with self._lock:
            if window != self._window or len(self._left) >= _MOST_HELD:
                self._window = window
                self._left = {}
            self._left[subject] = self._left.get(subject, 0) + count


class _Spent:
    """Which subjects have spent the present window, as far as this process was told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._subjects: set[str] = set()

    def has(self, window: int, subject: str) -> bool:
        return window == self._window and subject in self._subjects

    def note(self, window: int, subject: str) -> None:
        with self._lock:
            if window != self._window or len(self._subjects) >= _MOST_HELD:
                self._window = window
                self._subjects = set()
            self._subjects.add(subject)


@lru_cache(maxsize=1)
def server() -> redis.Redis:
    """The server behind the cache."""
    import redis

    return redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])


class Turn:
    """A place among those who work at once. It is given back by `close`, and in any case after the seconds of
    its Turns.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._mark = secrets.token_hex(8)

    def take(self, seconds: int) -> bool:
        """Whether the place was free and is ours now."""
        return bool(cache.add(self._key, self._mark, timeout=seconds))

    def close(self) -> None:
        # Given back late, the place may be somebody else's by now.
        if cache.get(self._key) == self._mark:
            cache.delete(self._key)

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@dataclass(frozen=True)
class Turns:
    """At most `places` do the same heavy work at once, over all processes; nobody keeps a place for longer
    than `seconds`.

    So neither a killed process nor somebody who reads very slowly keeps others out for good.
    """

    name: str
    places: int
    seconds: int

    def take(self) -> Turn | None:
        """A place, or None when all are taken."""
        for place in range(self.places):
            turn = Turn(f"turn:{self.name}:{place}")
            if turn.take(self.seconds):
                return turn
        return None


class InTurn:
    """Parts of a response, in somebody's turn: it is given back when they have all been read, when one fails,
    or on `close`.
    """

    def __init__(self, parts: Iterator[bytes], turn: Turn) -> None:
        self._parts, self._turn = parts, turn

    def __iter__(self) -> InTurn:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self._turn.close()
            raise

    def close(self) -> None:
        self._turn.close()


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 with what to do next, and Retry-After in seconds."""
    response = render(
        request,
        "errors/429.html",
        {
            "title": "查询过于频繁",
            "minutes": math.ceil(wait / 60),
        },
        status=429,
    )
    response["Retry-After"] = str(wait)
    return response
