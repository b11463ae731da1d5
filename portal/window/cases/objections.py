"""Objections at the office: the list, one objection on a page, the decisions on it; and a notice that is to
last longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import can
from portal.cases.models import Case, CaseEvent, Evidence, Objection, PublicNotice
from portal.cases.models.notices import NEWEST_FIRST
from portal.cases.notices import objections as actions
from portal.cases.notices.kinds import NoticeKind, notice_kind
from portal.cases.notices.publishing import extend_notice
from portal.cases.notices.workflow import ObjectionState
from portal.cases.workflow import Duty, Transition
from portal.formats import date_cn
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.case_page import CasePage, show_case, take_action
from portal.pages.deadlines import deadline_of
from portal.pages.filters import ALL, COUNTED_AT_MOST, FilterForm
from portal.pages.forms import ReasonForm
from portal.paging import page_asked
from portal.reasons import ReasonField
from portal.regions.calendar import OfficeCalendar
from portal.typed_fields import WholeNumberField
from portal.window.public.notices import label_of_row


class ObjectionFilter(FilterForm):
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *ObjectionState.choices])
    notice = forms.CharField(label="公示编号", required=False, max_length=24)

    def apply(self, objections: QuerySet[Objection]) -> QuerySet[Objection]:
        if state := self.value("state"):
            objections = objections.filter(case__state=state)
        if number := self.value("notice"):
            objections = objections.filter(notice__number=number.strip().upper())
        return objections


class DecisionForm(forms.Form):
    reason = ReasonField(
        label="核查情况和理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="记入办件；认定异议成立的，作为处理的理由，写明事实和依据。",
        error_messages={"required": "请写明核查情况和理由。"},
    )
    reply = ReasonField(
        label="给异议人的答复",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="异议人凭办件编号可以查到，不要写入他人的证件号码、联系方式等信息。",
        error_messages={"required": "请写明给异议人的答复。"},
    )


class UpholdForm(DecisionForm):
    remedy = forms.ChoiceField(
        label="异议成立后的处理",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择异议成立后如何处理。"},
    )
    extend_working_days = WholeNumberField(
        label="延长公示（工作日）",
        required=False,
        min_value=1,
        max_value=30,
        help_text="自原截止日（已过的自今天）起延长的完整工作日数；不延长的留空。",
    )
    not_extended = ReasonField(
        label="不因新列入的人选延长公示的理由",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="名单调整后有新列入人选的，公示自动延长，使其公示满规定的工作日。决定不延长的，在此写明理由，"
        "记入办件；没有这一决定的留空。",
    )
    field_order = ["remedy", "reason", "reply", "extend_working_days", "not_extended"]

    def __init__(self, data: Any, *, kind: NoticeKind) -> None:
        super().__init__(data)
        remedies = [(one.code, f"{one.label}：{one.consequence}") for one in kind.remedies]
        self.fields["remedy"].choices = remedies  # type: ignore[attr-defined]
        if kind.whole_window is None:
            del self.fields["not_extended"]


class ExtensionForm(forms.Form):
    working_days = WholeNumberField(
        label="延长的工作日数",
        min_value=1,
        max_value=30,
        help_text="自原截止日（已过的自今天）起计算完整的工作日。",
        error_messages={"required": "请填写延长的工作日数。"},
    )
    reason = ReasonField(
        label="延长原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="随公示公开。",
        error_messages={"required": "请写明延长原因。"},
    )


_ACTION = "window/objection_step.html"


@staff("case.view")
def objections(request: HttpRequest) -> HttpResponse:
    """Objections, newest first; those without a decision say how much time is left."""
    form = ObjectionFilter(request.GET, user=request.user)
    seen = Objection.objects.visible_to(request.user).select_related("case__assigned_to", "notice")
    listed = form.apply(seen.defer("objector", "contact", "text", "notice__body"))
    page = page_asked(listed, request.GET, order=NEWEST_FIRST, count=True, count_up_to=COUNTED_AT_MOST)
    today, calendar = timezone.localdate(), OfficeCalendar()
    context = {
        "title": "公示异议",
        "form": form,
        "page": page,
        "clear": reverse("window:objections") if form.used else "",
        "rows": [
            {
                "objection": objection,
                "deadline": deadline_of(objection.case, today, calendar),
            }
            for objection in page.rows
        ],
    }
    return render(request, "window/objections.html", context)


@dataclass(frozen=True)
class ObjectionPage(CasePage):
    """One objection. Who objects is shown to those alone who may decide it: not to those who drew up the
    list.
    """

    objection: Objection

    nobody = "异议人"
    primary = frozenset({"uphold"})
    shows_letters = False

    @classmethod
    def open(cls, request: HttpRequest, number: str) -> ObjectionPage:
        seen = Objection.objects.visible_to(request.user).select_related(
            "case__region__parent", "case__assigned_to", "notice__case"
        )
        objection = get_object_or_404(seen, case__number=number)
        return cls(objection.case, request.user, objection)

    @property
    def title(self) -> str:
        return f"异议 {self.case.number}"

    @property
    def address(self) -> str:
        return reverse("window:objection", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        return [("公示异议", reverse("window:objections"))]

    def address_of(self, row: Transition) -> str:
        return reverse(f"window:objection_{row.action}", args=[self.case.number])

    @property
    def notice_kind(self) -> NoticeKind:
        return notice_kind(self.objection.notice.kind)

    @property
    def knows_who(self) -> bool:
        if not can(self.user, "objection.decide", self.case.region_id):
            return False
        return not self.case.duties.filter(person=self.user, duty=Duty.REVIEW).exists()

    @property
    def facts(self) -> list[dict[str, Any]]:
        notice = self.objection.notice
        return [
            {
                "label": "公示",
                "value": f"{notice.title}（{notice.number}）",
                "href": reverse("public:notice", args=[notice.number]),
                "action": "查看",
            },
            {"label": "公示截止", "value": date_cn(notice.closes_on)},
            self._about,
            {"label": "收到日期", "value": date_cn(self.objection.received_on)},
        ]

    @property
    def _about(self) -> dict[str, Any]:
        """What it is against, with the way to the case of the person whom the row names."""
        fact: dict[str, Any] = {"label": "异议针对", "value": self._objected_to()}
        number = self.objection.about
        if number and Case.objects.visible_to(self.user).filter(number=number).exists():
            fact |= {"href": reverse("window:case", args=[number]), "action": "查看办件"}
        return fact

    def _objected_to(self) -> str:
        """The row as it was announced last before it may have been taken out, or the notice as a whole."""
        key = self.objection.about
        if not key:
            return "整个公示"
        for version in self.objection.notice.versions.order_by("-position"):
            for row in version.rows:
                if row["key"] == key:
                    return f"{label_of_row(version, row)}（{key}）"
        return key

    @property
    def files(self) -> list[Evidence]:
        return list(self.case.evidence.not_removed())

    @property
    def remedy(self) -> str:
        return self.notice_kind.label_of(self.objection.remedy) if self.objection.remedy else ""

    def title_of(self, event: CaseEvent) -> str:
        return "收到异议" if event.action == "open" else event.label

    def text_of(self, event: CaseEvent) -> str:
        not_extended = event.detail.get("not_extended", "")
        said = [event.detail.get("label", ""), event.reason, not_extended and f"公示不延长：{not_extended}"]
        return "；".join(filter(None, said))

    def record_view(self) -> None:
        audit.record(
            "objection.view",
            by=self.user,
            obj=self.objection,
            region=self.case.region_id,
            detail={"number": self.case.number},
        )


@staff("case.view")
def open_objection(request: HttpRequest, number: str) -> HttpResponse:
    """One objection on its page."""
    return show_case(request, ObjectionPage.open(request, number), "window/objection.html")


@staff("objection.decide", "GET", "HEAD", "POST")
def uphold(request: HttpRequest, number: str) -> HttpResponse:
    """The objection is right: the list changes as the remedy says."""
    page = ObjectionPage.open(request, number)

    def act(given: dict[str, Any]) -> str:
        actions.uphold(page.case.pk, by=request.user, on=timezone.localdate(), **given)
        return "已认定异议成立，公示名单已按所选方式处理，答复可由异议人查询。"

    form = UpholdForm(posted(request), kind=page.notice_kind)
    return take_action(request, page, "uphold", form, act, submit="认定异议成立", template=_ACTION)


@staff("objection.decide", "GET", "HEAD", "POST")
def dismiss(request: HttpRequest, number: str) -> HttpResponse:
    """The objection is not right: the list stands."""
    page = ObjectionPage.open(request, number)

    def act(given: dict[str, Any]) -> str:
        actions.dismiss(page.case.pk, by=request.user, on=timezone.localdate(), **given)
        return "已认定异议不成立，名单不变，答复可由异议人查询。"

    form = DecisionForm(posted(request))
    return take_action(request, page, "dismiss", form, act, submit="认定异议不成立", template=_ACTION)


@staff("objection.decide", "GET", "HEAD", "POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Whoever objected takes the objection back."""
    page = ObjectionPage.open(request, number)
    form = ReasonForm(
        posted(request),
        label="撤回的经过",
        help_text="写明异议人何时、以何种方式撤回，如何核实是本人。",
        when_missing="请写明撤回的经过。",
        rows=3,
    )

    def act(given: dict[str, Any]) -> str:
        actions.withdraw(page.case.pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return "已记录异议人撤回，本件办结。"

    return take_action(request, page, "withdraw", form, act, submit="记录撤回", template=_ACTION)


@staff("notice.extend", "GET", "HEAD", "POST")
def notice_extend(request: HttpRequest, number: str) -> HttpResponse:
    """Let a notice last longer, with the reason that everybody then reads."""
    notice = get_object_or_404(PublicNotice.objects.public().select_related("case"), number=number)
    back = reverse("public:notice", args=[number])
    form = ExtensionForm(posted(request))

    def act(given: dict[str, Any]) -> Done:
        extended = extend_notice(notice.pk, by=request.user, on=timezone.localdate(), **given)
        return Done(f"公示已延长至{date_cn(extended.closes_on)}，延长情况已在公示页公开。", back)

    page = ActionPage(
        title="延长公示",
        crumbs=[
            ("公示异议", reverse("window:objections")),
            (notice.number, back),
            ("延长公示", ""),
        ],
        consequence=(
            f"{notice.title}（{notice.number}），现公示至{date_cn(notice.closes_on)}。"
            "延长期间继续接受异议，名单不能审定。"
        ),
        submit="延长公示",
        back=back,
    )
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)
