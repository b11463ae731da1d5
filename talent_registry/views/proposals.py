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
from portal.cases.actions import NotNow
from portal.cases.models import CaseDuty
from portal.cases.workflow import Duty
from portal.pages.access import staff
from portal.pages.deadlines import deadline_of
from portal.paging import count_of, page_asked
from talent_registry.forms import FindingForAllForm, ProposalFilter
from talent_registry.jobs import MOST_AT_ONCE, confirm_many
from talent_registry.models import InclusionProposal, ProposalQuerySet
from talent_registry.workflow import DIRECT_INCLUSION, State

LIST = "纳入名录办理"
_FEW = 1_000
# An officer need not know how many more than this wait.
_COUNTED = 1_000
TONES = {
    State.PROPOSED: "info",
    State.RETURNED: "warn",
    State.CONFIRMED: "good",
    State.DECLINED: "bad",
    State.WITHDRAWN: "plain",
}


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("工作台", reverse("window:home")), (LIST, reverse("registry:proposals") if more else ""), *more]


@staff("case.view")
def proposals(request: HttpRequest) -> HttpResponse:
    """What waits to be confirmed, by deadline; with other states by filter."""
    form = ProposalFilter(request.GET, user=request.user)
    found = form.apply(InclusionProposal.objects.visible_to(request.user).for_list())
    if form.of_open:
        # Names the kind, so that the index of open work is walked in the order of the list.
        found = found.filter(case__kind=DIRECT_INCLUSION, case__closed_at__isnull=True)
    if form.value("name"):
        found = _few(found)
    order = ("case__due_sort", "case_id") if form.of_open else ("-case_id",)
    page = replace(page_asked(found, request.GET, order=order), total=count_of(found, _COUNTED))
    today = timezone.localdate()
    rows = [
        {
            "proposal": one,
            "case": one.case,
            "deadline": deadline_of(one.case, today),
            "tone": TONES[State(one.case.state)],
        }
        for one in page.rows
    ]
    may_confirm = form.can_be_confirmed and can(request.user, "registry.confirm") and bool(rows)
    context = {
        "title": LIST,
        "crumbs": crumbs(),
        "form": form,
        "page": page,
        "rows": rows,
        "may_confirm": may_confirm,
        "bulk": [{"name": "action", "value": "confirm", "label": "批量确认纳入"}],
        "most_at_once": MOST_AT_ONCE,
    }
    return render(request, "registry/proposals.html", context)


def _few(found: ProposalQuerySet) -> ProposalQuerySet:
    """The same rows named one by one when they are few: then they are sorted, not looked for along the whole
    list by deadline.
    """
    ids = list(found.order_by().values_list("case_id", flat=True)[: _FEW + 1])
    return found.filter(case_id__in=ids) if len(ids) <= _FEW else found


def chosen(request: HttpRequest) -> list[int]:
    """The ticked rows, in the order of the page."""
    values = dict.fromkeys(request.POST.getlist("chosen"))
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]


@staff("registry.confirm", "POST")
def confirm_chosen(request: HttpRequest) -> HttpResponse:
    """First repeats who would be included and asks for the finding; with the finding, starts the job."""
    ids = chosen(request)
    if not 0 < len(ids) <= MOST_AT_ONCE:
        messages.error(request, f"请选择1至{MOST_AT_ONCE}人。")
        return redirect("registry:proposals")
    people, left_out = _sorted_out(request.user, ids)
    asked = "by" in request.POST or "is_skilled_worker" in request.POST or "sure" in request.POST
    form = FindingForAllForm(request.POST if asked else None)
    if asked and people and form.is_valid():
        try:
            job = confirm_many(
                [one.case_id for one in people],
                by=request.user,
                on=timezone.localdate(),
                how=form.cleaned_data["how"],
            )
        except NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"已开始确认{len(people)}人，逐人办理。每人的结果见下表，离开本页不影响办理。"
            )
            return redirect("window:job", job.pk)
    title = f"确认纳入名录：{len(people)}人"
    context = {
        "title": title,
        "crumbs": crumbs((title, "")),
        "people": people,
        "left_out": left_out,
        "form": form,
    }
    return render(request, "registry/confirm_chosen.html", context)


def _sorted_out(
    user: Any, ids: list[int]
) -> tuple[list[InclusionProposal], list[tuple[InclusionProposal, str]]]:
    """Those of the chosen whom the user may confirm now, and the others with the reason. The action checks
    each again.
    """
    found = (
        InclusionProposal.objects.visible_to(user)
        .for_list()
        .filter(case_id__in=ids)
        .order_by("case__due_sort", "case_id")
    )
    held = dict(
        CaseDuty.objects.filter(case_id__in=ids, person=user)
        .exclude(duty=Duty.APPROVE)
        .values_list("case_id", "duty")
    )
    people, left_out = [], []
    for one in found:
        if one.case.state != State.PROPOSED:
            left_out.append((one, f"当前状态为“{one.case.state_label}”"))
        elif not can(user, "registry.confirm", one.case.region_id):
            left_out.append((one, "不属于您负责的地区"))
        elif one.case_id in held:
            left_out.append((one, f"您已承担“{Duty(held[one.case_id]).label}”，须由另一人确认"))
        else:
            people.append(one)
    return people, left_out
