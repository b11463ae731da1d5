"""What is done with documents, lines and orders: each on a page of its own."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.formats import yuan as in_words
from portal.funds import ledger, lines
from portal.funds.models import AuthorisingDocument, Line, Order
from portal.funds.money import yuan
from portal.funds.moves import MoveCode
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_page import Fact
from portal.pages.forms import NothingForm
from portal.window.funds.forms import DocumentForm, LineForm, OrderForm, ReallocationForm
from portal.window.funds.pages import crumbs

_ABOUT = "window/funds/step.html"
_OF_LINES = {MoveCode.APPROPRIATE: "下达", MoveCode.WITHDRAW: "收回", MoveCode.REALLOCATE: "调剂"}
# What the database says no to, in the words of whoever reads it.
_REFUSED = {
    "a_balance_keeps_its_floor": "科目可用余额不足，未记账。",
    "a_document_gives_no_more_than_it_says": "累计下达金额超过依据文件的金额，未记账。",
    "enough_people_approved": "审批人数还不够，未记账。请先由其他审批人审批；经办人和记账人不计入。",
    "the_maker_does_not_approve": "提出人、经办人不能审批，须由另一人审批。",
    "a_revoked_payable_is_not_paid": "其中有付款依据已撤销的，未记账。请刷新后重新选择。",
    "a_closed_line_gives_where_it_was_decided": "科目已经关闭，余下的和以后退回的款项只能转到关闭决定写明的去向。",
    "a_closed_line_is_not_spent": "科目已经关闭，未记账。",
    "a_line_closes_with_nothing_under_way": "还有没有办结的款项，先支付或者撤销后再关闭。",
    "a_closing_is_confirmed_by_another": "拟办人不能确认自己拟办的决定，须由另一人对照原件确认。",
    "one_document_of_a_number": "该文号已登记。",
    "one_line_of_a_document": "该文件在该地区、该用途下的科目已设立。",
    "a_document_of_money_is_confirmed_by_another": "登记人不能确认自己登记的文件，须由另一人对照原件确认。",
}


def in_words_of_the_office(error: IntegrityError) -> NotNow:
    """What the database refused, as a refusal with words; raises what has none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    words = _REFUSED.get(getattr(diagnosis, "constraint_name", None) or "")
    if words is None:
        raise error
    return NotNow(words)


def doing(step: Any) -> Any:
    """Do it; a refusal of the database becomes one with words."""
    try:
        return step()
    except IntegrityError as error:
        raise in_words_of_the_office(error) from error


@staff("funds.record", "GET", "HEAD", "POST")
def document_new(request: HttpRequest) -> HttpResponse:
    """Write down a document that gives money; somebody else confirms it."""
    today = timezone.localdate()
    form = DocumentForm(posted(request), user=request.user, today=today)

    def act(said: dict[str, Any]) -> Done:
        fund, amount, region = said.pop("fund"), said.pop("amount"), said.pop("region")
        doing(lambda: lines.record_document(fund, said=said, amount=amount, region=region, by=request.user))
        return Done("已登记，由另一人对照原件确认后生效。", reverse("window:fund_documents"))

    page = ActionPage(
        title="登记资金文件",
        crumbs=crumbs(("资金文件", reverse("window:fund_documents")), ("登记", "")),
        heading="文件内容",
        submit="登记",
        back=reverse("window:fund_documents"),
        consequence="由另一人对照原件确认后，才能据以设立科目、下达资金。",
    )
    return act_on(request, form, act) or show_action(request, page, form)


@staff("funds.confirm", "GET", "HEAD", "POST")
def document_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else has held it against the paper."""
    document = _document(request, pk)
    form = NothingForm(posted(request))

    def act(said: dict[str, Any]) -> Done:
        doing(lambda: lines.confirm_document(document.pk, by=request.user))
        return Done(f"已确认文件{document.number}。", reverse("window:fund_documents"))

    page = ActionPage(
        title="确认资金文件",
        crumbs=crumbs(("资金文件", reverse("window:fund_documents")), ("确认", "")),
        submit="与原件一致，确认",
        back=reverse("window:fund_documents"),
        consequence="确认后文件内容不能更改。",
    )
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about="文件内容", facts=_said(document)
    )


@staff("funds.record", "GET", "HEAD", "POST")
def line_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a line that rests on the document."""
    document = _document(request, pk)
    form = LineForm(posted(request), user=request.user, document=document)

    def act(said: dict[str, Any]) -> Done:
        usable = said["usable_from"], said["usable_until"]
        opened = doing(
            lambda: lines.open_line(
                document,
                use=said["use"],
                region=said["region"],
                year=said["year"],
                usable=usable,
                by=request.user,
            )
        )
        return Done("科目已设立。", reverse("window:fund_line", args=[opened.pk]))

    page = ActionPage(
        title="设立资金科目",
        crumbs=crumbs(("资金文件", reverse("window:fund_documents")), ("设立科目", "")),
        heading="科目",
        submit="设立",
        back=reverse("window:fund_documents"),
        consequence="科目设立后不能更改；资金另行下达。",
    )
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about="依据文件", facts=_said(document)
    )


