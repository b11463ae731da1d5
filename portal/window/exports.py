"""Exports of lists: exactly what is filtered, row by row to the browser, with an entry in the audit of who
took what away.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from portal import audit

# A spreadsheet takes these for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class _Echo:
    """What csv writes to, handing each line on."""

    def write(self, line: str) -> str:
        return line


def harmless(value: Any) -> str:
    """A cell as text that no spreadsheet runs."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Spreadsheets take a file for UTF-8 when it begins with this mark.
    yield "\ufeff" + writer.writerow(heads)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def csv_of(
    request: HttpRequest, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, count: int
) -> StreamingHttpResponse:
    """The rows as a CSV file. The audit notes which filters were set (not what was typed into them) and how
    many rows.
    """
    used = sorted(key for key, value in request.GET.items() if value)
    audit.record(f"{name}.export", by=request.user, detail={"filters": used, "count": count})
    response = StreamingHttpResponse(lines(heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y%m%d}.csv"'
    return response
