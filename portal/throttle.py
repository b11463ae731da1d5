"""Limits how often something open to everybody is asked (a count in the cache for each address, or for each thing asked about),
and how many do something heavy at once.

A count that cannot be kept (cache away) raises: what guards personal data does not open when it fails.
"""
from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import crypto


@dataclass(frozen=True)
class Limit:
    """At most `times` in `seconds`, counted under `name`."""

    name: str
    times: int
    seconds: int = 3600

    def wait(self, subject: str) -> int:
        """Count once for `subject`. 0 when it may go on, else the seconds until it may try again."""
        window, passed = divmod(int(time.time()), self.seconds)
        # The subject may be a number of a person: the cache sees its digest only.
        key = f"throttle:{self.name}:{window}:{crypto.digest(subject, purpose='throttle').hex()}"
        return 0 if self._count(key) <= self.times else self.seconds - passed

    def _count(self, key: str) -> int:
        """One more under `key`, in one round trip: three of them, as the cache would take, are a good part of a short request."""
        name = cache.make_key(key)
        with _server().pipeline(transaction=False) as pipeline:
            pipeline.incr(name)
            pipeline.expire(name, self.seconds)
            count, _ = pipeline.execute()
        return int(count)


@lru_cache(maxsize=1)
def _server() -> redis.Redis:
    """The server behind the cache."""
    return redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])


class Turn:
    """A place among those who work at once. It is given back by `close`, and in any case after the seconds of its Turns."""

    def __init__(self, key: str) -> None:
        self._key, self._mark = key, secrets.token_hex(8)

    def taken(self, seconds: int) -> bool:
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
    """At most `places` do the same heavy work at once, over all processes; nobody keeps a place for longer than `seconds`.

    So neither a killed process nor somebody who reads very slowly keeps others out for good.
    """

    name: str
    places: int
    seconds: int

    def take(self) -> Turn | None:
        """A place, or None when all are taken."""
        turns = (Turn(f"turn:{self.name}:{place}") for place in range(self.places))
        return next((turn for turn in turns if turn.taken(self.seconds)), None)


class InTurn:
    """Parts of a response, in somebody's turn: it is given back when they have all been read, when one fails, or on `close`."""

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
    response = render(request, "errors/429.html", {"title": "查询过于频繁", "minutes": -(-wait // 60)}, status=429)
    response["Retry-After"] = str(wait)
    return response
