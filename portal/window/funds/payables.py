"""What was decided and waits to be paid: payables of the user's places, and those posted as committed; what waits for
money, and letting it draw.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.formats import yuan as in_words
from portal.funds import committing, ledger, waiting
from portal.funds.frozen import NOT_PAID_YET, frozen, shown_as_frozen
from portal.funds.models import AwaitingMoney, Fund, Line, Payable, Revocation
from portal.funds.models.recoveries import STANDING
from portal.funds.money import yuan
from portal.funds.moves import MOVES, Bucket, MoveCode
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_page import Fact
from portal.pages.confirm_many import LeftOut, chosen_ids, confirm_many, confirmed
from portal.pages.filters import ALL, FilterForm
from portal.pages.forms import NothingForm
from portal.paging import page_asked
from portal.window.funds.pages import crumbs
from portal.window.funds.steps import doing

TITLE, WAITING = "应付款", "待资金"
# So many are posted at once from the list.
_AT_ONCE = 500
_SHOWN = 200


class PayableFilter(FilterForm):
    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="全部"
    )
    bucket = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[ALL, *((one.value, one.label) for one in Bucket if one not in {Bucket.TREASURY})],
    )

    revoked = forms.ChoiceField(
        label="付款依据", required=False, choices=[ALL, ("1", "已撤销"), ("frozen", "存疑，暂停支付")]
    )

    def apply(self, payables: QuerySet[Payable]) -> QuerySet[Payable]:
        if fund := self.value("fund"):
            payables = payables.filter(line__fund=fund)
        if bucket := self.value("bucket"):
            payables = payables.filter(bucket=bucket)
        if self.value("revoked") == "frozen":
            payables = payables.filter(frozen(), bucket__in=NOT_PAID_YET)
        elif self.value("revoked"):
            seen = Revocation.objects.visible_to(self.user).standing()
            payables = payables.filter(pk__in=seen.values("payable"))
        return payables


@staff("funds.view")
def payables(request: HttpRequest) -> HttpResponse:
    """The payables of the user's lines, newest first; those that were reserved may be posted from here."""
    form = PayableFilter(request.GET, user=request.user)
    mine = Payable.objects.visible_to(request.user)
    listed = form.apply(mine).select_related("case", "line__fund", "line__region", "made_by", "split")
    page = page_asked(
        listed.prefetch_related("approvals__by", "revocations", "recoveries"),
        request.GET,
        order=("-id",),
        count=True,
    )
    context = {
        "title": TITLE,
        "crumbs": crumbs((TITLE, "")),
        "form": form,
        "page": page,
        "rows": [_row(one) for one in page.rows],
        "bulk": _bulk(request.user, form.value("bucket")) if page.rows else [],
    }
    return render(request, "window/funds/payables.html", context)


def _row(payable: Payable) -> dict[str, Any]:
    """With who approved its next move, and whether its decision does not stand any more."""
    fell = any(one.lifted_at is None for one in payable.revocations.all())
    approvals = [one for one in payable.approvals.all() if one.at_moves == payable.moves]
    return {
        "payable": payable,
        "sum": payable.sum,
        "approvers": [one.by for one in approvals],
        "fell": fell,
        "frozen": shown_as_frozen(payable),
        "was_split": hasattr(payable, "split"),
        "asked_back": payable.bucket == Bucket.PAID
        and any(one.state in STANDING for one in payable.recoveries.all()),
    }


def _bulk(user: Any, bucket: str) -> list[dict[str, str]]:
    """What may be done with chosen rows of a list of one bucket."""
    found = []
    if bucket == Bucket.RESERVED and can(user, "funds.post"):
        found.append({"name": "action", "value": "commit", "label": "批准记账"})
    if bucket == Bucket.RESERVED and can(user, "funds.approve"):
        found.append({"name": "action", "value": "approve", "label": "审批", "kind": "secondary"})
    if bucket == Bucket.COMMITTED and can(user, "funds.post"):
        found.append({"name": "action", "value": "cancel", "label": "撤销付款", "kind": "danger"})
    return found


@staff("funds.view", "POST")
def payables_move(request: HttpRequest) -> HttpResponseBase:
    """First repeats which payables would be posted or approved; sent again, does it."""
    acts = {"commit": _commit_page, "approve": _approve_page, "cancel": _cancel_page}
    if (show := acts.get(request.POST.get("action", ""))) is None:
        raise Http404
    mine = Payable.objects.visible_to(request.user)
    chosen = mine.filter(pk__in=chosen_ids(request)[:_AT_ONCE])
    listed = list(chosen.select_related("case", "line__fund", "line__region", "made_by").order_by("pk"))
    return show(request, listed)


def _page(label: str, payables: list[Payable], bucket: Bucket, consequence: str) -> ActionPage:
    back = f"{reverse('window:fund_payables')}?bucket={bucket}"
    count, amount = len(payables), sum(one.amount for one in payables)
    return ActionPage(
        title=f"{label}：{count:,}笔，{in_words(yuan(amount))}",
        crumbs=crumbs((TITLE, back), (label, "")),
        consequence=consequence,
        submit=label,
        back=back,
    )


@staff("funds.post", "POST")
def _commit_page(request: HttpRequest, chosen: list[Payable]) -> HttpResponse:
    words = "由“已预留”转为“已批准待付”，可以提交支付。记账后不能更改，有误的按规定撤销。"
    return _posting(request, chosen, MoveCode.COMMIT, "批准记账", words)


@staff("funds.post", "POST")
def _cancel_page(request: HttpRequest, chosen: list[Payable]) -> HttpResponse:
    words = "付款依据已撤销的，资金退回原科目，不再支付。"
    return _posting(request, chosen, MoveCode.CANCEL, "撤销付款", words)


