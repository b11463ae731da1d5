"""The page of what is on its way to the money, beside what there is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.funds import forecast
from portal.funds.forecast import Ahead
from portal.pages.access import staff
from portal.window.funds.pages import crumbs

TITLE = "资金预测"


@staff("funds.view")
def show(request: HttpRequest) -> HttpResponse:
    """By fund, use and league what stands before the money; by line when it is used up."""
    today = timezone.localdate()
    context = {
        "title": TITLE,
        "crumbs": crumbs((TITLE, "")),
        "stages": Ahead.labels,
        "places": forecast.places(request.user),
        "paces": forecast.paces(request.user, today),
        "days": forecast.DAYS,
        "today": today,
    }
    return render(request, "window/funds/forecast.html", context)
