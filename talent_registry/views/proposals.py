"""The list of proposals, and confirming many of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.cases.four_eyes import DutiesOf
from portal.cases.workflow import Duty
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done
from portal.pages.confirm_many import LeftOut, chosen_ids, confirm_many, confirmed
from portal.pages.deadlines import deadline_of
from portal.pages.view_log import asked_of, record_shown
from portal.paging import count_of, page_asked
from portal.regions.calendar import OfficeCalendar
from portal.workforce.occupations import unlisted
from talent_registry.forms import FindingForAllForm, ProposalFilter
from talent_registry.jobs import MOST_AT_ONCE
from talent_registry.jobs import confirm_many as confirm_proposals
from talent_registry.models import InclusionProposal, ProposalQuerySet
from talent_registry.views.proposal_page import LIST, crumbs_of_list
from talent_registry.workflow import DIRECT_INCLUSION, State

_FEW = 1_000
# An officer need not know how many more than this wait.
_COUNTED = 1_000


@staff("case.view")
def proposals(request: HttpRequest) -> HttpResponse:
    """What waits to be confirmed, by deadline; with other states by filter."""
    form = ProposalFilter(request.GET, user=request.user)
    seen = form.apply(InclusionProposal.objects.visible_to(request.user).for_list())
    if form.of_open:
        # Names the kind, so that the index of open work is walked in the order of the list.
        seen = seen.filter(case__kind=DIRECT_INCLUSION, case__closed_at__isnull=True)
    if form.value("name"):
        seen = _few(seen)
    order = ("case__due_sort", "case_id") if form.of_open else ("-case_id",)
    page = replace(page_asked(seen, request.GET, order=order), total=count_of(seen, _COUNTED))
    shown = [proposal.worker_id for proposal in page.rows]
    record_shown(shown, by=request.user, asked=asked_of(form))
    today, calendar = timezone.localdate(), OfficeCalendar()
    rows = [
        {
            "proposal": proposal,
            "case": proposal.case,
            "deadline": deadline_of(proposal.case, today, calendar),
        }
        for proposal in page.rows
    ]
    may_confirm = form.can_be_confirmed and can(request.user, "registry.confirm") and bool(rows)
    context = {
        "title": LIST,
        "crumbs": [("工作台", reverse("window:home")), (LIST, "")],
        "form": form,
        "page": page,
        "rows": rows,
        "unlisted": unlisted(proposal.worker.occupation for proposal in page.rows),
        "may_confirm": may_confirm,
        "bulk": [{"name": "action", "value": "confirm", "label": "批量确认纳入"}],
        "most_at_once": MOST_AT_ONCE,
    }
    return render(request, "registry/proposals.html", context)


def _few(seen: ProposalQuerySet) -> ProposalQuerySet:
    """The same rows named one by one when they are few: then they are sorted, not looked for along the whole
    list by deadline.
    """
    ids = list(seen.order_by().values_list("case_id", flat=True)[: _FEW + 1])
    return seen.filter(case_id__in=ids) if len(ids) <= _FEW else seen


@staff("registry.confirm", "POST")
def confirm_chosen(request: HttpRequest) -> HttpResponse:
    """First repeats who would be included and asks for the finding; with the finding, starts the job."""
    ids = chosen_ids(request)
    if not 0 < len(ids) <= MOST_AT_ONCE:
        messages.error(request, f"请选择1至{MOST_AT_ONCE}人。")
        return redirect("registry:proposals")
    people, left_out = _whom_the_user_may_confirm(request.user, ids)

    def act(given: dict[str, Any]) -> Done:
        job = confirm_proposals(
            [proposal.case_id for proposal in people],
            by=request.user,
            on=timezone.localdate(),
            how=given["how"],
        )
        words = f"已开始确认{len(people)}人，逐人办理。办理后，每人的结果列在本页；离开本页不影响办理。"
        return Done(words, reverse("window:job", args=[job.pk]))

    title = f"确认纳入名录：{len(people)}人"
    page = ActionPage(
        title=title,
        crumbs=[*crumbs_of_list(), (title, "")],
        consequence=(
            "确认后逐人办理：列入名录并向社会公布，发出纳入通知和证书。公布后只能以变更名录状态的方式更正。"
        ),
        submit="确认纳入并公布",
        back=reverse("registry:proposals"),
    )
    form = FindingForAllForm(confirmed(request))
    return confirm_many(
        request,
        page,
        people,
        form,
        act,
        left_out=left_out,
        template="registry/confirm_chosen.html",
        unlisted=unlisted(proposal.worker.occupation for proposal in people),
    )


def _whom_the_user_may_confirm(user: Any, ids: list[int]) -> tuple[list[InclusionProposal], list[LeftOut]]:
    """Those of the chosen whom the user may confirm now, and the others with the reason. The action checks
    each again.
    """
    chosen = InclusionProposal.objects.visible_to(user).for_list().filter(case_id__in=ids)
    proposals = list(chosen.order_by("case__due_sort", "case_id"))
    duties = DutiesOf(user, [proposal.case for proposal in proposals])
    people, left_out = [], []
    for proposal in proposals:
        reason = _reason_to_leave_out(proposal, user, duties)
        if reason:
            left_out.append(LeftOut(proposal.worker.name, proposal.case.number, reason))
        else:
            people.append(proposal)
    return people, left_out


def _reason_to_leave_out(proposal: InclusionProposal, user: Any, duties: DutiesOf) -> str:
    if proposal.case.state != State.PROPOSED:
        return f"当前状态为“{proposal.case.state_label}”"
    if not can(user, "registry.confirm", proposal.case.region_id):
        return "不属于您负责的地区"
    return duties.reason_against(proposal.case, Duty.APPROVE).rstrip("。")
