"""Claims whose deadline is about to be missed: a section of its own above all others."""

from __future__ import annotations

from collections.abc import Sequence
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


def page_and_due_soon(
    user: Any, page: Sequence[int], today: date, calendar: OfficeCalendar
) -> tuple[list[Claim], DueSoon | None]:
    """The claims of a page, and those of all the user sees that are due soon (None when there are none), read at once."""
    seen = Case.objects.visible_to(user).filter(kind__in=SCHEMES)
    due = seen.due_soon(today, soon_until(today, calendar))
    nearest = list(due.by_deadline().values_list("pk", flat=True)[:_NAMED])
    claims = {claim.pk: claim for claim in listed(user, [*page, *nearest])}
    of_page = [claims[case] for case in page if case in claims]
    named = [claims[case] for case in nearest if case in claims]
    if not named:
        return of_page, None
    deadlines = [deadline_of(claim.case, today, calendar) for claim in named]
    total = count_of(due, COUNTED_AT_MOST) if len(named) == _NAMED else Count(len(named))
    return of_page, DueSoon(named, deadlines, total)
