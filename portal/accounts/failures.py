"""What the audit keeps of failed tries to sign in: each one that was looked at, and of those that were refused
unseen the first ones of a minute, the rest as one entry with how many there were. A flood fills nothing.
"""

from __future__ import annotations

import threading
import time

from django.core.cache import cache

from portal import audit
from portal.accounts.models import User
from portal.accounts.names import account_name
from portal.throttle import server

ACTION = "account.login_failed"
# So many refused tries of a minute have an entry of their own.
FIRST = 20
_KEPT_SECONDS = 86400


def wrong(account: User | None, *, locked: bool) -> None:
    """A password that was looked at and is wrong."""
    audit.record(ACTION, by=None, obj=account, detail={"known": account is not None, "locked": locked})


def refused(typed: str, place: str) -> None:
    """A try that was not looked at. In a flood this process counts for a second before it says how many."""
    minute = int(time.time()) // 60
    tried = _flood.add(minute)
    if not tried:
        return
    with server().pipeline(transaction=False) as pipeline:
        pipeline.incrby(_count(minute), tried)
        pipeline.expire(_count(minute), _KEPT_SECONDS)
        pipeline.pfadd(_places(minute), place)
        pipeline.expire(_places(minute), _KEPT_SECONDS)
        number = int(pipeline.execute()[0])
    before = number - tried
    if before < FIRST:
        account = User.objects.filter(username=account_name(typed)).first()
        wrong(account, locked=True)
    else:
        _flood.begin(minute)
    if before <= FIRST < number:
        server().sadd(_full_minutes(), minute)
        write_counts()


class _Flood:
    """What this process has counted by itself, once a minute has as many entries as it gets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._said = 0.0
        self._count = 0

    def begin(self, minute: int) -> None:
        with self._lock:
            self._minute = minute
            self._said = time.monotonic()

    def add(self, minute: int) -> int:
        """Count one more: how many are to be said now, or none yet."""
        with self._lock:
            self._count += 1
            if minute == self._minute and time.monotonic() - self._said < 1:
                return 0
            count, self._count = self._count, 0
            return count


_flood = _Flood()


def write_counts() -> int:
    """An entry for each past minute in which more were refused than have entries of their own. Returns how many."""
    now = int(time.time()) // 60
    written = 0
    for minute in sorted(int(m) for m in server().smembers(_full_minutes())):
        # Whoever takes it out writes it.
        if minute < now and server().srem(_full_minutes(), minute):
            _write_count(minute)
            written += 1
    return written


def _write_count(minute: int) -> None:
    count = int(server().get(_count(minute)) or 0)
    detail = {
        "locked": True,
        "count": count,
        "addresses": int(server().pfcount(_places(minute))),
        "minute": time.strftime("%Y-%m-%d %H:%M", time.localtime(minute * 60)),
    }
    audit.record(ACTION, by=None, detail=detail)


def _count(minute: int) -> str:
    return str(cache.make_key(f"sign-in-refused:{minute}"))


def _places(minute: int) -> str:
    return str(cache.make_key(f"sign-in-refused-from:{minute}"))


def _full_minutes() -> str:
    return str(cache.make_key("sign-in-refused-minutes"))
