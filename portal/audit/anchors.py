"""Whether the chain is still the one whose heads were noted (portal.audit.heads)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from portal.audit import heads
from portal.audit.heads import Head

# What may be found, by its code.
WORDS = {
    "cut": "the chain was cut off",
    "rewritten": "the chain was written anew",
    "line changed": "a noted head was changed",
    "heads missing": "noted heads are missing",
    "heads cut": "the last noted heads are missing",
    "heads gone": "the file of noted heads is gone",
}


@dataclass(frozen=True)
class Found:
    """One thing that does not agree: its code in WORDS, and in words what is compared with what."""

    what: str
    says: str


@dataclass(frozen=True)
class Anchored:
    """How many heads were compared, the last of them, and all that does not agree."""

    heads: int
    last: Head | None
    found: tuple[Found, ...]


def compare(further: Sequence[Path] = ()) -> Anchored:
    """Compare the chain with every head noted here and in the copies; `further` are files brought from elsewhere."""
    main, found = _read(settings.AUDIT_HEADS)
    number = int(heads.state().get("number", 0))
    last_here = main[-1].number if main else 0
    if not settings.AUDIT_HEADS.exists() and number:
        found.append(
            Found("heads gone", f"{settings.AUDIT_HEADS} is not there, {number} heads were noted in it")
        )
    elif last_here < number:
        found.append(_cut_heads(last_here, number, "as was noted beside it"))
    known = {head.mac: head for head in main}
    for path in (*settings.AUDIT_HEADS_COPIES, *further):
        if not path.exists():
            continue
        copied, wrong = _read(path)
        found += wrong
        if copied and copied[-1].number > last_here:
            found.append(_cut_heads(last_here, copied[-1].number, f"in {path}"))
        known |= {head.mac: head for head in copied}
    every = sorted(known.values(), key=lambda head: (head.number, head.at))
    return Anchored(len(every), every[-1] if every else None, (*found, *_against_the_chain(every)))


def _cut_heads(last: int, later: int, where: str) -> Found:
    return Found("heads cut", f"{settings.AUDIT_HEADS} ends with head {last}, {where} there is head {later}")


def _read(path: Path) -> tuple[list[Head], list[Found]]:
    """The genuine heads of a file, and what is wrong with it."""
    genuine: list[Head] = []
    found: list[Found] = []
    if not path.exists():
        return genuine, found
    before: Head | None = None
    for place, head in enumerate(heads.read(path), start=1):
        if head is None or not head.is_genuine():
            found.append(Found("line changed", f"line {place} of {path} is not as it was noted"))
            before = None
            continue
        follows = head.before == before.mac if before else place > 1 or not head.before
        if not follows:
            said = f"after head {before.number}" if before else "at the beginning"
            found.append(Found("heads missing", f"{said} of {path} comes head {head.number}"))
        genuine.append(head)
        before = head
    return genuine, found


def _against_the_chain(every: list[Head]) -> list[Found]:
    """The first head that the chain does not have, if there is one, and after which it still did."""
    digests = _digests({head.position for head in every if head.position})
    agreed = 0
    for head in every:
        if not head.position:
            continue
        there = digests.get(head.position)
        if there == head.digest:
            agreed = max(agreed, head.position)
            continue
        noted = f"head {head.number} of {head.at} noted link {head.position}"
        if there is None:
            return [Found("cut", f"{noted}, the chain has {_links()} links")]
        return [Found("rewritten", f"{noted}, which is another now; as noted up to link {agreed}")]
    return []


def _digests(positions: set[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, digest FROM audit_chainlink WHERE position = ANY(%s)", [sorted(positions)]
        )
        return {position: bytes(digest).hex() for position, digest in cursor.fetchall()}


def _links() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_chainlink")
        return cursor.fetchone()[0]
