"""The staff home: what waits for me, what is overdue, what came back; by deadline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.accounts import releases
from portal.accounts.access import Scope, can, scope
from portal.accounts.models import User
from portal.cases.models import Absence, Case, Correction
from portal.cases.models.saved import ListPage
from portal.jobs.models import Job
from portal.pages.access import staff
from portal.pages.deadlines import deadline_of, soon_until
from portal.pages.filters import COUNTED_AT_MOST, WorklistFilter
from portal.pages.view_log import asked_of, record_shown
from portal.pages.waiting import (
    Queue,
    changes_to_confirm,
    findings_to_settle,
    honours_to_verify,
    improbable_to_review,
    names_to_decide,
    payees_to_confirm,
    people_to_tell,
    pointers_to_confirm,
    queues_of_programmes,
    records_to_confirm,
    rosters_to_confirm,
    unmaskings_to_review,
    values_to_confirm,
)
from portal.paging import Count, count_of, counts_of, page_asked
from portal.regions.calendar import OfficeCalendar
from portal.window.cases.saved import saved_for
from portal.window.people.searching import last_searches
from portal.workforce.record_kinds import KINDS

ORDER = ("due_sort", "id")
# What may be done with the chosen cases of a list.
BULK_ASSIGN = [{"name": "assign", "value": "1", "label": "分派所选"}]


def rows_of(
    cases: list[Case], today: date, calendar: OfficeCalendar | None = None, *, assigns: Scope | None = None
) -> list[dict[str, Any]]:
    """What a list shows of each case; `assigns` is where whoever reads it may give cases to somebody."""
    calendar = calendar or OfficeCalendar()
    return [
        {
            "case": case,
            "deadline": deadline_of(case, today, calendar),
            "may": assigns is not None and case.closed_at is None and assigns.covers(case.region_id),
        }
        for case in cases
    ]


def returned(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Sent back because something is missing; the clock stands still until it is brought."""
    return cases.filter(
        Exists(Correction.objects.filter(case=OuterRef("pk"), resolved_on__isnull=True)),
        closed_at__isnull=True,
    )


def lists_for(
    user: User, today: date, calendar: OfficeCalendar, absences: Sequence[Absence] = ()
) -> dict[str, tuple[str, QuerySet[Case], str]]:
    """name: (title, cases, what to say when there are none). Whoever is the deputy of somebody has a list of theirs."""
    seen = Case.objects.visible_to(user)
    away = [absence.person_id for absence in absences if absence.deputy_id == user.pk]
    theirs = seen.unfinished().filter(assigned_to__in=away)
    deputy = {"deputy": ("代办", theirs, "您代办的人员名下目前没有在办事项。")} if away else {}
    return {
        "waiting": (
            "等我办理",
            seen.waiting_for(user),
            "目前没有等您办理的事项。新的办件到达后会自动出现在这里。",
        ),
        "mine": ("我名下", seen.unfinished().filter(assigned_to=user), "没有分派给您的在办事项。"),
        **deputy,
        "region": ("本地区在办", seen.unfinished(), "您负责的地区目前没有在办事项。"),
        "soon": (
            "即将到期",
            seen.due_soon(today, soon_until(today, calendar)),
            "三个工作日内没有到期的事项。",
        ),
        "overdue": ("已超期", seen.overdue(today), "没有超期的事项。"),
        "returned": ("补正中", returned(seen), "没有退回补正的事项。"),
    }


# Work that is no case.
_QUEUES = (
    Queue("待批准的代码", "account.manage", releases.waiting_for, "accounts:releases"),
    Queue("待批准的代码", "role.grant", releases.waiting_for, "accounts:releases"),
    Queue("待核实荣誉", "honour.verify", honours_to_verify, "window:honours", "?mine=on"),
    Queue("待确认变更", "record.verify", changes_to_confirm, "window:changes", "?mine=on"),
    Queue("待复核收款账户", "payee.confirm", payees_to_confirm, "window:payees"),
    Queue("待告知本人", "offer.handle", people_to_tell, "window:offers", "?state=matched&mine=on"),
    Queue("单位报送的花名册", "roster.import", rosters_to_confirm, "window:roster"),
    Queue("姓名不一致", "worker.conflict.decide", names_to_decide, "window:roster_conflicts"),
    Queue(
        "待复核人员并入",
        "worker.merge.confirm",
        lambda user: pointers_to_confirm(user, "person"),
        "window:merges",
        "?list=person&mine=on",
    ),
    Queue(
        "待复核单位并入",
        "worker.merge.confirm",
        lambda user: pointers_to_confirm(user, "unit"),
        "window:merges",
        "?list=unit&mine=on",
    ),
    Queue(
        "并入后待处理",
        "worker.merge.confirm",
        findings_to_settle,
        "window:merges",
        "?list=findings&mine=on",
    ),
    Queue(
        "待核查异常信息",
        "record.improbable.review",
        improbable_to_review,
        "window:improbable",
        "?mine=on",
    ),
    Queue("待核查完整号码查看情况", "worker.unmask.review", unmaskings_to_review, "window:unmaskings"),
    Queue("待复核政策参数", "policy.parameter.confirm", values_to_confirm, "window:law", "?state=waiting"),
)