def _posting(
    request: HttpRequest, chosen: list[Payable], code: MoveCode, label: str, consequence: str
) -> HttpResponse:
    refused = committing.against(chosen, code, by=request.user)
    movable = [one for one in chosen if one.pk not in refused]
    page = _page(label, movable, MOVES[code].from_bucket, consequence)

    def act(given: dict[str, Any]) -> Done:
        posted_now = committing.post_many([one.pk for one in movable], code, by=request.user)
        left = f"{len(posted_now.refused):,}笔未记账：" + "；".join(sorted(set(posted_now.refused.values())))
        return Done(f"已记账{len(posted_now.done):,}笔。", page.back, left if posted_now.refused else "")

    return _confirm(request, page, chosen, movable, refused, act, str(code))


@staff("funds.approve", "POST")
def _approve_page(request: HttpRequest, chosen: list[Payable]) -> HttpResponse:
    approved = set(
        Payable.objects.visible_to(request.user)
        .filter(
            pk__in=[one.pk for one in chosen], approvals__by=request.user.pk, approvals__move=MoveCode.COMMIT
        )
        .values_list("pk", flat=True)
    )
    refused = {}
    for one in chosen:
        if one.made_by_id == request.user.pk:
            refused[one.pk] = "经办人不能审批，须由另一人办理。"
        elif one.pk in approved:
            refused[one.pk] = "您已审批。"
        elif one.bucket != Bucket.RESERVED:
            refused[one.pk] = f"当前为“{one.get_bucket_display()}”。"
    movable = [one for one in chosen if one.pk not in refused]
    page = _page("审批", movable, Bucket.RESERVED, "审批后由财务人员记账。")

    def act(given: dict[str, Any]) -> Done:
        numbers = [one.pk for one in movable]
        count = doing(lambda: ledger.approve(numbers, MoveCode.COMMIT, by=request.user))
        return Done(f"已审批{count:,}笔。", page.back)

    return _confirm(request, page, chosen, movable, refused, act, "approve")


def _confirm(
    request: HttpRequest,
    page: ActionPage,
    chosen: list[Payable],
    movable: list[Payable],
    refused: Any,
    act: Any,
    action: str,
) -> HttpResponse:
    left_out = [
        LeftOut(one.case.kind_label, one.case.number, refused[one.pk]) for one in chosen if one.pk in refused
    ]
    return confirm_many(
        request,
        page,
        movable,
        NothingForm(confirmed(request)),
        act,
        left_out=left_out,
        template="window/funds/payables_move.html",
        action=action,
        rows=[_row(one) for one in movable],
    )


# -- what waits for money ------------------------------------------------------------------------------------
@staff("funds.view")
def awaiting(request: HttpRequest) -> HttpResponse:
    """What was decided by right and waits for money, in the order in which it draws, with the sum of each fund."""
    mine = AwaitingMoney.objects.visible_to(request.user).waiting()
    by_fund = (
        mine.values("fund__name").annotate(count=Count("pk"), amount=Sum("amount")).order_by("fund__name")
    )
    listed = mine.first_come().select_related("case", "fund", "region__parent")[:_SHOWN]
    context = {
        "title": WAITING,
        "crumbs": crumbs((WAITING, "")),
        "totals": [
            {"label": row["fund__name"], "value": row["count"], "note": in_words(yuan(row["amount"]))}
            for row in by_fund
        ],
        "rows": [(place, one, yuan(one.amount)) for place, one in enumerate(listed, start=1)],
        "shown": _SHOWN,
        "lines": _with_money(request.user),
    }
    return render(request, "window/funds/awaiting.html", context)


def _with_money(user: Any) -> list[dict[str, Any]]:
    """The user's lines that have money for which somebody waits."""
    found = Line.objects.visible_to(user).filter(pk__in=waiting.lines_with_money())
    lines = found.filter(fund__pays_a_right=True).select_related("fund", "region").order_by("pk")
    rows = []
    for line in lines:
        if count := waiting.for_line(line).count():
            may = can(user, "funds.post", line.region_id)
            rows.append({"line": line, "count": count, "left": ledger.available(line), "may_draw": may})
    return rows


@staff("funds.post", "GET", "HEAD", "POST")
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what waits for a line's money draw now, in order of first hand-in."""
    mine = Line.objects.visible_to(request.user).select_related("fund", "region__parent")
    line = get_object_or_404(mine, pk=pk)
    form = NothingForm(posted(request))
    back = reverse("window:fund_awaiting")

    def act(given: dict[str, Any]) -> Done:
        count = waiting.draw_in_order(line.pk, by=request.user)
        rest = waiting.for_line(line).count()
        left = f"还有{rest:,}件待资金：科目余额不足，或者今天不在使用期内。" if rest else ""
        return Done(f"已预留{count:,}件。", back, left)

    waits = waiting.for_line(line).aggregate(count=Count("pk"), amount=Sum("amount"))
    page = ActionPage(
        title="按先后预留资金",
        crumbs=crumbs((WAITING, back), ("预留", "")),
        submit="预留",
        back=back,
        consequence="按首次提交的先后，以本科目可用余额为限，逐件预留；排在前面的资金不足时，后面的不先预留。",
    )
    facts = [
        Fact("科目", str(line)),
        Fact("可用余额", in_words(ledger.available(line))),
        Fact("待资金", f"{waits['count']:,}件，{in_words(yuan(waits['amount'] or 0))}"),
        Fact("使用期", f"{line.usable_from:%Y-%m-%d} 至 {line.usable_until:%Y-%m-%d}"),
        Fact("今天", f"{timezone.localdate():%Y-%m-%d}"),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template="window/funds/step.html", about="资金科目", facts=facts
    )
