"""All cases of one's regions: the list, the way to a case's own page, and who is responsible for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, can, scope
from portal.cases.actions import assign
from portal.cases.assigning import Colleague, has_to_do_with, may_be_assigned
from portal.cases.models import Case
from portal.cases.models.life import NEWEST_FIRST
from portal.cases.models.saved import ListPage
from portal.formats import date_iso
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.deadlines import deadline_of
from portal.pages.filters import COUNTED_AT_MOST, AllCasesFilter
from portal.pages.view_log import asked_of, numbers_of, record_list
from portal.paging import page_asked
from portal.regions.calendar import OfficeCalendar
from portal.window.cases.saved import saved_for
from portal.window.cases.worklist import BULK_ASSIGN, rows_of

# sort: (keys, words)
SORTS = {
    "-opened": (NEWEST_FIRST, "最近发起在前"),
    "opened": (("opened_on", "id"), "最早发起在前"),
    "due": (("due_sort", "id"), "在办：期限近的在前"),
    "-due": (("-due_sort", "-id"), "在办：期限远的在前"),
}


@staff("case.view")
def cases(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form = AllCasesFilter(request.GET, user=request.user)
    seen, sort = _asked(request, form, today)
    page = page_asked(
        _for_list(seen), request.GET, order=SORTS[sort][0], count=True, count_up_to=COUNTED_AT_MOST
    )
    people = [case.worker for case in page.rows if case.worker is not None]
    record_list(people, by=request.user, asked=asked_of(form))
    context = {
        "title": "办件",
        "form": form,
        "page": page,
        "rows": rows_of(page.rows, today, assigns=scope(request.user, "case.assign")),
        "assigns": can(request.user, "case.assign"),
        "bulk_assign": BULK_ASSIGN,
        "saved": saved_for(request, ListPage.CASES),
        "clear": reverse("window:cases") if form.used else "",
        "sorts": _sorts(request, sort, form),
        "export": [(f"{reverse('window:cases_export')}?{request.GET.urlencode()}", "导出")],
    }
    return render(request, "window/cases.html", context)


@staff("case.view")
def cases_export(request: HttpRequest) -> StreamingHttpResponse:
    """The cases of the list, in its order."""
    today = timezone.localdate()
    seen, sort = _asked(request, AllCasesFilter(request.GET, user=request.user), today)
    listed = _for_list(seen).order_by(*SORTS[sort][0])
    calendar = OfficeCalendar()
    rows = (_exported(case, today, calendar) for case in listed.iterator(chunk_size=2000))
    heads = ("办件编号", "事项", "姓名", "办理地区", "状态", "期限", "剩余", "经办人", "发起日期")
    return audited_csv(request, "case", heads, rows, count=seen.count(), people=numbers_of(seen, "worker_id"))


def _for_list(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With everything a row shows, in the same query."""
    shown = cases.select_related("worker", "region__parent", "assigned_to")
    return shown.defer("worker__id_number", "worker__phone")


def _exported(case: Case, today: date, calendar: OfficeCalendar) -> tuple[Any, ...]:
    return (
        case.number,
        case.kind_label,
        case.worker.name if case.worker else case.subject,
        case.region.full_name,
        case.state_label,
        date_iso(case.due_on),
        deadline_of(case, today, calendar).words,
        case.assigned_to or "",
        date_iso(case.opened_on),
    )


def _asked(request: HttpRequest, form: AllCasesFilter, today: date) -> tuple[QuerySet[Case], str]:
    """The cases that filters and order ask for, and the order. By deadline runs what is open: nothing else
    has one.
    """
    cases = form.apply(Case.objects.visible_to(request.user), today)
    sort = request.GET.get("sort", "")
    if form.only_open and "due" not in sort:
        sort = "due"
    if sort not in SORTS:
        sort = "-opened"
    return (cases.unfinished() if "due" in sort else cases), sort  # type: ignore[attr-defined]


def _sorts(request: HttpRequest, now: str, form: AllCasesFilter) -> list[dict[str, Any]]:
    """Links to the other orders, with the filters kept and the place in the list given up."""
    links = []
    for name, (_, words) in SORTS.items():
        if form.only_open and "due" not in name:
            continue
        query = request.GET.copy()
        for cursor in ("after", "before"):
            query.pop(cursor, None)
        query["sort"] = name
        links.append({"label": words, "href": f"?{query.urlencode()}", "current": name == now})
    return links


def _find_case(request: HttpRequest, number: str) -> Case:
    seen = Case.objects.visible_to(request.user).select_related("region__parent", "assigned_to")
    return get_object_or_404(seen, number=number)


@staff("case.view")
def open_case(request: HttpRequest, number: str) -> HttpResponse:
    """Each kind of case has a page of its own; its workflow knows where."""
    case = _find_case(request, number)
    return redirect(reverse(case.workflow.page, args=[case.number]))


@staff("case.assign", "GET", "HEAD", "POST")
def assign_case(request: HttpRequest, number: str) -> HttpResponse:
    """Take a case, give it to a colleague, or give it back to all."""
    case = _find_case(request, number)
    colleagues = may_be_assigned(case)
    error = ""
    if request.method == "POST":
        person, error = _person_wanted(request, colleagues)
        if not error:
            try:
                assign(case.pk, to=person, by=request.user)
            except NotNow as refusal:
                error = str(refusal)
            else:
                done = f"已分派给{person}" if person else "已取消分派"
                messages.success(request, f"办件{number}{done}。")
                return redirect("window:case", number)
    context = {
        "title": f"分派办件 {number}",
        "crumbs": [
            ("办件", reverse("window:cases")),
            (number, reverse("window:case", args=[number])),
            ("分派", ""),
        ],
        "case": case,
        "colleagues": colleagues,
        "error": error,
        "may_take": has_to_do_with(case, request.user),
    }
    return render(request, "window/case_assign.html", context)


def _person_wanted(request: HttpRequest, colleagues: list[Colleague]) -> tuple[Any, str]:
    """Whom the case is to be given, None for nobody; or what is wrong with the choice."""
    if "take" in request.POST:
        wanted = str(request.user.pk)
    else:
        wanted = request.POST.get("to", "?")
    if not wanted:
        return None, ""
    for colleague in colleagues:
        if str(colleague.pk) == wanted:
            return colleague.person, ""
    return None, "请从名单中选择经办人。"
