"""What is done with batches and their items: each on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.formats import yuan as in_words
from portal.funds import batches, causes, locking, payment_files
from portal.funds.batches import Selection
from portal.funds.frozen import why_frozen
from portal.funds.locking import Looked, Ready
from portal.funds.models import Batch, Item, Payable, Step
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_page import Fact
from portal.pages.forms import NothingForm
from portal.window.funds.batch_forms import AnnounceForm, ReasonForm, SeenForm, SelectionForm
from portal.window.funds.batches import batch_crumbs, offered_to, visible
from portal.window.funds.pages import crumbs

_ABOUT = "window/funds/step.html"
_SHOWN = 100


def _address(batch: Batch) -> str:
    return reverse("window:fund_batch", args=[batch.pk])


# -- drawn up ------------------------------------------------------------------------------------------------
@staff("funds.batch", "GET", "HEAD", "POST")
def batch_new(request: HttpRequest) -> HttpResponse:
    """Choose what comes into a batch, see how much that is, and draw it up."""
    form = SelectionForm(request.POST if request.method == "POST" else request.GET or None, user=request.user)
    selection = form.selection
    found = batches.look(selection, on=timezone.localdate()) if selection else None
    refusal = ""
    if request.method == "POST" and selection and found:
        try:
            shown = found.as_shown(request.POST.get("digest", "")[:32])
            drawn = batches.draw_up(selection, confirmed=shown, by=request.user)
        except NotNow as reason:
            refusal = str(reason)
        else:
            return redirect("window:fund_batch", drawn.pk)
    context = {
        "title": "拟定付款批次",
        "crumbs": crumbs(("付款批次", reverse("window:fund_batches")), ("拟定付款批次", "")),
        "form": form,
        "found": found,
        "selection": selection,
        "refusal": refusal,
        "frozen": _frozen(selection) if selection else [],
    }
    return render(request, "window/funds/batch_new.html", context, status=409 if refusal else 200)


def _frozen(selection: Selection) -> list[tuple[Payable, str]]:
    """What would come in as well, and why it stands still."""
    stopped = selection.frozen(timezone.localdate())[:_SHOWN]
    return [(payable, why_frozen(payable.case)) for payable in stopped]


# -- the steps -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Page:
    """How a step is called, and what the page says of it."""

    title: str
    submit: str
    words: str
    consequence: str = ""
    kind: str = "primary"


_LOCK = "核对收款人并锁定"
_PAGES = {
    Step.SIGN: _Page(
        "签发付款批次", "签发", "已签发。", "签发后即可生成付款文件。请核对笔数、金额和收款人。"
    ),
    Step.FILE: _Page(
        "生成付款文件", "生成", "付款文件已生成。", "按银行文件格式生成，同一批次每次生成的文件相同。"
    ),
    Step.SEND: _Page(
        "登记已发送",
        "登记已发送",
        "已登记发送，资金在途。",
        "文件交给银行后登记。登记后不能撤出，等待银行回盘。",
    ),
    Step.CLOSE: _Page("办结付款批次", "办结", "批次已办结。", "每笔付款都已有银行回盘。"),
    Step.ANNOUNCE: _Page("公示付款批次", "登记公示", "已登记公示。", "公示期满后签发。"),
    Step.DROP: _Page(
        "作废付款批次", "作废", "批次已作废。", "批次中的付款全部撤出，可以编入其他批次。", "danger"
    ),
}


def _sign(batch: Batch, said: dict[str, Any], by: Any) -> Batch:
    return batches.sign(batch.pk, seen=said["seen"], by=by)


def _announce(batch: Batch, said: dict[str, Any], by: Any) -> Batch:
    return batches.announce(batch.pk, where=said["where"], on=timezone.localdate(), by=by)


def _drop(batch: Batch, said: dict[str, Any], by: Any) -> Batch:
    return batches.drop(batch.pk, reason=said["reason"], by=by)


_ACTIONS: dict[str, Callable[[Batch, dict[str, Any], Any], Batch]] = {
    Step.SIGN: _sign,
    Step.ANNOUNCE: _announce,
    Step.DROP: _drop,
    Step.FILE: lambda batch, said, by: payment_files.make(batch.pk, by=by),
    Step.SEND: lambda batch, said, by: batches.send(batch.pk, by=by),
    Step.CLOSE: lambda batch, said, by: batches.close(batch.pk, by=by),
}


def _form(step: str, batch: Batch, data: Any) -> forms.Form:
    if step == Step.SIGN:
        return SeenForm(data, initial={"seen": batches.standing(batch)})
    if step == Step.ANNOUNCE:
        return AnnounceForm(data)
    return ReasonForm(data) if step == Step.DROP else NothingForm(data)


@staff("funds.view", "GET", "HEAD", "POST")
def batch_step(request: HttpRequest, batch_id: int, step: str) -> HttpResponse:
    """One step of a batch. Who may take it the action says; whoever may not is asked nothing, and reads so on the batch."""
    if step != Step.LOCK and step not in _PAGES:
        raise Http404
    batch = visible(request, batch_id)
    if request.method != "POST" and (reason := _reason_not_to(step, batch, request.user)):
        messages.warning(request, reason)
        return redirect(_address(batch))
    if step == Step.LOCK:
        return _lock(request, batch)
    said_of = _PAGES[Step(step)]
    form = _form(step, batch, posted(request))

    def act(said: dict[str, Any]) -> Done:
        _ACTIONS[step](batch, said, request.user)
        return Done(said_of.words, _address(batch))

    page = ActionPage(
        title=said_of.title,
        crumbs=batch_crumbs(batch, (said_of.title, "")),
        submit=said_of.submit,
        back=_address(batch),
        consequence=said_of.consequence,
        kind=said_of.kind,
    )
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about=f"付款批次 {batch.number}", facts=_facts(batch)
    )


def _reason_not_to(step: str, batch: Batch, user: Any) -> str:
    """Why the user cannot take a step now; empty when they can."""
    offered, waits_for = offered_to(user, batch)
    if any(one.step == step for one in offered):
        return ""
    title = _LOCK if step == Step.LOCK else _PAGES[Step(step)].title
    words = f"批次当前为“{batch.get_state_display()}”，您现在不能办理“{title}”。"
    return f"{words}下一步：{waits_for}。" if waits_for else words


def _facts(batch: Batch) -> list[Fact]:
    changed = batch.items.filter(state="listed").exclude(payee__changed="").exclude(payee=None).count()
    return [
        Fact("资金", batch.fund.name),
        Fact("支付渠道", batch.channel.name),
        Fact("地区", batch.region.full_name),
        Fact("笔数", f"{batch.count:,}笔"),
        Fact("金额", in_words(batch.sum)),
        Fact("收款人有变更", f"{changed:,}笔"),
        Fact("拟定人", str(batch.made_by)),
    ]


def _lock(request: HttpRequest, batch: Batch) -> HttpResponse:
    """Who is paid by each item, asked afresh: what changed is named, and whom nobody can pay yet."""
    looked = locking.look_at(batch)
    form = SeenForm(posted(request), initial={"seen": looked.digest})

    def act(said: dict[str, Any]) -> Done:
        locking.lock(batch.pk, confirmed=said["seen"], by=request.user)
        return Done("已锁定，收款人和金额不再变动。", _address(batch))

    page = ActionPage(
        title=_LOCK,
        crumbs=batch_crumbs(batch, (_LOCK, "")),
        submit="锁定",
        back=_address(batch),
        consequence="锁定后收款人、账号和金额不再变动。请逐笔核对有变更的收款人。",
    )
    answer = act_on(request, form, act)
    if answer is None:
        batches.note(batch, "funds.payee.view", by=request.user)
    return answer or show_action(
        request,
        page,
        form,
        template="window/funds/batch_lock.html",
        batch=batch,
        ready=len(looked.ready),
        changed=[(one, _masked(one.payee.account)) for one in looked.changed[:_SHOWN]],
        changed_count=len(looked.changed),
        unready=looked.unready[:_SHOWN],
        unready_count=len(looked.unready),
        unmended=_unmended(looked),
    )


def _unmended(looked: Looked) -> list[tuple[Ready, str]]:
    """What came back and would be paid to the same account again, with why it came back."""
    listed = looked.unmended[:_SHOWN]
    back = {one.item.pk: one.came_back.pk for one in listed if one.came_back is not None}
    why = causes.causes_of(list(back.values()))
    return [(one, why.get(back[one.item.pk], "")) for one in listed]


def _masked(account: str) -> str:
    return "*" * max(len(account) - 4, 0) + account[-4:]


@staff("funds.batch", "GET", "HEAD", "POST")
def unready_withdraw(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take out of a batch all that nobody can be paid by yet: the others go on."""
    batch = visible(request, batch_id)
    form = ReasonForm(posted(request), initial={"reason": "收款账户未确认"})
    unready = locking.look_at(batch).unready

    def act(said: dict[str, Any]) -> Done:
        if unready:
            batches.withdraw([item.pk for item, _ in unready], reason=said["reason"], by=request.user)
        return Done(
            f"已撤出{len(unready)}笔。", reverse("window:fund_batch_step", args=[batch.pk, Step.LOCK])
        )

    page = ActionPage(
        title="撤出不能支付的付款",
        crumbs=batch_crumbs(batch, ("撤出不能支付的付款", "")),
        submit="撤出",
        back=_address(batch),
        consequence="撤出的付款在收款账户复核后可以编入其他批次。",
    )
    facts = [Fact("撤出笔数", f"{len(unready):,}笔")]
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about=f"付款批次 {batch.number}", facts=facts
    )


@staff("funds.batch", "GET", "HEAD", "POST")
def payment_withdraw(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take one payment out of its batch before it is sent."""
    mine = Item.objects.visible_to(request.user).select_related("batch", "payable__case")
    item: Item = get_object_or_404(mine, pk=item_id)
    form = ReasonForm(posted(request))

    def act(said: dict[str, Any]) -> Done:
        batch = batches.withdraw([item.pk], reason=said["reason"], by=request.user)
        return Done("已撤出，可以编入其他批次。", _address(batch))

    page = ActionPage(
        title="撤出付款",
        crumbs=batch_crumbs(item.batch, ("撤出付款", "")),
        submit="撤出",
        back=_address(item.batch),
        consequence="批次已签发或已生成文件的，撤出后须重新签发、重新生成文件。",
    )
    facts = [
        Fact("业务编号", item.reference),
        Fact("办件", item.payable.case.number),
        Fact("金额", in_words(item.sum)),
        Fact("状态", item.get_state_display()),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template=_ABOUT, about="付款", facts=facts
    )
