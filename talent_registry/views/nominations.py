"""Nominations: the office's list, the page of one, and everything that may be done with it, for staff and for
those who nominated.

One address for everybody: a nomination opens in the staff frame for the office and in the public one for its
applicants. Experts are sent to their own sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.accounts.access import Refused, can
from portal.cases.actions import NotNow, possible_actions
from portal.cases.evidence import files
from portal.cases.models import Evidence
from portal.letters.models import Letter
from portal.pages.access import staff
from portal.pages.deadlines import deadline_of
from portal.pages.filters import COUNTED_AT_MOST
from portal.paging import count_of, page_asked
from talent_registry import benefits, letters
from talent_registry.forms import MissingForm, ReasonForm
from talent_registry.models import Assessment, Channel, Nomination, SelectionRound
from talent_registry.selection import applicants, nominating, panel
from talent_registry.selection.assessment import breakdown
from talent_registry.selection.explain import explain
from talent_registry.selection.nomination_forms import (
    EvidenceForm,
    NominationFilter,
    NominationForm,
    NothingForm,
)
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import NominationState, RoundState
from talent_registry.views import nominees

LIST = "遴选申报"
View = Callable[..., HttpResponseBase]


def door(*methods: str) -> Callable[[View], View]:
    """For everybody who is signed in; what they see starts with visible_to(user)."""

    def opened(view: View) -> View:
        @wraps(view)
        @never_cache
        @login_required
        @require_http_methods(list(methods) or ["GET", "HEAD"])
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        return inside

    return opened


def frame_of(user: Any) -> str:
    return "base_staff.html" if can(user, "window.use") else "base_public.html"


def crumbs(user: Any, nomination: Nomination | None, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where a page about a nomination stands for this person; without `more` it is the nomination's own page."""
    here = (
        [
            (
                nomination.case.number,
                reverse("registry:nomination", args=[nomination.case.number]) if more else "",
            )
        ]
        if nomination
        else []
    )
    if can(user, "window.use"):
        first = [
            ("工作台", reverse("window:home")),
            (LIST, reverse("registry:nominations") if nomination else ""),
        ]
    elif nomination and nomination.channel == Channel.EMPLOYER and nomination.worker.account_id != user.pk:
        first = [("单位申报", reverse("registry:agent"))]
    else:
        first = [("我的待遇", reverse("my:home")), ("年度遴选", reverse("registry:mine"))]
    return [*first, *here, *more]


def _seen(request: HttpRequest, number: str) -> Nomination:
    return get_object_or_404(
        Nomination.objects.visible_to(request.user).select_related(*nominees.RELATED), case__number=number
    )


# -- the list ------------------------------------------------------------------------------------------------
@staff("case.view")
def nominations(request: HttpRequest) -> HttpResponse:
    """All nominations of one's places, newest first, with filters."""
    form = NominationFilter(request.GET, user=request.user)
    found = form.apply(Nomination.objects.visible_to(request.user))
    listed = found.select_related(
        "case__region__parent", "case__employer", "worker__employer", "round"
    ).defer("worker__id_number", "worker__phone", "statement")
    page = replace(
        page_asked(listed, request.GET, order=("-case_id",)), total=count_of(found, COUNTED_AT_MOST)
    )
    today = timezone.localdate()
    rows = [
        {
            "nomination": one,
            "deadline": deadline_of(one.case, today),
            "tone": nominees.tone_of(one),
            "score": "" if one.panel_score is None else points_text(one.panel_score),
            "may_be_assigned": one.case.state == NominationState.ACCEPTED and one.panel_score is None,
        }
        for one in page.rows
    ]
    context = {
        "title": LIST,
        "crumbs": crumbs(request.user, None),
        "form": form,
        "page": page,
        "rows": rows,
        "may_assign": can(request.user, "nomination.assign_panel")
        and any(row["may_be_assigned"] for row in rows),
        "bulk": [{"name": "action", "value": "assign", "label": "安排评审专家"}],
        "round": nominating.open_round(today),
        "newest": SelectionRound.objects.visible_to(request.user)
        .exclude(case__state=RoundState.DRAFT)
        .values_list("year", flat=True)
        .first(),
    }
    return render(request, "registry/nominations.html", context)


