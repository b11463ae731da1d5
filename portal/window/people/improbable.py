"""What was improbable and was kept with a reason: the list for the supervisor, and the page that looks into one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require, scope
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.filters import COUNTED_AT_MOST, ImprobableFilter
from portal.pages.view_log import asked_of, record_shown
from portal.paging import page_asked
from portal.reasons import ReasonField
from portal.window.people.workers import crumbs
from portal.workforce.actions import review_improbable
from portal.workforce.models import ImprobableRecord
from portal.workforce.plausibility.ruleset import source_of
from portal.workforce.record_kinds import ALL_KINDS

REVIEW = "record.improbable.review"
_TITLES = {kind.code: kind.title for kind in ALL_KINDS} | {"worker": "人员信息"}


class NoteForm(forms.Form):
    """What was found."""

    note = ReasonField(
        label="核查情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明核查方式和结果，例如：已调阅发证机构存根，属实；应为2010年发证，已通知登记人更正。",
    )


def _improbable(user: Any) -> Any:
    records: Any = ImprobableRecord.objects
    related = ("worker__work_region__parent", "recorded_by", "roster_import", "review__reviewed_by")
    return records.visible_to(user).select_related(*related).defer("worker__phone")


@staff("worker.view")
def improbable(request: HttpRequest) -> HttpResponse:
    """What waits to be looked into, newest first."""
    form = ImprobableFilter(request.GET, user=request.user)
    page = page_asked(
        form.apply(_improbable(request.user)),
        request.GET,
        order=("-id",),
        count=True,
        count_up_to=COUNTED_AT_MOST,
    )
    record_shown([record.worker_id for record in page.rows], by=request.user, asked=asked_of(form))
    context = {
        "title": "异常信息",
        "form": form,
        "page": page,
        "rows": [_row(record, request.user) for record in page.rows],
        "clear": reverse("window:improbable") if form.used else "",
    }
    return render(request, "window/improbable.html", context)


def _row(record: ImprobableRecord, user: Any) -> dict[str, Any]:
    review = getattr(record, "review", None)
    is_own = record.recorded_by_id == user.pk
    reviews = scope(user, REVIEW).covers(record.worker.work_region_id)
    return {
        "record": record,
        "title": _TITLES[record.kind],
        "anchor": "" if record.kind == "worker" else f"#{record.kind}",
        "review": review,
        "own": is_own and can(user, REVIEW) and review is None,
        "may": reviews and not is_own and review is None,
    }


@staff(REVIEW, "GET", "HEAD", "POST")
def improbable_review(request: HttpRequest, improbable_id: int) -> HttpResponse:
    """Say what was found."""
    record = get_object_or_404(_improbable(request.user), pk=improbable_id)
    require(request.user, REVIEW, record.worker.work_region_id)
    form = NoteForm(posted(request))
    back = reverse("window:improbable")
    if posted(request) is None and hasattr(record, "review"):
        messages.info(request, "这条异常信息已经核查。")
        return redirect(back)

    def act(given: dict[str, Any]) -> Done:
        review_improbable(record.pk, note=given["note"], by=request.user, on=timezone.localdate())
        return Done(f"已记录{record.worker.name}的{_TITLES[record.kind]}的核查情况。", back)

    page = ActionPage(
        title="核查异常信息",
        crumbs=crumbs(record.worker, ("核查异常信息", "")),
        consequence="核查情况保存后不能更改。信息有误的，由登记人更正；本页只记录核查结果，不改动档案。",
        submit="已核查",
        back=back,
    )
    cells = [
        {"label": "类别", "value": _TITLES[record.kind]},
        {"label": "异常情况", "value": record.words},
        {"label": "判断依据", "value": source_of(record.rule, record.rule_version)},
        {"label": "情况说明", "value": record.reason},
    ]
    row = _row(record, request.user)
    answer = act_on(request, form, act)
    return answer or show_action(
        request,
        page,
        form,
        template="window/improbable_review.html",
        record=record,
        worker=record.worker,
        cells=cells,
        row=row,
    )
