"""Long jobs: the list, the progress of one, its results item by item, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal import audit
from portal.accounts.polling import STOP_POLLING, polled
from portal.jobs.models import Job, JobItem
from portal.jobs.runner import cancel
from portal.lists.csv_files import csv_download
from portal.pages.access import staff
from portal.pages.filters import JobFilter
from portal.paging import page_asked
from portal.templatetags.portal import _JOB_TONES, progress_context
from portal.workforce.models import Honour
from portal.workforce.verification import VERIFY_HONOURS

# What an item of a job is about, in words and with its page: key -> (words, address).
Named = Callable[[Any, list[str]], dict[str, tuple[str, str]]]


def _honours(user: Any, keys: list[str]) -> dict[str, tuple[str, str]]:
    listed = (
        Honour.objects.visible_to(user).filter(pk__in=[int(key) for key in keys]).select_related("worker")
    )
    return {
        str(honour.pk): (f"{honour.worker.name} {honour}", reverse("window:worker", args=[honour.worker_id]))
        for honour in listed.defer("worker__id_number", "worker__phone")
    }


ITEMS: dict[str, Named] = {VERIFY_HONOURS: _honours}


@staff("job.view")
def jobs(request: HttpRequest) -> HttpResponse:
    form = JobFilter(request.GET, user=request.user)
    seen = Job.objects.visible_to(request.user).select_related("by")
    if state := form.value("state"):
        seen = seen.filter(state=state)
    page = page_asked(seen, request.GET, order=("-id",), count=True)
    rows = [{"job": job, "tone": _JOB_TONES[job.state]} for job in page.rows]
    context = {
        "title": "后台任务",
        "form": form,
        "page": page,
        "rows": rows,
        "clear": reverse("window:jobs") if form.used else "",
    }
    return render(request, "window/jobs.html", context)


def _seen(request: HttpRequest, job_id: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).select_related("by"), pk=job_id)


def _own(request: HttpRequest, job_id: int) -> Job:
    """Results are personal data of others: they are for who started the job, not for who keeps the system
    running.
    """
    return get_object_or_404(Job.objects.visible_to(request.user).filter(by_id=request.user.pk), pk=job_id)


def _results(job: Job, user: Any) -> list[tuple[str, str]]:
    if job.by_id != user.pk:
        return []
    results = []
    if job.file:
        results.append((reverse("window:job_file", args=[job.pk]), "下载结果文件"))
    if job.items.filter(ok=False).exists():
        results.append((reverse("window:job_errors", args=[job.pk]), "下载未通过清单"))
    return results


@staff("job.view")
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    found = _seen(request, job_id)
    own = found.by_id == request.user.pk
    items: list[dict[str, Any]] = []
    page = None
    if own:
        listed = found.items.all()
        if request.GET.get("only") == "refused":
            listed = listed.filter(ok=False)
        page = page_asked(listed, request.GET, order=("id",), count=True)
        items = _named(found, page.rows, request.user)
    context = {
        "title": found.title,
        "crumbs": [("后台任务", reverse("window:jobs")), (found.title, "")],
        "job": found,
        "page": page,
        "items": items,
        "own": own,
        "only": request.GET.get("only", ""),
        "results": _results(found, request.user),
        "poll": reverse("window:job_progress", args=[found.pk]),
        "cancel": reverse("window:job_cancel", args=[found.pk]) if own else "",
    }
    return render(request, "window/job.html", context)


def _named(found: Job, items: list[JobItem], user: Any) -> list[dict[str, Any]]:
    names = ITEMS[found.kind](user, [item.key for item in items]) if found.kind in ITEMS and items else {}
    return [
        {
            "item": item,
            "words": names.get(item.key, (item.key, ""))[0],
            "href": names.get(item.key, ("", ""))[1],
        }
        for item in items
    ]


@polled
@staff("job.view")
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """What changes while the job runs; the status that ends the polling once it has finished."""
    found = _seen(request, job_id)
    cancels = reverse("window:job_cancel", args=[found.pk]) if found.by_id == request.user.pk else ""
    results = (
        [(reverse("window:job", args=[found.pk]), "查看逐项结果"), *_results(found, request.user)]
        if found.finished
        else []
    )
    context = progress_context(found, cancel=cancels, results=results)
    return render(
        request, "components/progress_body.html", context, status=STOP_POLLING if found.finished else 200
    )


@staff("job.view", "POST")
def job_cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    found = cancel(_own(request, job_id).pk, by=request.user)
    messages.info(request, found.message or "任务已经结束。")
    return redirect("window:job", job_id)


@staff("job.view")
def job_errors(request: HttpRequest, job_id: int) -> StreamingHttpResponse:
    """What was not done, as a table: which item, and why."""
    found = _own(request, job_id)
    audit.record("job.errors", by=request.user, obj=found)
    headings = ("编号", "对象", "未通过原因")
    return csv_download(f"job-{found.pk}-errors.csv", headings, _errors(found, request.user))


def _errors(found: Job, user: Any) -> Iterator[tuple[str, str, str]]:
    last = 0
    while rows := list(found.items.filter(ok=False, pk__gt=last).order_by("pk")[:500]):
        for named in _named(found, rows, user):
            yield named["item"].key, named["words"], named["item"].message
        last = rows[-1].pk


@staff("job.view")
def job_file(request: HttpRequest, job_id: int) -> FileResponse:
    """The file a job has made, for who started it."""
    found = _own(request, job_id)
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / found.file).resolve()
    if not found.file or not path.is_relative_to(root) or not path.is_file():
        raise Http404
    audit.record("job.download", by=request.user, obj=found)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
