"""The numbers of cases, notices and entries: one series for each prefix and year, without gaps."""

from __future__ import annotations

import re
import unicodedata

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


_AS_TYPED = re.compile(r"([A-Z]{1,6})(\d{4})(\d{6,})", re.ASCII)
_NO_SIGN = re.compile(r"[\s\-‐‑‒–—―－_]")


def number_as_issued(text: str) -> str:
    """A number as it stands on papers, from what a person typed: letters of either case and width, with
    hyphens, dashes, blanks or nothing between its parts. What is no such number comes back as it was.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    match = _AS_TYPED.fullmatch(_NO_SIGN.sub("", plain))
    return "-".join(match.groups()) if match else plain
