"""How those who keep something derived from the law learn that a figure has changed, without the law knowing
them.

The matching over the register asks to be told when a value is confirmed. It is told inside the transaction of
the confirmation, with the codes of the parameters, while decisions wait for it: what it does must be quick or
put off until after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Told = Callable[[Collection[str]], Any]
_told_of_change: list[Told] = []


def tell_of_change(told: Told) -> Told:
    """Ask to be told of parameters of which a value was confirmed, by code."""
    if told not in _told_of_change:
        _told_of_change.append(told)
    return told


def law_changed(codes: Collection[str]) -> None:
    """Called by the action that confirms."""
    if codes:
        for told in _told_of_change:
            told(codes)
