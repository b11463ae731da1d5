"""How long it takes from a recognition to the registry: 及时 as figures."""
from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, Count, FloatField, Func, IntegerField, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.window.doors import staff
from talent_registry.models import Basis, CountedFrom, EntryQuerySet, RegistryEntry
from talent_registry.published import FIRST_YEAR, league_choices, years_in_use
from talent_registry.views.proposals import crumbs


class Percentile(Aggregate):
    """percentile_cont over an expression: 0.5 is the median."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()
    allow_distinct = False

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


def _figures(counted: str) -> dict[str, Any]:
    only = Q(counted_from=counted)
    return {
        f"{counted}_count": Count("id", filter=only),
        f"{counted}_median": Percentile("days_from_honour", 0.5, filter=only),
        f"{counted}_p90": Percentile("days_from_honour", 0.9, filter=only),
        f"{counted}_longest": Max("days_from_honour", filter=only),
    }


def figures(entries: EntryQuerySet) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(a row per league, all together) of calendar days to inclusion, apart for what they are counted from; one query each.

    `handling` are the days from the proposal to the decision, which is what the office itself takes.
    """
    # Of two dates PostgreSQL gives the days between them.
    handling = Func("included_on", "case__opened_on", template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())
    entries = entries.order_by()
    wanted: dict[str, Any] = {"count": Count("id")}
    for counted in CountedFrom:
        wanted |= _figures(counted.value)
    wanted |= {"handling_median": Percentile(handling, 0.5), "handling_p90": Percentile(handling, 0.9)}
    leagues = league_choices()
    by_league = [
        {"league": leagues.get(row["league_code"], row["league_code"]), **row}
        for row in entries.values("league_code").annotate(**wanted).order_by("league_code")
    ]
    return by_league, entries.aggregate(**wanted)


@staff("case.view")
def timeliness(request: HttpRequest) -> HttpResponse:
    """Median, nine tenths and longest, by league; of one year or of all."""
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= FIRST_YEAR else None
    # A selection happens on its own days: how long after an honour somebody is included says nothing of it.
    entries = RegistryEntry.objects.visible_to(request.user).exclude(basis=Basis.SELECTION)
    rows, total = figures(entries.filter(year=year) if year else entries)
    years = [{"label": "全部年度", "href": "?", "current": year is None}]
    years += [{"label": f"{one}年", "href": f"?year={one}", "current": one == year} for one in years_in_use()]
    context = {"title": "纳入及时性", "crumbs": crumbs(("纳入及时性", "")), "rows": rows, "total": total, "tabs": years}
    return render(request, "registry/timeliness.html", context)
