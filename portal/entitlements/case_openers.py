"""Which programme takes the cases of a benefit. Until one does, a consent makes an item in the window's
worklist.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from portal.cases.models import Case
from portal.entitlements.models import Offer

Taker = Callable[[Offer, Any, date], Case]
_TAKERS: dict[str, Taker] = {}


def take_cases_of(benefit: str, taker: Taker) -> None:
    """A programme says, when the application starts, that it opens the case of a consent to this benefit
    itself.
    """
    _TAKERS[benefit] = taker


def taker_of(benefit: str) -> Taker | None:
    return _TAKERS.get(benefit)
