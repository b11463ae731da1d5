"""How long it takes from a recognition to the registry: 及时 as figures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.pages.access import staff
from talent_registry.models import RegistryEntry
from talent_registry.search import FIRST_YEAR, years_in_use
from talent_registry.timeliness import figures
from talent_registry.views.proposal_page import crumbs_of_list


@staff("case.view")
def timeliness(request: HttpRequest) -> HttpResponse:
    """Median, nine tenths and longest, by league; of one year or of all."""
    text = request.GET.get("year", "")
    year = (
        int(text)
        if text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= FIRST_YEAR
        else None
    )
    entries = RegistryEntry.objects.visible_to(request.user)
    rows, total = figures(entries.filter(year=year) if year else entries)
    years = [{"label": "全部年度", "href": "?", "current": year is None}]
    years += [{"label": f"{one}年", "href": f"?year={one}", "current": one == year} for one in years_in_use()]
    context = {
        "title": "纳入及时性",
        "crumbs": [*crumbs_of_list(), ("纳入及时性", "")],
        "rows": rows,
        "total": total,
        "tabs": years,
    }
    return render(request, "registry/timeliness.html", context)
