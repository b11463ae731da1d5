"""How often a password may be tried, counted before anything is computed, in one question to the cache.

Whoever signed in before from this browser, or with this name from this address, has tries of their own. All
others are strangers: their tries are bounded for each name and address, for each name, and for each address; and
only so many of their passwords are looked at at once that the portal stays quick for everybody else. So strangers
lock out strangers, never the person whose name they use.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from portal import crypto
from portal.accounts import devices
from portal.audit.middleware import client_address
from portal.throttle import Turn, Turns, server

# Of strangers in an hour: a whole office may sit behind one address; one person types a wrong password ten times
# an hour at most.
BY_NAME = 60
BY_ADDRESS = 600
HOUR = 3600
# An address that failed so often this hour, more often than it succeeded, waits behind all others.
FRESH = 10
KNOWN_SECONDS = 30 * 86400

_CORES = os.cpu_count() or 1
# Passwords of strangers that are looked at at once; of addresses that failed often, one in so many milliseconds.
_FRESH = Turns("sign-in-fresh", max(1, _CORES // 2), 15)
AGAIN_MS = 1000 // max(1, _CORES // 4)
# So many wait for their turn, for so long; the others are told to come again.
_WAITING = Turns("sign-in-waiting", 2, 3)
_WAIT_SECONDS = 1.5
BUSY_SECONDS = 5
# Strangers hold so many threads of a process, waiting or looked at: half of those that the web server has.
HERE = 2
_here = threading.BoundedSemaphore(HERE)


class TooOften(Exception):
    """Too many tries; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} s")


class Busy(TooOften):
    """Too many strangers sign in at this moment."""


# Counts a try and says on whose account: {lane, seconds to wait, tries left}. The keys of a name end in its
# number, which rises when it is unlocked.
_COUNT = """
local round = redis.call('GET', KEYS[1]) or '0'
local function try(key, times, seconds, renewed)
    local count = redis.call('INCR', key)
    if count == 1 or (renewed and count <= times) then redis.call('EXPIRE', key, seconds) end
    if count <= times then return 0, times - count end
    return math.max(1, redis.call('TTL', key)), 0
end
local function back(key)
    if redis.call('DECR', key) <= 0 then redis.call('DEL', key) end
end
local times, pause, hour = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local of_device = KEYS[3] .. ':' .. round
local of_place = KEYS[4] .. ':' .. round
local lane, key = 'stranger', of_place
if ARGV[6] == '1' then lane, key = 'device', of_device
elseif redis.call('EXISTS', KEYS[2]) == 1 then lane = 'known' end
local wait, left = try(key, times, pause, true)
if wait == 0 and left == 0 or wait > 0 then redis.call('SET', KEYS[7], '1', 'EX', pause) end
if lane ~= 'stranger' or wait > 0 then return {lane, wait, left} end
wait = try(KEYS[5] .. ':' .. round, tonumber(ARGV[4]), hour, false)
if wait > 0 then
    redis.call('SET', KEYS[7], '1', 'EX', wait)
    return {lane, wait, 0}
end
local wait_of_address, left_of_address = try(KEYS[6], tonumber(ARGV[5]), hour, false)
if wait_of_address > 0 then
    back(of_place)
    back(KEYS[5] .. ':' .. round)
    return {lane, wait_of_address, 0}
end
if tonumber(ARGV[5]) - left_of_address <= tonumber(ARGV[7]) then return {'fresh', 0, left} end
if redis.call('SET', KEYS[8], '1', 'NX', 'PX', tonumber(ARGV[8])) then return {'again', 0, left} end
back(of_place)
back(KEYS[5] .. ':' .. round)
return {'busy', 0, left}
"""
# Takes a try back that turned out right: what it failed before is forgotten, and the address is trusted more.
_RIGHT = """
local round = redis.call('GET', KEYS[1]) or '0'
redis.call('DEL', KEYS[3] .. ':' .. round, KEYS[4] .. ':' .. round, KEYS[7])
if ARGV[1] == '1' then
    redis.call('DECR', KEYS[5] .. ':' .. round)
    redis.call('DECRBY', KEYS[6], 2)
end
return 1
"""
# Takes a try back that nobody looked at; the address has asked once more all the same, unless it was none.
_UNSEEN = """
local round = redis.call('GET', KEYS[1]) or '0'
local function back(key)
    if redis.call('EXISTS', key) == 1 and redis.call('DECR', key) <= 0 then redis.call('DEL', key) end
end
if ARGV[1] == 'device' then
    back(KEYS[3] .. ':' .. round)
else
    back(KEYS[4] .. ':' .. round)
    if ARGV[1] ~= 'known' then back(KEYS[5] .. ':' .. round) end
end
if ARGV[2] == '1' and (ARGV[1] == 'fresh' or ARGV[1] == 'again') then back(KEYS[6]) end
return 1
"""


