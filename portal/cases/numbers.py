"""The numbers of cases, notices and entries: one series for each prefix and year, without gaps."""

from __future__ import annotations

from portal.cases.models import CaseSeries


def take_numbers(prefix: str, year: int, count: int) -> list[str]:
    """The next `count` numbers of a series, held by a row lock until the transaction ends.

    A rollback gives them back.
    """
    CaseSeries.objects.bulk_create([CaseSeries(prefix=prefix, year=year)], ignore_conflicts=True)
    series = CaseSeries.objects.select_for_update().get(prefix=prefix, year=year)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [f"{prefix}-{year}-{number:06d}" for number in range(first, first + count)]
