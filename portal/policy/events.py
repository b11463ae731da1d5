"""Who keeps something derived from the law learns of changed figures without the law knowing them.

The matching over the register subscribes. It is called inside the transaction of the confirmation, with the
codes of the parameters, while decisions wait for it: what it does must be quick or put off until after the
commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Listener = Callable[[Collection[str]], Any]
_listeners: list[Listener] = []


def subscribe_to_law_changes(listener: Listener) -> Listener:
    """Call the listener with the codes of parameters of which a value was confirmed."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def announce_law_change(codes: Collection[str]) -> None:
    """Called by the action that confirms."""
    if codes:
        for listener in _listeners:
            listener(codes)
