"""Sheets of consent to be printed and signed: those of a unit's list, and that of one person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from portal.accounts.access import NotNow, Refused
from portal.accounts.polling import STOP_POLLING, polled
from portal.audit.middleware import client_address
from portal.jobs.models import JobState
from portal.lists.downloads import FILES
from portal.pages.access import signed_in
from portal.pages.action_page import Done, act_at_once
from portal.templatetags.portal import progress_context
from portal.throttle import too_many
from subsidies.by_unit import consent_sheets
from subsidies.by_unit.models import ClaimFile
from subsidies.views.proposals import ProposalPage
from subsidies.views.unit_files import base_of, crumbs_of


def _given(request: HttpRequest, pk: int) -> ClaimFile:
    seen = ClaimFile.objects.visible_to(request.user).select_related("unit")
    return get_object_or_404(seen, pk=pk)


@signed_in("GET", "HEAD", "POST")
def sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """How many wait for their answer, and the file of their sheets; POST has it laid out."""
    given = _given(request, pk)
    here = reverse("subsidies:consent_sheets", args=[pk])
    if request.method == "POST":

        def act() -> Done:
            consent_sheets.lay_out(given, by=request.user)
            return Done("", here)

        return act_at_once(request, act, otherwise=here)
    job = consent_sheets.job_of(given, request.user)
    is_there = consent_sheets.is_laid_out(given)
    back = reverse("subsidies:unit_file", args=[pk])
    context: dict[str, Any] = {
        "title": f"打印同意书：{given.file_name}",
        "crumbs": crumbs_of(request.user, (given.file_name, back), ("打印同意书", "")),
        "base": base_of(request.user),
        "given": given,
        "waiting": consent_sheets.waiting_of(given).count(),
        "reason": consent_sheets.reason_against(given, request.user),
        "is_there": is_there,
        "job": job if job and not job.finished else None,
        "failed": job.message if job and not is_there and job.state == JobState.FAILED else "",
        "poll": reverse("subsidies:consent_sheets_progress", args=[pk]),
        "kept_for": consent_sheets.KEPT_FOR.days,
        "back": back,
    }
    return render(request, "subsidies/consent_sheets.html", context)


@polled
@signed_in()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes while they are laid out; the page is shown anew once they are."""
    job = consent_sheets.job_of(_given(request, pk), request.user)
    if job is None:
        return HttpResponse(status=STOP_POLLING)
    context = progress_context(job, cancel="", results=[])
    status = STOP_POLLING if job.finished else 200
    answer = render(request, "components/progress_body.html", context, status=status)
    if job.finished:
        answer["HX-Refresh"] = "true"
    return answer


@signed_in()
def file_of_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheets of all who have not answered, to be saved."""
    given = _given(request, pk)
    try:
        content = consent_sheets.fetch(given, by=request.user)
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect("subsidies:consent_sheets", pk)
    stem = given.file_name.rsplit(".", 1)[0]
    return _saved(content, f"同意书-{stem}.pdf")


@signed_in()
def sheet_of_one(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet of one person, for the window that gives it out, or for that person."""
    page = ProposalPage.open(request, number)
    if wait := FILES.wait(client_address(request)):
        return too_many(request, wait)
    try:
        if reason := page.reason_against_sheet:
            raise Refused(reason)
        built = consent_sheets.one(page.proposal, by=request.user)
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect(page.address)
    return _saved(built.pdf, f"同意书-{number}.pdf")


def _saved(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
