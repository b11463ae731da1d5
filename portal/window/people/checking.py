"""The check for somebody at the window, on what the register knows and what they say; it decides nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.entitlements.known_facts import known_facts
from portal.entitlements.pages import CheckSite, result_calendar, result_page, step_page
from portal.entitlements.questions import steps_by_code
from portal.entitlements.sheet_files import sheet_file
from portal.entitlements.wording import register_vocabulary
from portal.pages.access import staff
from portal.window.people.workers import crumbs, tabs_of, visible_worker
from portal.workforce.models import Worker


def site_of(worker: Worker) -> CheckSite:
    here = reverse("window:check", args=[worker.pk])
    return CheckSite(
        base="base_staff.html",
        step_address=lambda code: reverse("window:check_step", args=[worker.pk, code]),
        result_address=here,
        sheet_address=reverse("window:check_sheet", args=[worker.pk]),
        sheet_file_address=reverse("window:check_sheet_file", args=[worker.pk]),
        start_address=here,
        calendar_address=reverse("window:check_calendar", args=[worker.pk]),
        bound_to=f"desk:{worker.pk}",
        known=known_facts(worker, timezone.localdate(), register_vocabulary()),
        region=worker.work_region_id,
        context={
            "crumbs": crumbs(worker, ("待遇查询", "")),
            "tabs": tabs_of(worker, "check"),
            "worker": worker,
            "whom": "clerk",
        },
    )


def _record_look(request: HttpRequest, worker: Worker, what: str) -> None:
    audit.record(
        "worker.check",
        by=request.user,
        obj=worker,
        worker=worker,
        region=worker.work_region_id,
        detail={"what": what},
    )


@staff("worker.view")
def check(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Every answer for one person, with condition, clause and source. Who looked is written to the audit."""
    worker = visible_worker(request, worker_id)
    _record_look(request, worker, "结果")
    return result_page(request, site_of(worker))


@staff("worker.view", "GET", "HEAD", "POST")
def check_step(request: HttpRequest, worker_id: int, code: str) -> HttpResponse:
    """Ask the person what the register does not know; to write it into the register takes a document."""
    if code not in steps_by_code():
        raise Http404
    return step_page(request, site_of(visible_worker(request, worker_id)), code)


@staff("worker.view")
def check_sheet(request: HttpRequest, worker_id: int) -> HttpResponse:
    """The sheet that the person takes home."""
    worker = visible_worker(request, worker_id)
    _record_look(request, worker, "打印单")
    return result_page(request, site_of(worker), sheet=True)


@staff("worker.view")
def check_sheet_file(request: HttpRequest, worker_id: int) -> HttpResponse:
    """The same as a file without the person's name."""
    worker = visible_worker(request, worker_id)
    _record_look(request, worker, "打印单")
    return sheet_file(request, site_of(worker))


@staff("worker.view")
def check_calendar(request: HttpRequest, worker_id: int) -> HttpResponse:
    """The days of the result for the person's telephone."""
    worker = visible_worker(request, worker_id)
    _record_look(request, worker, "日历")
    return result_calendar(request, site_of(worker))
