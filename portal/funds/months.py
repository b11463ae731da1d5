"""Months of the calendar in Asia/Shanghai, in which money is reported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

_WRITTEN = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year. `begins` belongs to it, `ends` to the month after it."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}年{self.number}月"

    @property
    def code(self) -> str:
        """2026-11, as addresses have it."""
        return f"{self.year}-{self.number:02d}"

    @property
    def begins(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=timezone.get_default_timezone())

    @property
    def ends(self) -> datetime:
        return self.after().begins

    def after(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def before(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @classmethod
    def of(cls, day: date | datetime) -> Month:
        """The month of a day, or of a moment as it is in Asia/Shanghai."""
        local = timezone.localtime(day) if isinstance(day, datetime) else day
        return cls(local.year, local.month)

    @classmethod
    def read(cls, code: str) -> Month:
        """ValueError for what is no month."""
        written = _WRITTEN.fullmatch(code)
        if written is None:
            raise ValueError(f"{code!r} is no month")
        return cls(int(written[1]), int(written[2]))


def until(last: Month, first: Month, most: int) -> list[Month]:
    """The months from the last back to the first, at most so many."""
    months = [last]
    while months[-1] > first and len(months) < most:
        months.append(months[-1].before())
    return months
