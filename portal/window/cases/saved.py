"""Saved filters on the pages of lists: as links, kept and given up there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.cases.models.saved import ListPage, SavedFilter
from portal.cases.saved_filters import kept_of, remove_filter, save_filter
from portal.pages.access import staff
from portal.pages.action_page import Done, act_at_once


def saved_for(request: HttpRequest, page: ListPage) -> dict[str, Any]:
    """What the template of a list shows of them: links, and the present filter where there is one to keep."""
    now = kept_of(request.GET.urlencode())
    saved = list(SavedFilter.objects.visible_to(request.user).filter(page=page).order_by("name"))
    return {
        "page": page.value,
        "now": now,
        "links": [{"saved": one, "href": f"?{one.query}", "current": one.query == now} for one in saved],
    }


@staff("case.view", "POST")
def filter_save(request: HttpRequest) -> HttpResponse:
    page, query = request.POST.get("page", ""), request.POST.get("query", "")
    there = _list(page)

    def act() -> Done:
        saved = save_filter(page, request.POST.get("name", ""), query, by=request.user)
        return Done(f"已保存筛选“{saved.name}”。", f"{there}?{saved.query}")

    return act_at_once(request, act, otherwise=f"{there}?{kept_of(query)}")


@staff("case.view", "POST")
def filter_remove(request: HttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(SavedFilter.objects.visible_to(request.user), pk=pk)
    there = _list(saved.page)

    def act() -> Done:
        return Done(f"已删除筛选“{remove_filter(saved.pk, by=request.user)}”。", there)

    return act_at_once(request, act, otherwise=there)


def _list(page: str) -> str:
    return reverse("window:cases" if page == ListPage.CASES else "window:home")
