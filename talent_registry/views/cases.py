"""One proposal on its page, and the decisions on it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.pages.access import staff
from portal.pages.action_page import posted
from portal.pages.case_page import show_case, take_action
from portal.pages.forms import MissingForm, ReasonForm
from talent_registry import actions, letters
from talent_registry.forms import FindingForm
from talent_registry.views.proposal_page import ProposalPage

_ACTION = "registry/step.html"


@staff("case.view")
def open_case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one proposal on one page."""
    return show_case(request, ProposalPage.open(request, number), "registry/case.html")


@staff("registry.confirm", "GET", "HEAD", "POST")
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """Include the person and publish it."""
    page = ProposalPage.open(request, number)

    def act(given: dict[str, Any]) -> str:
        entry = actions.confirm(
            page.case.pk,
            by=request.user,
            on=timezone.localdate(),
            how=given["how"],
            is_skilled_worker=given["is_skilled_worker"],
        )
        return (
            f"已将{entry.name}列入名录并公布，名录编号{entry.number}。纳入通知和证书正在生成，可在本页下载。"
        )

    form = FindingForm(posted(request))
    return take_action(request, page, "confirm", form, act, submit="确认纳入并公布", template=_ACTION)


@staff("registry.confirm", "GET", "HEAD", "POST")
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """Decide not to include the person, in writing."""
    page = ProposalPage.open(request, number)
    form = ReasonForm(posted(request), label="事实和理由", help_text="写入决定书，告知本人。")

    def act(given: dict[str, Any]) -> str:
        actions.decline(page.case.pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return f"已对{page.name}作出不予纳入决定。{letters.told_of_letter('决定书')}"

    return take_action(
        request,
        page,
        "decline",
        form,
        act,
        submit="作出不予纳入决定",
        template=_ACTION,
        law=letters.cited_law,
        remedy=letters.REMEDY.told_before,
    )


@staff("registry.confirm", "GET", "HEAD", "POST")
def return_for_correction(request: HttpRequest, number: str) -> HttpResponse:
    """Say what is missing; the clock stands still until it is brought."""
    page = ProposalPage.open(request, number)

    def act(given: dict[str, Any]) -> str:
        actions.return_for_correction(
            page.case.pk, by=request.user, on=timezone.localdate(), missing=given["missing"]
        )
        return "已告知需要补正的内容，办理期限暂停计算。"

    form = MissingForm(posted(request))
    return take_action(request, page, "return_for_correction", form, act, submit="告知补正", template=_ACTION)


@staff("registry.propose", "GET", "HEAD", "POST")
def resubmit(request: HttpRequest, number: str) -> HttpResponse:
    """What was missing has been brought."""
    page = ProposalPage.open(request, number)
    form = ReasonForm(
        posted(request),
        label="已补齐的内容",
        help_text="逐项写明已经补齐的材料或者更正的信息。",
        required=False,
    )

    def act(given: dict[str, Any]) -> str:
        actions.resubmit(page.case.pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return "补正已完成，已交回名录管理员，办理期限继续计算。"

    return take_action(request, page, "resubmit", form, act, submit="补正完成", template=_ACTION)


@staff("registry.propose", "GET", "HEAD", "POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take back a proposal that does not stand any more."""
    page = ProposalPage.open(request, number)
    form = ReasonForm(posted(request))

    def act(given: dict[str, Any]) -> str:
        actions.withdraw(page.case.pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return "已撤回本件。荣誉重新核实后可以再次提出。"

    return take_action(request, page, "withdraw", form, act, submit="撤回", template=_ACTION)
