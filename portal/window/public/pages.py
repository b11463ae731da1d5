"""Public pages. They show law, the office's addresses, and to a person the state of their own case; nothing
personal else.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.addresses import own
from portal.audit.middleware import client_address
from portal.cases.lookup import find_for_applicant, find_for_objector, is_of_an_objection
from portal.display import DISPLAY_COOKIE
from portal.pages.course import course_of
from portal.regions.models import Region, ServiceWindow, Tier
from portal.throttle import Limit, Misses, too_many
from portal.window.law.shelf import clauses_of_policy
from portal.window.public.forms import CaseStatusForm

# Whoever knows when somebody was born knows most of their ID number: so few tries an hour leave no room for the rest.
MISSES = Misses(
    Limit("case-status-address", settings.MISSES_PER_HOUR),
    Limit("case-status-number-address", 10),
    Limit("case-status-number", 30),
)
HOME = ("首页", "/")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three questions on one screen: what can I get, where is my case, what is published."""
    return render(
        request,
        "public/home.html",
        {
            "title": "首页",
            "form": CaseStatusForm(),
            "clauses": clauses_of_policy(),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case_status(request: HttpRequest) -> HttpResponse:
    """The state of one case. POST, so that neither number stands in an address or a log."""
    if request.method != "POST":
        return _show_status(request, "public/case_status.html", form=CaseStatusForm())
    form = CaseStatusForm(request.POST)
    if form.is_valid():
        address, number = client_address(request), form.cleaned_data["number"]
        wait = MISSES.wait(address, number)
        if wait:
            return too_many(request, wait)
        answer = _answer_about(request, number, form.cleaned_data["proof"])
        if answer is not None:
            return answer
        MISSES.count(address, number)
        form.add_error(None, "没有找到与办件编号和证件号码（异议为联系方式）都相符的办件，请核对后再试。")
    return _show_status(request, "public/case_status.html", form=form)


def _answer_about(request: HttpRequest, number: str, proof: str) -> HttpResponse | None:
    """The page of the case or the objection; None when they do not fit together."""
    if is_of_an_objection(number):
        objection = find_for_objector(number, proof)
        if objection is None:
            return None
        return _show_status(
            request,
            "public/objection_found.html",
            case=objection.case,
            objection=objection,
            events=course_of(objection.case),
        )
    case = find_for_applicant(number, proof)
    if case is None:
        return None
    return _show_status(
        request,
        "public/case_found.html",
        case=case,
        events=course_of(case),
        correction=case.corrections.filter(resolved_on__isnull=True).first(),
    )


def _show_status(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    title = "查询办理进度"
    context |= {
        "title": title,
        "crumbs": [HOME, (title, "")],
    }
    return render(request, template, context)


@require_safe
def windows(request: HttpRequest) -> HttpResponse:
    """Every service window, by league and city; `q` narrows by name."""
    wanted = request.GET.get("q", "").strip()[:40]
    regions = list(Region.objects.select_related("parent").order_by("code"))
    context = {
        "title": "服务窗口",
        "crumbs": [HOME, ("服务窗口", "")],
        "leagues": _leagues_with_banners(regions, wanted),
        "whole": next((region for region in regions if region.is_whole), None),
        "wanted": wanted,
    }
    return render(request, "public/windows.html", context)


def _leagues_with_banners(regions: list[Region], wanted: str) -> list[tuple[Region, list[Region]]]:
    """Leagues and cities with their banners: those whose name has the words, or whose banners' names do."""
    banners: dict[str, list[Region]] = {}
    for region in regions:
        if region.tier == Tier.BANNER_COUNTY:
            banners.setdefault(region.league_code, []).append(region)
    leagues = []
    for region in regions:
        if region.tier != Tier.LEAGUE_CITY:
            continue
        below = banners.get(region.code, [])
        if wanted in region.name:
            leagues.append((region, below))
            continue
        named = [banner for banner in below if wanted in banner.name]
        if named:
            leagues.append((region, named))
    return leagues


@require_safe
def window(request: HttpRequest, code: str) -> HttpResponse:
    """One service window. What the office has not given is said to be 待公布, never made up."""
    region = get_object_or_404(Region.objects.select_related("parent"), code=code)
    place = ServiceWindow.objects.filter(region=region).first() or ServiceWindow(region=region)
    facts = [
        ("地址", place.address),
        ("办公时间", place.hours),
        ("咨询电话", place.phone),
        ("所需材料", place.materials),
        ("办理时限", place.handling_time),
    ]
    title = place.name or f"{region.full_name}技术工人服务窗口"
    context = {
        "title": title,
        "crumbs": [HOME, ("服务窗口", reverse("public:windows")), (region.full_name, "")],
        "region": region,
        "place": place,
        "facts": facts,
        "known": any(value for _, value in facts),
        "below": region.children.order_by("code"),
    }
    return render(request, "public/window.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What we hold ourselves to: accessibility, personal data, cookies."""
    title = "无障碍与隐私说明"
    return render(
        request,
        "public/about.html",
        {
            "title": title,
            "crumbs": [HOME, (title, "")],
        },
    )


@never_cache
@require_safe
def display(request: HttpRequest, mode: str) -> HttpResponse:
    """Turn the elder-friendly mode on or off and go back to where one was. Works without an account and
    without scripts.
    """
    if mode not in {"elder", "standard"}:
        raise Http404
    back = own(request, request.GET.get("next", "")) or "/"
    response = HttpResponseRedirect(back)
    if mode == "elder":
        response.set_cookie(
            DISPLAY_COOKIE,
            "elder",
            max_age=365 * 86400,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(DISPLAY_COOKIE, samesite="Lax")
    return response
