"""Objections at the office: the list, one objection on a page, the decisions on it; and a notice that is to
last longer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can
from portal.cases.actions import NotNow, possible_actions
from portal.cases.models import Objection, PublicNotice
from portal.cases.notices import objections as actions
from portal.cases.notices.kinds import NoticeKind, notice_kind
from portal.cases.notices.publishing import extend_notice
from portal.cases.notices.workflow import ObjectionState
from portal.cases.workflow import Duty
from portal.pages.access import staff
from portal.pages.filters import ALL, COUNTED_AT_MOST, FilterForm
from portal.paging import page_asked
from portal.templatetags.portal import date_cn
from portal.window.cases.worklist import deadline_of
from portal.window.public.notices import label_of_row

TONES = {
    ObjectionState.RECEIVED: "warn",
    ObjectionState.UPHELD: "good",
    ObjectionState.DISMISSED: "plain",
    ObjectionState.WITHDRAWN: "plain",
}


class ObjectionFilter(FilterForm):
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *ObjectionState.choices])
    notice = forms.CharField(label="公示编号", required=False, max_length=24)

    def apply(self, found: QuerySet[Objection]) -> QuerySet[Objection]:
        if state := self.value("state"):
            found = found.filter(case__state=state)
        if number := self.value("notice"):
            found = found.filter(notice__number=number.strip().upper())
        return found


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label="核查情况和理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="记入办件；认定异议成立的，作为处理的理由，写明事实和依据。",
        error_messages={"required": "请写明核查情况和理由。"},
    )
    reply = forms.CharField(
        label="答复异议人",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="异议人凭办件编号可以查到，不要写入他人的证件号码、联系方式等信息。",
        error_messages={"required": "请写明给异议人的答复。"},
    )


class UpholdForm(DecisionForm):
    remedy = forms.ChoiceField(
        label="如何处理", widget=forms.RadioSelect, error_messages={"required": "请选择异议成立后如何处理。"}
    )
    extend_working_days = forms.IntegerField(
        label="延长公示（工作日）",
        required=False,
        min_value=1,
        max_value=30,
        help_text="自原截止日（已过的自今天）起延长的完整工作日数；不延长的留空。",
    )
    field_order = ["remedy", "reason", "reply", "extend_working_days"]

    def __init__(self, data: Any, *, kind: NoticeKind) -> None:
        super().__init__(data)
        remedies = [(one.code, f"{one.label}：{one.consequence}") for one in kind.remedies]
        self.fields["remedy"].choices = remedies  # type: ignore[attr-defined]


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label="撤回的情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明异议人何时、以何种方式撤回，如何核实是本人。",
        error_messages={"required": "请写明撤回的情况。"},
    )


class ExtensionForm(forms.Form):
    working_days = forms.IntegerField(
        label="延长的工作日数",
        min_value=1,
        max_value=30,
        help_text="自原截止日（已过的自今天）起计算完整的工作日。",
        error_messages={"required": "请填写延长的工作日数。"},
    )
    reason = forms.CharField(
        label="延长原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="随公示公开。",
        error_messages={"required": "请写明延长原因。"},
    )


@staff("case.view")
def objections(request: HttpRequest) -> HttpResponse:
    """Objections, newest first; those without a decision say how much time is left."""
    form = ObjectionFilter(request.GET, user=request.user)
    seen = Objection.objects.visible_to(request.user).select_related("case__assigned_to", "notice")
    listed = form.apply(seen.defer("objector", "contact", "text", "notice__body"))
    page = page_asked(listed, request.GET, order=("-case_id",), count=True, count_up_to=COUNTED_AT_MOST)
    today = timezone.localdate()
    context = {
        "title": "公示异议",
        "form": form,
        "page": page,
        "clear": reverse("window:objections") if form.used else "",
        "rows": [
            {
                "objection": one,
                "tone": TONES[ObjectionState(one.case.state)],
                "deadline": deadline_of(one.case, today),
            }
            for one in page.rows
        ],
    }
    return render(request, "window/objections.html", context)


def _seen(request: HttpRequest, number: str) -> Objection:
    seen = Objection.objects.visible_to(request.user).select_related(
        "case__region__parent", "case__assigned_to", "notice__case"
    )
    return get_object_or_404(seen, case__number=number)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("公示异议", reverse("window:objections")), *more]


@staff("case.view")
def objection(request: HttpRequest, number: str) -> HttpResponse:
    """One objection. Who objects is shown to those alone who may decide it: not to those who drew up the
    list.
    """
    found = _seen(request, number)
    case = found.case
    user: Any = request.user
    barred = case.duties.filter(person=user, duty=Duty.REVIEW).exists()
    knows_who = can(user, "objection.decide", case.region_id) and not barred
    audit.record(
        "objection.view", by=request.user, obj=found, region=case.region_id, detail={"number": case.number}
    )
    may, may_not = possible_actions(case, request.user)
    kind = notice_kind(found.notice.kind)
    context = {
        "title": f"异议 {case.number}",
        "crumbs": _crumbs((case.number, "")),
        "case": case,
        "objection": found,
        "tone": TONES[ObjectionState(case.state)],
        "deadline": deadline_of(case, timezone.localdate()),
        "about": about_rows(found),
        "knows_who": knows_who,
        "files": list(case.evidence.not_removed()),
        "remedy": kind.label_of(found.remedy) if found.remedy else "",
        "events": _events(found),
        "actions": [
            {
                "label": row.label,
                "href": reverse(f"window:objection_{row.action}", args=[number]),
                "consequence": row.consequence,
                "kind": "danger" if row.danger else "primary" if row.action == "uphold" else "secondary",
            }
            for row in may
        ],
        "refused": [{"label": row.label, "reason": reason} for row, reason in may_not],
    }
    return render(request, "window/objection.html", context)


def about_rows(found: Objection) -> list[dict[str, Any]]:
    """What it is about: the row as it was announced last before it may have been taken out, or the notice as
    a whole.
    """
    notice = found.notice
    said = "整个公示"
    if found.about:
        version = next(
            (
                v
                for v in notice.versions.order_by("-position")
                if any(r["key"] == found.about for r in v.rows)
            ),
            None,
        )
        row = next((r for r in version.rows if r["key"] == found.about), None) if version else None
        said = f"{label_of_row(version, row)}（{found.about}）" if version and row else found.about
    return [
        {
            "label": "公示",
            "value": f"{notice.title}（{notice.number}）",
            "href": reverse("public:notice", args=[notice.number]),
            "action": "查看",
        },
        {"label": "公示截止", "value": date_cn(notice.closes_on)},
        {"label": "异议针对", "value": said},
        {"label": "收到日期", "value": date_cn(found.received_on)},
    ]


def _events(found: Objection) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for event in found.case.events.select_related("by").order_by("-position"):
        who = (
            f"{event.by}（{event.get_role_display()}）"
            if event.by and event.role
            else str(event.by or "异议人")
        )
        title = "收到异议" if event.action == "open" else event.label
        text = "；".join(filter(None, [event.detail.get("label", ""), event.reason]))
        events.append({"at": event.at, "title": title, "by": who, "text": text})
    if events and not found.case.closed_at:
        events[0]["tone"] = "current"
    return events


def _step(
    request: HttpRequest,
    number: str,
    action: str,
    form: forms.Form,
    act: Callable[[Objection, dict[str, Any]], str],
    submit: str,
) -> HttpResponse:
    """The page of one decision: repeats what is decided, asks what is needed, acts, says what happened."""
    found = _seen(request, number)
    row = found.case.workflow.transition(action)
    if request.method == "POST" and form.is_valid():
        try:
            said = act(found, form.cleaned_data)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("window:objection", number)
    back = reverse("window:objection", args=[number])
    context = {
        "title": f"{row.label}：{number}",
        "crumbs": _crumbs((number, back), (row.label, "")),
        "row": row,
        "objection": found,
        "about": about_rows(found),
        "form": form,
        "back": back,
        "submit": submit,
        "kind": "danger" if row.danger else "primary",
    }
    return render(
        request, "window/objection_step.html", context, status=409 if form.non_field_errors() else 200
    )


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@staff("objection.decide", "GET", "HEAD", "POST")
def uphold(request: HttpRequest, number: str) -> HttpResponse:
    def act(found: Objection, given: dict[str, Any]) -> str:
        actions.uphold(found.pk, by=request.user, on=timezone.localdate(), **given)
        return "已认定异议成立，公示名单已按所选方式处理，答复可由异议人查询。"

    form = UpholdForm(_posted(request), kind=notice_kind(_seen(request, number).notice.kind))
    return _step(request, number, "uphold", form, act, "认定异议成立")


@staff("objection.decide", "GET", "HEAD", "POST")
def dismiss(request: HttpRequest, number: str) -> HttpResponse:
    def act(found: Objection, given: dict[str, Any]) -> str:
        actions.dismiss(found.pk, by=request.user, on=timezone.localdate(), **given)
        return "已认定异议不成立，名单不变，答复可由异议人查询。"

    return _step(request, number, "dismiss", DecisionForm(_posted(request)), act, "认定异议不成立")


@staff("objection.decide", "GET", "HEAD", "POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    def act(found: Objection, given: dict[str, Any]) -> str:
        actions.withdraw(found.pk, by=request.user, on=timezone.localdate(), **given)
        return "已记录异议人撤回，本件办结。"

    return _step(request, number, "withdraw", WithdrawalForm(_posted(request)), act, "记录撤回")


@staff("notice.extend", "GET", "HEAD", "POST")
def notice_extend(request: HttpRequest, number: str) -> HttpResponse:
    """Let a notice last longer, with the reason that everybody then reads."""
    found = get_object_or_404(PublicNotice.objects.public().select_related("case"), number=number)
    form = ExtensionForm(_posted(request))
    back = reverse("public:notice", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            made = extend_notice(found.pk, by=request.user, on=timezone.localdate(), **form.cleaned_data)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"公示已延长至{date_cn(made.closes_on)}，延长情况已在公示页公开。")
            return redirect(back)
    context = {
        "title": "延长公示",
        "crumbs": _crumbs((found.number, back), ("延长公示", "")),
        "notice": found,
        "form": form,
        "back": back,
    }
    return render(
        request, "window/notice_extend.html", context, status=409 if form.non_field_errors() else 200
    )
