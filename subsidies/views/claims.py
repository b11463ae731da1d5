"""Claims of the office: the list, many at once, and the page of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require
from portal.cases import notes
from portal.cases.models import Case
from portal.cases.models.life import NEWEST_FIRST
from portal.pages.access import signed_in, staff
from portal.pages.action_page import ActionPage, Done, act_on
from portal.pages.case_files import remove_file, show_with_files
from portal.pages.case_page import show_case
from portal.pages.confirm_many import LeftOut, chosen_ids, confirm_many, confirmed
from portal.pages.deadlines import deadline_of
from portal.pages.forms import EvidenceForm, NothingForm, ReasonForm
from portal.pages.view_log import asked_of, record_shown
from portal.paging import page_asked
from portal.regions.calendar import OfficeCalendar
from subsidies import jobs
from subsidies.finding import listed
from subsidies.models import Claim
from subsidies.views.claim_filter import ClaimFilter
from subsidies.views.claim_page import LIST, ClaimPage
from subsidies.views.due import page_and_due_soon
from subsidies.views.notes import NoteForm


@staff("case.view")
def claims(request: HttpRequest) -> HttpResponse:
    """All claims of one's places, newest first, with filters."""
    form = ClaimFilter(request.GET, user=request.user)
    # A list is found and put in order by what the cases have; what stands beside them is read for those on the page.
    seen = form.cases(Case.objects.visible_to(request.user))
    found = page_asked(
        seen.values("opened_on", "id"),
        request.GET,
        order=NEWEST_FIRST,
        count=True,
        count_up_to=form.counted_at_most,
        narrow=not form.is_about_names,
    )
    cases = [row["id"] for row in found.rows]
    today, calendar = timezone.localdate(), OfficeCalendar()
    due = None
    if form.used or found.previous_cursor:
        page = replace(found, rows=listed(request.user, cases))
    else:
        of_page, due = page_and_due_soon(request.user, cases, today, calendar)
        page = replace(found, rows=of_page)
    shown = [*page.rows, *(due.claims if due else [])]
    record_shown([claim.worker_id for claim in shown], by=request.user, asked=asked_of(form))
    rows = [{"claim": claim, "deadline": deadline_of(claim.case, today, calendar)} for claim in page.rows]
    context = {
        "title": LIST,
        "crumbs": [("工作台", reverse("window:home")), (LIST, "")],
        "form": form,
        "page": page,
        "rows": rows,
        "due": due,
        "bulk": _bulks(request.user, form) if rows else [],
        "whole": _wholes(request.user, form) if page.next_cursor or page.previous_cursor else [],
    }
    return render(request, "subsidies/claims.html", context)


# -- many at once --------------------------------------------------------------------------------------------
def _bulks(user: Any, form: ClaimFilter) -> list[dict[str, str]]:
    """What may be done with the chosen rows of a list in one state."""
    return [
        {"name": "action", "value": bulk.action, "label": bulk.label}
        for bulk in jobs.BULKS.values()
        if form.value("state") == bulk.state and can(user, bulk.permission)
    ]


def _wholes(user: Any, form: ClaimFilter) -> list[tuple[str, str]]:
    """The same with all that the filter finds, where a page does not hold them: words and address."""
    from subsidies.views.moving import address_of

    return [(one["label"], address_of(one["value"], form)) for one in _bulks(user, form)]


class BulkForm(forms.Form):
    """What is noted of all of them."""

    note = forms.CharField(
        label="审核意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


def _versions_seen(request: HttpRequest) -> dict[int, int]:
    """The versions of the cases as the page showed them: what moved since is left out."""
    pairs = [value.partition(":") for value in request.POST.getlist("seen")]
    return {int(pk): int(version) for pk, _, version in pairs if pk.isdigit() and version.isdigit()}


@staff("case.view", "POST")
def move_chosen(request: HttpRequest) -> HttpResponse:
    """First repeats which claims would be moved; sent again, starts the job."""
    bulk = jobs.BULKS.get(request.POST.get("action", ""))
    if bulk is None:
        raise Http404
    require(request.user, bulk.permission)
    ids = chosen_ids(request)
    visible = Claim.objects.visible_to(request.user).select_related(
        "case__region__parent", "worker", "credential", "training"
    )
    chosen = list(visible.filter(pk__in=ids[: jobs.MOST_AT_ONCE]).order_by("case__due_sort", "case_id"))
    movable = [claim for claim in chosen if claim.case.state == bulk.state]
    left_out = [
        LeftOut(claim.worker.name, claim.case.number, f"当前状态为“{claim.case.state_label}”")
        for claim in chosen
        if claim.case.state != bulk.state
    ]
    record_shown([claim.worker_id for claim in chosen], by=request.user)

    def act(given: dict[str, Any]) -> Done:
        seen = _versions_seen(request)
        versions = {claim.pk: seen.get(claim.pk, claim.case.version) for claim in movable}
        note = given.get("note") or given.get("reason", "")
        job = jobs.start_moving(bulk.action, versions, note=note, by=request.user, on=timezone.localdate())
        words = f"已开始办理{len(versions):,}件。办理后，每件的结果列在本页；离开本页不影响办理。"
        return Done(words, reverse("window:job", args=[job.pk]))

    back = f"{reverse('subsidies:claims')}?state={bulk.state}"
    page = ActionPage(
        title=f"{bulk.label}：{len(movable):,}件",
        crumbs=[("工作台", reverse("window:home")), (LIST, back), (bulk.label, "")],
        consequence=bulk.consequence,
        submit=bulk.label,
        back=back,
    )
    form_of = BulkForm if bulk.action == "review" else ReasonForm if bulk.needs_reason else NothingForm
    return confirm_many(
        request,
        page,
        movable,
        form_of(confirmed(request)),
        act,
        left_out=left_out,
        template="subsidies/move_chosen.html",
        action=bulk.action,
    )


# -- one of them ---------------------------------------------------------------------------------------------
@signed_in("GET", "HEAD", "POST")
def open_claim(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one claim. POST hands in a file."""
    page = ClaimPage.open(request, number)
    return show_with_files(request, page, "subsidies/claim.html")


@signed_in("GET", "HEAD", "POST")
def remove_evidence(request: HttpRequest, number: str, evidence_id: int) -> HttpResponse:
    """Take a file away, after a page that names it."""
    shown = ClaimPage.open(request, number)
    refusal = "材料只能在提交前或补正期间，由申请的一方或服务窗口增减。"
    return remove_file(request, shown, evidence_id, refusal=refusal)


@staff("case.view", "POST")
def add_note(request: HttpRequest, number: str) -> HttpResponse:
    """Write a note down, and go back to where it was written. One that is refused stays in its field, with why."""
    page = ClaimPage.open(request, number)
    form = NoteForm(request.POST)

    def act(given: dict[str, Any]) -> Done:
        notes.note(page.case.pk, text=given["text"], by=request.user)
        return Done("备注已记录。", f"{page.address}#notes")

    answer = act_on(request, form, act)
    status = 409 if form.non_field_errors() else 200
    shown = {"form": EvidenceForm(), "note_form": form}
    return answer or show_case(request, page, "subsidies/claim.html", status=status, **shown)
