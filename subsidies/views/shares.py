"""How the subsidies get to people: what had to be typed, how long until they were told, what ended unclaimed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.pages.access import staff
from subsidies import shares

TITLE = "补贴到人情况"
FIRST_YEAR = 2024
_FEW = 1


@staff("claim.shares")
def shown(request: HttpRequest) -> HttpResponse:
    """Three tables of a year, each with its chart."""
    years = list(range(timezone.localdate().year, FIRST_YEAR - 1, -1))
    asked = request.GET.get("year", "")
    year = int(asked) if asked in {str(one) for one in years} else years[0]
    untyped, told = shares.untyped(request.user, year), shares.told(request.user, year)
    missed = shares.missed(request.user, year)
    charts = {
        "untyped": untyped.series("share", "免填写占比（%）"),
        "told": told.series("median", "中位天数"),
        "missed": missed.series("missed", "逾期未申领"),
    }
    context = {
        "title": TITLE,
        "crumbs": [("工作台", reverse("window:home")), (TITLE, "")],
        "tabs": [{"label": f"{one}年", "href": f"?year={one}", "current": one == year} for one in years],
        "year": year,
        "untyped": untyped,
        "told": told,
        "missed": missed,
        # Of one place there is nothing to compare.
        "charts": {name: one for name, one in charts.items() if len(one["names"]) > _FEW},
    }
    return render(request, "subsidies/shares.html", context)
