"""Spending against budget: what the lines of the user's places were given, and how much of it is approved and paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.access import scope
from portal.funds.models import Fund, Line, Use
from portal.funds.spending import By, Spending, spending_of
from portal.pages.access import staff
from portal.pages.filters import ALL, FilterForm, in_region, region_choices
from portal.window.funds.pages import crumbs

TITLE = "支出与预算"
# Of one row there is nothing to compare, and of many nothing is to be read.
_FEWEST, _MOST = 2, 24


class SpendingFilter(FilterForm):
    """Which lines count; what a row is about stays."""

    by = forms.ChoiceField(required=False, choices=By.choices, widget=forms.HiddenInput)
    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="全部"
    )
    year = forms.ChoiceField(label="年度", required=False, choices=[ALL])
    region = forms.ChoiceField(label="地区", required=False, choices=[ALL])
    use = forms.ChoiceField(label="用途", required=False, choices=[ALL, *Use.choices])

    def offer(self) -> None:
        years = Line.objects.visible_to(self.user).order_by("-year").values_list("year", flat=True).distinct()
        year: Any = self.fields["year"]
        year.choices = [ALL, *((str(one), f"{one}年") for one in years)]
        region: Any = self.fields["region"]
        region.choices = [ALL, *region_choices(scope(self.user, "funds.view"))]

    def apply(self, lines: QuerySet[Line]) -> QuerySet[Line]:
        if fund := self.value("fund"):
            lines = lines.filter(fund=fund)
        if year := self.value("year"):
            lines = lines.filter(year=year)
        if place := self.value("region"):
            lines = lines.filter(in_region(place))
        if use := self.value("use"):
            lines = lines.filter(use=use)
        return lines

    @property
    def chosen(self) -> By:
        return By(self.value("by") or By.FUND)

    @property
    def used(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "by")


@staff("funds.view")
def spending(request: HttpRequest) -> HttpResponse:
    """What was given, approved and paid, and what is left: by fund, line, league or month, with a chart beside the table."""
    form = SpendingFilter(request.GET, user=request.user)
    listed = form.apply(Line.objects.visible_to(request.user))
    lines = list(listed.select_related("fund", "region", "document"))
    shown = spending_of(lines, form.chosen)
    chart = _chart(shown)
    context = {
        "title": TITLE,
        "crumbs": crumbs((TITLE, "")),
        "form": form,
        "tabs": _tabs(request, form.chosen),
        "by": form.chosen.label.removeprefix("按"),
        "is_of_months": form.chosen == By.MONTH,
        "spending": shown,
        "chart": chart if _FEWEST <= len(shown.rows) <= _MOST else None,
    }
    return render(request, "window/funds/spending.html", context)


def _tabs(request: HttpRequest, chosen: By) -> list[dict[str, Any]]:
    """The same lines otherwise put together."""
    tabs = []
    for by in By:
        query = request.GET.copy()
        query["by"] = by.value
        tabs.append({"label": by.label, "href": f"?{query.urlencode()}", "current": by == chosen})
    return tabs


def _chart(shown: Spending) -> dict[str, Any]:
    """Given, approved and paid of each row, in yuan."""
    columns = (
        ("given", "下达", "--action-line"),
        ("approved", "已批准", "--line-strong"),
        ("paid", "已支付", "--action"),
    )
    series = [
        {"name": name, "colour": colour, "values": [float(getattr(row, column)) for row in shown.rows]}
        for column, name, colour in columns
    ]
    return {"names": [row.short for row in shown.rows], "series": series}
