"""The page that says what would become of the lines if what stands before the money came, at sums that somebody assumes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.funds.forecast import DAYS
from portal.funds.what_if import Assumed, what_if
from portal.pages.access import staff
from portal.pages.filters import FilterForm
from portal.typed_fields import NumberField, WholeNumberField
from portal.window.funds.pages import crumbs

TITLE = "资金测算"
_FEWEST, _MOST = 2, 24


class AssumedForm(FilterForm):
    """What is assumed; everything as it is where nothing is said."""

    approved = WholeNumberField(label="未决定的批准比例（%）", required=False, min_value=0, max_value=100)
    sums = WholeNumberField(label="补贴标准为现在的（%）", required=False, min_value=0, max_value=1000)
    unknown = NumberField(
        label="待标准的每件（元）", required=False, min_value=0, max_digits=12, decimal_places=2
    )
    besides = NumberField(
        label="每个盟市每项另增（元）", required=False, min_value=0, max_digits=12, decimal_places=2
    )

    def _whole(self, name: str) -> int:
        said = self.cleaned_data.get(name)
        return 100 if said is None else int(said)

    @property
    def assumed(self) -> Assumed:
        given = self.cleaned_data
        return Assumed(
            self._whole("approved"),
            self._whole("sums"),
            given.get("unknown") or Decimal(0),
            given.get("besides") or Decimal(0),
        )


@staff("funds.view")
def show(request: HttpRequest) -> HttpResponse:
    """What would be asked of each place, which lines that uses up, and when the rest is."""
    form = AssumedForm(request.GET, user=request.user)
    today = timezone.localdate()
    asking, outcomes = what_if(request.user, form.assumed, today)
    context = {
        "title": TITLE,
        "crumbs": crumbs(("资金预测", reverse("window:fund_forecast")), (TITLE, "")),
        "form": form,
        "assumed": form.assumed,
        "asking": asking,
        "total": _total(asking),
        "outcomes": outcomes,
        "days": DAYS,
        "today": today,
        "chart": _chart(outcomes) if _FEWEST <= len(outcomes) <= _MOST else None,
    }
    return render(request, "window/funds/what_if.html", context)


def _total(asking: list[Any]) -> dict[str, Decimal]:
    names = ("asked", "carried", "missing")
    return {name: sum((getattr(one, name) for one in asking), Decimal(0)) for name in names}


def _chart(outcomes: list[Any]) -> dict[str, Any]:
    """Of each line what would be drawn and what is left."""
    series = [
        {"name": label, "colour": colour, "values": [float(getattr(one, name)) for one in outcomes]}
        for name, label, colour in (("drawn", "测算占用", "--action"), ("rest", "剩余", "--action-line"))
    ]
    names = [f"{one.line.region}{one.line.get_use_display()}" for one in outcomes]
    return {"names": names, "series": series}
