"""What workers asked for, at the window: a matter they agreed to, and something they say is recorded wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Case
from portal.cases.workflow import Transition
from portal.entitlements import offers, rectifications
from portal.entitlements.models import Offer, RectificationRequest, ServiceRequest
from portal.entitlements.wording import (
    fact_label,
    register_vocabulary,
    value_in_words,
)
from portal.entitlements.workflow import RECTIFICATION, SERVICE
from portal.pages.access import staff
from portal.pages.action_page import Crumbs, posted
from portal.pages.case_page import CasePage, show_case, take_action
from portal.pages.forms import ReasonForm
from portal.policy.benefits import BY_CODE
from portal.policy.models import Determination
from portal.window.cases.answer_shown import AnswerShown


class RequestPage(CasePage):
    """What a worker asked for."""

    nobody = ""
    shows_letters = False

    @property
    def address(self) -> str:
        return reverse("window:case", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        return [("办件", reverse("window:cases"))]

    def address_of(self, row: Transition) -> str:
        return reverse("window:request_step", args=[self.case.number, row.action])

    def kind_of_button(self, row: Transition, place: int) -> str:
        return "secondary" if place else "primary"

    @property
    def view_detail(self) -> dict[str, Any]:
        return {"number": self.case.number}


class ServicePage(AnswerShown, RequestPage):
    """A matter the worker agreed to: what it is, on which determination it rests, what was done."""

    @property
    def title(self) -> str:
        return f"代办：{BY_CODE[self.offer.benefit].title}"

    @property
    def asked(self) -> ServiceRequest:
        return self.case.service_request

    @property
    def offer(self) -> Offer:
        return self.asked.offer

    @property
    def determination(self) -> Determination:
        return self.asked.determination

    @property
    def under_way(self) -> bool:
        return self.case.closed_at is None


@dataclass(frozen=True)
class ComparedFact:
    """A fact said to be wrong: what the register said when it was asked about, and what it says now."""

    label: str
    shown: str
    now: str
    changed: bool


class RectificationPage(RequestPage):
    """Something said to be recorded wrongly."""

    title = "信息更正申请"

    @property
    def asked(self) -> RectificationRequest:
        return self.case.rectification_request

    @property
    def facts(self) -> list[ComparedFact]:
        shown, now = self.asked.shown, self._recorded_now()
        words = register_vocabulary()
        return [
            ComparedFact(
                label=fact_label(fact),
                shown=value_in_words(fact, shown.get(fact), words) or "没有记录",
                now=value_in_words(fact, now.get(fact), words) or "没有记录",
                changed=now.get(fact) != shown.get(fact),
            )
            for fact in self.asked.facts
        ]

    def _recorded_now(self) -> dict[str, Any]:
        if self.case.worker_id is None:
            return {}
        return rectifications.recorded(self.case.worker_id, self.asked.facts, on=timezone.localdate())


@dataclass(frozen=True)
class Answer:
    """One way to answer a request: what is entered, the button, what is done, and what is said afterwards."""

    label: str
    help_text: str
    submit: str
    act: Callable[..., Any]
    words: str


_NOT_OF_OTHERS = "本人可以看到，不要写入他人的信息。"
_TAKEN_BACK = Answer(
    "撤回的经过",
    "写明本人何时、以何种方式提出撤回，如何核实是本人。",
    "确认撤回",
    offers.withdraw,
    "本人的撤回已记录。",
)
ANSWERS = {
    (SERVICE, "finish"): Answer(
        "办理结果",
        f"写明办成了什么、依据什么。{_NOT_OF_OTHERS}",
        "确认办结",
        offers.finish,
        "已办结，本人可以看到办理结果。",
    ),
    (SERVICE, "end"): Answer(
        "未能办理的原因",
        f"写明原因、依据，以及本人还可以怎么做。{_NOT_OF_OTHERS}",
        "确认未能办理",
        offers.end,
        "未能办理的原因已记录，本人可以看到。",
    ),
    (SERVICE, "withdraw"): _TAKEN_BACK,
    (RECTIFICATION, "rectify"): Answer(
        "已更正的内容",
        f"写明更正了哪些信息、依据什么材料。{_NOT_OF_OTHERS}",
        "确认已更正",
        rectifications.rectify,
        "更正结果已答复本人。",
    ),
    (RECTIFICATION, "keep"): Answer(
        "维持原记录的理由",
        f"写明核对了什么、为什么原记录无误。{_NOT_OF_OTHERS}",
        "确认维持原记录",
        rectifications.keep,
        "维持原记录的理由已答复本人。",
    ),
    (RECTIFICATION, "withdraw"): replace(_TAKEN_BACK, act=rectifications.withdraw),
}


def _find_request(request: HttpRequest, number: str, *kinds: str) -> Case:
    seen = Case.objects.visible_to(request.user).select_related("worker", "region__parent", "assigned_to")
    return get_object_or_404(seen.filter(kind__in=kinds), number=number)


@staff("case.view")
def open_service(request: HttpRequest, number: str) -> HttpResponse:
    """A matter the worker agreed to."""
    page = ServicePage(_find_request(request, number, SERVICE), request.user)
    return show_case(request, page, "window/service.html")


@staff("case.view")
def open_rectification(request: HttpRequest, number: str) -> HttpResponse:
    """Something said to be wrong: what the register said then, what it says now."""
    page = RectificationPage(_find_request(request, number, RECTIFICATION), request.user)
    return show_case(request, page, "window/rectification.html")


@staff("case.view", "GET", "HEAD", "POST")
def answer_request(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One answer to a request of either kind."""
    case = _find_request(request, number, SERVICE, RECTIFICATION)
    if (case.kind, action) not in ANSWERS:
        return redirect("window:case", number)
    answer = ANSWERS[case.kind, action]
    form = ReasonForm(
        posted(request),
        label=answer.label,
        help_text=answer.help_text,
        when_missing=f"请写明{answer.label}。",
    )

    def act(given: dict[str, Any]) -> str:
        answer.act(case.pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return f"办件{number}：{answer.words}"

    page = RequestPage(case, request.user)
    return take_action(
        request, page, action, form, act, submit=answer.submit, template="window/request_step.html"
    )
