"""Pages for whoever keeps money: how long claims take to the account, why payments come back, what looks odd, and who was
paid out of two funds. Each is filtered, and taken away as a workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, TYPE_CHECKING, Any

from django import forms
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import WHOLE_REGION, scope
from portal.audit.middleware import client_address
from portal.funds.models import Fund
from portal.lists.downloads import FILES
from portal.lists.workbook import CONTENT_TYPE, add_list, workbook_file
from portal.pages.access import staff
from portal.pages.filters import ALL, FilterForm
from portal.regions.models import Region
from portal.throttle import too_many
from portal.typed_fields import DayField, WholeNumberField
from subsidies.money_numbers import odd, timing
from subsidies.money_numbers.asking import PERMISSION, Asked, Laid
from subsidies.money_numbers.timing import By
from subsidies.schemes import SCHEMES

if TYPE_CHECKING:
    import xlsxwriter

_LEAST = 5
# Of one row there is nothing to compare, and of many nothing is to be read.
_FEWEST, _MOST = 2, 24


class NumbersFilter(FilterForm):
    """Of which fund and league, between which days; this year where nothing is said."""

    by = forms.ChoiceField(required=False, choices=By.choices, widget=forms.HiddenInput)
    fund = forms.ChoiceField(label="资金", required=False, choices=[])
    league = forms.ChoiceField(label="盟市", required=False, choices=[])
    first = DayField(label="自", required=False)
    last = DayField(label="至", required=False)
    least = WholeNumberField(label="至少（件）", required=False, min_value=2, max_value=1000)

    def offer(self) -> None:
        where = scope(self.user, PERMISSION)
        leagues = Region.objects.leagues().values_list("pk", "name")
        funds = Fund.objects.filter(pk__in={scheme.fund for scheme in SCHEMES.values()})
        fields: Any = self.fields
        fields["league"].choices = [ALL, *(one for one in leagues if where.covers(one[0]))]
        fields["fund"].choices = [ALL, *funds.values_list("pk", "name")]

    def only(self, *names: str) -> NumbersFilter:
        """Without what this page does not ask."""
        for name in [one for one in self.fields if one not in names]:
            del self.fields[name]
        return self

    @property
    def asked(self) -> Asked:
        today = timezone.localdate()
        last = self.value("last") or today
        first = self.value("first") or date(last.year, 1, 1)
        return Asked(
            self.user, first, last, self.value("league"), self.value("fund"), self.value("least") or _LEAST
        )

    @property
    def asked_in_words(self) -> str:
        asked = self.asked
        fields: Any = self.fields
        said = [f"{asked.first:%Y-%m-%d}至{asked.last:%Y-%m-%d}"]
        for name in ("league", "fund"):
            chosen = self.value(name)
            said.append(dict(fields[name].choices)[chosen] if chosen else "")
        return "，".join(filter(None, said))

    @property
    def chosen(self) -> By:
        return By(self.value("by") or By.LEAGUE)


@dataclass(frozen=True)
class _Page:
    """A page: its name, what it is about, what it asks, and its tables."""

    code: str
    title: str
    lead: str
    asks: tuple[str, ...]
    tables: Callable[[NumbersFilter], Sequence[Laid]]


_WHERE_AND_WHEN = ("fund", "league", "first", "last")
PAGES = (
    _Page(
        "timing",
        "支付时效",
        "从首次提交申请到银行确认到账用了多少天。",
        ("by", *_WHERE_AND_WHEN),
        lambda form: [timing.timing(form.asked, form.chosen)],
    ),
    _Page(
        "returns",
        "退回原因",
        "银行退回的付款，按原因汇总。",
        _WHERE_AND_WHEN,
        lambda form: [timing.returns(form.asked)],
    ),
    _Page(
        "odd",
        "异常情况",
        "已批准的申请中需要留意的情况，按首次提交日期。列出的只是线索，不是认定。",
        (*_WHERE_AND_WHEN, "least"),
        lambda form: [odd.shared_accounts(form.asked), odd.bursts(form.asked), odd.prefixes(form.asked)],
    ),
    _Page(
        "twice",
        "重复享受",
        "同一人从两项资金取得补贴、以往已在别处享受的，按首次提交日期。",
        ("league", "first", "last"),
        lambda form: [odd.twice(form.asked), odd.earlier(form.asked)],
    ),
)
_OF_CODE = {page.code: page for page in PAGES}


@staff(PERMISSION)
def numbers(request: HttpRequest, code: str) -> HttpResponseBase:
    """One of the pages; with `file=xlsx` what it shows as a workbook."""
    page = _OF_CODE[code]
    form = NumbersFilter(request.GET, user=request.user)
    tables, words = list(page.tables(form)), form.asked_in_words
    form.only(*page.asks)
    if request.GET.get("file") == "xlsx":
        if wait := FILES.wait(client_address(request)):
            return too_many(request, wait)
        return _taken_away(request, page, words, tables)
    query = request.GET.copy()
    query["file"] = "xlsx"
    chart = timing.chart_of(tables[0]) if code == "timing" else None
    context = {
        "title": page.title,
        "crumbs": [("工作台", reverse("window:home")), ("资金", reverse("window:funds")), (page.title, "")],
        "lead": page.lead,
        "form": form,
        "tabs": [
            {
                "label": one.title,
                "href": reverse(f"subsidies:money_{one.code}"),
                "current": one is page,
            }
            for one in PAGES
        ],
        "ways": _ways(request, form) if code == "timing" else [],
        "tables": tables,
        "export": [(f"?{query.urlencode()}", "下载 Excel")],
        "chart": chart if chart and _FEWEST <= len(chart["names"]) <= _MOST else None,
    }
    return render(request, "subsidies/money_numbers.html", context)


def _ways(request: HttpRequest, form: NumbersFilter) -> list[dict[str, Any]]:
    """The same claims otherwise put together."""
    ways = []
    for by in By:
        query = request.GET.copy()
        query["by"] = by.value
        ways.append({"label": by.label, "href": f"?{query.urlencode()}", "current": by == form.chosen})
    return ways


def _taken_away(request: HttpRequest, page: _Page, words: str, tables: Sequence[Laid]) -> FileResponse:
    """Each table on a sheet of its own, and what was asked."""
    audit.record(
        "claim.money_numbers.download",
        by=request.user,
        obj=None,
        region=WHOLE_REGION,
        detail={"what": page.title, "asked": words},
    )
    name = f"{page.title}-{timezone.localdate():%Y%m%d}.xlsx"
    book = _workbook(tables, [page.lead, words])
    return FileResponse(book, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _workbook(tables: Sequence[Laid], said: Sequence[str]) -> IO[bytes]:
    def fill(book: xlsxwriter.Workbook) -> None:
        for laid in tables:
            headings = [column.label for column in laid.columns]
            widths = [14 if column.is_number else 30 for column in laid.columns]
            add_list(book, laid.title.split("（")[0], headings, widths, laid.plain_rows)
        notes = [*said, *(laid.note for laid in tables)]
        add_list(book, "说明", ["说明"], [100], ([line] for line in notes))

    return workbook_file(fill)
