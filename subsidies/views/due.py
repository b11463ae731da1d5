"""Claims whose deadline is about to be missed: a section of its own above all others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.cases.models import Case
from portal.pages.deadlines import Deadline, deadline_of, soon_until
from portal.pages.filters import COUNTED_AT_MOST
from portal.paging import Count, count_of
from portal.regions.calendar import OfficeCalendar
from subsidies.finding import listed
from subsidies.models import Claim
from subsidies.schemes import SCHEMES

# So many are named; the others are a filter away.
_NAMED = 10


@dataclass(frozen=True)
class DueSoon:
    """The claims whose time is nearly over, the nearest first, and how many there are."""

    claims: list[Claim]
    deadlines: list[Deadline]
    total: Count

    @property
    def rows(self) -> list[tuple[Claim, Deadline]]:
        return list(zip(self.claims, self.deadlines, strict=True))

    @property
    def has_more(self) -> bool:
        return self.total > len(self.claims)


def due_soon(user: Any, today: date, calendar: OfficeCalendar) -> DueSoon | None:
    """Those that the user sees; None when there are none."""
    seen = Case.objects.visible_to(user).filter(kind__in=SCHEMES)
    due = seen.due_soon(today, soon_until(today, calendar))
    claims = listed(user, list(due.by_deadline().values_list("pk", flat=True)[:_NAMED]))
    if not claims:
        return None
    deadlines = [deadline_of(claim.case, today, calendar) for claim in claims]
    total = count_of(due, COUNTED_AT_MOST) if len(claims) == _NAMED else Count(len(claims))
    return DueSoon(claims, deadlines, total)
