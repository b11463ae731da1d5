"""What a page says of the time that is left for a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.cases.models import Case

# From this many days before the deadline on it is underlined.
_NEAR_DAYS = 3


@dataclass(frozen=True)
class Deadline:
    """The time left, in words, and the tone of their tag."""

    words: str
    tone: str


def deadline_of(case: Case, today: date) -> Deadline:
    if case.closed_at:
        return Deadline("已办结", "plain")
    if case.stopped_on:
        return Deadline("暂停计时", "info")
    if case.due_on is None:
        return Deadline("未设期限", "plain")
    days_left = (case.due_on - today).days
    if days_left < 0:
        return Deadline(f"超期{-days_left}天", "bad")
    if days_left == 0:
        return Deadline("今天到期", "warn")
    return Deadline(f"还有{days_left}天", "warn" if days_left <= _NEAR_DAYS else "plain")
