"""The file of a finished case: laid out on request, and given out as PDF/A and as zip to who may see everything of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.accounts.polling import STOP_POLLING, polled
from portal.cases.models import Case
from portal.file_inspection import sha256
from portal.jobs.models import JobState
from portal.letters import case_files
from portal.pages.access import staff
from portal.pages.case_archives import kept_pdf, pdf_answer, zip_answer
from portal.templatetags.portal import progress_context


def _case(request: HttpRequest, number: str) -> Case:
    """A finished case whose file the user may have."""
    case: Case = get_object_or_404(Case.objects.visible_to(request.user), number=number)
    case_files.require_all(case, request.user)
    return case


@staff("case.view", "GET", "HEAD", "POST")
def case_file(request: HttpRequest, number: str) -> HttpResponse:
    """What the file holds, and where it is had; POST has it laid out."""
    case = _case(request, number)
    here = reverse("window:case_file", args=[number])
    if request.method == "POST":
        case_files.lay_out(case, by=request.user)
        return redirect(here)
    pdf, job = kept_pdf(case), case_files.job_of(case, request.user)
    under_way = job if job and not job.finished else None
    page = reverse(case.workflow.page, args=[number])
    context: dict[str, Any] = {
        "title": case_files.title_of(case),
        "crumbs": [("工作台", reverse("window:home")), (number, page), ("案卷", "")],
        "case": case,
        "pdf": pdf is not None,
        "digest": sha256(pdf) if pdf else "",
        "job": under_way,
        "failed": job.message if job and pdf is None and job.state == JobState.FAILED else "",
        "poll": reverse("window:case_file_progress", args=[number]),
        "evidence": case_files.evidence_of(case),
        "letters": case_files.letters_of(case),
        "kept_for": case_files.KEPT_FOR.days,
        "back": page,
    }
    return render(request, "window/case_file.html", context)


@polled
@staff("case.view")
def case_file_progress(request: HttpRequest, number: str) -> HttpResponse:
    """What changes while it is laid out; the page is shown anew once it is."""
    job = case_files.job_of(_case(request, number), request.user)
    if job is None:
        return HttpResponse(status=STOP_POLLING)
    context = progress_context(job, cancel=reverse("window:job_cancel", args=[job.pk]), results=[])
    status = STOP_POLLING if job.finished else 200
    answer = render(request, "components/progress_body.html", context, status=status)
    if job.finished:
        answer["HX-Refresh"] = "true"
    return answer


@staff("case.view")
def case_file_pdf(request: HttpRequest, number: str) -> HttpResponseBase:
    """The PDF/A, to be saved; audited."""
    case = _case(request, number)
    pdf = kept_pdf(case)
    return pdf_answer(case, pdf, by=request.user) if pdf else redirect("window:case_file", number)


@staff("case.view")
def case_file_zip(request: HttpRequest, number: str) -> HttpResponseBase:
    """The zip, to be saved; audited."""
    case = _case(request, number)
    pdf = kept_pdf(case)
    return zip_answer(case, pdf, by=request.user) if pdf else redirect("window:case_file", number)
