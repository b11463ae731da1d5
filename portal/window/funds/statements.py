"""The statement of a month: a fund's lines from beginning to end, as page, workbook and on paper."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from portal import audit
from portal.accounts.access import scope
from portal.audit.middleware import client_address
from portal.formats import time_iso
from portal.funds.models import Fund, Line
from portal.funds.months import Month, until
from portal.funds.statement import BUCKETS, TOTAL, Statement, statement_of
from portal.letters.fonts import UndrawableCharacter
from portal.letters.models import Issuer
from portal.lists.downloads import FILES
from portal.lists.limits import MOST_AT_ONCE
from portal.lists.workbook import CONTENT_TYPE
from portal.pages.access import staff
from portal.pages.filters import ALL, FilterForm, in_region, region_choices
from portal.throttle import too_many
from portal.window.funds import statement_files
from portal.window.funds.pages import crumbs

TITLE = "资金月报"
_MONTHS = 60
# On the page; the workbook has all.
_LINES_SHOWN = 40
_REGION = "150000"
_NOTHING = "这个月没有科目。请选择其他资金、月份或者地区。"


class StatementFilter(FilterForm):
    """Which fund, which month, where; a fund and a month are always chosen."""

    fund = forms.ModelChoiceField(label="资金", queryset=Fund.objects.all(), required=False, empty_label=None)
    month = forms.ChoiceField(label="月份", required=False, choices=[])
    region = forms.ChoiceField(label="地区", required=False, choices=[])

    def offer(self) -> None:
        mine = Line.objects.visible_to(self.user)
        self.this_month = Month.of(timezone.now())
        first = mine.order_by("opened_at").values_list("opened_at", flat=True).first()
        months = until(self.this_month, Month.of(first) if first else self.this_month, _MONTHS)
        month: Any = self.fields["month"]
        month.choices = [(one.code, str(one)) for one in months]
        region: Any = self.fields["region"]
        region.choices = [ALL, *region_choices(scope(self.user, "funds.view"))]
        self.initial = {"fund": self._first_fund(), "month": self.this_month.code}

    def _first_fund(self) -> Fund | None:
        """The first of the funds that have money in the user's places, or the first there is."""
        held = Line.objects.visible_to(self.user).values("fund")
        return Fund.objects.filter(pk__in=held).first() or Fund.objects.first()

    @property
    def fund_shown(self) -> Fund:
        fund: Fund = self.value("fund") or self.initial["fund"]
        return fund

    @property
    def month_shown(self) -> Month:
        return Month.read(self.value("month") or self.initial["month"])

    def lines(self) -> list[Line]:
        found = Line.objects.visible_to(self.user).filter(fund=self.fund_shown)
        if place := self.value("region"):
            found = found.filter(in_region(place))
        return list(found.select_related("fund", "region", "document"))

    @property
    def place_shown(self) -> str:
        """Its name; empty where all of the user's places are shown."""
        region: Any = self.fields["region"]
        groups = [group for _, group in region.choices if isinstance(group, list)]
        return {code: name for group in groups for code, name in group}.get(self.value("region"), "")


@staff("funds.view")
def statement(request: HttpRequest) -> HttpResponse:
    """The statement of a fund for a month: all lines together, then line by line."""
    form = StatementFilter(request.GET, user=request.user)
    made = statement_of(form.lines(), form.month_shown)
    asked = request.GET.urlencode()
    context = {
        "title": f"{form.fund_shown}{TITLE}（{made.month}）",
        "crumbs": crumbs((TITLE, "")),
        "form": form,
        "statement": made,
        "said": said_of(made, request.user),
        "headings": [*(bucket.label for bucket in BUCKETS), TOTAL],
        "parts": made.parts[:_LINES_SHOWN],
        "left_out": max(0, len(made.parts) - _LINES_SHOWN),
        "export": [
            (f"{reverse('window:fund_statement_xlsx')}?{asked}", "下载 Excel"),
            (f"{reverse('window:fund_statement_pdf')}?{asked}", "下载 PDF"),
        ],
    }
    return render(request, "window/funds/statement.html", context)


