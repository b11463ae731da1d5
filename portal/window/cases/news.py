"""What came back to me and what others did to my cases: the page behind the bell."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.cases.models import News
from portal.cases.news import COUNTED_AT_MOST, mark_all_seen, mark_seen
from portal.pages.access import staff
from portal.pages.view_log import record_shown
from portal.paging import page_asked

SIZE = 50


@staff("case.view")
def news(request: HttpRequest) -> HttpResponse:
    """Newest first. What the page shows counts as seen from then on, and stands out on it once more."""
    user: Any = request.user
    seen = News.objects.visible_to(user).select_related("case__region__parent", "case__worker", "by")
    shown = seen.defer("case__worker__id_number", "case__worker__phone")
    page = page_asked(shown, request.GET, order=("-id",), size=SIZE)
    record_shown([one.case.worker_id for one in page.rows], by=user, asked=["提醒"])
    if request.method == "GET":
        mark_seen(page.rows, by=user)
        just_seen = {one.pk for one in page.rows}
        user.unseen_news = [pk for pk in user.unseen_news if pk not in just_seen]
    context = {
        "title": "提醒",
        "page": page,
        "rows": page.rows,
        "unseen": len(user.unseen_news),
        "most": COUNTED_AT_MOST,
    }
    return render(request, "window/news.html", context)


@staff("case.view", "POST")
def news_seen(request: HttpRequest) -> HttpResponse:
    """Nothing of it stands out any more."""
    how_many = mark_all_seen(by=request.user)
    messages.success(request, f"已将{how_many}条提醒标为已看。" if how_many else "没有未看的提醒。")
    return redirect("window:news")
