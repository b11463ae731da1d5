"""What is done about money that is to come back, each step on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.file_inspection import FileRefused, inspect
from portal.formats import yuan as in_words
from portal.funds import court_documents, recovering, recovery_steps, replanning
from portal.funds.asked_back import told_of
from portal.funds.court_documents import Paper
from portal.funds.models import (
    Line,
    Payable,
    Recovery,
    RecoveryShare,
    RecoveryState,
    Revocation,
)
from portal.funds.money import yuan
from portal.funds.recovery_letters import writes_of
from portal.funds.splitting import split_of
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.pages.forms import ReasonForm
from portal.regions.calendar import OfficeCalendar
from portal.window.funds.pages import crumbs
from portal.window.funds.recoveries import TITLE, facts_of, offered_steps, visible
from portal.window.funds.recovery_forms import (
    CourtDocumentForm,
    DecideForm,
    HandoverForm,
    HearingForm,
    PlanForm,
    RecoveryForm,
    ReminderForm,
    SetOffForm,
    WriteOffForm,
)

ABOUT = "window/funds/step.html"


@staff("funds.recover", "GET", "HEAD", "POST")
def recovery_new(request: HttpRequest, payable_id: int) -> HttpResponse:
    """Draw up that something of a payment comes back."""
    mine = Payable.objects.visible_to(request.user).filter(line__in=Line.objects.visible_to(request.user))
    payable = get_object_or_404(
        mine.select_related("case", "line__fund", "line__region__parent"), pk=payable_id
    )
    left = yuan(recovering.not_asked_back(payable))
    fell = Revocation.objects.visible_to(request.user).standing().filter(payable=payable).first()
    form = RecoveryForm(posted(request), payable=payable, left=left, fell=fell is not None)
    back = reverse("window:fund_payment", args=[payable.pk])

    def check() -> None:
        if not left:
            raise NotNow("该笔付款没有可以追回的金额：没有支付，或者已全部拟办追回。")

    if (refused := stopped(request, check, otherwise=back)) is not None:
        return refused

    def act(said: dict[str, Any]) -> Done:
        made = recovering.draw_up(payable.pk, form.asked, by=request.user)
        return Done("已拟办。听取当事人意见后，由另一人决定。", address_of(made))

    page = ActionPage(
        title="拟办追回",
        crumbs=crumbs((TITLE, reverse("window:fund_recoveries")), ("拟办", "")),
        heading="追回内容",
        submit="拟办",
        back=back,
        consequence="拟办后先告知当事人、听取陈述申辩，再由另一人决定。原付款保持“已支付”，退回的款项按到账逐笔记账。",
    )
    facts = [
        Fact("办件", payable.case.number),
        Fact("已支付", in_words(payable.sum)),
        Fact("还可以追回", in_words(left)),
        Fact("资金科目", str(payable.line)),
    ]
    if fell is not None:
        facts.append(Fact("批准撤销的理由", f"{fell.grounds}（{fell.clause}）"))
    return act_on(request, form, act) or show_action(
        request, page, form, template=ABOUT, about="原付款", facts=facts
    )


def address_of(recovery: Recovery) -> str:
    """Of its page."""
    return reverse("window:fund_recovery", args=[recovery.pk])


@dataclass(frozen=True)
class StepPage:
    """A step of a recovery: what its page says, its form, and what it does with what the form says."""

    title: str
    submit: str
    consequence: str
    form: Callable[[Any, Recovery], forms.Form]
    act: Callable[[Recovery, dict[str, Any], Any], object]
    # What is said then; some say it of what was done.
    done: str | Callable[[Any], str]
    kind: str = "primary"


def _decide(recovery: Recovery, said: dict[str, Any], by: Any) -> object:
    return recovering.decide(
        recovery.pk,
        seen=said["seen"],
        letter_number=said.get("letter_number", ""),
        by=by,
        on=timezone.localdate(),
    )


def _remind(recovery: Recovery, said: dict[str, Any], by: Any) -> object:
    return recovery_steps.remind(
        recovery.pk,
        pay_by=said["pay_by"],
        letter_number=said.get("letter_number", ""),
        by=by,
        on=timezone.localdate(),
    )


def _hand_over(recovery: Recovery, said: dict[str, Any], by: Any) -> object:
    upload = said.pop("file", None)
    scan = inspect(upload) if upload else None
    return recovery_steps.hand_over(recovery.pk, said, scan=scan, by=by)


def _attach(recovery: Recovery, said: dict[str, Any], by: Any) -> object:
    upload = said.pop("file")
    return court_documents.attach(recovery.pk, upload, Paper(**said), by=by)


def _set_off_form(data: Any, recovery: Recovery) -> SetOffForm:
    return SetOffForm(
        data,
        due=recovery_steps.due_to_the_same(recovery),
        left=recovery_steps.rest_of(recovery),
        by_hand=not writes_of(recovery),
    )


def _set_off(recovery: Recovery, said: dict[str, Any], by: Any) -> RecoveryShare:
    return recovery_steps.set_off(
        recovery.pk,
        said["payable"].pk,
        seen=min(said["payable"].amount, said["seen"]),
        letter_number=said.get("letter_number", ""),
        by=by,
    )


def _was_set_off(share: RecoveryShare) -> str:
    paid = split_of(share)
    rest = f"，其余{in_words(paid.rest.sum)}照常支付" if paid else ""
    written = "请送达告知书。" if share.letter_number else ""
    return f"已抵扣{in_words(share.sum)}{rest}。{written}"


STEPS: dict[str, StepPage] = {
    "hear": StepPage(
        "登记听取意见",
        "登记",
        "登记事先告知和当事人陈述申辩、听证的情况，写入决定书；登记后不能更改。",
        lambda data, recovery: HearingForm(data),
        lambda recovery, said, by: recovering.record_hearing(recovery.pk, said, by=by),
        "已登记，由另一人决定。",
    ),
    "set-off": StepPage(
        "抵扣",
        "抵扣",
        "抵扣的金额不再付到当事人账户，抵作退还的款项；待遇大于尚未追回金额的，其余照常支付。记账后不能更改。",
        _set_off_form,
        _set_off,
        _was_set_off,
    ),
    "remind": StepPage(
        "催告",
        "发出催告书",
        "书面催告当事人限期退回。催告书送达满十日仍未退回的，才能申请人民法院强制执行（《行政强制法》第五十四条）。",
        lambda data, recovery: ReminderForm(data, by_hand=not writes_of(recovery)),
        _remind,
        "已登记催告，请送达催告书。",
    ),
    "court": StepPage(
        "登记申请法院执行",
        "登记",
        "自复议、诉讼期限届满之日起三个月以内申请（《行政强制法》第五十三条）。法院执行到账的款项同样按追回编号记账。",
        lambda data, recovery: HandoverForm(data),
        _hand_over,
        "已登记。",
    ),
    "court-document": StepPage(
        "登记法院文书",
        "登记",
        "扫描件加密保存，有权查看本项追回的工作人员可以查看，每次查看都有记录。追回办结后不能移除。",
        lambda data, recovery: CourtDocumentForm(data),
        _attach,
        "已登记。",
    ),
    "plan": StepPage(
        "拟办变更退回期限",
        "拟办",
        "变更尚未追回部分的期限和金额，由另一人决定并书面告知当事人后施行；原来的期限保留记录。",
        lambda data, recovery: PlanForm(data),
        lambda recovery, said, by: replanning.propose(recovery.pk, by=by, **said),
        "已拟办，由另一人决定。",
    ),
    "write-off": StepPage(
        "拟办核销",
        "拟办",
        "核销尚未追回的全部金额，由另一人决定后记账。",
        lambda data, recovery: WriteOffForm(data),
        lambda recovery, said, by: recovery_steps.draw_up_write_off(recovery.pk, **said, by=by),
        "已拟办，由另一人决定。",
    ),
}
DECIDE = StepPage(
    "决定追回",
    "决定追回",
    "决定后书面告知当事人退回的金额、期限、方式和救济途径，按追回编号记入到账款项；决定后不能更改。",
    lambda data, recovery: DecideForm(data, recovery=recovery, by_hand=not writes_of(recovery)),
    _decide,
    "已决定，请送达决定书。",
)
DROP = StepPage(
    "撤回追回",
    "撤回",
    "撤回后尚未退回的部分不再按本编号追回，已退回的款项保留原记录。",
    lambda data, recovery: ReasonForm(data, label="撤回理由", longest=200),
    lambda recovery, said, by: recovering.drop(recovery.pk, reason=said["reason"], by=by),
    "已撤回。",
    "danger",
)
OF_DECIDERS = {"decide": DECIDE, "drop": DROP}


@staff("funds.view", "GET", "HEAD", "POST")
def recovery_step(request: HttpRequest, recovery_id: int, step: str) -> HttpResponseBase:
    """A step of a recovery: what was decided is dropped by whoever decides."""
    shown = visible(request, recovery_id)
    if step not in {*STEPS, *OF_DECIDERS}:
        raise Http404
    is_decided = shown.state == RecoveryState.DECIDED
    if step == "decide" or (step == "drop" and is_decided):
        return _decide_page(request, shown, step, OF_DECIDERS[step])
    return _record_page(request, shown, step, STEPS.get(step, DROP))


@staff("funds.recover.decide", "GET", "HEAD", "POST")
def _decide_page(request: HttpRequest, shown: Recovery, code: str, step: StepPage) -> HttpResponse:
    return _show(request, shown, code, step)


@staff("funds.recover", "GET", "HEAD", "POST")
def _record_page(request: HttpRequest, shown: Recovery, code: str, step: StepPage) -> HttpResponse:
    return _show(request, shown, code, step)


def _show(request: HttpRequest, shown: Recovery, code: str, step: StepPage) -> HttpResponse:
    back = address_of(shown)

    def check() -> None:
        if code == "decide":
            recovering.require_decidable(shown, by=request.user, on=timezone.localdate())
        elif code not in {offered for offered, *_ in offered_steps(request.user, shown)}:
            raise NotNow(f"追回{shown.number}当前为“{shown.get_state_display()}”，不能{step.title}。")
        elif code == "remind":
            recovery_steps.require_remindable(shown, on=timezone.localdate())
        elif code == "set-off":
            recovery_steps.require_something_due(shown)

    if (refused := stopped(request, check, otherwise=back)) is not None:
        return refused
    form = step.form(posted(request), shown)
    form.files = request.FILES

    def act(said: dict[str, Any]) -> Done | None:
        try:
            done = step.act(shown, said, request.user)
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        return Done(step.done(done) if callable(step.done) else step.done, back)

    page = ActionPage(
        title=step.title,
        crumbs=crumbs((TITLE, reverse("window:fund_recoveries")), (shown.number, back), (step.title, "")),
        submit=step.submit,
        back=back,
        consequence=step.consequence,
        kind=step.kind,
    )
    return act_on(request, form, act) or show_action(
        request,
        page,
        form,
        template=ABOUT,
        about=f"追回 {shown.number}",
        facts=facts_of(told_of(shown, OfficeCalendar())),
    )
