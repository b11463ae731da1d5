"""What a programme adds to the service desk: its part of the page of whoever stands there, and its own numbers by which
somebody is found. The page itself is portal.window.people.desk.

A programme makes both known when the application starts: `register_part`, `register_finder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class DeskRow:
    """One thing that stands with the office about a person: what it is, where it is, and how far it is."""

    what: str
    href: str
    state: str
    tone: str = "plain"
    # Its number, by which it is asked for, and the day it began.
    number: str = ""
    since: date | None = None
    # What else the person wants to hear of it, a sentence.
    told: str = ""


@dataclass(frozen=True)
class Asked:
    """Of whom a part is asked: all records of the person, who looks at them, and the day."""

    records: Sequence[int]
    user: Any
    on: date


@dataclass(frozen=True)
class DeskPart:
    """A part of the page of one person."""

    code: str
    title: str
    # Said where there is nothing.
    nothing: str
    # In few queries, however many rows there are.
    rows: Callable[[Asked], list[DeskRow]]
    # Cases of these kinds stand in this part and nowhere else.
    kinds: tuple[str, ...] = ()


# Takes what was typed and who asks: the record of the person it belongs to, or None.
Finder = Callable[[str, Any], int | None]

_PARTS: dict[str, DeskPart] = {}
_FINDERS: list[Finder] = []


def register_part(part: DeskPart) -> None:
    """Make a part known. Registered once more it stays one."""
    _PARTS[part.code] = part


def register_finder(finder: Finder) -> None:
    """Make a kind of number known by which a person is found."""
    if finder not in _FINDERS:
        _FINDERS.append(finder)


def parts() -> tuple[DeskPart, ...]:
    return tuple(_PARTS.values())


def found_by_programme(text: str, user: Any) -> int | None:
    """Whose number this is in one of the programmes."""
    for finder in _FINDERS:
        worker_id = finder(text, user)
        if worker_id is not None:
            return worker_id
    return None
