"""Trainings that were completed: the list, entering one for somebody who is present, and the other officer's word."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require
from portal.formats import date_iso
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.pages.view_log import record_shown
from portal.paging import page_asked
from portal.reasons import ReasonField
from portal.typed_fields import DayField
from portal.workforce.models import Worker
from subsidies import trainings
from subsidies.models import (
    CompletedTraining,
    TrainingProject,
    TrainingState,
    TrainingVoiding,
    VoidingState,
)
from subsidies.voiding import ASK

TITLE = "培训结业登记"


def crumbs(*further: tuple[str, str]) -> Crumbs:
    return [("工作台", reverse("window:home")), (TITLE, reverse("subsidies:trainings")), *further]


@staff("worker.view")
def all_trainings(request: HttpRequest) -> HttpResponse:
    """Those of one's places, newest first: what waits for another officer, and what was confirmed."""
    seen = CompletedTraining.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "entered_by", "judged_by"
    )
    page = page_asked(seen.defer("worker__id_number", "worker__phone"), request.GET, order=("-pk",))
    voided = voidings_of([one.pk for one in page.rows], request.user)
    record_shown([one.worker_id for one in page.rows], by=request.user)
    rows = [
        {
            "training": one,
            "waits": one.state == TrainingState.ENTERED
            and one.entered_by_id != request.user.pk
            and can(request.user, trainings.CONFIRM, one.worker.work_region_id),
            "voiding": voided.get(one.pk),
            **may_void(one, voided.get(one.pk), request.user),
        }
        for one in page.rows
    ]
    context = {
        "title": TITLE,
        "crumbs": [("工作台", reverse("window:home")), (TITLE, "")],
        "page": page,
        "rows": rows,
    }
    return render(request, "subsidies/trainings.html", context)


def voidings_of(trainings: list[int], user: Any) -> dict[int, TrainingVoiding]:
    """By training, what was asked about it last."""
    found = TrainingVoiding.objects.visible_to(user).filter(training__in=trainings).order_by("pk")
    return {one.training_id: one for one in found.select_related("asked_by", "judged_by")}


def may_void(training: CompletedTraining, voiding: TrainingVoiding | None, user: Any) -> dict[str, bool]:
    """Which links stand beside it: asking it back, or answering who asked."""
    place, waits = training.worker.work_region_id, False
    if voiding is not None and voiding.state == VoidingState.PROPOSED:
        waits = True
    is_confirmed = training.state == TrainingState.CONFIRMED
    others = waits and voiding is not None and voiding.asked_by_id != user.pk
    return {
        "may_void": is_confirmed and not waits and can(user, ASK, place),
        "may_judge_voiding": others and can(user, trainings.CONFIRM, place),
    }


class TrainingForm(forms.Form):
    """What the certificate of completion says."""

    project = forms.ChoiceField(label="培训项目", choices=TrainingProject.choices)
    occupation = forms.CharField(
        label="职业（工种）", max_length=60, help_text="按结业证书填写，例如：焊工。"
    )
    provider = forms.CharField(label="培训机构", max_length=80)
    number = forms.CharField(label="结业证书编号", max_length=40)
    completed_on = DayField(label="结业日期")


@staff("training.enter", "GET", "HEAD", "POST")
def new_training(request: HttpRequest, worker_id: int) -> HttpResponse:
    """From the worker's page."""
    seen = Worker.objects.visible_to(request.user).select_related("work_region__parent")
    worker = get_object_or_404(seen, pk=worker_id)
    require(request.user, trainings.ENTER, worker.work_region_id)
    form = TrainingForm(posted(request))

    def enter(given: dict[str, Any]) -> Done:
        trainings.enter(worker.pk, given, by=request.user, on=timezone.localdate())
        return Done("已登记，由另一人确认。确认前可以先提交补贴申请。", reverse("subsidies:trainings"))

    here = reverse("window:worker", args=[worker.pk])
    page = ActionPage(
        title=f"登记培训结业：{worker.name}",
        crumbs=[("人员", reverse("window:workers")), (worker.name, here), ("登记培训结业", "")],
        heading="结业证书",
        submit="登记",
        back=here,
        consequence="由另一人对照结业证书确认后，才能据此批准补贴。",
    )
    answer = act_on(request, form, enter)
    return answer or show_action(request, page, form)


class VerdictForm(forms.Form):
    """Whether the document shows it, and which document, or what it shows instead."""

    verdict = forms.ChoiceField(
        label="确认结果",
        choices=[(TrainingState.CONFIRMED, "确认"), (TrainingState.REFUSED, "不予确认")],
        initial=TrainingState.CONFIRMED,
        widget=forms.RadioSelect,
    )
    reason = ReasonField(
        label="依据或者理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明所查看的材料，例如：结业证书原件、培训机构名册；不予确认的，写明不符的情况。",
        error_messages={"required": "请写明依据或者理由。"},
    )


@staff("training.confirm", "GET", "HEAD", "POST")
def confirm_training(request: HttpRequest, pk: int) -> HttpResponse:
    """Another officer holds it against the document."""
    seen = CompletedTraining.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "entered_by"
    )
    training = get_object_or_404(seen, pk=pk)
    check = partial(trainings.require_may_judge, training, request.user)
    if stop := stopped(request, check, otherwise=reverse("subsidies:trainings")):
        return stop
    form = VerdictForm(posted(request))

    def judge(given: dict[str, Any]) -> Done:
        who: dict[str, Any] = {"by": request.user, "on": timezone.localdate()}
        if given["verdict"] == TrainingState.CONFIRMED:
            trainings.confirm(training.pk, seen=given["reason"], **who)
            return Done("已确认，可以据此批准补贴。", reverse("subsidies:trainings"))
        trainings.refuse(training.pk, reason=given["reason"], **who)
        return Done("已记录不予确认，可以重新登记。", reverse("subsidies:trainings"))

    page = ActionPage(
        title=f"确认培训结业：{training.worker.name}",
        crumbs=crumbs(("确认", "")),
        heading="确认",
        submit="提交",
        back=reverse("subsidies:trainings"),
        consequence="确认后的登记不再更改；同一职业（工种）同一等级只享受一次补贴。",
    )
    answer = act_on(request, form, judge)
    return answer or show_action(
        request, page, form, template="subsidies/training_confirm.html", facts=facts_of(training)
    )


def facts_of(training: CompletedTraining) -> list[Fact]:
    return [
        Fact("姓名", training.worker.name),
        Fact("证件号码", training.worker.masked_id_number),
        Fact("工作地", training.worker.work_region.full_name),
        Fact("培训项目", training.get_project_display()),
        Fact("职业（工种）", training.occupation),
        Fact("培训机构", training.provider),
        Fact("结业证书编号", training.number),
        Fact("结业日期", date_iso(training.completed_on)),
        Fact("状态", training.get_state_display()),
        Fact("登记人", training.entered_by or "系统"),
    ]
