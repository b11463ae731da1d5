"""How those who keep something derived from the law learn that a figure has changed, without the law knowing
them.

The matching over the register asks to be told when a value is confirmed. It is told inside the transaction of
the confirmation, with the codes of the parameters, while decisions wait for it: what it does must be quick or
put off until after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Listener = Callable[[Collection[str]], Any]
_told_of_change: list[Listener] = []


def subscribe_to_law_changes(listener: Listener) -> Listener:
    """Ask to be told of parameters of which a value was confirmed, by code."""
    if listener not in _told_of_change:
        _told_of_change.append(listener)
    return listener


def law_changed(codes: Collection[str]) -> None:
    """Called by the action that confirms."""
    if codes:
        for listener in _told_of_change:
            listener(codes)
