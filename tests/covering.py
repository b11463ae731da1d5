"""What is covered of earlier claims, as a test wants it."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from typing import Any

from django.utils import timezone

_files = itertools.count()


def nothing_covered() -> None:
    """Of nobody is it known that they have no earlier claim."""
    from portal.workforce.models import DecidedHere

    DecidedHere.objects.update(until=date(2000, 1, 1), changed_at=timezone.now())


def covered(
    by: Any,
    place: str,
    until: date,
    *,
    since: date = date(2017, 1, 1),
    fund: str = "unemployment_insurance_fund",
    at: datetime | None = None,
    refused: int = 0,
) -> Any:
    """An extract of the claims of a place that was taken in, of whoever is there now."""
    from portal.workforce.models import RegisterExtract

    moment = at or timezone.now()
    return RegisterExtract.objects.create(
        kind="claims",
        register="合成登记库",
        as_of=until,
        place_id=place,
        fund=fund,
        covers_from=since,
        covers_until=until,
        file_name="合成摘录.csv",
        suffix=".csv",
        fingerprint=f"{next(_files):064}",
        by=by,
        phase="done",
        rows_read=refused,
        refused=refused,
        merged_at=moment,
        people_until=moment,
    )
