"""What one proposed about money that is to come back, and another decides or drops: writing it off, other days."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.formats import yuan as in_words
from portal.funds import recovering, recovery_steps, replanning
from portal.funds.models import PlanChange, Recovery, WriteOff
from portal.funds.money import yuan
from portal.funds.recovery_letters import writes_of
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.pages.forms import NothingForm
from portal.window.funds.pages import crumbs
from portal.window.funds.recoveries import TITLE
from portal.window.funds.recovery_forms import ByHandForm
from portal.window.funds.recovery_pages import ABOUT, address_of


@staff("funds.recover.decide", "GET", "HEAD", "POST")
def write_off_decide(request: HttpRequest, write_off_id: int) -> HttpResponse:
    """Another person decides that the rest is written off."""
    words = "尚未追回的金额核销，不再追回；决定后不能更改。"
    return _write_off(request, write_off_id, "决定核销", words, recovery_steps.decide_write_off, "已核销。")


@staff("funds.recover", "GET", "HEAD", "POST")
def write_off_drop(request: HttpRequest, write_off_id: int) -> HttpResponse:
    """It is not written off."""
    words = "放弃后继续追回，需要时另行拟办。"
    return _write_off(request, write_off_id, "放弃核销", words, recovery_steps.drop_write_off, "已放弃。")


def _write_off(
    request: HttpRequest, write_off_id: int, title: str, consequence: str, step: Any, done: str
) -> HttpResponse:
    mine = WriteOff.objects.visible_to(request.user)
    made = get_object_or_404(mine.select_related("recovery", "made_by"), pk=write_off_id)
    form = NothingForm(posted(request))
    back = address_of(made.recovery)

    def check() -> None:
        if made.decided_at or made.dropped_at:
            raise NotNow("这项核销已决定或者已放弃。")

    if (refused := stopped(request, check, otherwise=back)) is not None:
        return refused

    def act(said: dict[str, Any]) -> Done:
        step(made.pk, by=request.user)
        return Done(done, back)

    page = ActionPage(
        title=title,
        crumbs=crumbs((TITLE, reverse("window:fund_recoveries")), (made.recovery.number, back), (title, "")),
        submit=title,
        back=back,
        consequence=consequence,
        kind="danger",
    )
    facts = [
        Fact("追回金额", in_words(made.recovery.sum)),
        Fact("已退还", in_words(yuan(recovering.come_of(made.recovery)))),
        Fact("核销金额", in_words(made.sum)),
        Fact("决定文号", made.document),
        Fact("事实和理由", made.grounds),
        Fact("依据", made.clause),
        Fact("拟办人", str(made.made_by)),
        Fact("法院文书", _court_documents(made.recovery)),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template=ABOUT, about="核销内容", facts=facts
    )


def _court_documents(recovery: Recovery) -> str:
    """What the court wrote, which whoever writes off has to have read."""
    handed = getattr(recovery, "handover", None)
    if handed is None:
        return "没有申请人民法院强制执行"
    written = "、".join(str(one) for one in handed.documents.not_removed())
    return written or f"已申请{handed.court}强制执行，尚未登记法院文书"


@staff("funds.recover.decide", "GET", "HEAD", "POST")
def plan_decide(request: HttpRequest, change_id: int) -> HttpResponse:
    """Another person decides that it comes back by other days."""
    change = _change(request, change_id)
    form = ByHandForm(posted(request), by_hand=not writes_of(change.recovery))

    def act(said: dict[str, Any]) -> None:
        number = said.get("letter_number", "")
        replanning.decide(change.pk, letter_number=number, by=request.user, on=timezone.localdate())

    words = "决定后按变更后的期限退还，并书面告知当事人；原来的期限保留记录。"
    return _change_page(request, change, form, "决定变更退回期限", words, act, "已变更，请送达决定书。")


@staff("funds.recover", "GET", "HEAD", "POST")
def plan_drop(request: HttpRequest, change_id: int) -> HttpResponse:
    """The plan stays as it was."""
    change = _change(request, change_id)

    def act(said: dict[str, Any]) -> None:
        replanning.drop(change.pk, by=request.user)

    words = "放弃后仍按原来的期限退还，需要时另行拟办。"
    return _change_page(
        request, change, NothingForm(posted(request)), "放弃变更退回期限", words, act, "已放弃。"
    )


def _change(request: HttpRequest, change_id: int) -> PlanChange:
    mine = PlanChange.objects.visible_to(request.user)
    found = mine.select_related("recovery__payable__case", "made_by").prefetch_related("instalments")
    return get_object_or_404(found, pk=change_id)


def _change_page(
    request: HttpRequest, change: PlanChange, form: Any, title: str, words: str, step: Any, done: str
) -> HttpResponse:
    back = address_of(change.recovery)

    if (refused := stopped(request, lambda: replanning.require_open(change), otherwise=back)) is not None:
        return refused

    def act(said: dict[str, Any]) -> Done:
        step(said)
        return Done(done, back)

    number = change.recovery.number
    page = ActionPage(
        title=title,
        crumbs=crumbs((TITLE, reverse("window:fund_recoveries")), (number, back), (title, "")),
        submit=title,
        back=back,
        consequence=words,
    )
    plan = "；".join(f"{one.due_on}，{in_words(one.sum)}" for one in change.instalments.all())
    facts = [
        Fact("尚未追回", in_words(change.sum)),
        Fact("变更后的期限", plan),
        Fact("变更理由", change.reason),
        Fact("依据", change.clause),
        Fact("拟办人", str(change.made_by)),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template=ABOUT, about=f"追回 {number}", facts=facts
    )
