"""The page that says what would become of the lines if what stands before the money came, at sums that somebody assumes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.audit.middleware import client_address
from portal.formats import time_iso
from portal.formats import yuan as in_words
from portal.funds.forecast import DAYS
from portal.funds.what_if import Asking, Assumed, Outcome, what_if
from portal.lists.downloads import FILES
from portal.lists.workbook import CONTENT_TYPE
from portal.pages.access import staff
from portal.pages.filters import FilterForm
from portal.throttle import too_many
from portal.typed_fields import NumberField, WholeNumberField
from portal.window.funds import what_if_files
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
def show(request: HttpRequest) -> HttpResponseBase:
    """What would be asked of each place, which lines that uses up, and when the rest is; with `file=xlsx` as a workbook."""
    form = AssumedForm(request.GET, user=request.user)
    today = timezone.localdate()
    asking, outcomes = what_if(request.user, form.assumed, today)
    if request.GET.get("file") == "xlsx":
        return _taken_away(request, form.assumed, asking, outcomes)
    query = request.GET.copy()
    query["file"] = "xlsx"
    context = {
        "title": TITLE,
        "export": [(f"?{query.urlencode()}", "下载 Excel")],
        "said": _said(form.assumed),
        "crumbs": crumbs(("资金预测", reverse("window:fund_forecast")), (TITLE, "")),
        "form": form,
        "asking": asking,
        "total": _total(asking),
        "outcomes": outcomes,
        "days": DAYS,
        "today": today,
        "chart": _chart(outcomes) if _FEWEST <= len(outcomes) <= _MOST else None,
    }
    return render(request, "window/funds/what_if.html", context)


def _said(assumed: Assumed) -> str:
    """What is assumed, in a sentence."""
    return (
        f"现按：未决定的批准{assumed.approved}%，补贴标准为现在的{assumed.sums}%，"
        f"待标准的每件{in_words(assumed.unknown)}，每个盟市每项另增{in_words(assumed.besides)}。"
        "待资金的已经决定，按批准金额计算。"
    )


def _taken_away(
    request: HttpRequest, assumed: Assumed, asking: list[Asking], outcomes: list[Outcome]
) -> HttpResponseBase:
    """The tables as a workbook; it is noted who took away what was assumed."""
    if wait := FILES.wait(client_address(request)):
        return too_many(request, wait)
    made_at = timezone.now()
    said = [
        TITLE,
        "金额单位：元。",
        _said(assumed),
        f"只供参考，不预留、不记账。由{request.user}于{time_iso(made_at)}生成。",
    ]
    book = what_if_files.workbook(asking, outcomes, said)
    detail = {"asked": _said(assumed), "count": len(outcomes), "file": "xlsx"}
    audit.record("funds.what_if.export", by=request.user, detail=detail)
    name = f"{TITLE}{timezone.localdate(made_at):%Y%m%d}.xlsx"
    return FileResponse(book, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


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
