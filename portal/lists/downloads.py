"""A published list as a file for whoever asks.

Heavy files are made for one person at a time, long printed ones in the background; what cannot be made is
refused, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from http import HTTPStatus
from typing import IO, Any, Protocol

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from portal.audit.middleware import client_address
from portal.letters.fonts import UndrawableCharacter
from portal.letters.sheets import Built
from portal.lists import limits
from portal.lists.files import PrintedList, TooMany, ask
from portal.lists.models import ListFile
from portal.paging import Count, capped_count
from portal.throttle import InTurn, Limit, Turn, Turns, too_many

KINDS = ("csv", "xlsx", "pdf")
# Workbooks and PDF files cost seconds each.
FILES = Limit("list-files", 60)
# A list of everybody keeps a web process busy for some seconds: one at a time leaves the others to everybody
# else.
LARGE = Turns("large-lists", places=1, seconds=120)
LARGE_FROM = 2_000
_BUSY = "正在导出的名单较多。请过一两分钟再试，或者缩小查询范围。"


class NotMade(Exception):
    """Why the file is not made, and what to do instead. `status` is that of the answer."""

    def __init__(self, reason: str, *, status: int = HTTPStatus.BAD_REQUEST, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.status = status
        # In seconds; 0 where waiting does not help.
        self.retry_after = retry_after


class PublishedList(PrintedList, Protocol):
    """A published list that can be taken away as a file of any kind."""

    def shown(self) -> QuerySet[Any]:
        """What stands on it, to be counted."""

    def file_name(self, kind: str) -> str: ...

    def as_csv(self) -> Iterator[bytes]: ...

    def as_workbook(self) -> IO[bytes]: ...

    def as_pdf(self, on: date) -> Built: ...

    def too_long(self, kind: str, most: int) -> str:
        """What a person is told when it has more rows than a file of this kind may have."""

    def too_many(self) -> str:
        """What a person is told when too many long lists are being made."""


def kinds_for(total: Count) -> list[str]:
    """The kinds of files that can be made of so many rows."""
    if total.more:
        return ["csv"]
    kinds = ["csv"]
    if total <= limits.MOST_IN_WORKBOOK:
        kinds.append("xlsx")
    if total <= limits.MOST_IN_PDF:
        kinds.append("pdf")
    return kinds


def download(
    request: HttpRequest,
    published: PublishedList,
    kind: str,
    *,
    file_page: Callable[[ListFile], HttpResponseBase],
) -> HttpResponseBase:
    """The list as a file of one of KINDS. Raises NotMade.

    `file_page` answers with a file that is made in the background: the file, or how far it is.
    """
    if kind == "csv":
        return _csv(published)
    most = limits.MOST_IN_WORKBOOK if kind == "xlsx" else limits.MOST_IN_PDF
    count, more = capped_count(published.shown(), most)
    if more:
        raise NotMade(published.too_long(kind, most))
    wait = FILES.wait(client_address(request))
    if wait:
        return too_many(request, wait)
    if kind == "xlsx":
        return _workbook(published, large=count > LARGE_FROM)
    if count > limits.MOST_AT_ONCE:
        return file_page(_ask(published, count))
    return _pdf(published)


def _csv(published: PublishedList) -> StreamingHttpResponse:
    """Sent as it is written."""
    _, large = capped_count(published.shown(), LARGE_FROM)
    turn = _turn() if large else None
    parts = published.as_csv()
    response = StreamingHttpResponse(
        InTurn(parts, turn) if turn else parts, content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(True, published.file_name("csv"))
    return response


def _workbook(published: PublishedList, *, large: bool) -> FileResponse:
    """Made before it is sent."""
    with _turn() if large else nullcontext():
        return FileResponse(published.as_workbook(), as_attachment=True, filename=published.file_name("xlsx"))


def _turn() -> Turn:
    """The turn of somebody who makes a large file. Raises NotMade while it is somebody else's."""
    turn = LARGE.take()
    if turn is None:
        raise NotMade(_BUSY, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=LARGE.seconds)
    return turn


def _ask(published: PublishedList, count: int) -> ListFile:
    try:
        return ask(published, rows=count, on=timezone.localdate())
    except TooMany as full:
        raise NotMade(published.too_many(), status=HTTPStatus.SERVICE_UNAVAILABLE) from full


def _pdf(published: PublishedList) -> HttpResponse:
    """A short list, made while the person waits."""
    try:
        built = published.as_pdf(timezone.localdate())
    except UndrawableCharacter as missing:
        reason = f"名单中有字库不能印出的字（{missing}），请下载 CSV 或 Excel 文件。"
        raise NotMade(reason) from missing
    response = HttpResponse(built.pdf, content_type="application/pdf")
    name = published.file_name("pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
