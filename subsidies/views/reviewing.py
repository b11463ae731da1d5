"""What stands on the screen of whoever reviews: from where each condition is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def with_sources(conditions: Iterable[dict[str, Any]], sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """The conditions, each with where what was observed comes from."""
    return [
        {
            **one,
            "source": "；".join(dict.fromkeys(sources[fact] for fact in one["facts"] if sources.get(fact))),
        }
        for one in conditions
    ]
