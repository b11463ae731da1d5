"""Nominations: the office's list, the page of one, and what may be done with it by staff and by those who
nominated.

Experts are sent to their own sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, can
from portal.cases import applicants
from portal.pages.access import signed_in, staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_files import remove_file, show_with_files
from portal.pages.case_page import take_action
from portal.pages.deadlines import deadline_of
from portal.pages.filters import COUNTED_AT_MOST
from portal.pages.forms import MissingForm, NothingForm, ReasonForm
from portal.pages.view_log import asked_of, record_shown
from portal.paging import count_of, page_asked
from portal.regions.calendar import OfficeCalendar
from portal.workforce.occupations import unlisted
from talent_registry import letters
from talent_registry.models import Nomination, SelectionRound
from talent_registry.selection import nominating
from talent_registry.selection.nomination_forms import NominationFilter, NominationForm
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import NominationState, RoundState
from talent_registry.views.nomination_page import LIST, NominationPage


# -- the list ------------------------------------------------------------------------------------------------
@staff("case.view")
def nominations(request: HttpRequest) -> HttpResponse:
    """All nominations of one's places, newest first, with filters."""
    form = NominationFilter(request.GET, user=request.user)
    seen = form.apply(Nomination.objects.visible_to(request.user))
    listed = seen.select_related(
        "case__region__parent", "case__employer", "case__assigned_to", "worker__employer", "round"
    )
    listed = listed.defer("worker__id_number", "worker__phone", "statement")
    page = page_asked(listed, request.GET, order=("-case_id",))
    shown = [nomination.worker_id for nomination in page.rows]
    record_shown(shown, by=request.user, asked=asked_of(form))
    today, calendar = timezone.localdate(), OfficeCalendar()
    rows = [_row(nomination, today, calendar) for nomination in page.rows]
    rounds = SelectionRound.objects.visible_to(request.user).exclude(case__state=RoundState.DRAFT)
    may_assign = can(request.user, "nomination.assign_panel")
    context = {
        "title": LIST,
        "crumbs": [("工作台", reverse("window:home")), (LIST, "")],
        "form": form,
        "page": replace(page, total=count_of(seen, COUNTED_AT_MOST)),
        "rows": rows,
        "unlisted": unlisted(nomination.worker.occupation for nomination in page.rows),
        "may_assign": may_assign and any(row["may_be_assigned"] for row in rows),
        "bulk": [{"name": "action", "value": "assign", "label": "安排评审专家"}],
        "round": nominating.open_round(today),
        "newest": rounds.values_list("year", flat=True).first(),
    }
    return render(request, "registry/nominations.html", context)


def _row(nomination: Nomination, today: date, calendar: OfficeCalendar) -> dict[str, Any]:
    scored = nomination.panel_score is not None
    return {
        "nomination": nomination,
        "deadline": deadline_of(nomination.case, today, calendar),
        "score": points_text(nomination.panel_score) if nomination.panel_score is not None else "",
        "may_be_assigned": nomination.case.state == NominationState.ACCEPTED and not scored,
    }


# -- one of them ---------------------------------------------------------------------------------------------
@signed_in("GET", "HEAD", "POST")
def open_nomination(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one nomination. POST hands in a file."""
    page = NominationPage.open(request, number)
    if not page.is_of_applicant_or_office:
        sheets = page.nomination.panel.filter(expert=page.user, conflict_at__isnull=True)
        return redirect("registry:panel_sheet", get_object_or_404(sheets).pk)
    return show_with_files(request, page, "registry/nomination.html")


@signed_in("GET", "HEAD", "POST")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change what was written."""
    shown = NominationPage.open(request, number)
    if request.method != "POST" and not shown.may_write:
        raise Refused("申报内容只能由提出申报的一方在提交前或补正期间修改。")

    def act(given: dict[str, Any]) -> Done:
        nominating.edit(shown.case.pk, **given, by=request.user, on=timezone.localdate())
        return Done("申报内容已保存。", shown.address)

    page = ActionPage(
        title=f"修改申报内容：{shown.name}",
        crumbs=shown.crumbs_to("修改"),
        heading="申报内容",
        submit="保存",
        back=shown.address,
        base=shown.base,
    )
    form = NominationForm.of(shown.nomination, posted(request))
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)


