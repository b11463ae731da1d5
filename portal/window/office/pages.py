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
    windows = ServiceWindow.objects.select_related("region__parent")
    if where.whole:
        return windows
    inside = Q(region_id__in=sorted(where.banners))
    for league in sorted(where.leagues):
        inside |= Q(region__code__startswith=league[:4])
    return windows.filter(inside)


_COMPLETE = Q(*(~Q(**{name: ""}) for name in SHOWN))
# State of a window -> (what it is called, tone of its count, condition).
_STATES = {
    "complete": ("已填写完整", "good", _COMPLETE & Q(is_sample=False)),
    "missing": ("有待公布项", "warn", ~_COMPLETE),
    "sample": ("仍为示例数据", "warn", Q(is_sample=True)),
}


def _filtered(windows: Any, form: WindowFilter) -> Any:
    if not (form.is_bound and form.is_valid()):
        return windows
    text = form.cleaned_data["q"].strip()
    if text:
        by_region = Q(region__name__contains=text) | Q(region__parent__name__contains=text)
        windows = windows.filter(by_region | Q(name__contains=text))
    state = form.cleaned_data["state"]
    if state in _STATES:
        windows = windows.filter(_STATES[state][2])
    return windows


def _counts(windows: Any) -> list[dict[str, Any]]:
    """How many windows are in each state, each count a link to them."""
    numbers = windows.aggregate(
        **{state: Count("pk", filter=condition) for state, (_, _, condition) in _STATES.items()}
    )
    here = reverse("window:office")
    return [
        {
            "label": label,
            "value": numbers[state],
            "href": f"{here}?state={state}",
            "tone": tone,
        }
        for state, (label, tone, _) in _STATES.items()
    ]


@staff("window.edit")
def office(request: HttpRequest) -> HttpResponse:
    form = WindowFilter(request.GET or None)
    windows = _windows_of(request.user)
    page = page_asked(_filtered(windows, form), request.GET, order=("region_id",), size=50, count=True)
    for window in page.rows:
        window.missing = [actions.field_label(name) for name in SHOWN if not getattr(window, name)]
    context = {
        "title": "服务窗口",
        "crumbs": _crumbs(("服务窗口", "")),
        "tabs": tabs_of(request),
        "form": form if form.is_bound else WindowFilter(),
        "page": page,
        "total_fields": len(SHOWN),
        "counts": _counts(windows),
    }
    return render(request, "window/office.html", context)


@staff("window.edit", "GET", "HEAD", "POST")
def office_edit(request: HttpRequest, code: str) -> HttpResponse:
    window = get_object_or_404(_windows_of(request.user), pk=code)
    was_sample = window.is_sample
    form = WindowForm(request.POST if request.method == "POST" else None, instance=window)
    name = window.region.full_name
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in actions.WINDOW_FIELDS}
        seen_at = form.cleaned_data["seen_at"]
        try:
            _, changed = actions.save_window(code, values, by=request.user, seen_at=seen_at)
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
            is_new = changed or was_sample
            what = f"已保存{name}服务窗口，公众页面已更新。" if is_new else "内容没有变化。"
            messages.success(request, what)
            return redirect("window:office")
    context = {
        "title": f"{name}服务窗口",
        "crumbs": _crumbs(("服务窗口", reverse("window:office")), (name, "")),
        "form": form,
        "place": window,
        "was_sample": was_sample,
    }
    return render(request, "window/office_edit.html", context)


# -- the calendar --------------------------------------------------------------------------------------------
def _years() -> list[dict[str, Any]]:
    """Every loaded year, and this and the next one even if they are not loaded, newest first."""
    today = timezone.localdate()
    with_counts = CalendarYear.objects.annotate(
        off=Count("days", filter=Q(days__works=False)), made_up=Count("days", filter=Q(days__works=True))
    )
    loaded = {year.year: year for year in with_counts}
    rows = []
    for year in sorted({*loaded, today.year, today.year + 1}, reverse=True):
        # Deadlines begin to run into the next year in November.
        is_needed = year <= today.year or today.month >= 11
        rows.append({"year": year, "loaded": loaded.get(year), "needed": is_needed})
    return rows


@staff("calendar.load", "GET", "HEAD", "POST")
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
    loaded = get_object_or_404(CalendarYear.objects.prefetch_related("days"), pk=year)
    days = list(loaded.days.all())
    context = {
        "title": f"{year}年工作日历",
        "crumbs": _crumbs(("工作日历", reverse("window:calendar")), (f"{year}年", "")),
        "year": loaded,
        "days": [{"day": day, "weekday": "一二三四五六日"[day.on.weekday()]} for day in days],
        "working_days": _working_days(year, {day.on: day.works for day in days}),
    }
    return render(request, "window/calendar_year.html", context)


def _working_days(year: int, exceptions: dict[date, bool]) -> int:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    working = 0
    for number in range(first, last + 1):
        day = date.fromordinal(number)
        working += exceptions.get(day, day.weekday() < 5)
    return working


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


@staff("clock.edit", "GET", "HEAD", "POST")
def clock_edit(request: HttpRequest, kind: str) -> HttpResponse:
    require(request.user, "clock.edit", WHOLE_REGION)
    workflow = _workflow(kind)
    rule = ClockRule.objects.filter(pk=kind).first()
    initial: dict[str, Any] = {}
    if rule is not None:
        # A sample's basis is no basis: the office gives its own.
        initial = {"working_days": rule.working_days, "basis": "" if rule.is_sample else rule.basis}
    form = ClockForm(request.POST if request.method == "POST" else None, initial=initial)
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
