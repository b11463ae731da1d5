"""A worker's own pages. Whoever asks sees themselves and nobody else, whatever other roles they hold."""
from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from portal.cases.models import Case
from portal.letters.models import Letter
from portal.my.record import registry_state, sections
from portal.paging import page_asked
from portal.regions.models import ServiceWindow
from portal.workforce.models import Worker


def own_record(request: HttpRequest) -> Worker | None:
    """The record this account belongs to."""
    user: Any = request.user
    return (
        Worker.objects.visible_to(user)
        .filter(account_id=user.pk)
        .select_related("work_region__parent", "household_region__parent", "employer")
        .first()
    )


def _own_cases(request: HttpRequest) -> Any:
    user: Any = request.user
    return Case.objects.visible_to(user).filter(worker__account_id=user.pk)


def _own_letters(request: HttpRequest) -> Any:
    user: Any = request.user
    return Letter.objects.visible_to(user).filter(worker__account_id=user.pk).select_related("file", "superseded_by")


def _crumbs(title: str) -> list[tuple[str, str]]:
    return [("我的待遇", reverse("my:home")), (title, "")]


def _is_at(path: str, address: str) -> bool:
    return path == address or (address != reverse("my:home") and path.startswith(address))


def tabs_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The parts of a worker's own pages."""
    names = (("我的信息", "my:home"), ("待遇查询", "my:check"), ("我的办件", "my:cases"), ("我的信函", "my:letters"), ("年度遴选", "registry:mine"))
    return [{"label": label, "href": reverse(name), "current": _is_at(request.path, reverse(name))} for label, name in names]


@never_cache
@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What the register knows, where the registry entry and the open cases stand, and where to go when something is wrong."""
    worker = own_record(request)
    if worker is None:
        return render(request, "my/no_record.html", {"title": "我的待遇"})
    context = {
        "title": "我的待遇", "tabs": tabs_of(request), "worker": worker, "sections": sections(worker),
        "registry": registry_state(worker, timezone.localdate()),
        "open_cases": list(_own_cases(request).unfinished().by_deadline().select_related("region")[:5]),
        "new_letters": list(_own_letters(request).in_force().order_by("-id")[:3]),
        "place": ServiceWindow.objects.select_related("region__parent").filter(region_id=worker.work_region_id).first(),
    }  # fmt: skip
    return render(request, "my/home.html", context)


@never_cache
@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    page = page_asked(_own_cases(request).select_related("region__parent"), request.GET, order=("-id",), size=20)
    context = {"title": "我的办件", "crumbs": _crumbs("我的办件"), "tabs": tabs_of(request), "page": page}
    return render(request, "my/cases.html", context)


@never_cache
@login_required
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One of my cases with everything that was done, in the words of the public inquiry."""
    found = get_object_or_404(_own_cases(request).select_related("region__parent"), number=number)
    events: list[dict[str, Any]] = [{"at": event.at, "title": event.label} for event in found.events.order_by("-position")]
    if events:
        events[0]["tone"] = "current"
    context = {
        "case": found, "events": events, "correction": found.corrections.filter(resolved_on__isnull=True).first(),
        "crumbs": [("我的待遇", reverse("my:home")), ("我的办件", reverse("my:cases")), (found.number, "")],
    }  # fmt: skip
    return render(request, "public/case_found.html", context)


@never_cache
@login_required
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    page = page_asked(_own_letters(request), request.GET, order=("-id",), size=20)
    context = {"title": "我的信函", "crumbs": _crumbs("我的信函"), "tabs": tabs_of(request), "page": page}
    return render(request, "my/letters.html", context)
