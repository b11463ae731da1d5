"""Long jobs: the list, the progress of one, its results item by item, and how to stop it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal import audit
from portal.accounts.polling import STOP_POLLING, polled
from portal.jobs.items import Names, items_of, name_items
from portal.jobs.models import Job, JobItem
from portal.jobs.runner import cancel
from portal.lists.csv_files import csv_download
from portal.pages.access import staff
from portal.pages.filters import JobFilter
from portal.paging import page_asked
from portal.templatetags.portal import JOB_TONES, progress_context
from portal.window.people.change_words import title_of, whose
from portal.workforce.extracts.jobs import CONFIRM_FROM_EXTRACT
from portal.workforce.models import Honour, RecordChange, Worker
from portal.workforce.record_kinds import KINDS
from portal.workforce.verification import CONFIRM_CHANGES, CONFIRM_RECORDS, VERIFY_HONOURS

_ROWS_AT_ONCE = 500


def _honour_names(job: Job, user: Any, keys: Sequence[str]) -> Names:
    honours = Honour.objects.visible_to(user).filter(pk__in=[int(key) for key in keys])
    return _of_workers(honours.select_related("worker", "type"))


def _record_names(job: Job, user: Any, keys: Sequence[str]) -> Names:
    model: Any = KINDS[job.params["kind"]].model
    records = model._default_manager.visible_to(user).filter(pk__in=[int(key) for key in keys])
    return _of_workers(records.select_related("worker"))


def _of_workers(records: Any) -> Names:
    """Records by whose they are and what they say, with the page of the person."""
    names = {}
    for record in records.defer("worker__id_number", "worker__phone"):
        address = reverse("window:worker", args=[record.worker_id])
        names[str(record.pk)] = (f"{record.worker.name} {record}", address)
    return names


name_items(VERIFY_HONOURS, _honour_names, lambda job: ("荣誉核实", reverse("window:honours")))
name_items(
    CONFIRM_RECORDS,
    _record_names,
    lambda job: ("信息核验", f"{reverse('window:records')}?kind={job.params['kind']}"),
)


def _change_names(job: Job, user: Any, keys: Sequence[str]) -> Names:
    """Changes by whose they are and what they do, each with its page."""
    changes = RecordChange.objects.visible_to(user).filter(pk__in=[int(key) for key in keys])
    return {
        str(change.pk): (f"{whose(change)} {title_of(change)}", reverse("window:change", args=[change.pk]))
        for change in changes.select_related("worker", "unit").defer("worker__id_number", "worker__phone")
    }


name_items(CONFIRM_CHANGES, _change_names, lambda job: ("待确认变更", f"{reverse('window:changes')}?mine=on"))


def _line_names(job: Job, user: Any, keys: Sequence[str]) -> Names:
    """Lines of an extract by their place in the file and the person, where the user sees them."""
    workers = {str(line["line"]): line["worker"] for line in job.params["lines"]}
    asked = {workers[key] for key in keys if workers.get(key)}
    people = dict(Worker.objects.visible_to(user).filter(pk__in=asked).values_list("pk", "name"))
    names = {}
    for key in keys:
        worker = workers.get(key)
        if worker not in people:
            names[key] = (f"第{key}行", "")
            continue
        names[key] = (f"第{key}行 {people[worker]}", reverse("window:worker", args=[worker]))
    return names


name_items(
    CONFIRM_FROM_EXTRACT,
    _line_names,
    lambda job: ("信息核验", f"{reverse('window:records')}?kind=credential"),
)


@staff("job.view")
def jobs(request: HttpRequest) -> HttpResponse:
    form = JobFilter(request.GET, user=request.user)
    visible = Job.objects.visible_to(request.user).select_related("by")
    state = form.value("state")
    if state:
        visible = visible.filter(state=state)
    page = page_asked(visible, request.GET, order=("-id",), count=True)
    rows = [{"job": job, "tone": JOB_TONES[job.state]} for job in page.rows]
    context = {
        "title": "后台任务",
        "form": form,
        "page": page,
        "rows": rows,
        "clear": reverse("window:jobs") if form.used else "",
    }
    return render(request, "window/jobs.html", context)


def _visible_job(request: HttpRequest, job_id: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).select_related("by"), pk=job_id)


def _own_job(request: HttpRequest, job_id: int) -> Job:
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


def _items_asked(request: HttpRequest, job: Job) -> QuerySet[JobItem]:
    if request.GET.get("only") == "refused":
        return job.items.filter(ok=False)
    return job.items.all()


def _cancel_address(request: HttpRequest, job: Job) -> str:
    """Only who started a job may stop it."""
    if job.by_id != request.user.pk:
        return ""
    return reverse("window:job_cancel", args=[job.pk])


@staff("job.view")
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _visible_job(request, job_id)
    is_own = job.by_id == request.user.pk
    items: list[dict[str, Any]] = []
    page = None
    if is_own:
        page = page_asked(_items_asked(request, job), request.GET, order=("id",), count=True)
        items = _named(job, page.rows, request.user)
    of_kind = items_of(job.kind)
    context = {
        "title": job.title,
        "crumbs": [("后台任务", reverse("window:jobs")), (job.title, "")],
        "back": of_kind.back(job) if of_kind and is_own else None,
        "one_by_one": of_kind is not None,
        "job": job,
        "page": page,
        "items": items,
        "own": is_own,
        "only": request.GET.get("only", ""),
        "results": _results(job, request.user),
        "poll": reverse("window:job_progress", args=[job.pk]),
        "cancel": _cancel_address(request, job),
    }
    return render(request, "window/job.html", context)


def _named(job: Job, items: list[JobItem], user: Any) -> list[dict[str, Any]]:
    """The items with what they are about; what the reader does not see (any more) is not called by a number."""
    of_kind = items_of(job.kind)
    names = of_kind.names(job, user, [item.key for item in items]) if items and of_kind else {}
    rows = []
    for item in items:
        nameless = "已不在您的查看范围" if item.key.isdigit() else item.key
        words, address = names.get(item.key, (nameless, ""))
        rows.append({"item": item, "words": words, "href": address})
    return rows


@polled
@staff("job.view")
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """What changes while the job runs; the status that ends the polling once it has finished."""
    job = _visible_job(request, job_id)
    results: list[tuple[str, str]] = []
    if job.finished:
        results = _results(job, request.user)
        if job.by_id == request.user.pk and (items_of(job.kind) or job.items.exists()):
            results.insert(0, (reverse("window:job", args=[job.pk]), "查看逐项结果"))
    context = progress_context(job, cancel=_cancel_address(request, job), results=results)
    status = STOP_POLLING if job.finished else 200
    answer = render(request, "components/progress_body.html", context, status=status)
    if job.finished:
        # What stands around the progress is of before: the page is shown anew, with what the job has done.
        answer["HX-Refresh"] = "true"
    return answer


@staff("job.view", "POST")
def job_cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    job = cancel(_own_job(request, job_id).pk, by=request.user)
    messages.info(request, job.message or "任务已经结束。")
    return redirect("window:job", job_id)


@staff("job.view")
def job_errors(request: HttpRequest, job_id: int) -> StreamingHttpResponse:
    """What was not done, as a table: which item, and why."""
    job = _own_job(request, job_id)
    audit.record("job.errors", by=request.user, obj=job)
    headings = ("对象", "未通过原因")
    return csv_download(f"job-{job.pk}-errors.csv", headings, _errors(job, request.user))


def _errors(job: Job, user: Any) -> Iterator[tuple[str, str]]:
    """(words, why not) of every item that was refused, read in parts."""
    refused = job.items.filter(ok=False).order_by("pk")
    part = list(refused[:_ROWS_AT_ONCE])
    while part:
        for row in _named(job, part, user):
            yield row["words"], row["item"].message
        part = list(refused.filter(pk__gt=part[-1].pk)[:_ROWS_AT_ONCE])


@staff("job.view")
def job_file(request: HttpRequest, job_id: int) -> FileResponse:
    """The file a job has made, for who started it."""
    job = _own_job(request, job_id)
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / job.file).resolve()
    if not job.file or not path.is_relative_to(root) or not path.is_file():
        raise Http404
    audit.record("job.download", by=request.user, obj=job)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
