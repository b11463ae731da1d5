"""Which programme opens the cases of a benefit; until one does, a consent makes an item in the worklist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from portal.cases.models import Case
from portal.entitlements.models import Offer

CaseOpener = Callable[[Offer, Any, date], Case]
_CASE_OPENERS: dict[str, CaseOpener] = {}


def register_case_opener(benefit: str, opener: CaseOpener) -> None:
    """A programme says, when the application starts, that it opens the case of a consent to this benefit."""
    _CASE_OPENERS[benefit] = opener


def case_opener_of(benefit: str) -> CaseOpener | None:
    return _CASE_OPENERS.get(benefit)
