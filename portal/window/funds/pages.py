"""Funds, lines and documents; what is done with them is in `steps`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.formats import yuan as in_words
from portal.funds.models import AuthorisingDocument, Balance, Fund, Line, LineClosing, Order, Transfer
from portal.funds.money import yuan
from portal.funds.moves import Bucket
from portal.pages.access import staff
from portal.pages.action_page import Crumbs
from portal.pages.case_page import Fact
from portal.pages.filters import ALL, FilterForm
from portal.paging import page_asked

# In the order in which money goes; what came from outside is the sum of them.
SHOWN = (
    Bucket.AVAILABLE,
    Bucket.RESERVED,
    Bucket.COMMITTED,
    Bucket.IN_TRANSIT,
    Bucket.PAID,
    Bucket.RECOVERABLE,
)


@dataclass(frozen=True)
class LineRow:
    """A line with what is in each of its buckets, in yuan."""

    line: Line
    given: Decimal
    amounts: list[tuple[str, Decimal]]


class LineFilter(FilterForm):
    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="全部"
    )
    year = forms.ChoiceField(label="年度", required=False, choices=[ALL])

    def offer(self) -> None:
        super().offer()
        years = Line.objects.visible_to(self.user).order_by("-year").values_list("year", flat=True).distinct()
        field: Any = self.fields["year"]
        field.choices = [ALL, *((str(year), f"{year}年") for year in years)]

    def apply(self, lines: QuerySet[Line]) -> QuerySet[Line]:
        if fund := self.value("fund"):
            lines = lines.filter(fund=fund)
        if year := self.value("year"):
            lines = lines.filter(year=year)
        return lines


def crumbs(*further: tuple[str, str]) -> Crumbs:
    return [("工作台", reverse("window:home")), ("资金", reverse("window:funds")), *further]


@staff("funds.view")
def funds(request: HttpRequest) -> HttpResponse:
    """The lines of the user's places, with what each has left and where the rest is."""
    form = LineFilter(request.GET, user=request.user)
    listed = form.apply(Line.objects.visible_to(request.user))
    rows = _rows(list(listed.select_related("fund", "region__parent", "document")))
    context = {
        "title": "资金",
        "crumbs": crumbs()[:1] + [("资金", "")],
        "form": form,
        "rows": rows,
        "buckets": [bucket.label for bucket in SHOWN],
        "totals": _totals(rows),
        "may_record": can(request.user, "funds.record"),
    }
    return render(request, "window/funds/funds.html", context)


def _rows(lines: list[Line]) -> list[LineRow]:
    kept: dict[int, dict[str, int]] = {}
    for line_id, bucket, amount in Balance.objects.filter(line__in=lines).values_list(
        "line_id", "bucket", "amount"
    ):
        kept.setdefault(line_id, {})[bucket] = amount
    return [
        LineRow(
            line,
            yuan(-kept[line.pk][Bucket.TREASURY]),
            [(bucket.label, yuan(kept[line.pk][bucket])) for bucket in SHOWN],
        )
        for line in lines
    ]


def _totals(rows: list[LineRow]) -> list[tuple[str, Decimal]]:
    """Of what was given and of every bucket, over all lines shown, each with its heading."""
    columns = zip(*([row.given, *(amount for _, amount in row.amounts)] for row in rows), strict=True)
    headings = ["下达", *(str(bucket.label) for bucket in SHOWN)]
    sums = [sum(column, Decimal(0)) for column in columns]
    return list(zip(headings, sums, strict=bool(sums)))


@staff("funds.view")
def documents(request: HttpRequest) -> HttpResponse:
    """Documents that give money, newest first, with who recorded and who confirmed them."""
    mine = AuthorisingDocument.objects.visible_to(request.user)
    listed = mine.select_related("fund", "region__parent", "recorded_by", "confirmed_by")
    context = {
        "title": "资金文件",
        "crumbs": crumbs(("资金文件", "")),
        "rows": [(document, yuan(document.amount)) for document in listed[:500]],
        "may_record": can(request.user, "funds.record"),
        "may_confirm": can(request.user, "funds.confirm"),
    }
    return render(request, "window/funds/documents.html", context)


@staff("funds.view")
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """A line: what it rests on, what is where, the orders about it, and every move of its money."""
    mine = Line.objects.visible_to(request.user).select_related(
        "fund", "region__parent", "document", "opened_by"
    )
    shown = get_object_or_404(mine, pk=pk)
    (row,) = _rows([shown])
    parts = LineClosing.objects.visible_to(request.user).closed().filter(line=shown)
    closed = parts.select_related("closing", "returns_to__fund", "returns_to__region").first()
    moved = Transfer.objects.visible_to(request.user).about(shown).select_related("payable__case", "by")
    page = page_asked(moved, request.GET, order=("-id",), count=True)
    context = {
        "title": str(shown),
        "crumbs": crumbs((str(shown), "")),
        "line": shown,
        "facts": _facts(shown, closed),
        "is_closed": closed is not None,
        "amounts": [("下达", row.given), *row.amounts],
        "orders": _orders(shown, request.user),
        "page": page,
        "transfers": [_transfer(transfer, shown) for transfer in page.rows],
        "may_order": can(request.user, "funds.record", shown.region_id),
    }
    return render(request, "window/funds/line.html", context)


def _facts(line: Line, closed: LineClosing | None) -> list[Fact]:
    document = line.document
    ended = []
    if closed is not None:
        goal = closed.returns_to or "交回来源"
        day = timezone.localtime(closed.closed_at)
        ended = [Fact("已关闭", f"{day:%Y-%m-%d}，{closed.closing}；以后退回的款项：{goal}")]
    return [
        *ended,
        Fact("资金", line.fund.name),
        Fact("用途", line.get_use_display()),
        Fact("地区", line.region.full_name),
        Fact("使用期", f"{line.usable_from:%Y-%m-%d} 至 {line.usable_until:%Y-%m-%d}"),
        Fact("依据文件", f"{document.number} {document.title}（{in_words(yuan(document.amount))}）"),
        Fact("设立人", f"{line.opened_by}，{timezone.localtime(line.opened_at):%Y-%m-%d}"),
    ]


def _transfer(transfer: Transfer, line: Line) -> dict[str, Any]:
    return {
        "transfer": transfer,
        "amount": yuan(transfer.amount),
        "from_bucket": transfer.get_from_bucket_display(),
        "to_bucket": transfer.get_to_bucket_display(),
        "case": transfer.payable.case if transfer.payable else None,
        "is_outward": transfer.from_line_id == line.pk != transfer.to_line_id,
    }


def _orders(line: Line, user: Any) -> list[dict[str, Any]]:
    """Orders from and to the line, newest first, with who approved them and what the user may do now."""
    listed = (
        Order.objects.visible_to(user)
        .about(line)
        .select_related(
            "from_line__fund",
            "from_line__region",
            "to_line__fund",
            "to_line__region",
            "document",
            "made_by",
            "transfer",
        )
    )
    return [
        {
            "order": order,
            "amount": yuan(order.amount),
            "approvers": [approval.by for approval in order.approvals.all()],
            "is_done": hasattr(order, "transfer"),
            "may_approve": can(user, "funds.approve", order.from_line.region_id)
            and order.made_by_id != user.pk
            and user.pk not in {approval.by_id for approval in order.approvals.all()},
            "may_carry_out": can(user, "funds.post", order.from_line.region_id),
        }
        for order in listed.prefetch_related("approvals__by")[:100]
    ]
