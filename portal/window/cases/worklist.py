"""The staff home: what waits for me, what is overdue, what came back; by deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, scope
from portal.accounts.models import User
from portal.cases.models import Case, Correction
from portal.jobs.models import Job
from portal.pages.access import staff
from portal.pages.deadlines import deadline_of
from portal.pages.filters import COUNTED_AT_MOST, WorklistFilter
from portal.paging import Count, count_of, page_asked
from portal.policy.models import ParameterValue
from portal.window.people.searching import last_searches
from portal.workforce.models import Honour, NameConflict, PayeeAccount
from portal.workforce.models.credentials import PayeeState

ORDER = ("due_sort", "id")


def rows_of(cases: list[Case], today: date) -> list[dict[str, Any]]:
    return [{"case": case, "deadline": deadline_of(case, today)} for case in cases]


def returned(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Sent back because something is missing; the clock stands still until it is brought."""
    return cases.filter(
        Exists(Correction.objects.filter(case=OuterRef("pk"), resolved_on__isnull=True)),
        closed_at__isnull=True,
    )


def lists_for(user: User, today: date) -> dict[str, tuple[str, QuerySet[Case], str]]:
    """name: (title, cases, what to say when there are none)."""
    seen = Case.objects.visible_to(user)
    return {
        "waiting": (
            "等我办理",
            seen.waiting_for(user),
            "目前没有等您办理的事项。新的办件到达后会自动出现在这里。",
        ),
        "mine": ("我名下", seen.unfinished().filter(assigned_to=user), "没有分派给您的在办事项。"),
        "region": ("本地区在办", seen.unfinished(), "您负责的地区目前没有在办事项。"),
        "overdue": ("已超期", seen.overdue(today), "没有超期的事项。"),
        "returned": ("补正中", returned(seen), "没有退回补正的事项。"),
    }


# Work that is no case: label, permission, what is counted, where it is done.
_QUEUES: tuple[tuple[str, str, Callable[[User], QuerySet[Any]], str], ...] = (
    ("待核实荣誉", "honour.verify", lambda user: honours_to_verify(user), "window:honours"),
    ("待复核收款账户", "payee.confirm", lambda user: payees_to_confirm(user), "window:payees"),
    (
        "姓名不一致",
        "worker.conflict.decide",
        lambda user: NameConflict.objects.visible_to(user).open(),
        "window:roster_conflicts",
    ),
    ("待复核政策参数", "policy.parameter.confirm", lambda user: values_to_confirm(user), "window:law"),
    ("进行中的任务", "job.view", lambda user: Job.objects.visible_to(user).unfinished(), "window:jobs"),
)


def honours_to_verify(user: User) -> QuerySet[Honour]:
    """Unverified ones where the user verifies, but not what they wrote down themselves."""
    where = scope(user, "honour.verify").q("worker__work_region", "worker__league_code")
    return Honour.objects.visible_to(user).unverified().filter(where).exclude(recorded_by=user)


def payees_to_confirm(user: User) -> QuerySet[PayeeAccount]:
    where = scope(user, "payee.confirm").q("worker__work_region", "worker__league_code")
    accounts = PayeeAccount.objects.visible_to(user).filter(where, state=PayeeState.PROPOSED)
    return accounts.exclude(recorded_by=user)


def values_to_confirm(user: User) -> QuerySet[ParameterValue]:
    """Figures of the law that somebody else has entered."""
    return ParameterValue.objects.waiting().exclude(entered_by=user)


def queues_for(user: User) -> list[dict[str, Any]]:
    return [
        {"label": label, "count": count_of(counted(user)), "href": reverse(address)}
        for label, permission, counted, address in _QUEUES
        if can(user, permission)
    ]


@staff()
def home(request: HttpRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    form = WorklistFilter(request.GET or {}, user=user)
    lists = lists_for(user, today)  # type: ignore[arg-type]
    name = request.GET.get("list", "waiting")
    name = name if name in lists else "waiting"
    tabs = []
    counts: dict[str, Count] = {}
    if can(user, "case.view"):
        for key, (label, cases, _) in lists.items():
            counts[key] = count_of(cases)
            tabs.append(
                {"label": label, "href": f"?list={key}", "current": key == name, "count": counts[key]}
            )
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
    context = {
        "title": "工作台",
        "tabs": tabs,
        "list_name": name,
        "list_title": title,
        "form": form,
        "page": page,
        "rows": rows_of(page.rows, today),
        "nothing": nothing,
        "queues": queues_for(user),  # type: ignore[arg-type]
        "searches": last_searches(request),
        "may_see_cases": bool(tabs),
        "clear": f"?list={name}" if form.used else "",
        "may_register": can(user, "worker.edit"),
    }
    return render(request, "window/home.html", context)
