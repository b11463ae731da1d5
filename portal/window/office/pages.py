"""The office's own data: service windows, the calendar of working days, the time limits of cases."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, NotNow, can, require, scope
from portal.cases.models import Case, ClockRule
from portal.cases.workflow import Workflow, workflows
from portal.pages.access import staff
from portal.paging import page_asked
from portal.regions.models import CalendarYear, ServiceWindow
from portal.regions.reference import CalendarFileError
from portal.window.office import actions
from portal.window.office.forms import CalendarForm, ClockForm, WindowFilter, WindowForm

HOME = ("工作台", "window:home")
SHOWN = ("address", "hours", "phone", "materials", "handling_time")
_COMPLETE = Q(*(~Q(**{name: ""}) for name in SHOWN))


def _crumbs(*rest: tuple[str, str]) -> list[tuple[str, str]]:
    return [(HOME[0], reverse(HOME[1])), *rest]


def tabs_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The parts of the office's data, as far as the person's roles reach."""
    parts = (
        ("服务窗口", "window:office", "window.edit"),
        ("工作日历", "window:calendar", "calendar.load"),
        ("办理时限", "window:clock", "clock.edit"),
        ("办事指南", "window:guides", "guide.edit"),
    )
    return [
        {"label": label, "href": reverse(name), "current": request.path.startswith(reverse(name))}
        for label, name, permission in parts
        if can(request.user, permission)
    ]


# -- service windows -----------------------------------------------------------------------------------------
def _windows_of(user: Any) -> Any:
    """The windows of the regions where the person may edit them."""
    where = scope(user, "window.edit")
    found = ServiceWindow.objects.select_related("region__parent")
    if where.whole:
        return found
    inside = Q(region_id__in=sorted(where.banners))
    for league in sorted(where.leagues):
        inside |= Q(region__code__startswith=league[:4])
    return found.filter(inside)


@staff("window.edit")
def office(request: HttpRequest) -> HttpResponse:
    form = WindowFilter(request.GET or None)
    every = _windows_of(request.user)
    found = every
    if form.is_bound and form.is_valid():
        if wanted := form.cleaned_data["q"].strip():
            by_region = Q(region__name__contains=wanted) | Q(region__parent__name__contains=wanted)
            found = found.filter(by_region | Q(name__contains=wanted))
        chosen = {
            "complete": _COMPLETE & Q(is_sample=False),
            "missing": ~_COMPLETE,
            "sample": Q(is_sample=True),
        }
        found = found.filter(chosen.get(form.cleaned_data["state"], Q()))
    counts = every.aggregate(
        complete=Count("pk", filter=_COMPLETE & Q(is_sample=False)),
        missing=Count("pk", filter=~_COMPLETE),
        sample=Count("pk", filter=Q(is_sample=True)),
    )
    here = reverse("window:office")
    page = page_asked(found, request.GET, order=("region_id",), size=50, count=True)
    for place in page.rows:
        place.missing = [actions.field_label(name) for name in SHOWN if not getattr(place, name)]
    context = {
        "title": "服务窗口",
        "crumbs": _crumbs(("服务窗口", "")),
        "tabs": tabs_of(request),
        "form": form if form.is_bound else WindowFilter(),
        "page": page,
        "total_fields": len(SHOWN),
        "counts": [
            {
                "label": "已填写完整",
                "value": counts["complete"],
                "href": f"{here}?state=complete",
                "tone": "good",
            },
            {
                "label": "有待公布项",
                "value": counts["missing"],
                "href": f"{here}?state=missing",
                "tone": "warn",
            },
            {
                "label": "仍为示例数据",
                "value": counts["sample"],
                "href": f"{here}?state=sample",
                "tone": "warn",
            },
        ],
    }
    return render(request, "window/office.html", context)


@staff("window.edit", "GET", "POST")
def office_edit(request: HttpRequest, code: str) -> HttpResponse:
    place = get_object_or_404(_windows_of(request.user), pk=code)
    was_sample = place.is_sample
    form = WindowForm(request.POST if request.method == "POST" else None, instance=place)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in actions.WINDOW_FIELDS}
        try:
            _, changed = actions.save_window(
                code, values, by=request.user, seen_at=form.cleaned_data["seen_at"]
            )
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
            what = (
                f"已保存{place.region.full_name}服务窗口，公众页面已更新。"
                if changed or was_sample
                else "内容没有变化。"
            )
            messages.success(request, what)
            return redirect("window:office")
    title = f"{place.region.full_name}服务窗口"
    context = {
        "title": title,
        "crumbs": _crumbs(("服务窗口", reverse("window:office")), (place.region.full_name, "")),
        "form": form,
        "place": place,
        "was_sample": was_sample,
    }
    return render(request, "window/office_edit.html", context)