def said_of(made: Statement, by: Any) -> list[str]:
    """The unit, whether the month is over, who made it when."""
    over = (
        "本月已结束，数字不再变动。"
        if made.is_complete
        else f"本月尚未结束，数字截至{time_iso(made.made_at)}，月末以后才是完整的月报。"
    )
    return ["金额单位：元。", over, f"由{by}于{time_iso(made.made_at)}生成，数字全部由资金流水逐笔汇总得出。"]


@staff("funds.view")
def statement_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The statement as a workbook: all lines, and a sheet that says what it is."""
    if wait := FILES.wait(client_address(request)):
        return too_many(request, wait)
    form, made, title = _asked(request)
    if not made.parts:
        return _not_made(request, _NOTHING)
    book = statement_files.workbook(made, [title, *said_of(made, request.user)])
    _note(request, form, made, "xlsx")
    return FileResponse(
        book, as_attachment=True, filename=_file_name(form, "xlsx"), content_type=CONTENT_TYPE
    )


@staff("funds.view")
def statement_pdf(request: HttpRequest) -> HttpResponseBase:
    """The statement on paper, under a red header; one that is too long for it is offered as a workbook."""
    if wait := FILES.wait(client_address(request)):
        return too_many(request, wait)
    form, made, title = _asked(request)
    if not made.parts:
        return _not_made(request, _NOTHING)
    rows = statement_files.printed_rows(made)
    if len(rows) > MOST_AT_ONCE:
        why = f"共{len(rows):,}行，PDF 最多{MOST_AT_ONCE}行。请按地区缩小范围，或者下载 Excel。"
        return _not_made(request, why)
    listing = statement_files.listing(made, _issuer(request.user), title, said_of(made, request.user))
    try:
        built = listing.built(rows)
    except UndrawableCharacter as missing:
        return _not_made(request, f"其中有字库不能印出的字（{missing}），请下载 Excel。")
    _note(request, form, made, "pdf")
    response = HttpResponse(built.pdf, content_type="application/pdf")
    name = _file_name(form, "pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _asked(request: HttpRequest) -> tuple[StatementFilter, Statement, str]:
    form = StatementFilter(request.GET, user=request.user)
    made = statement_of(form.lines(), form.month_shown)
    return form, made, f"{form.place_shown}{form.fund_shown}{made.month}收支月报"


def _not_made(request: HttpRequest, why: str) -> HttpResponse:
    back = f"{reverse('window:fund_statement')}?{request.GET.urlencode()}"
    context = {
        "title": TITLE,
        "crumbs": crumbs((TITLE, back), ("未生成", "")),
        "why": why,
        "back": back,
    }
    return render(request, "window/funds/statement_not_made.html", context, status=HTTPStatus.BAD_REQUEST)


def _issuer(user: Any) -> Issuer:
    """The office of the user's league where they keep the money of one only, else that of the autonomous region."""
    where = scope(user, "funds.view")
    leagues = {f"{code[:4]}00" for code in where.leagues | where.banners}
    return _issuer_of(_REGION if where.whole or len(leagues) != 1 else leagues.pop())


def _issuer_of(code: str) -> Issuer:
    offices = list(Issuer.objects.filter(code__in=[code, _REGION]).order_by("code"))
    return next((one for one in offices if one.code == code), offices[0])


def _note(request: HttpRequest, form: StatementFilter, made: Statement, kind: str) -> None:
    audit.record(
        "funds.statement.export",
        by=request.user,
        detail={
            "fund": form.fund_shown.pk,
            "month": made.month.code,
            "place": form.value("region"),
            "file": kind,
            "count": len(made.parts),
        },
    )


def _file_name(form: StatementFilter, kind: str) -> str:
    return f"{form.fund_shown}{form.month_shown}收支月报.{kind}"
