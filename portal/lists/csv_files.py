"""Lists as CSV: exactly the rows that are given, written to the browser as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from portal import audit
from portal.spreadsheets.formulas import csv_writer

# Spreadsheet programs take a file for UTF-8 when it begins with this mark.
_BYTE_ORDER_MARK = "\ufeff"
_ROWS_AT_ONCE = 500


class _Line:
    """What the rows are written into: hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a byte order mark; no cell can start a formula."""
    write_row = csv_writer(_Line())
    yield (_BYTE_ORDER_MARK + write_row(headings)).encode()
    unwritten = iter(rows)
    while part := list(islice(unwritten, _ROWS_AT_ONCE)):
        yield "".join(map(write_row, part)).encode()


def csv_download(
    file_name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """The file as an answer. `file_name` is ASCII."""
    response = StreamingHttpResponse(csv_of(headings, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def audited_csv(
    request: HttpRequest,
    name: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    count: int,
    people: Iterable[int],
) -> StreamingHttpResponse:
    """The file as an answer, and who took it away in the audit: which filters were set (not what was typed
    into them), how many rows, and which people stand in it, by their numbers.
    """
    used = sorted(key for key, value in request.GET.items() if value)
    audit.record(f"{name}.export", by=request.user, detail={"filters": used, "count": count}, people=people)
    return csv_download(f"{name}-{timezone.localdate():%Y%m%d}.csv", headings, rows)
