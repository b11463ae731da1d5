"""The published registry for everybody: the list, one entry, and the list as a file."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.accounts.access import can
from portal.formats import mask_name
from portal.lists import downloads, limits
from portal.lists.files import path_of
from portal.lists.models import ListFile
from portal.paging import page_asked
from talent_registry import exports, list_files
from talent_registry.forms import EntryFilter
from talent_registry.models import RegistryEntry, Status, StatusChange
from talent_registry.models.registry import NEWEST_FIRST
from talent_registry.search import league_choices

HOME = ("首页", "/")
LIST = list_files.NAME
PAGE_SIZE = 30


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The list under the filters of the address, newest first."""
    form = EntryFilter(request.GET)
    page = page_asked(
        form.of(RegistryEntry.objects.public()).for_list(),
        request.GET,
        order=NEWEST_FIRST,
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
    words = {"csv": "下载 CSV", "xlsx": "下载 Excel", "pdf": "下载 PDF"}
    offered = []
    for kind in downloads.kinds_for(total):
        address = reverse("registry:export", args=[kind])
        offered.append((f"{address}?{query}" if query else address, words[kind]))
    return offered


@require_safe
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry. Of one that was removed only that it was, from when and by which document; the name masked."""
    changes = StatusChange.objects.order_by("-position")
    found = RegistryEntry.objects.public(removed=True).for_list()
    shown = get_object_or_404(found.prefetch_related(Prefetch("changes", changes)), number=number)
    context = {
        "title": _title_of(shown),
        "crumbs": [HOME, (LIST, reverse("registry:list")), (shown.number, "")],
        "entry": shown,
        "removed": shown.status == Status.REMOVED,
        "changes": shown.changes.all(),
        "corrections": shown.corrections.confirmed() if shown.corrections_made else [],
        "legal_basis": exports.legal_basis(),
        "staff": can(request.user, "case.view"),
    }
    return render(request, "registry/entry.html", context)


def _title_of(entry: RegistryEntry) -> str:
    """Who it is; of one that was removed, masked as on the page."""
    name = mask_name(entry.name) if entry.status == Status.REMOVED else entry.name
    return f"{name}（名录编号 {entry.number}）"


@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The rows of the list under the same filters, as csv, xlsx or pdf. A filter that cannot be used: 400,
    never ignored.
    """
    if kind not in downloads.KINDS:
        raise Http404
    wanted = EntryFilter(request.GET).wanted
    if wanted.errors:
        return _refused(request, [wrong["problem"] for wrong in wanted.errors])
    try:
        return downloads.download(request, list_files.OfRegistry(wanted), kind, file_page=file_page)
    except downloads.NotMade as reason:
        return not_made(_refused(request, [str(reason)]), reason)


def file_page(file: ListFile) -> HttpResponseBase:
    """The file of a long list: at once when it is there, else the page that shows how far it is."""
    ready = path_of(file) is not None
    return redirect("registry:list_file_pdf" if ready else "registry:list_file", file.code)


def not_made(page: HttpResponse, reason: downloads.NotMade) -> HttpResponse:
    """The page that says why a file was not made, with the status of the refusal."""
    page.status_code = reason.status
    if reason.retry_after:
        page["Retry-After"] = str(reason.retry_after)
    return page


def _refused(request: HttpRequest, problems: list[str]) -> HttpResponse:
    context = {
        "title": "不能导出",
        "crumbs": [HOME, (LIST, reverse("registry:list")), ("不能导出", "")],
        "problems": problems,
        "query": _filters_of(request),
    }
    return render(request, "registry/not_exported.html", context, status=HTTPStatus.BAD_REQUEST)
