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

from portal.accounts.access import can
from portal.cases.actions import NotNow, assign
from portal.cases.assigning import may_be_assigned
from portal.cases.models import Case
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.filters import COUNTED_AT_MOST, AllCasesFilter
from portal.paging import page_asked
from portal.templatetags.portal import date_iso
from portal.window.cases.worklist import rows_of

# sort: (keys, words)
SORTS = {
    "-opened": (("-id",), "最近发起在前"),
    "opened": (("id",), "最早发起在前"),
    "due": (("due_sort", "id"), "在办：期限近的在前"),
    "-due": (("-due_sort", "-id"), "在办：期限远的在前"),
}


@staff("case.view")
def cases(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form = AllCasesFilter(request.GET, user=request.user)
    seen, sort = _asked(request, form, today)
    listed = seen.select_related("worker", "region__parent", "assigned_to").defer(
        "worker__id_number", "worker__phone"
    )
    page = page_asked(listed, request.GET, order=SORTS[sort][0], count=True, count_up_to=COUNTED_AT_MOST)
    context = {
        "title": "办件",
        "form": form,
        "page": page,
        "rows": rows_of(page.rows, today),
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
    listed = seen.select_related("worker", "region__parent", "assigned_to").defer(
        "worker__id_number", "worker__phone"
    )
    rows = (
        (
            row["case"].number,
            row["case"].kind_label,
            row["case"].worker.name if row["case"].worker else row["case"].subject,
            row["case"].region.full_name,
            row["case"].state_label,
            date_iso(row["case"].due_on),
            row["deadline"].words,
            row["case"].assigned_to or "",
            date_iso(row["case"].opened_on),
        )
        for case in listed.order_by(*SORTS[sort][0]).iterator(chunk_size=2000)
        for row in rows_of([case], today)
    )
    heads = ("办件编号", "事项", "姓名", "办理地区", "状态", "期限", "剩余", "经办人", "发起日期")
    return audited_csv(request, "case", heads, rows, count=seen.count())


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


def _seen(request: HttpRequest, number: str) -> Case:
    return get_object_or_404(
        Case.objects.visible_to(request.user).select_related("region__parent", "assigned_to"), number=number
    )


@staff("case.view")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Each kind of case has a page of its own; its workflow knows where."""
    found = _seen(request, number)
    return redirect(reverse(found.workflow.page, args=[found.number]))


@staff("case.view", "GET", "HEAD", "POST")
def case_assign(request: HttpRequest, number: str) -> HttpResponse:
    """Take a case, give it to a colleague, or give it back to all."""
    found = _seen(request, number)
    colleagues = may_be_assigned(found)
    error = ""
    if request.method == "POST":
        by_id: dict[str, Any] = {str(person.pk): person for person in colleagues} | {"": None}
        wanted = str(request.user.pk) if "take" in request.POST else request.POST.get("to", "?")
        if wanted not in by_id:
            error = "请从名单中选择经办人。"
        else:
            try:
                assign(found.pk, to=by_id[wanted], by=request.user)
            except NotNow as refused:
                error = str(refused)
            else:
                person = by_id[wanted]
                messages.success(
                    request,
                    f"办件{found.number}已分派给{person}。" if person else f"办件{found.number}已取消分派。",
                )
                return redirect("window:case", found.number)
    context = {
        "title": f"分派办件 {found.number}",
        "crumbs": [
            ("办件", reverse("window:cases")),
            (found.number, reverse("window:case", args=[found.number])),
            ("分派", ""),
        ],
        "case": found,
        "colleagues": colleagues,
        "error": error,
        "may_take": can(request.user, "case.view", found.region_id),
    }
    return render(request, "window/case_assign.html", context)
