"""The moment that is written down with whatever happens to money: now.

Only while the demonstration is loaded it may be an earlier one, for the year that it tells of. A day that is sealed takes
nothing more, whoever asks (portal.funds.seal_guards).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

from portal.accounts.demonstration import is_demonstration

_told: ContextVar[datetime | None] = ContextVar("the moment the demonstration tells of", default=None)


def moment() -> datetime:
    """Now; in a demonstration that is being loaded, the moment that is told of."""
    return _told.get() or timezone.now()


def told() -> datetime | None:
    """The moment that is told of, for statements whose now is the database's; None outside a demonstration's loading."""
    return _told.get()


@contextmanager
def telling_of(at: datetime) -> Iterator[None]:
    """What is done inside happened at an earlier moment. RuntimeError where the portal is no demonstration."""
    if not is_demonstration():
        raise RuntimeError("only a demonstration tells of what happened before")
    if at > timezone.now():
        raise ValueError(f"{at} is still to come")
    before = _told.set(at)
    try:
        yield
    finally:
        _told.reset(before)