def queues_for(user: User) -> list[dict[str, Any]]:
    """What waits for the user besides cases, each with the list where just these rows stand."""
    queues = [
        {
            "label": queue.label,
            "count": count_of(queue.waiting(user)),
            "href": f"{reverse(queue.address)}{queue.narrowed}",
        }
        for queue in (*_QUEUES, *queues_of_programmes())
        if can(user, queue.permission)
    ]
    return queues + _queues_of_records(user)


def _queues_of_records(user: User) -> list[dict[str, Any]]:
    """Records that the user may confirm, a list for each kind of which there are any; one count for all."""
    if not can(user, "record.verify"):
        return []
    kinds = [kind for kind in KINDS.values() if kind.verified]
    counts = counts_of([records_to_confirm(user, kind) for kind in kinds], COUNTED_AT_MOST)
    return [
        {
            "label": f"待核验{kind.title}",
            "count": count,
            "href": f"{reverse('window:records')}?kind={kind.code}&mine=on",
        }
        for kind, count in zip(kinds, counts, strict=True)
        if count
    ]


def _in_all(counts: Iterable[Count]) -> Count:
    """Several counts as one; at least so many when one of them is."""
    counts = list(counts)
    return Count(sum(counts), any(count.more for count in counts))


def _kinds_of_work(cases: Count | None, queues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts of what waits, as tabs: the cases of this page, and the lists where the rest stands.

    None when cases are all there is.
    """
    others = [{**queue, "current": False} for queue in queues if queue["count"]]
    if cases is None or not others:
        return others
    return [{"label": "办件", "href": "?list=waiting", "current": True, "count": cases}, *others]


def absences_of_concern(user: Any, today: date) -> list[Absence]:
    """That the user is away today, and whose deputy they are."""
    if not can(user, "case.assign"):
        return []
    found = Absence.objects.visible_to(user).on(today).of_concern_to(user).select_related("person", "deputy")
    return list(found.order_by("pk"))


def _jobs_running(user: User) -> Count | None:
    """How many of the jobs that one may see are not finished; None when there are none to speak of."""
    if not can(user, "job.view"):
        return None
    return count_of(Job.objects.visible_to(user).unfinished()) or None


@staff()
def home(request: HttpRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    form = WorklistFilter(request.GET or {}, user=user)
    calendar = OfficeCalendar()
    absences = absences_of_concern(user, today)
    lists = lists_for(user, today, calendar, absences)  # type: ignore[arg-type]
    name = request.GET.get("list", "waiting")
    name = name if name in lists else "waiting"
    queues = queues_for(user)  # type: ignore[arg-type]
    tabs = []
    counts: dict[str, Count] = {}
    if can(user, "case.view"):
        for key, (label, cases, _) in lists.items():
            counts[key] = count_of(cases)
            count = counts[key]
            if key == "waiting":
                count = _in_all([count, *(queue["count"] for queue in queues)])
            tabs.append({"label": label, "href": f"?list={key}", "current": key == name, "count": count})
    title, cases, nothing = lists[name]
    chosen = form.apply(cases, today).select_related("worker", "region__parent", "assigned_to")
    page = page_asked(
        chosen.defer("worker__id_number", "worker__phone"),
        request.GET,
        order=ORDER,
        count=form.used,
        count_up_to=COUNTED_AT_MOST,
    )
    if not form.used:
        page = replace(page, total=counts.get(name))
    asked = asked_of(form) if form.used else [title]
    record_shown([case.worker_id for case in page.rows], by=user, asked=asked)
    context = {
        "title": "工作台",
        "tabs": tabs,
        "list_name": name,
        "list_title": title,
        "form": form,
        "page": page,
        "rows": rows_of(page.rows, today, calendar, assigns=scope(user, "case.assign")),
        "assigns": can(user, "case.assign"),
        "bulk_assign": BULK_ASSIGN,
        "saved": saved_for(request, ListPage.HOME) if tabs else {},
        "absences": absences,
        "nothing": nothing,
        "queues": queues,
        "kinds_of_work": _kinds_of_work(counts.get("waiting"), queues) if name == "waiting" else [],
        "jobs": _jobs_running(user),  # type: ignore[arg-type]
        "searches": last_searches(request),
        "may_see_cases": bool(tabs),
        "clear": f"?list={name}" if form.used else "",
        "may_register": can(user, "worker.edit"),
    }
    return render(request, "window/home.html", context)