@signed_in("GET", "HEAD", "POST")
def remove_evidence(request: HttpRequest, number: str, evidence_id: int) -> HttpResponse:
    """Take a file away, after a page that names it."""
    shown = NominationPage.open(request, number)
    refusal = "材料只能由提出申报的一方在提交前或补正期间增减。"
    return remove_file(request, shown, evidence_id, refusal=refusal)


# -- what may be done ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """One action as a page: its button, what it asks, and what is done, which says what happened."""

    submit: str
    form: Callable[[Any], forms.Form]
    act: Callable[[Nomination, dict[str, Any], Any], str]
    is_decision: bool = False


def _submit(nomination: Nomination, given: dict[str, Any], by: Any) -> str:
    submitted = nominating.submit(nomination.pk, by=by, on=timezone.localdate())
    missing = "".join(f"还缺：{item}" for item in nominating.missing(submitted))
    return f"已提交，由{submitted.case.region.full_name}服务窗口受理。{missing}"


def _accept(nomination: Nomination, given: dict[str, Any], by: Any) -> str:
    accepted = nominating.accept(nomination.pk, by=by, on=timezone.localdate())
    return f"已受理{accepted.worker.name}的申报，条件符合，进入评审和推荐。"


def _return_for_correction(nomination: Nomination, given: dict[str, Any], by: Any) -> str:
    nominating.return_for_correction(nomination.pk, missing=given["missing"], by=by, on=timezone.localdate())
    return "已告知需要补正的内容，办理期限暂停计算。补正通知正在生成，请及时送达。"


def _resubmit(nomination: Nomination, given: dict[str, Any], by: Any) -> str:
    nominating.resubmit(nomination.pk, by=by, on=timezone.localdate(), reason=given["reason"])
    return "补正已完成，交由服务窗口继续办理。"


def _refuse(nomination: Nomination, given: dict[str, Any], by: Any) -> str:
    refused = nominating.refuse(nomination.pk, reason=given["reason"], by=by, on=timezone.localdate())
    return f"已对{refused.worker.name}的申报作出不予受理决定。{letters.told_of_letter('决定书')}"


def _withdraw(nomination: Nomination, given: dict[str, Any], by: Any) -> str:
    nominating.withdraw(nomination.pk, by=by, on=timezone.localdate(), reason=given["reason"])
    return "已撤回。申报截止前可以重新申报。"


STEPS: dict[str, Step] = {
    "submit": Step("提交申报", NothingForm, _submit),
    "accept": Step("受理", NothingForm, _accept),
    "return_for_correction": Step("告知补正", MissingForm, _return_for_correction),
    "resubmit": Step(
        "补正完成",
        partial(
            ReasonForm,
            label="已补齐的内容",
            help_text="逐项写明已经补齐的材料或者更正的信息。",
            required=False,
        ),
        _resubmit,
    ),
    "refuse": Step(
        "作出不予受理决定",
        partial(ReasonForm, label="事实和理由", help_text="写入决定书，告知本人。"),
        _refuse,
        is_decision=True,
    ),
    "withdraw": Step(
        "撤回申报",
        partial(ReasonForm, required=False, help_text="窗口代为撤回的，须写明是谁提出、为什么撤回。"),
        _withdraw,
    ),
}


@signed_in("GET", "HEAD", "POST")
def take_step(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """The page of one action, for staff and applicants."""
    if action not in STEPS:
        raise Http404
    page, step = NominationPage.open(request, number), STEPS[action]
    applicants.check_person(page.nomination, action, request.user)
    return take_action(
        request,
        page,
        action,
        step.form(posted(request)),
        lambda given: step.act(page.nomination, given, request.user),
        submit=step.submit,
        template="registry/nomination_step.html",
        conditions=partial(page.conditions_before, action),
        law=letters.cited_law if step.is_decision else "",
        remedy=letters.REMEDY.told_before,
    )