def _document(request: HttpRequest, pk: int) -> AuthorisingDocument:
    mine = AuthorisingDocument.objects.visible_to(request.user)
    return get_object_or_404(mine.select_related("fund", "region__parent", "recorded_by"), pk=pk)


def _said(document: AuthorisingDocument) -> list[Fact]:
    return [
        Fact("资金", document.fund.name),
        Fact("文件种类", document.get_kind_display()),
        Fact("文号", document.number),
        Fact("标题", document.title),
        Fact("发文单位", document.issuer),
        Fact("发文日期", f"{document.issued_on:%Y-%m-%d}"),
        Fact("使用地", document.region.full_name),
        Fact("金额", in_words(yuan(document.amount))),
        Fact("登记人", str(document.recorded_by)),
    ]


# -- orders --------------------------------------------------------------------------------------------------
@staff("funds.record", "GET", "HEAD", "POST")
def order_new(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """Draw up an order about a line's money; others approve it before it is carried out."""
    if move not in _OF_LINES:
        raise Http404
    mine = Line.objects.visible_to(request.user).select_related("fund", "region__parent")
    line = get_object_or_404(mine, pk=pk)
    back = reverse("window:fund_line", args=[line.pk])
    form: OrderForm | ReallocationForm
    if move == MoveCode.REALLOCATE:
        form = ReallocationForm(posted(request), line=line, user=request.user)
    else:
        form = OrderForm(posted(request), line=line)

    def act(said: dict[str, Any]) -> Done:
        doing(lambda: ledger.order(MoveCode(move), line, by=request.user, **said))
        return Done("指令已提出，由审批人审批后执行。", back)

    title = f"{_OF_LINES[MoveCode(move)]}资金"
    page = ActionPage(
        title=title,
        crumbs=crumbs((str(line), back), (title, "")),
        heading="指令",
        submit="提出",
        back=back,
        consequence="经审批后由财务人员执行，执行前不影响余额。",
    )
    facts = [
        Fact("科目", str(line)),
        Fact("可用余额", in_words(ledger.available(line))),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about="资金科目", facts=facts
    )


@staff("funds.approve", "GET", "HEAD", "POST")
def order_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the people whom the sum asks for."""
    return _step_of_order(request, pk, "审批资金指令", "批准", ledger.approve_order, "已审批。")


@staff("funds.post", "GET", "HEAD", "POST")
def order_carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Post it, once enough people approved."""
    return _step_of_order(request, pk, "执行资金指令", "执行并记账", ledger.carry_out, "已执行，余额已更新。")


def _step_of_order(
    request: HttpRequest, pk: int, title: str, submit: str, step: Any, words: str
) -> HttpResponse:
    mine = Order.objects.visible_to(request.user).select_related(
        "from_line__fund", "from_line__region", "to_line__fund", "to_line__region", "document", "made_by"
    )
    order = get_object_or_404(mine, pk=pk)
    back = reverse("window:fund_line", args=[order.from_line_id])
    form = NothingForm(posted(request))

    def act(said: dict[str, Any]) -> Done:
        doing(lambda: step(order.pk, by=request.user))
        return Done(words, back)

    page = ActionPage(
        title=title,
        crumbs=crumbs((str(order.from_line), back), (title, "")),
        submit=submit,
        back=back,
        consequence="记账后不能更改；有误的，以相反的指令冲回。" if step is ledger.carry_out else "",
    )
    facts = [
        Fact("指令", order.get_move_display()),
        Fact("科目", str(order.from_line)),
        *([Fact("转入科目", str(order.to_line))] if order.to_line_id != order.from_line_id else []),
        Fact("金额", in_words(yuan(order.amount))),
        *([Fact("依据文件", str(order.document))] if order.document else []),
        Fact("事由", order.reason),
        Fact("提出人", str(order.made_by)),
        Fact(
            "已审批", "、".join(str(approval.by) for approval in order.approvals.select_related("by")) or "无"
        ),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about="指令内容", facts=facts
    )
