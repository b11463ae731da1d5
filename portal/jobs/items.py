"""What the results of a kind of job are about, in words, and where one goes from there.

Whoever registers a kind of job that does something for each of many says both when the application starts:

    name_items(KIND, names, back)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.jobs.models import Job

# Of each item's key: what it is, and the address of its page.
Names = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Items:
    """How the items of a kind are named for a user, and the page that the job was started from: (words,
    address).
    """

    names: Callable[[Job, Any, Sequence[str]], Names]
    back: Callable[[Job], tuple[str, str]]


_ITEMS: dict[str, Items] = {}


def name_items(
    kind: str, names: Callable[[Job, Any, Sequence[str]], Names], back: Callable[[Job], tuple[str, str]]
) -> None:
    """Make known how the items of a kind of job are called, and the way back from it."""
    _ITEMS[kind] = Items(names, back)


def items_of(kind: str) -> Items | None:
    """None for a kind that does no work item by item."""
    return _ITEMS.get(kind)