# -- the calendar --------------------------------------------------------------------------------------------
def _years() -> list[dict[str, Any]]:
    """Every loaded year, and this and the next one even if they are not loaded, newest first."""
    today = timezone.localdate()
    loaded = {
        year.year: year
        for year in CalendarYear.objects.annotate(
            off=Count("days", filter=Q(days__works=False)), made_up=Count("days", filter=Q(days__works=True))
        )
    }
    wanted = sorted({*loaded, today.year, today.year + 1}, reverse=True)
    return [
        {"year": year, "loaded": loaded.get(year), "needed": year <= today.year or today.month >= 11}
        for year in wanted
    ]


@staff("calendar.load", "GET", "POST")
def calendar(request: HttpRequest) -> HttpResponse:
    """The years that are loaded, with their document; a file of a year is loaded here."""
    require(request.user, "calendar.load", WHOLE_REGION)
    form = CalendarForm(request.POST, request.FILES) if request.method == "POST" else CalendarForm()
    if request.method == "POST" and form.is_valid():
        try:
            loaded = actions.load_calendar(form.cleaned_data["file"].read(), by=request.user)
        except CalendarFileError as problem:
            form.add_error("file", str(problem))
        else:
            years = "、".join(f"{year}年" for year in loaded.years)
            moved = "，在办事项的期限没有变化"
            if loaded.deadlines_moved:
                moved = f"，{loaded.deadlines_moved}件在办事项的期限已按新日历重算"
            messages.success(request, f"已载入{years}的工作日历{moved}。")
            return redirect("window:calendar")
    user: Any = request.user
    context = {
        "title": "工作日历",
        "crumbs": _crumbs(("工作日历", "")),
        "tabs": tabs_of(request),
        "form": form,
        "years": _years(),
        "uncertain": Case.objects.visible_to(user).unfinished().filter(due_certain=False).count(),
        "columns": list(actions.CALENDAR_COLUMNS),
        "limit": actions.MOST_BYTES,
    }
    return render(request, "window/calendar.html", context)


@staff("calendar.load")
def calendar_year(request: HttpRequest, year: int) -> HttpResponse:
    """Every day of a year that differs from the plain week."""
    require(request.user, "calendar.load", WHOLE_REGION)
    found = get_object_or_404(CalendarYear.objects.prefetch_related("days"), pk=year)
    context = {
        "title": f"{year}年工作日历",
        "crumbs": _crumbs(("工作日历", reverse("window:calendar")), (f"{year}年", "")),
        "year": found,
        "days": [{"day": day, "weekday": "一二三四五六日"[day.on.weekday()]} for day in found.days.all()],
        "working_days": _working_days(year, {day.on: day.works for day in found.days.all()}),
    }
    return render(request, "window/calendar_year.html", context)


def _working_days(year: int, exceptions: dict[date, bool]) -> int:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = (date.fromordinal(number) for number in range(first, last + 1))
    return sum(exceptions.get(day, day.weekday() < 5) for day in days)


# -- time limits ---------------------------------------------------------------------------------------------
@staff("clock.edit")
def clock(request: HttpRequest) -> HttpResponse:
    """How long the office gives itself for each kind of case."""
    require(request.user, "clock.edit", WHOLE_REGION)
    rules = ClockRule.objects.in_bulk()
    context = {
        "title": "办理时限",
        "crumbs": _crumbs(("办理时限", "")),
        "tabs": tabs_of(request),
        "rows": [{"workflow": workflow, "rule": rules.get(workflow.kind)} for workflow in workflows()],
    }
    return render(request, "window/office_clock.html", context)


def _workflow(kind: str) -> Workflow:
    for workflow in workflows():
        if workflow.kind == kind:
            return workflow
    raise Http404


@staff("clock.edit", "GET", "POST")
def clock_edit(request: HttpRequest, kind: str) -> HttpResponse:
    require(request.user, "clock.edit", WHOLE_REGION)
    workflow = _workflow(kind)
    rule = ClockRule.objects.filter(pk=kind).first()
    before = (
        {"working_days": rule.working_days, "basis": "" if rule.is_sample else rule.basis} if rule else None
    )
    form = ClockForm(request.POST if request.method == "POST" else None, initial=before)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_clock_rule(kind, **form.cleaned_data, by=request.user)
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"已保存“{workflow.title}”的办理时限，今后开始计时的办件按此计算。")
            return redirect("window:clock")
    context = {
        "title": f"{workflow.title}的办理时限",
        "crumbs": _crumbs(("办理时限", reverse("window:clock")), (workflow.title, "")),
        "form": form,
        "workflow": workflow,
        "rule": rule,
    }
    return render(request, "window/office_clock_edit.html", context)
