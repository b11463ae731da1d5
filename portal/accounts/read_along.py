"""What is read together with the account of whoever asks for a page, so that it costs no question of its own.

A layer above makes it known when the application starts: `read_along`.
"""

from __future__ import annotations

from typing import Any

_ALONG: dict[str, Any] = {}


def read_along(name: str, expression: Any) -> None:
    """The account of a request has an attribute of this name, as the expression over accounts gives it. It must
    cost next to nothing: every request of everybody signed in reads it.
    """
    _ALONG[name] = expression


def along() -> dict[str, Any]:
    return dict(_ALONG)
