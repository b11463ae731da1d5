"""Limits how often something open to everybody is asked: a count in the cache for each address, or for each thing asked about.

A count that cannot be kept (cache away) raises: what guards personal data does not open when it fails.
"""
from __future__ import annotations

import time
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


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 with what to do next, and Retry-After in seconds."""
    response = render(request, "errors/429.html", {"title": "查询过于频繁", "minutes": -(-wait // 60)}, status=429)
    response["Retry-After"] = str(wait)
    return response
