"""The published registry for everybody: the list, one entry, and the list as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http import HTTPStatus
from typing import IO, Any

from django.db.models import Prefetch
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from portal.accounts.access import can
from portal.audit.middleware import client_address
from portal.letters.fonts import UndrawableCharacter
from portal.lists import limits
from portal.lists.files import PrintedList, TooMany, ask, path_of
from portal.paging import capped_count, page_asked
from portal.throttle import InTurn, Limit, Turns, too_many
from talent_registry import exports, list_files
from talent_registry.forms import EntryFilter
from talent_registry.models import RegistryEntry, Status, StatusChange
from talent_registry.search import league_choices

HOME = ("首页", "/")
LIST = "高技能领军人才名录"
# Workbooks and PDF files cost seconds each.
FILES = Limit("registry-files", 60)
# A list of everybody keeps a web process busy for some seconds: one at a time leaves the others to everybody
# else.
LARGE = Turns("large-lists", places=1, seconds=120)
LARGE_FROM = 2_000
BUSY = "正在导出的名单较多。请过一两分钟再试，或者缩小查询范围。"
PAGE_SIZE = 30


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The list under the filters of the address, newest first."""
    form = EntryFilter(request.GET)
    page = page_asked(
        form.of(RegistryEntry.objects.public()).for_list(),
        request.GET,
        order=("-id",),
        size=PAGE_SIZE,
        count=True,
    )
    query = _filters_of(request)
    context = {
        "title": LIST,
        "crumbs": [HOME, (LIST, "")],
        "form": form,
        "page": page,
        "leagues": league_choices(),
        "legal_basis": exports.legal_basis(),
        "files": _files(query, page.total) if page.rows else [],
        "most_in_file": limits.MOST_IN_PDF,
        "most_at_once": limits.MOST_AT_ONCE,
    }
    return render(request, "registry/list.html", context)


def _filters_of(request: HttpRequest) -> str:
    query = request.GET.copy()
    for cursor in ("after", "before"):
        query.pop(cursor, None)
    return query.urlencode()


def _files(query: str, total: Any) -> list[tuple[str, str]]:
    """Addresses of the files that can be made of this many rows."""
    offered = [("csv", "下载 CSV")]
    if not total.more and total <= limits.MOST_IN_WORKBOOK:
        offered.append(("xlsx", "下载 Excel"))
    if not total.more and total <= limits.MOST_IN_PDF:
        offered.append(("pdf", "下载 PDF"))
    return [
        (f"{reverse('registry:export', args=[kind])}{'?' if query else ''}{query}", words)
        for kind, words in offered
    ]


@require_safe
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry. Of one that was removed only that it was, from when and by which document; the name masked."""
    changes = StatusChange.objects.order_by("-position")
    found = RegistryEntry.objects.public(removed=True).for_list()
    shown = get_object_or_404(found.prefetch_related(Prefetch("changes", changes)), number=number)
    context = {
        "title": f"名录编号 {shown.number}",
        "crumbs": [HOME, (LIST, reverse("registry:list")), (shown.number, "")],
        "entry": shown,
        "removed": shown.status == Status.REMOVED,
        "changes": shown.changes.all(),
        "legal_basis": exports.legal_basis(),
        "staff": can(request.user, "case.view"),
    }
    return render(request, "registry/entry.html", context)


@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The rows of the list under the same filters, as csv, xlsx or pdf. A filter that cannot be used: 400,
    never ignored.
    """
    if kind not in {"csv", "xlsx", "pdf"}:
        raise Http404
    form = EntryFilter(request.GET)
    if form.wanted.errors:
        return _refused(request, [wrong["problem"] for wrong in form.wanted.errors])
    wanted = form.of(RegistryEntry.objects.public())
    name = f"{LIST}-{timezone.localdate():%Y%m%d}.{kind}"
    if kind == "csv":
        large = capped_count(wanted, LARGE_FROM)[1]
        return csv_response(exports.as_csv(wanted), name, large=large) or _refused(
            request, [BUSY], status=429
        )
    most = limits.MOST_IN_WORKBOOK if kind == "xlsx" else limits.MOST_IN_PDF
    count, more = capped_count(wanted, most)
    if more:
        said = f"{kind.upper()} 文件最多{most:,}条，符合条件的超过{count:,}条。请缩小查询范围，或者下载 CSV 文件。"
        return _refused(request, [said])
    if wait := FILES.wait(client_address(request)):
        return too_many(request, wait)
    if kind == "xlsx":
        made = workbook_response(lambda: exports.as_workbook(wanted), name, large=count > LARGE_FROM)
        return made or _refused(request, [BUSY], status=429)
    if count > limits.MOST_AT_ONCE:
        try:
            return in_background(list_files.OfRegistry(form.wanted), count)
        except TooMany:
            return _refused(request, [list_files.TOO_MANY], status=503)
    try:
        built = exports.as_pdf(wanted, on=timezone.localdate(), filters=form.wanted.in_words())
    except UndrawableCharacter as missing:
        return _refused(request, [f"名单中有字库不能印出的字（{missing}），请下载 CSV 或 Excel 文件。"])
    printed = HttpResponse(built.pdf, content_type="application/pdf")
    printed["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return printed


def csv_response(parts: Iterator[bytes], name: str, *, large: bool) -> StreamingHttpResponse | None:
    """A list as it is written. None when it is large and another large one is being written."""
    turn = LARGE.take() if large else None
    if large and turn is None:
        return None
    response = StreamingHttpResponse(
        InTurn(parts, turn) if turn else parts, content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def workbook_response(make: Callable[[], IO[bytes]], name: str, *, large: bool) -> FileResponse | None:
    """A workbook, made before it is sent. None when it is large and another large list is being written."""
    turn = LARGE.take() if large else None
    if large and turn is None:
        return None
    with turn or nullcontext():
        return FileResponse(make(), as_attachment=True, filename=name)


def in_background(printed: PrintedList, count: int) -> HttpResponseBase:
    """The file of a long list: at once when it is there, else the page that shows how far it is. Raises
    TooMany.
    """
    file = ask(printed, rows=count, on=timezone.localdate())
    ready = path_of(file) is not None
    return redirect("registry:list_file_pdf" if ready else "registry:list_file", file.code)


def _refused(request: HttpRequest, problems: list[str], *, status: int = 400) -> HttpResponse:
    context = {
        "title": "不能导出",
        "crumbs": [HOME, (LIST, reverse("registry:list")), ("不能导出", "")],
        "problems": problems,
        "query": _filters_of(request),
    }
    response = render(request, "registry/not_exported.html", context, status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(LARGE.seconds)
    return response
