"""Refused access, counted: who, from where, what (the name of the address, never the address), and how often.

Each is counted in the cache, in a bucket of its kind. The first is written into the audit at once, those after it
together: after a minute, two, four, and so on up to an hour. So ten thousand refusals are a few entries, and none is
lost: beat writes what is left (portal.audit.tasks). When too many kinds begin in one minute, the next ones are counted
for each account without address and page.

Nothing of this is asked of a request that was answered.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal import heartbeats
from portal.audit import address_now
from portal.audit.models import ANONYMOUS, Entry

ACTION = "access.refused"
STATUSES = frozenset({403, 404, 429})
# Kinds that may begin in one minute with all they say.
MOST_NEW = 120
SHORTEST, LONGEST = 60, 3600
# A bucket without anything new is forgotten.
IDLE = 600
# Kinds that a process tells apart within a second, in front of everything else.
MOST_AT_ONCE = 50

# Only when nothing was counted meanwhile.
_FORGET = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
    redis.call('HDEL', KEYS[1], ARGV[1])
    redis.call('HDEL', KEYS[2], ARGV[1])
end
"""

# Of somebody who works in several leagues.
_SEVERAL = "150000"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bucket:
    """Refusals of one kind."""

    actor: int | None
    name: str
    address: str
    page: str
    status: int

    @property
    def key(self) -> str:
        return json.dumps([self.actor, self.name, self.address, self.page, self.status])

    @classmethod
    def of(cls, key: bytes | str) -> Bucket:
        return cls(*json.loads(key))

    def without_where(self) -> Bucket:
        return Bucket(self.actor, self.name, "", "", self.status)


def count_as(answer: HttpResponseBase, status: int) -> None:
    """An answer that stands for another one: a browser sent on to the page that says no."""
    answer.counted_as = status  # type: ignore[attr-defined]


def counted_as(answer: HttpResponseBase) -> int:
    """The status by which an answer is counted."""
    return int(getattr(answer, "counted_as", answer.status_code))


def note(request: HttpRequest, status: int) -> None:
    """Count a refusal; the first of its kind is written at once. Nobody is kept waiting by a cache that is away."""
    bucket = _bucket(request, status)
    if bucket is None:
        return
    try:
        _count(bucket)
    except redis.RedisError as error:
        logger.warning("a refused access could not be counted: %s", error)


def note_in_front(page: str, status: int) -> None:
    """Count a refusal before anybody is known. In a flood this process counts for a second before it says how many;
    what it has counted last comes with the next one.
    """
    for bucket, times in _in_front.add(Bucket(None, ANONYMOUS, address_now.get(), page, status)):
        try:
            _count(bucket, times)
        except redis.RedisError as error:
            logger.warning("a refused access could not be counted: %s", error)


class _InFront:
    """What this process has counted and not said yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Bucket] = Counter()
        self._said = 0.0

    def add(self, bucket: Bucket) -> list[tuple[Bucket, int]]:
        """What is to be said now."""
        with self._lock:
            if bucket not in self._counts and len(self._counts) >= MOST_AT_ONCE:
                bucket = bucket.without_where()
            self._counts[bucket] += 1
            if time.monotonic() - self._said < 1:
                return []
            self._said = time.monotonic()
            said, self._counts = list(self._counts.items()), Counter()
            return said


_in_front = _InFront()


def _bucket(request: HttpRequest, status: int) -> Bucket | None:
    """None for what says nothing: an address that nobody has, and what a stranger did not find."""
    match = request.resolver_match
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    if status == 404 and (match is None or not match.kwargs or not known):
        return None
    page = (match.view_name or match.route) if match else ""
    return Bucket(
        actor=user.pk if known and user else None,
        name=user.get_username() if known and user else ANONYMOUS,
        address=address_now.get(),
        page=f"{request.method} {page}".strip(),
        status=status,
    )


def _names() -> tuple[str, str]:
    """Under which the cache has the counts, and what of them is in the audit."""
    return cache.make_key("refused:counts"), cache.make_key("refused:written")


def _count(bucket: Bucket, times: int = 1) -> None:
    client = heartbeats.client()
    counts, written = _names()
    if not client.hexists(counts, bucket.key):
        minute = cache.make_key(f"refused:new:{int(time.time()) // 60}")
        begun = client.incr(minute)
        client.expire(minute, 120)
        if begun > MOST_NEW:
            bucket = bucket.without_where()
    with client.pipeline() as pipeline:
        pipeline.hincrby(counts, bucket.key, times)
        pipeline.hsetnx(written, bucket.key, _state(1, SHORTEST))
        _, is_first = pipeline.execute()
    if is_first and not _write(bucket, 1, time.time()):
        client.hset(written, bucket.key, _state(0, SHORTEST))


def _state(count: int, wait: int) -> str:
    return json.dumps({"count": count, "at": time.time(), "wait": wait})


def _write(bucket: Bucket, count: int, since: float) -> bool:
    """Whether the entry was written."""
    detail: dict[str, Any] = {"page": bucket.page, "status": bucket.status, "times": count}
    if count > 1:
        detail["since"] = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds")
    try:
        with transaction.atomic():
            Entry.objects.create(
                actor_id=bucket.actor,
                actor_name=bucket.name,
                action=ACTION,
                address=bucket.address,
                region_code=_place_of(bucket.actor),
                detail=detail,
            )
    except DatabaseError:
        logger.exception("a refused access could not be written into the audit")
        return False
    return True


def _place_of(actor: int | None) -> str:
    """Where somebody works, or did last: who was refused in a league is asked by its auditor. Nothing for a stranger."""
    if actor is None:
        return ""
    held: Any = get_user_model()._default_manager.get(pk=actor).assignments
    places = set(held.in_force().values_list("region_id", flat=True))
    if not places:
        last = held.order_by("-until", "-pk").values_list("region_id", flat=True).first()
        return str(last or "")
    if len(places) == 1:
        return str(places.pop())
    leagues = {f"{place[:4]}00" for place in places}
    return str(leagues.pop()) if len(leagues) == 1 else _SEVERAL


def flush(*, all_of_it: bool = False) -> int:
    """Write what was counted and is due; how many entries. `all_of_it` also what is not due yet."""
    client = heartbeats.client()
    counts, written = _names()
    entries, now = 0, time.time()
    for key, text in client.hgetall(counts).items():
        count = int(text)
        state = json.loads(client.hget(written, key) or _state(0, SHORTEST))
        is_due = all_of_it or now >= state["at"] + state["wait"]
        if count > state["count"] and is_due:
            if _write(Bucket.of(key), count - state["count"], state["at"]):
                client.hset(written, key, _state(count, min(state["wait"] * 2, LONGEST)))
                entries += 1
        elif count == state["count"] and now >= state["at"] + max(state["wait"], IDLE):
            client.eval(_FORGET, 2, counts, written, key, text)
    return entries
