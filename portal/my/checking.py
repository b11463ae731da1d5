"""The check for everybody, without an account or anything kept; and for a worker, on what the register knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.audit.middleware import client_address
from portal.entitlements.check_state import PARAMETER, BadCheckState, CheckState
from portal.entitlements.forms import TopicForm
from portal.entitlements.known_facts import known_facts
from portal.entitlements.pages import (
    CheckSite,
    SeeOther,
    next_address,
    result_calendar,
    result_page,
    step_page,
    unusable_address_page,
)
from portal.entitlements.places import with_chosen_banner
from portal.entitlements.questions import steps_by_code
from portal.entitlements.sheet_files import sheet_file as file_of_sheet
from portal.entitlements.wording import register_vocabulary
from portal.my.record_of import no_record_page, own_record, tabs_of
from portal.policy.benefits import BY_CODE
from portal.throttle import Limit, too_many

# Kept by the one browser that asked: so that its own "back" shows what was typed. No proxy may keep it.
private = cache_control(private=True, no_cache=True)
PAGES = Limit("check-pages", settings.CHECK_PAGES_PER_MINUTE, seconds=60, step=5)


def limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For everybody, but not faster than many people behind one address would read."""

    @wraps(view)
    def within(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        wait = PAGES.wait(client_address(request))
        if wait:
            return too_many(request, wait)
        return view(request, *args, **named)

    return within


def _crumbs(*rest: tuple[str, str]) -> list[tuple[str, str]]:
    return [("首页", "/"), ("待遇查询", reverse("check:start") if rest else ""), *rest]


def _public_site() -> CheckSite:
    return CheckSite(
        base="base_public.html",
        step_address=lambda code: reverse("check:step", args=[code]),
        result_address=reverse("check:result"),
        sheet_address=reverse("check:sheet"),
        sheet_file_address=reverse("check:sheet_file"),
        start_address=reverse("check:start"),
        calendar_address=reverse("check:calendar"),
        context={"crumbs": _crumbs(("查询结果", "")), "whom": "public"},
    )


@private
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def start(request: HttpRequest) -> HttpResponse:
    """Choose what one is interested in and begin; with a check under way all answers stay."""
    site = _public_site()
    on = timezone.localdate()
    try:
        state = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    form = TopicForm(request.POST if request.method == "POST" else None, chosen=state.topics)
    if request.method == "POST" and form.is_valid():
        chosen = replace(state, topics=tuple(form.cleaned_data["topics"]))
        return SeeOther(next_address(site, chosen, on))
    context = {
        "title": "查查您能享受哪些待遇",
        "crumbs": _crumbs(),
        "form": form,
        "check_state": state,
    }
    return render(request, "check/start.html", context)


@private
@require_safe
@limited
def begin_for(request: HttpRequest, code: str) -> HttpResponse:
    """Begin with the first question that one benefit turns on."""
    if code not in BY_CODE:
        raise Http404
    return SeeOther(next_address(_public_site(), CheckState(topics=(code,)), timezone.localdate()))


@private
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def step(request: HttpRequest, code: str) -> HttpResponse:
    """One page of questions."""
    if code not in steps_by_code():
        raise Http404
    if not request.GET.get(PARAMETER):
        return redirect("check:start")
    return step_page(request, _public_site(), code)


@private
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def result(request: HttpRequest) -> HttpResponse:
    """What one can have. A POST chooses the banner whose window is shown."""
    if not request.GET.get(PARAMETER):
        return redirect("check:start")
    site = _public_site()
    if request.method != "POST":
        return result_page(request, site)
    try:
        state = site.state_from(request, timezone.localdate())
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    chosen = with_chosen_banner(state, request.POST.get("banner", ""))
    return SeeOther(site.address_with(site.result_address, chosen) + "#where")


@private
@require_safe
@limited
def sheet(request: HttpRequest) -> HttpResponse:
    """The result on a sheet or two."""
    if not request.GET.get(PARAMETER):
        return redirect("check:start")
    return result_page(request, _public_site(), sheet=True)


@private
@require_safe
@limited
def sheet_file(request: HttpRequest) -> HttpResponse:
    """The same as a file, with a code for the window."""
    if not request.GET.get(PARAMETER):
        return redirect("check:start")
    return file_of_sheet(request, _public_site())


@private
@require_safe
@limited
def calendar(request: HttpRequest) -> HttpResponse:
    """The days of the result as a calendar file."""
    if not request.GET.get(PARAMETER):
        return redirect("check:start")
    return result_calendar(request, _public_site())


# -- a worker's own ------------------------------------------------------------------------------------------


def _own_site(request: HttpRequest) -> CheckSite | None:
    """None for an account without a record."""
    worker = own_record(request)
    if worker is None:
        return None
    here = reverse("my:check")
    context: dict[str, Any] = {
        "crumbs": [("我的待遇", reverse("my:home")), ("待遇查询", "")],
        "tabs": tabs_of(request),
        "worker": worker,
        "whom": "worker",
    }
    return CheckSite(
        base="base_public.html",
        step_address=lambda code: reverse("my:check_step", args=[code]),
        result_address=here,
        sheet_address=reverse("my:check_sheet"),
        sheet_file_address=reverse("my:check_sheet_file"),
        start_address=here,
        calendar_address=reverse("my:check_calendar"),
        bound_to=f"worker:{worker.pk}",
        known=known_facts(worker, timezone.localdate(), register_vocabulary()),
        region=worker.work_region_id,
        context=context,
    )


def _no_record_page(request: HttpRequest) -> HttpResponse:
    return no_record_page(request, "我的待遇")


@never_cache
@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What the worker can have by what the register knows, and by what they have added in this check."""
    site = _own_site(request)
    return result_page(request, site) if site else _no_record_page(request)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_step(request: HttpRequest, code: str) -> HttpResponse:
    """One page of what the register does not know."""
    if code not in steps_by_code():
        raise Http404
    site = _own_site(request)
    return step_page(request, site, code) if site else _no_record_page(request)


@never_cache
@login_required
@require_safe
def own_sheet(request: HttpRequest) -> HttpResponse:
    site = _own_site(request)
    return result_page(request, site, sheet=True) if site else _no_record_page(request)


@never_cache
@login_required
@require_safe
def own_sheet_file(request: HttpRequest) -> HttpResponse:
    """The same as a file, with a code for the window; of a result that stands in the address."""
    if not request.GET.get(PARAMETER):
        return redirect("my:check")
    site = _own_site(request)
    return file_of_sheet(request, site) if site else _no_record_page(request)


@never_cache
@login_required
@require_safe
def own_calendar(request: HttpRequest) -> HttpResponse:
    site = _own_site(request)
    return result_calendar(request, site) if site else _no_record_page(request)
