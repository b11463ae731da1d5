"""Taking a confirmed training back: the page of whoever asks, and that of the officer who answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.formats import date_iso
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.pages.forms import ReasonForm
from portal.reasons import ReasonField
from subsidies import voiding
from subsidies.models import Claim, CompletedTraining, VoidingState
from subsidies.views.trainings import crumbs, facts_of
from subsidies.workflow import ClaimState

_TEMPLATE = "subsidies/training_void.html"


class AnswerForm(forms.Form):
    """Whether it is taken back, and what was looked at."""

    verdict = forms.ChoiceField(
        label="复核结果",
        choices=[(VoidingState.AGREED, "同意作废"), (VoidingState.DECLINED, "不同意，登记继续有效")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择复核结果。"},
    )
    reason = ReasonField(
        label="依据或者理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明依据或者理由。"},
    )


def _training(request: HttpRequest, pk: int) -> CompletedTraining:
    seen = CompletedTraining.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "entered_by"
    )
    return get_object_or_404(seen, pk=pk)


def _about(request: HttpRequest, training: CompletedTraining) -> dict[str, Any]:
    """What stands above the form: the training, and the claims that rest on it."""
    resting = voiding.resting_on(training).visible_to(request.user)
    return {"facts": facts_of(training), "claims": list(resting), "approved": ClaimState.APPROVED}


@staff("training.void", "GET", "HEAD", "POST")
def void_training(request: HttpRequest, pk: int) -> HttpResponse:
    """One officer says why it does not stand."""
    training = _training(request, pk)
    check = partial(voiding.require_may_ask, training, request.user)
    if answer := stopped(request, check, otherwise=reverse("subsidies:trainings")):
        return answer
    form = ReasonForm(posted(request), label="作废的理由", help_text="写明查实的情况，供另一人复核。")

    def ask(given: dict[str, Any]) -> Done:
        voiding.ask(training.pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Done("已提出作废，由另一人复核后生效。", reverse("subsidies:trainings"))

    page = ActionPage(
        title=f"作废培训结业：{training.worker.name}",
        crumbs=crumbs(("作废", "")),
        heading="作废",
        submit="提出作废",
        kind="danger",
        back=reverse("subsidies:trainings"),
        consequence="经另一人复核后作废：在办的申请不能再据此批准；已批准的不变，是否撤销另行决定。",
    )
    done = act_on(request, form, ask)
    return done or show_action(request, page, form, template=_TEMPLATE, **_about(request, training))


@staff("training.confirm", "GET", "HEAD", "POST")
def judge_voiding(request: HttpRequest, pk: int) -> HttpResponse:
    """Another officer answers."""
    training = _training(request, pk)
    asked = training.voidings.select_related("asked_by").first()
    if asked is None:
        raise Http404
    check = partial(voiding.require_may_judge, training, request.user)
    if answer := stopped(request, check, otherwise=reverse("subsidies:trainings")):
        return answer
    form = AnswerForm(posted(request))

    def judge(given: dict[str, Any]) -> Done:
        who: dict[str, Any] = {"by": request.user, "on": timezone.localdate()}
        if given["verdict"] == VoidingState.DECLINED:
            voiding.decline(training.pk, reason=given["reason"], **who)
            return Done("已记录不同意作废，登记继续有效。", reverse("subsidies:trainings"))
        claims = voiding.agree(training.pk, seen=given["reason"], **who)
        return Done(f"已作废。{_named(claims)}", reverse("subsidies:trainings"))

    page = ActionPage(
        title=f"复核作废：{training.worker.name}",
        crumbs=crumbs(("复核作废", "")),
        heading="复核",
        submit="提交",
        back=reverse("subsidies:trainings"),
        consequence="同意后作废：在办的申请不能再据此批准；已批准的不变，是否撤销另行决定。",
    )
    done = act_on(request, form, judge)
    about = _about(request, training)
    said = [
        Fact("作废的理由", asked.reason),
        Fact("提出", f"{asked.asked_by}，{date_iso(timezone.localdate(asked.asked_at))}"),
    ]
    return done or show_action(
        request, page, form, template=_TEMPLATE, **about | {"facts": [*about["facts"], *said]}
    )


def _named(claims: list[Claim]) -> str:
    """Which claims rest on what was taken back."""
    approved = [one.case.number for one in claims if one.case.state == ClaimState.APPROVED]
    others = [one.case.number for one in claims if one.case.state != ClaimState.APPROVED]
    said = []
    if approved:
        said.append(f"据此已批准的申请：{'、'.join(approved)}，批准继续有效，是否撤销请另行决定。")
    if others:
        said.append(f"据此在办的申请：{'、'.join(others)}，不能再据此批准。")
    return "".join(said)
