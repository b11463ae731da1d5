"""A long printed list for everybody: how far it is, and the file. Whoever has the address may look; it says
nothing else.
"""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.accounts.polling import STOP_POLLING, polled
from portal.lists.files import opened, path_of
from portal.lists.models import ListFile
from portal.templatetags.portal import progress_context
from talent_registry.list_files import OfYear, list_in
from talent_registry.views.public import HOME, LIST


def _asked(code: str) -> ListFile:
    return get_object_or_404(ListFile.objects.public().select_related("job"), code=code)


def _list_of(file: ListFile) -> str:
    """The list in its page, under the filters of the file."""
    printed = list_in(file)
    if isinstance(printed, OfYear):
        return reverse("registry:selection", args=[printed.round_.year])
    whole = reverse("registry:list")
    if printed is None or not file.filters:
        return whole
    return f"{whole}?{urlencode(file.filters)}"


def _back(file: ListFile) -> str:
    printed = list_in(file)
    return f"返回{printed.round_.year}年度遴选" if isinstance(printed, OfYear) else "返回名录"


def _name(file: ListFile) -> str:
    printed = list_in(file)
    return printed.title if isinstance(printed, OfYear) else LIST


def _results(file: ListFile) -> list[tuple[str, str]]:
    results = [(_list_of(file), _back(file))]
    if path_of(file) is not None:
        results.insert(
            0, (reverse("registry:list_file_pdf", args=[file.code]), f"下载 PDF（{file.pages:,}页）")
        )
    return results


@never_cache
@require_safe
def list_file(request: HttpRequest, code: str) -> HttpResponse:
    """How far the file is, and what is in it. One that is no longer kept says so and how to get a new one."""
    file = _asked(code)
    printed, title = list_in(file), "名单 PDF 文件"
    context: dict[str, Any] = {
        "title": title,
        "crumbs": [HOME, (LIST, reverse("registry:list")), (title, "")],
        "file": file,
        "printed": printed,
        "words": printed.words() if printed else [],
        "list": _list_of(file),
        "back": _back(file),
        "results": _results(file),
        "gone": file.cleared_at is not None or (file.job.state == "done" and path_of(file) is None),
        "poll": reverse("registry:list_file_progress", args=[code]),
    }
    return render(request, "registry/list_file.html", context)


@polled
@never_cache
@require_safe
def list_file_progress(request: HttpRequest, code: str) -> HttpResponse:
    """The part of the page that asks while the file is made."""
    file = _asked(code)
    context = progress_context(file.job, results=_results(file))
    return render(
        request, "components/progress_body.html", context, status=STOP_POLLING if file.job.finished else 200
    )


@require_safe
def list_file_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    """The finished file; the page before and after."""
    file = _asked(code)
    made = opened(file)
    if made is None:
        return redirect("registry:list_file", code)
    return FileResponse(made, as_attachment=True, filename=f"{_name(file)}-{file.on:%Y%m%d}.pdf")
