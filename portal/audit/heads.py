"""Heads of the chain, noted outside the database: what proves that it was neither cut off nor written anew.

Whoever owns the database can put together another chain that holds in itself. So every hour its last link is written
down in a file (settings.AUDIT_HEADS), one line of JSON each, with an HMAC-SM3 under a key that the database does not
hold (settings.AUDIT_KEY) over the line and over the head before it. Each line goes to the copies besides, on another
machine, if there are any: files (settings.AUDIT_HEADS_COPIES) and an address (settings.AUDIT_HEADS_URL). What could not
be delivered is delivered with the next try, every five minutes, and /readyz says so meanwhile.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes, hmac
from django.conf import settings
from django.db import connection
from django.utils import timezone

logger = logging.getLogger(__name__)

# One is due with each new hour. After two hours without one something does not work.
LATE = timedelta(hours=2)
_AT_ONCE = 500
_SECONDS = 10


@dataclass(frozen=True)
class Head:
    """The last link of the chain at a moment. `before` is the MAC of the head before it; `seal` what else was sealed by
    then (`register_seal`), left out where there is nothing.
    """

    number: int
    position: int
    digest: str
    at: str
    before: str
    mac: str = ""
    seal: str = ""

    @cached_property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)

    def signed(self) -> Head:
        return Head(**{**asdict(self), "mac": self._mac()})

    def is_genuine(self) -> bool:
        return self.mac == self._mac()

    def _mac(self) -> str:
        said = {name: value for name, value in self.said().items() if name != "mac"}
        mac = hmac.HMAC(settings.AUDIT_KEY.encode(), hashes.SM3())
        mac.update(b"audit head\0" + json.dumps(said, sort_keys=True).encode())
        return mac.finalize().hex()

    def said(self) -> dict[str, Any]:
        """What is noted of it."""
        return {name: value for name, value in asdict(self).items() if name != "seal" or value}

    def line(self) -> bytes:
        return json.dumps(self.said()).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Head | None:
        """The head that a line holds; None when it is none."""
        try:
            read = cls(**json.loads(line))
            read.moment  # noqa: B018 - a head without one is none
        except (ValueError, TypeError):
            return None
        return read


def read(path: Path) -> list[Head | None]:
    """The heads of a file, line by line; None for what is none. A line that power failed in is not one yet."""
    content = path.read_bytes()
    return [Head.of(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]


# Say the last seal of something that is sealed in the database, and is to be noted with each head.
_SEALS: list[Callable[[], str]] = []


def register_seal(last: Callable[[], str]) -> None:
    """Whoever seals something says its last seal, in one line; nothing while there is none."""
    if last not in _SEALS:
        _SEALS.append(last)


# -- noting --------------------------------------------------------------------------------------------------
def keep_up() -> None:
    """Note a head when one is due, and deliver what is not delivered yet. What fails is logged and tried again."""
    path = settings.AUDIT_HEADS
    try:
        last = _last_of(path)
        now = timezone.now()
        if last is None or _hour(last.moment) != _hour(now):
            last = note()
    except OSError as error:
        logger.error("no head of the audit chain could be noted in %s: %s", path, error)
        _remember(failures={str(path): str(error)})
        return
    sent, failures = deliver()
    _remember(noted_at=last.at, number=last.number, sent=sent, failures=failures)


def note() -> Head:
    """Write down the last link of the chain, after the head before it."""
    path = settings.AUDIT_HEADS
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _held(path) as file:
        before = _last_of(path)
        position, digest = _last_link()
        head = Head(
            number=before.number + 1 if before else 1,
            position=position,
            digest=digest,
            at=timezone.now().isoformat(),
            before=before.mac if before else "",
            seal=" ".join(filter(None, (seal() for seal in _SEALS))),
        ).signed()
        _append(file, head.line())
    return head


def _last_link() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT position, digest FROM audit_chainlink ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1]).hex()) if row else (0, "")


def _hour(moment: datetime) -> tuple[int, ...]:
    return moment.astimezone(timezone.get_default_timezone()).timetuple()[:4]


def _last_of(path: Path) -> Head | None:
    """The last line of a file that holds a head."""
    if not path.exists():
        return None
    return next((head for head in reversed(read(path)) if head is not None), None)


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """The file, for nobody else meanwhile, ready to be added to."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            os.ftruncate(handle, content.rfind(b"\n") + 1)
        yield handle
    finally:
        os.close(handle)


def _append(handle: int, content: bytes) -> None:
    """Written and on the disk."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]
    os.fsync(handle)


# -- delivering ----------------------------------------------------------------------------------------------
def deliver() -> tuple[dict[str, int], dict[str, str]]:
    """Bring every other place up to date: (the last head each address has, what failed where and why)."""
    heads = [head for head in read(settings.AUDIT_HEADS) if head is not None]
    sent, failures = dict(state().get("sent", {})), {}
    for path in settings.AUDIT_HEADS_COPIES:
        try:
            _deliver_to_file(path, heads)
        except (OSError, ValueError) as error:
            failures[str(path)] = str(error)
    url = settings.AUDIT_HEADS_URL
    if url:
        try:
            for part in _parts(head for head in heads if head.number > sent.get(url, 0)):
                _post(url, part)
                sent[url] = part[-1].number
        except (OSError, ValueError) as error:
            failures[url] = str(error)
    for where, why in failures.items():
        logger.error("heads of the audit chain could not be delivered to %s: %s", where, why)
    return sent, failures


def _deliver_to_file(path: Path, heads: list[Head]) -> None:
    with _held(path) as file:
        there = _last_of(path)
        number = there.number if there else 0
        if there and there not in heads:
            raise ValueError(f"its head {number} is not ours")
        _append(file, b"".join(head.line() for head in heads if head.number > number))


def _parts(heads: Iterable[Head]) -> Iterator[list[Head]]:
    rest = list(heads)
    while rest:
        part, rest = rest[:_AT_ONCE], rest[_AT_ONCE:]
        yield part


def _post(url: str, heads: list[Head]) -> None:
    """OSError when the address does not take them."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("heads are sent to http:// or https://")
    request = urllib.request.Request(  # noqa: S310 - of the settings, and its scheme is known
        url,
        data=json.dumps({"heads": [head.said() for head in heads]}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
        pass


# -- how it stands -------------------------------------------------------------------------------------------
def _state_file() -> Path:
    return settings.AUDIT_HEADS.with_suffix(".state")


def state() -> dict[str, Any]:
    """What the last try noted about itself; nothing when there was none."""
    try:
        return json.loads(_state_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _remember(**what: Any) -> None:
    """Never half-written: web servers read it."""
    path = _state_file()
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        handle = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({**state(), **what}, file)
        draft.replace(path)
    except OSError as error:
        logger.error("the state of the audit heads could not be written to %s: %s", path, error)


def status() -> Literal["ready", "preparing", "missing"]:
    """`preparing` until the first is noted, `missing` when none was noted for long or one was not delivered."""
    known = state()
    if known.get("failures"):
        return "missing"
    if "noted_at" not in known:
        return "preparing"
    return "missing" if timezone.now() - datetime.fromisoformat(known["noted_at"]) > LATE else "ready"
