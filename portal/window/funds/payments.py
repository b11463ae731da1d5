"""Every payment, and every yuan's page: from the document that gave it to the row of the bank, and back."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.formats import yuan as in_words
from portal.funds import causes, recovering
from portal.funds.frozen import shown_as_frozen
from portal.funds.models import BankRow, Item, ItemState, Line, Payable, Recovery, Transfer
from portal.funds.money import yuan
from portal.funds.splitting import split_about
from portal.pages.access import staff
from portal.pages.case_page import Fact
from portal.paging import page_asked
from portal.window.funds.batch_forms import PaymentFilter
from portal.window.funds.batches import ITEM_TONES
from portal.window.funds.pages import crumbs

OUTCOME_TONES = {"paid": "good", "returned": "bad", "recovered": "good"}


@staff("funds.view")
def payments(request: HttpRequest) -> HttpResponse:
    """The payments of the user's places over all batches, newest first."""
    form = PaymentFilter(request.GET, user=request.user)
    listed = form.apply(Item.objects.visible_to(request.user))
    page = page_asked(
        listed.select_related("batch", "payable__case", "fund", "region__parent"),
        request.GET,
        order=("-id",),
        count=True,
        count_up_to=1000,
    )
    rows = [(item, ITEM_TONES.get(ItemState(item.state), "plain")) for item in page.rows]
    context = {
        "title": "付款",
        "crumbs": crumbs(("付款", "")),
        "form": form,
        "page": page,
        "rows": rows,
    }
    return render(request, "window/funds/payments.html", context)


@staff("funds.view")
def payment(request: HttpRequest, payable_id: int) -> HttpResponse:
    """A payable: what it rests on, who approved it, each time it was tried, what the bank said, and every move."""
    # Who sees a case alone sees there what is paid on it; this page is for whoever keeps money.
    mine = Payable.objects.visible_to(request.user).filter(line__in=Line.objects.visible_to(request.user))
    shown = get_object_or_404(
        mine.select_related("case", "line__document", "line__fund", "line__region__parent", "made_by"),
        pk=payable_id,
    )
    items = shown.items.select_related("batch", "payee__confirmed_by", "withdrawal", "retry_of").order_by(
        "-pk"
    )
    rows = (
        BankRow.objects.visible_to(request.user)
        .filter(item__payable=shown)
        .select_related("answer", "item")
        .order_by("-pk")
    )
    meaning = causes.meanings(row.words for row in rows)
    moved = (
        Transfer.objects.visible_to(request.user)
        .filter(Q(payable=shown) | Q(recovery_share__payable=shown))
        .select_related("by", "bank_row")
        .order_by("-pk")
    )
    recoveries = Recovery.objects.visible_to(request.user).filter(payable=shown)
    context = {
        "title": f"付款 {in_words(shown.sum)}",
        "crumbs": crumbs((str(shown.line), ""), (shown.case.number, "")),
        "payable": shown,
        "facts": _facts(shown),
        "split": _split(shown),
        "approvals": shown.approvals.select_related("by").order_by("pk"),
        "tries": [_tried(item) for item in items],
        "rows": [(row, OUTCOME_TONES.get(row.outcome, "warn"), meaning.get(row.words, "")) for row in rows],
        "moves": [(move, yuan(move.amount)) for move in moved],
        "recoveries": recoveries.order_by("-pk"),
        "may_recover": recovering.not_asked_back(shown) > 0
        and can(request.user, "funds.recover", shown.line.region_id),
        "may_withdraw": can(request.user, "funds.batch", shown.line.region_id),
    }
    return render(request, "window/funds/payment.html", context)


def _stands(payable: Payable) -> str:
    """Where it is; what was taken apart is nowhere but in its parts."""
    return "已拆分：部分抵扣，其余照常支付" if hasattr(payable, "split") else payable.get_bucket_display()


def _split(payable: Payable) -> list[Fact]:
    """Of a benefit that was taken apart, and of its parts: both sums, and the way to each."""
    split = split_about(payable)
    if split is None:
        return []
    return [
        Fact("批准的金额", in_words(split.payable.sum), **_to(split.payable, payable)),
        Fact(
            "抵扣",
            f"{in_words(split.off.sum)}，抵作追回{split.recovery.number}",
            **_to(split.off, payable),
        ),
        Fact("照常支付", in_words(split.rest.sum), **_to(split.rest, payable)),
        Fact(
            "追回",
            split.recovery.number,
            href=reverse("window:fund_recovery", args=[split.recovery_id]),
            action="查看追回",
        ),
    ]


def _to(part: Payable, shown: Payable) -> dict[str, str]:
    """The way to another part than the one that is shown."""
    if part.pk == shown.pk:
        return {}
    return {"href": reverse("window:fund_payment", args=[part.pk]), "action": "查看付款"}


def _facts(payable: Payable) -> list[Fact]:
    document = payable.line.document
    return [
        Fact("金额", in_words(payable.sum)),
        Fact("现在", _stands(payable)),
        *([Fact("暂停支付", f"{why}。")] if (why := shown_as_frozen(payable)) else []),
        Fact("用途", payable.get_use_display()),
        Fact("收款对象", payable.get_payee_kind_display()),
        Fact("依据文件", f"{document.number} {document.title}"),
        Fact("登记", f"{payable.made_by}，{timezone.localtime(payable.made_at):%Y-%m-%d %H:%M}"),
    ]


def _tried(item: Item) -> dict[str, Any]:
    payee = getattr(item, "payee", None)
    return {
        "item": item,
        "tone": ITEM_TONES.get(ItemState(item.state), "plain"),
        "account": payee.masked_account if payee else "",
        "bank": payee.bank if payee else "",
        "spelling": payee.bank_spelling if payee else "",
        "changed": payee.changed if payee else "",
    }
