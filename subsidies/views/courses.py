"""How claims are handled, as settings that one officer enters and another confirms."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, can
from portal.formats import yuan
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.pages.forms import NothingForm
from portal.regions.models import Region
from portal.typed_fields import DayField, NumberField, WholeNumberField
from subsidies import courses
from subsidies.by_unit.workflow import PROPOSAL
from subsidies.models import Course

TITLE = "补贴办理流程"


class CourseForm(forms.Form):
    """The settings, from a day on."""

    kind = forms.ChoiceField(label="补贴", choices=list(courses.TITLES.items()))
    league = forms.ModelChoiceField(
        label="盟市",
        queryset=Region.objects.none(),
        required=False,
        empty_label="全区（没有单独设置的盟市）",
    )
    since = DayField(label="开始执行日期", help_text="晚于今天。此前已提交的申请仍按原设置办理。")
    working_days = WholeNumberField(
        label="办理时限（工作日）",
        min_value=1,
        max_value=60,
        help_text="法定时限更短的，按法定时限。单位代为提出的，是本人确认的期限。",
    )
    notice_days = WholeNumberField(
        label="公示期（工作日）",
        required=False,
        min_value=1,
        max_value=30,
        help_text="批准前公示拟补贴人员的工作日数，只用于技师、高级技师培训补贴；不填为不公示。",
    )
    notice_stops_clock = forms.BooleanField(label="公示期间不计入办理时限", required=False)
    ask_again_days = WholeNumberField(
        label="申请复核期限（日）",
        required=False,
        min_value=1,
        max_value=90,
        help_text="自决定书送达之日起，本人可以申请本机关复核的日数；不填为不设复核。",
    )
    answer_again_days = WholeNumberField(
        label="复核办理时限（工作日）",
        required=False,
        min_value=1,
        max_value=60,
        help_text="自申请复核之日起；设复核的须填写。",
    )
    second_review_from = NumberField(
        label="复核起点金额（元）",
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text="达到这一金额的须经自治区复核；填0为一律复核，不填为不复核。",
    )
    region_decides_from = NumberField(
        label="自治区审批起点金额（元）",
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text="达到这一金额的由自治区审批人审批；不填为由盟市审批人审批。",
    )
    basis = forms.CharField(label="依据", max_length=160, help_text="文号或者会议纪要。")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["league"]
        field.queryset = Region.objects.leagues()


def _facts(course: Course) -> list[Fact]:
    return [
        Fact("补贴", courses.TITLES[course.kind]),
        Fact("盟市", course.league or "全区（没有单独设置的盟市）"),
        Fact("开始执行日期", course.since),
        Fact("办理时限", f"{course.working_days}个工作日"),
        Fact("自治区复核", _steps_of(course)[0]),
        Fact("自治区审批", _steps_of(course)[1]),
        Fact("公示", _notice(course)),
        Fact("复核申请", _again(course)),
        Fact("依据", course.basis),
        Fact("录入人", course.entered_by or "示例"),
    ]


def _steps_of(course: Course) -> tuple[str, str]:
    """Who reviews again and who decides, above which amounts; of what only the person answers nobody does."""
    if course.kind == PROPOSAL:
        return "—", "—"
    return _above(course.second_review_from, "不复核"), _above(course.region_decides_from, "由盟市审批")


def _notice(course: Course) -> str:
    """For how long a claim is announced before it is approved."""
    if course.notice_days is None:
        return "—" if course.kind == PROPOSAL else "不公示"
    counts = "不计入办理时限" if course.notice_stops_clock else "计入办理时限"
    return f"{course.notice_days}个工作日，{counts}"


def _again(course: Course) -> str:
    """Within which time the office looks again at what it decided against somebody."""
    if course.kind == PROPOSAL:
        return "—"
    if course.ask_again_days is None:
        return "不设"
    return f"送达后{course.ask_again_days}日内提出，{course.answer_again_days}个工作日内办结"


def _above(amount: Any, otherwise: str) -> str:
    if amount is None:
        return otherwise
    return "一律" if amount == 0 else f"{yuan(amount)}及以上"


def _crumbs(*further: tuple[str, str]) -> Crumbs:
    return [("工作台", reverse("window:home")), (TITLE, reverse("subsidies:courses")), *further]


@staff("window.use")
def all_courses(request: HttpRequest) -> HttpResponse:
    """Every setting, newest first, with who entered and confirmed it."""
    listed = Course.objects.select_related("league", "entered_by", "confirmed_by")
    rows = [
        {
            "course": course,
            "title": courses.TITLES[course.kind],
            "second_review": _steps_of(course)[0],
            "region_decides": _steps_of(course)[1],
            "notice": _notice(course),
            "again": _again(course),
        }
        for course in listed.order_by("kind", "-since", "-id")
    ]
    context = {
        "title": TITLE,
        "crumbs": _crumbs()[:1] + [(TITLE, "")],
        "rows": rows,
        "may_set": can(request.user, courses.SET, WHOLE_REGION),
        "may_confirm": can(request.user, courses.CONFIRM, WHOLE_REGION),
    }
    return render(request, "subsidies/courses.html", context)


@staff("course.set", "GET", "HEAD", "POST")
def new_course(request: HttpRequest) -> HttpResponse:
    """Enter settings that hold from a day on."""
    form = CourseForm(posted(request))

    def enter(given: dict[str, Any]) -> Done:
        courses.enter(given, by=request.user, on=timezone.localdate())
        return Done("已录入，由另一人复核后生效。", reverse("subsidies:courses"))

    page = ActionPage(
        title="录入办理流程设置",
        crumbs=_crumbs(("录入", "")),
        heading="设置",
        submit="录入",
        back=reverse("subsidies:courses"),
        consequence="经另一人复核后，自开始执行日期起提交的申请按此办理。",
    )
    answer = act_on(request, form, enter)
    return answer or show_action(request, page, form)


@staff("course.confirm", "GET", "HEAD", "POST")
def confirm_course(request: HttpRequest, pk: int) -> HttpResponse:
    """Another officer confirms them."""
    course = get_object_or_404(Course.objects.select_related("league", "entered_by"), pk=pk)
    check = partial(courses.require_may_confirm, course, by=request.user, on=timezone.localdate())
    if stop := stopped(request, check, otherwise=reverse("subsidies:courses")):
        return stop
    form = NothingForm(posted(request))

    def confirm(given: dict[str, Any]) -> Done:
        courses.confirm(course.pk, by=request.user, on=timezone.localdate())
        return Done("已复核，自开始执行日期起生效。", reverse("subsidies:courses"))

    page = ActionPage(
        title="复核办理流程设置",
        crumbs=_crumbs(("复核", "")),
        heading="要复核的设置",
        submit="复核并生效",
        back=reverse("subsidies:courses"),
        consequence="自开始执行日期起提交的申请按此办理。",
    )
    answer = act_on(request, form, confirm)
    return answer or show_action(
        request, page, form, template="subsidies/course_confirm.html", facts=_facts(course)
    )
