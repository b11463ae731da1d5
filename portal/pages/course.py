"""The course of a case as it is told to whoever it concerns."""

from __future__ import annotations

from typing import Any

from portal.cases.models import Case


def course_of(case: Case) -> list[dict[str, Any]]:
    """What was done, newest first; not by whom."""
    steps: list[dict[str, Any]] = [
        {"at": event.at, "title": event.label} for event in case.events.order_by("-position")
    ]
    if steps:
        steps[0]["tone"] = "current"
    return steps
