"""The pages of the tiny programme."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Case
from portal.cases.workflow import Transition
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.case_page import CasePage, show_case, take_action
from portal.pages.forms import NothingForm
from portal.workforce.models import Worker
from tests.programmes.tiny import actions
from tests.programmes.tiny.models import Allowance
from tests.programmes.tiny.workflow import ALLOWANCE


class ToolsForm(forms.Form):
    tools = forms.CharField(label="工具", max_length=80)


class AllowancePage(CasePage):
    """An allowance."""

    primary = frozenset({"grant"})

    @property
    def address(self) -> str:
        return reverse("tiny:case", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        return [("工具补助", reverse("tiny:allowances"))]

    def address_of(self, row: Transition) -> str:
        return reverse("tiny:step", args=[self.case.number, row.action])


def _open(request: HttpRequest, number: str) -> AllowancePage:
    seen = Case.objects.visible_to(request.user).filter(kind=ALLOWANCE)
    case = get_object_or_404(seen.select_related("worker", "allowance"), number=number)
    return AllowancePage(case, request.user)


@staff("case.view")
def allowances(request: HttpRequest) -> HttpResponse:
    """The allowances of one's regions."""
    listed = Allowance.objects.visible_to(request.user).select_related("case__worker").order_by("-pk")[:50]
    return render(request, "tiny/allowances.html", {"title": "工具补助", "allowances": listed})


@staff("case.view")
def case(request: HttpRequest, number: str) -> HttpResponse:
    return show_case(request, _open(request, number), "tiny/case.html")


@staff("case.view", "GET", "HEAD", "POST")
def step(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action on an allowance."""
    page = _open(request, number)
    act = {"grant": actions.grant, "withdraw": actions.withdraw}[action]

    def take(given: dict[str, Any]) -> str:
        act(page.case.pk, by=request.user, on=timezone.localdate())
        return "已办理。"

    form = NothingForm(posted(request))
    return take_action(request, page, action, form, take, submit="确认", template="pages/action.html")


@staff("tiny.take", "GET", "HEAD", "POST")
def new(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Ask for a worker who came to the window."""
    worker = get_object_or_404(Worker.objects.visible_to(request.user), pk=worker_id)

    def ask(given: dict[str, Any]) -> Done:
        made = actions.ask(worker.pk, given["tools"], by=request.user, on=timezone.localdate())
        return Done("已受理。", reverse("tiny:case", args=[made.number]))

    page = ActionPage(
        title=f"受理工具补助：{worker.name}",
        crumbs=[("工具补助", reverse("tiny:allowances")), ("受理", "")],
        submit="受理",
        back=reverse("window:worker", args=[worker.pk]),
    )
    form = ToolsForm(posted(request))
    answer = act_on(request, form, ask)
    return answer or show_action(request, page, form)


def granted(request: HttpRequest) -> HttpResponse:
    """What was granted, for everybody."""
    listed = Allowance.objects.public().order_by("-pk")[:50]
    return render(request, "tiny/granted.html", {"title": "工具补助公布", "allowances": listed})


def rules(request: HttpRequest) -> HttpResponse:
    return render(request, "tiny/granted.html", {"title": "工具补助办法", "allowances": []})