@dataclass
class Try:
    """One try at a name from an address, counted. A stranger's holds a thread, and a turn, until it is closed."""

    name: str
    keys: tuple[str, ...]
    lane: str
    left: int
    pause: int
    _held: list[Any] = field(default_factory=list)

    @property
    def stranger(self) -> bool:
        return self.lane in {"fresh", "again"}

    def take_turn(self) -> bool:
        """Whether it may be looked at now, if need be after a short wait."""
        if not self.stranger:
            return True
        if not _here.acquire(blocking=False):
            return False
        self._held.append(_here.release)
        if self.lane == "again":
            return True
        turn = _turn()
        if turn is not None:
            self._held.append(turn.close)
        return turn is not None

    def close(self) -> None:
        while self._held:
            self._held.pop()()


def place_of(request: HttpRequest) -> str:
    """From where somebody asks: the address, of IPv6 the network of one customer; empty for a local socket."""
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return ""
    return str(address if address.version == 4 else ip_network((address, 64), strict=False))


def _key(name: str, subject: str) -> str:
    """A name in the cache; the subject may be a number of a person."""
    return str(cache.make_key(f"tries:{name}:{crypto.digest(subject, purpose='throttle').hex()}"))


def _keys(request: HttpRequest, name: str, device: str) -> tuple[str, ...]:
    place = place_of(request)
    return (
        _key("round", name),
        _key("known", f"{name} {place}"),
        _key("device", f"{name} {device}"),
        _key("place", f"{name} {place}"),
        _key("name", name),
        _key("address", place),
        _key("locked", name),
        _key("again", ""),
    )


@lru_cache(maxsize=4)
def _script(text: str) -> Any:
    return server().register_script(text)


def count(request: HttpRequest, name: str) -> Try:
    """Count a try at a name (as its digest), and wait for its turn. TooOften when it is not to be looked at.

    Whoever calls closes it.
    """
    device = devices.known_device(request, name)
    keys = _keys(request, name, device)
    pause = settings.LOGIN_LOCK_MINUTES * 60
    given = [settings.LOGIN_FAILURES, pause, HOUR, BY_NAME, BY_ADDRESS, int(bool(device)), FRESH, AGAIN_MS]
    lane, wait, left = _script(_COUNT)(keys=keys, args=given)
    if wait:
        raise TooOften(int(wait))
    if lane == b"busy":
        raise Busy(BUSY_SECONDS)
    tried = Try(name, keys, lane.decode(), int(left), pause)
    if not tried.take_turn():
        unseen(tried)
        raise Busy(BUSY_SECONDS)
    return tried


def unseen(tried: Try, *, was_none: bool = False) -> None:
    """Nobody looked at it: it counts for nothing but that the address asked."""
    tried.close()
    _script(_UNSEEN)(keys=tried.keys, args=[tried.lane, int(was_none)])


def count_ahead(request: HttpRequest, name: str) -> None:
    """Count a try before anything else is done with the request (portal.accounts.gate)."""
    request.tried = count(request, name)  # type: ignore[attr-defined]


def counted(request: HttpRequest, name: str) -> Try:
    """The try at a name that this request is: counted ahead, or now."""
    tried = _taken(request)
    if tried is not None and tried.name == name:
        return tried
    if tried is not None:
        unseen(tried)
    return count(request, name)


def give_back(request: HttpRequest) -> None:
    """What was counted ahead and turned out to be no try: whoever asks is signed in."""
    if (tried := _taken(request)) is not None:
        unseen(tried, was_none=True)


def _taken(request: HttpRequest) -> Try | None:
    with suppress(KeyError):
        found: Try = request.__dict__.pop("tried")
        return found
    return None


def right(tried: Try) -> None:
    """The password was right."""
    _script(_RIGHT)(keys=tried.keys, args=[int(tried.stranger)])


def remember(request: HttpRequest, names: list[str]) -> None:
    """The names have signed in from this address and in this browser."""
    devices.remember(request, names)
    place = place_of(request)
    if place:
        for name in names:
            server().set(_key("known", f"{name} {place}"), 1, ex=KNOWN_SECONDS)


def _turn() -> Turn | None:
    """A turn, if need be after a short wait."""
    turn = _FRESH.take()
    if turn is not None:
        return turn
    waiting = _WAITING.take()
    if waiting is None:
        return None
    with waiting:
        end = time.monotonic() + _WAIT_SECONDS
        while turn is None and time.monotonic() < end:
            time.sleep(0.05)
            turn = _FRESH.take()
    return turn


def forget(name: str) -> bool:
    """Forget all tries at a name, from wherever. Whether anything was locked."""
    with server().pipeline(transaction=False) as pipeline:
        pipeline.incr(_key("round", name))
        pipeline.delete(_key("locked", name))
        _, removed = pipeline.execute()
    return bool(removed)


def is_locked(name: str) -> bool:
    """Whether some tries at the name are refused at present."""
    return bool(server().exists(_key("locked", name)))
