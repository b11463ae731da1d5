"""What workers asked for, at the window: a matter they agreed to, and something they say is recorded wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused
from portal.cases.actions import NotNow, possible_actions
from portal.cases.models import Case
from portal.entitlements import offers, rectifications
from portal.entitlements.wording import (
    determination_conditions,
    determination_summary,
    fact_label,
    register_vocabulary,
    value_in_words,
)
from portal.entitlements.workflow import RECTIFICATION, SERVICE
from portal.pages.access import staff
from portal.policy.benefits import BY_CODE
from portal.window.cases.worklist import deadline_of


class AnswerForm(forms.Form):
    reason = forms.CharField(
        label="办理情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="本人可以看到，请写明做了什么、依据什么；不要写入他人的信息。",
        error_messages={"required": "请写明办理情况。"},
    )


# action: (heading of the page, what the button says, what is said afterwards)
_WORDS = {
    (SERVICE, "finish"): ("办结", "确认办结", "已办结，本人可以看到办理结果。"),
    (SERVICE, "end"): ("未能办理", "确认未能办理", "已记录未能办理的原因，本人可以看到。"),
    (SERVICE, "withdraw"): ("撤回", "确认撤回", "已记录本人撤回。"),
    (RECTIFICATION, "rectify"): ("已更正", "确认已更正", "已告知本人更正的内容。"),
    (RECTIFICATION, "keep"): ("维持原记录", "确认维持原记录", "已告知本人维持原记录的理由。"),
    (RECTIFICATION, "withdraw"): ("撤回", "确认撤回", "已记录本人撤回。"),
}
_ACTS: dict[tuple[str, str], Callable[..., Any]] = {
    (SERVICE, "finish"): offers.finish,
    (SERVICE, "end"): offers.end,
    (SERVICE, "withdraw"): offers.withdraw,
    (RECTIFICATION, "rectify"): rectifications.rectify,
    (RECTIFICATION, "keep"): rectifications.keep,
    (RECTIFICATION, "withdraw"): rectifications.withdraw,
}


def _seen(request: HttpRequest, kind: str, number: str) -> Case:
    seen = Case.objects.visible_to(request.user).select_related("worker", "region__parent", "assigned_to")
    return get_object_or_404(seen.filter(kind=kind), number=number)


def _context(request: HttpRequest, case: Case) -> dict[str, Any]:
    may, may_not = possible_actions(case, request.user)
    return {
        "crumbs": [("办件", reverse("window:cases")), (case.number, "")],
        "case": case,
        "deadline": deadline_of(case, timezone.localdate()),
        "events": _events(case),
        "actions": [
            {
                "label": row.label,
                "href": reverse("window:request_step", args=[case.number, row.action]),
                "consequence": row.consequence,
                "kind": "secondary" if place else "primary",
            }
            for place, row in enumerate(may)
        ],
        "refused": [{"label": row.label, "reason": reason} for row, reason in may_not],
    }


def _events(case: Case) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for event in case.events.select_related("by").order_by("-position"):
        who = f"{event.by}（{event.get_role_display()}）" if event.by and event.role else str(event.by or "")
        events.append({"at": event.at, "title": event.label, "by": who, "text": event.reason})
    if events and not case.closed_at:
        events[0]["tone"] = "current"
    return events


@staff("case.view")
def service(request: HttpRequest, number: str) -> HttpResponse:
    """A matter the worker agreed to: what it is, on which determination it rests, what was done."""
    case = _seen(request, SERVICE, number)
    found = case.service_request
    audit.record(
        "case.view",
        by=request.user,
        obj=case,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": number},
    )
    benefit = BY_CODE[found.offer.benefit]
    context = {
        "title": f"代办：{benefit.title}",
        **_context(request, case),
        "offer": found.offer,
        "benefit": benefit,
        "determination": found.determination,
        "conditions": determination_conditions(found.determination),
        "summary": determination_summary(found.determination),
        "result": found.result,
    }
    return render(request, "window/service.html", context)


@staff("case.view")
def rectification(request: HttpRequest, number: str) -> HttpResponse:
    """Something said to be wrong: what the register said then, what it says now."""
    case = _seen(request, RECTIFICATION, number)
    found = case.rectification_request
    audit.record(
        "case.view",
        by=request.user,
        obj=case,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": number},
    )
    words = register_vocabulary()
    now = (
        rectifications.recorded(case.worker_id, found.facts, on=timezone.localdate())
        if case.worker_id
        else {}
    )
    rows = [
        {
            "label": fact_label(fact),
            "shown": value_in_words(fact, found.shown.get(fact), words) or "没有记录",
            "now": value_in_words(fact, now.get(fact), words) or "没有记录",
            "changed": now.get(fact) != found.shown.get(fact),
        }
        for fact in found.facts
    ]
    context = {
        "title": "信息更正申请",
        **_context(request, case),
        "request_": found,
        "rows": rows,
    }
    return render(request, "window/rectification.html", context)


@staff("case.view", "GET", "HEAD", "POST")
def request_step(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One decision on its own page: repeats the matter, asks what is needed, acts, says what happened."""
    seen = (
        Case.objects.visible_to(request.user)
        .select_related("worker", "region__parent")
        .filter(kind__in=[SERVICE, RECTIFICATION])
    )
    case = get_object_or_404(seen, number=number)
    known = _WORDS.get((case.kind, action))
    if known is None:
        return redirect("window:case", number)
    title, submit, said = known
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _ACTS[case.kind, action](
                case.pk, by=request.user, on=timezone.localdate(), reason=form.cleaned_data["reason"]
            )
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"办件{number}{said}")
            return redirect("window:case", number)
    back = reverse("window:case", args=[number])
    row = case.workflow.transition(action)
    context = {
        "title": f"{title}：{number}",
        "crumbs": [("办件", reverse("window:cases")), (number, back), (title, "")],
        "case": case,
        "row": row,
        "form": form,
        "back": back,
        "submit": submit,
        "kind": "danger" if row.danger else "primary",
    }
    return render(
        request, "window/request_step.html", context, status=409 if form.non_field_errors() else 200
    )
