"""A worker's own pages. Whoever asks sees themselves and nobody else, whatever other roles they hold."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.cases.actions import possible_actions
from portal.cases.models import Case
from portal.cases.models.life import NEWEST_FIRST as CASES
from portal.cases.own_page import own_page_of
from portal.letters.models import NEWEST_FIRST as LETTERS
from portal.letters.models import Letter
from portal.my.offers import open_offers
from portal.my.record import registry_state, sections
from portal.my.record_of import no_record_page, own_record, tabs_of
from portal.my.tracking import Tracked, tracked
from portal.outgoing.models import Message, MessageState
from portal.pages.course import course_of
from portal.paging import page_asked
from portal.regions.models import ServiceWindow
from portal.workforce.models.base import own_records


def _own_cases(request: HttpRequest) -> Any:
    user: Any = request.user
    return Case.objects.visible_to(user).filter(worker__in=own_records(user))


def _own_letters(request: HttpRequest) -> Any:
    user: Any = request.user
    return (
        Letter.objects.visible_to(user)
        .filter(worker__in=own_records(user))
        .select_related("file", "superseded_by")
    )


def _tracked(request: HttpRequest, cases: Any) -> list[Tracked]:
    user: Any = request.user
    return tracked(cases, records=own_records(user), user=user, on=timezone.localdate())


def _crumbs(title: str) -> list[tuple[str, str]]:
    return [("我的待遇", reverse("my:home")), (title, "")]


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the register knows, where the registry entry and the open cases stand, and where to go when
    something is wrong.
    """
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, "我的待遇")
    windows = ServiceWindow.objects.select_related("region__parent")
    context = {
        "title": "我的待遇",
        "tabs": tabs_of(request),
        "worker": worker,
        "sections": sections(worker),
        "registry": registry_state(worker, timezone.localdate()),
        "offers": open_offers(worker, request.user),
        "open_cases": _tracked(
            request, _own_cases(request).unfinished().by_deadline().select_related("region")[:5]
        ),
        "new_letters": list(_own_letters(request).in_force().order_by(*LETTERS)[:3]),
        "place": windows.filter(region_id=worker.work_region_id).first(),
    }
    return render(request, "my/home.html", context)


@never_cache
@login_required
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    page = page_asked(_own_cases(request).select_related("region__parent"), request.GET, order=CASES, size=20)
    context = {
        "title": "我的办件",
        "crumbs": _crumbs("我的办件"),
        "tabs": tabs_of(request),
        "page": page,
        "tracked": _tracked(request, page.rows),
    }
    return render(request, "my/cases.html", context)


@never_cache
@login_required
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One of my cases with everything that was done, in the words of the public inquiry."""
    case = get_object_or_404(_own_cases(request).select_related("region__parent"), number=number)
    context = {
        "case": case,
        "about": case.subject,
        "track": _tracked(request, [case])[0],
        "events": course_of(case),
        "may_withdraw": _may_withdraw(case, request.user),
        "answer": _answer(case),
        "correction": case.corrections.filter(resolved_on__isnull=True).first(),
        "told": Message.objects.visible_to(request.user).of_case(case).filter(state=MessageState.SENT),
        "crumbs": [("我的待遇", reverse("my:home")), ("我的办件", reverse("my:cases")), (case.number, "")],
    }
    return render(request, "public/case_found.html", context)


def _may_withdraw(case: Case, user: Any) -> bool:
    """Whether the worker may take it back on this page: what was agreed to or asked for here, while it is
    open.
    """
    if own_page_of(case.kind).withdraw is None:
        return False
    return any(row.action == "withdraw" for row in possible_actions(case, user)[0])


def _answer(case: Case) -> str:
    """What the window answered, for the kinds of cases that end in words."""
    answer = own_page_of(case.kind).answer
    return answer(case) if answer else ""


@never_cache
@login_required
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    page = page_asked(_own_letters(request), request.GET, order=LETTERS, size=20)
    context = {
        "title": "我的信函",
        "crumbs": _crumbs("我的信函"),
        "tabs": tabs_of(request),
        "page": page,
    }
    return render(request, "my/letters.html", context)
