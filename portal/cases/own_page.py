"""What a worker finds and may do on their own page of a case, by its kind. Other kinds show their course
alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.cases.models import Case


@dataclass(frozen=True)
class OwnPage:
    """`withdraw(case_id, by=, on=)` takes the case back in the worker's name; `answer` is what the office
    said at the end.
    """

    withdraw: Callable[..., Any] | None = None
    answer: Callable[[Case], str] | None = None


_PAGES: dict[str, OwnPage] = {}


def register_own_page(
    kind: str,
    *,
    withdraw: Callable[..., Any] | None = None,
    answer: Callable[[Case], str] | None = None,
) -> None:
    """Make known what the worker's page of this kind of case offers. Called once when the application starts."""
    _PAGES[kind] = OwnPage(withdraw, answer)


def own_page_of(kind: str) -> OwnPage:
    return _PAGES.get(kind, OwnPage())


def withdrawable_kinds() -> list[str]:
    """The kinds of cases that a worker may take back on their own page."""
    return [kind for kind, page in _PAGES.items() if page.withdraw is not None]