# -- one of them ---------------------------------------------------------------------------------------------
@door("GET", "HEAD", "POST")
def nomination(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one nomination. POST hands in a file."""
    shown, user = _seen(request, number), request.user
    if not can(user, "case.view") and not shown.case.is_of(user):
        # Whoever is neither office nor applicant sees it as an expert.
        return redirect(
            "registry:panel_sheet", get_object_or_404(shown.panel, expert=user, conflict_at__isnull=True).pk
        )
    form = EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = files.attach(
                shown.pk, given["file"], label=given["label"], by=user, on=timezone.localdate()
            )
        except files.FileRefused as refusal:
            form.add_error("file", str(refusal))
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已提交材料“{made.label}”。")
            return redirect(f"{reverse('registry:nomination', args=[number])}#evidence")
    if request.method == "GET":
        audit.record(
            "case.view", by=user, obj=shown.case, worker=shown.worker_id, region=shown.case.region_id
        )
    return render(
        request,
        "registry/nomination.html",
        _page(shown, user, form),
        status=409 if form.non_field_errors() else 200,
    )


def _page(shown: Nomination, user: Any, form: EvidenceForm) -> dict[str, Any]:
    case, office = shown.case, can(user, "case.view", shown.case.region_id)
    today = timezone.localdate()
    determination = shown.determination or benefits.foreseen(
        shown.worker_id, on=today, benefit=benefits.NOMINATION
    )
    may, refused = _actions(shown, user)
    published = shown.round.state in {RoundState.PUBLISHED, RoundState.CLOSED}
    explained = explain(shown) if published or office else None
    context: dict[str, Any] = {
        "title": f"{shown.worker.name}：{shown.round.year}年度遴选申报",
        "base": frame_of(user),
        "crumbs": crumbs(user, shown),
        "nomination": shown,
        "case": case,
        "office": office,
        "tone": nominees.tone_of(shown),
        "deadline": deadline_of(case, today),
        "who": nominees.who_rows(shown.worker),
        "made": nominees.made_rows(shown),
        "records": nominees.records_of(shown.worker),
        "determination": determination,
        "conditions": benefits.explain(determination),
        "kept": shown.determination is not None,
        "missing": nominating.missing(shown),
        "evidence": list(nominees.evidence_of(shown, user)),
        "form": form,
        "may_attach": applicants.may_write(shown, user) and files.may_change(case, user),
        "correction": case.corrections.filter(resolved_on__isnull=True).first(),
        "events": nominees.events_of(case),
        "letters": Letter.objects.visible_to(user).filter(case=case).select_related("file").order_by("pk"),
        "actions": may,
        "refused": refused,
        "explained": explained,
        "published": published,
        # How the score adds up is the person's and the office's to read; who nominated learns the outcome and
        # why.
        "parts": nominees.score_rows(explained.parts)
        if explained and (office or shown.worker.account_id == user.pk)
        else [],
    }
    if office:
        context |= {
            "panel": nominees.panel_rows(shown, user),
            "criteria": panel.criteria(shown.round),
            "panel_score": "" if shown.panel_score is None else points_text(shown.panel_score),
            "assessment": _assessment(shown, user),
            "may_assign": can(user, "nomination.assign_panel", case.region_id),
        }
    return context


def _assessment(shown: Nomination, user: Any) -> Any:
    """What the assessment of the round found, when there was one."""
    rows = Assessment.objects.visible_to(user).select_related("run")
    found = rows.filter(round_id=shown.round_id, worker_id=shown.worker_id).first()
    if found is None:
        return None
    said = breakdown(found)
    return {"row": found, "score": said.score_text, "parts": nominees.score_rows(said.parts)}


# -- what may be done ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """One action as a page: what it asks, what it does and what is said afterwards."""

    submit: str
    form: Callable[[Any], Any] | None
    act: Callable[[Nomination, dict[str, Any], Any], Nomination]
    said: Callable[[Nomination], str]
    decision: bool = False


def _today() -> Any:
    return timezone.localdate()


STEPS: dict[str, Step] = {
    "submit": Step(
        "提交申报",
        None,
        lambda one, _, by: nominating.submit(one.pk, by=by, on=_today()),
        lambda one: (
            f"已提交，由{one.case.region.full_name}服务窗口受理。"
            + ("".join(f"还缺：{said}" for said in nominating.missing(one)))
        ),
    ),
    "accept": Step(
        "受理",
        None,
        lambda one, _, by: nominating.accept(one.pk, by=by, on=_today()),
        lambda one: f"已受理{one.worker.name}的申报，条件符合，进入评审和推荐。",
    ),
    "return_for_correction": Step(
        "告知补正",
        MissingForm,
        lambda one, given, by: nominating.return_for_correction(
            one.pk, missing=given["missing"], by=by, on=_today()
        ),
        lambda one: "已告知需要补正的内容，办理期限暂停计算。补正通知正在生成，请及时送达。",
    ),
    "resubmit": Step(
        "补正完成",
        lambda data: ReasonForm(
            data, label="补正情况", help_text="已经补齐的材料或更正的信息。", required=False
        ),
        lambda one, given, by: nominating.resubmit(one.pk, by=by, on=_today(), reason=given["reason"]),
        lambda one: "补正已完成，交由服务窗口继续办理。",
    ),
    "refuse": Step(
        "作出不予受理决定",
        lambda data: ReasonForm(data, label="事实和理由", help_text="写入决定书，告知本人。"),
        lambda one, given, by: nominating.refuse(one.pk, reason=given["reason"], by=by, on=_today()),
        lambda one: (
            f"已对{one.worker.name}的申报作出不予受理决定，决定书正在生成，请及时送达并登记送达情况。"
        ),
        decision=True,
    ),
    "withdraw": Step(
        "撤回申报",
        lambda data: ReasonForm(
            data, required=False, help_text="窗口代为撤回的，须写明是谁提出、为什么撤回。"
        ),
        lambda one, given, by: nominating.withdraw(one.pk, by=by, on=_today(), reason=given["reason"]),
        lambda one: "已撤回。申报截止前可以重新申报。",
    ),
}


_RECOMMENDING = frozenset({"recommend", "pass_over", "take_back"})
_FIRST = frozenset({"submit", "accept", "resubmit", "recommend"})


def _actions(shown: Nomination, user: Any) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What the user may do now, each with its consequence; what staff may not, with the reason."""
    may, may_not = possible_actions(shown.case, user)
    offered: list[dict[str, str]] = []
    # Recommending has its own pages and its own time.
    elsewhere = _RECOMMENDING if shown.round.state == RoundState.RECOMMENDATION else frozenset()
    refused = [
        {"label": row.label, "reason": reason}
        for row, reason in may_not
        if row.action in {*STEPS, *elsewhere}
    ]
    number = shown.case.number
    for row in may:
        if row.action in STEPS:
            try:
                applicants.check_person(shown, row.action, user)
            except Refused as refusal:
                refused.append({"label": row.label, "reason": str(refusal)})
                continue
            href = reverse("registry:nomination_step", args=[number, row.action])
        elif row.action in elsewhere:
            href = reverse(f"registry:{row.action}", args=[number])
        else:
            continue
        kind = "danger" if row.danger else "primary" if row.action in _FIRST else "secondary"
        offered.append({"label": row.label, "href": href, "consequence": row.consequence, "kind": kind})
    if applicants.may_write(shown, user):
        href = reverse("registry:nomination_edit", args=[number])
        said = "更改所属行业和主要业绩。"
        offered.insert(1, {"label": "修改申报内容", "href": href, "consequence": said, "kind": "secondary"})
    return offered, refused if can(user, "window.use") else []


@door("GET", "HEAD", "POST")
def step(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """The page of one action: repeats who and why, asks what is needed, acts, says what happened."""
    if action not in STEPS:
        raise Http404
    shown, what, user = _seen(request, number), STEPS[action], request.user
    row = shown.case.workflow.transition(action)
    applicants.check_person(shown, action, user)
    form = (what.form or NothingForm)(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = what.act(shown, form.cleaned_data, user)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, what.said(done))
            return redirect("registry:nomination", number)
    determination = shown.determination
    if determination is None or action in {"submit", "accept"}:
        determination = benefits.foreseen(
            shown.worker_id, on=timezone.localdate(), benefit=benefits.NOMINATION
        )
    context = {
        "title": f"{row.label}：{shown.worker.name}",
        "base": frame_of(user),
        "crumbs": crumbs(user, shown, (row.label, "")),
        "row": row,
        "nomination": shown,
        "form": form,
        "submit": what.submit,
        "kind": "danger" if row.danger else "primary",
        "who": nominees.who_rows(shown.worker),
        "made": nominees.made_rows(shown),
        "conditions": benefits.explain(determination),
        "files": nominees.evidence_of(shown, user).count(),
        "back": reverse("registry:nomination", args=[number]),
        "law": letters.cited_law() if what.decision else "",
        "remedy": letters.REMEDY.text() if what.decision else "",
    }
    return render(
        request, "registry/nomination_step.html", context, status=409 if form.non_field_errors() else 200
    )


@door("GET", "HEAD", "POST")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change what was written."""
    shown, user = _seen(request, number), request.user
    if not applicants.may_write(shown, user) and request.method != "POST":
        raise Refused("申报内容只能由提出申报的一方在提交前或补正期间修改。")
    form = NominationForm.of(shown, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            nominating.edit(shown.pk, **form.cleaned_data, by=user, on=timezone.localdate())
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "申报内容已保存。")
            return redirect("registry:nomination", number)
    context = {
        "title": f"修改申报内容：{shown.worker.name}",
        "base": frame_of(user),
        "crumbs": crumbs(user, shown, ("修改", "")),
        "form": form,
        "back": reverse("registry:nomination", args=[number]),
    }
    return render(
        request, "registry/nomination_edit.html", context, status=409 if form.non_field_errors() else 200
    )


@door("GET", "HEAD", "POST")
def remove_evidence(request: HttpRequest, number: str, evidence_id: int) -> HttpResponse:
    """Take a file away, after a page that names it."""
    shown, user = _seen(request, number), request.user
    one = get_object_or_404(Evidence.objects.visible_to(user).standing(), pk=evidence_id, case_id=shown.pk)
    if not applicants.may_write(shown, user):
        raise Refused("材料只能由提出申报的一方在提交前或补正期间增减。")
    back = f"{reverse('registry:nomination', args=[number])}#evidence"
    if request.method == "POST":
        try:
            files.remove(one.pk, by=user, on=timezone.localdate())
        except NotNow as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"已移除材料“{one.label}”。")
        return redirect(back)
    context = {
        "title": f"移除材料：{one.label}",
        "base": frame_of(user),
        "crumbs": crumbs(user, shown, ("移除材料", "")),
        "one": one,
        "back": back,
    }
    return render(request, "registry/nomination_evidence.html", context)
