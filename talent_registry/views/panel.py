"""The panel: the expert's nominees and score sheet, and how the office asks experts and sees how far they
are.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can, require
from portal.cases.actions import NotNow
from portal.pages.access import staff
from talent_registry.forms import ReasonForm
from talent_registry.models import Nomination, PanelAssignment, SelectionRound
from talent_registry.selection import panel
from talent_registry.selection.nomination_forms import ExpertsForm, NothingForm, ScoreForm
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import PANEL_WORKS, NominationState
from talent_registry.views import nominees
from talent_registry.views.nominations import LIST, frame_of
from talent_registry.views.proposals import chosen

TITLE = "专家评审"
LATE = "已过截止日期"


def _own(request: HttpRequest) -> QuerySet[PanelAssignment]:
    """The expert's assignments; those from which they stepped aside are no longer theirs to see."""
    user: Any = request.user
    return PanelAssignment.objects.filter(expert=user, conflict_at__isnull=True).select_related(
        "nomination__case__region__parent",
        "nomination__round__case",
        "nomination__worker__employer",
        "nomination__worker__work_region__parent",
        "nomination__case__employer",
    )


def _state(one: PanelAssignment) -> tuple[str, str]:
    """(word, tone) of where an assignment stands for its expert."""
    if one.submitted_at:
        return "已提交", "good"
    if one.nomination.case.state != NominationState.ACCEPTED or one.nomination.round.state not in PANEL_WORKS:
        return "不再评审", "plain"
    if timezone.localdate() > one.nomination.round.panel_until:
        return LATE, "bad"
    return "待评审", "warn"


# -- the expert ----------------------------------------------------------------------------------------------
@staff("nomination.score")
def sheets(request: HttpRequest) -> HttpResponse:
    """Whom the expert is to score, those still waiting first, of the newest round and those before it."""
    found = list(_own(request).order_by("-nomination__round__year", "submitted_at", "pk")[:500])
    rows: list[dict[str, Any]] = [
        {"assignment": one, "state": _state(one), "sum": points_text(sum(one.scores.values()))}
        for one in found
    ]
    rows.sort(key=lambda row: (-row["assignment"].nomination.round.year, row["state"][0] != "待评审"))
    context = {
        "title": TITLE,
        "base": frame_of(request.user),
        "crumbs": [("首页", reverse("public:home")), (TITLE, "")],
        "rows": rows,
        "waiting": sum(row["state"][0] == "待评审" for row in rows),
    }
    return render(request, "registry/panel.html", context)


def _sheet(request: HttpRequest, pk: int) -> PanelAssignment:
    return get_object_or_404(_own(request), pk=pk)


@staff("nomination.score", "GET", "HEAD", "POST")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One nominee: facts, files, and the scores, which are handed in once."""
    one, user = _sheet(request, pk), request.user
    nomination, criteria = one.nomination, panel.criteria(one.nomination.round)
    form = ScoreForm(request.POST if request.method == "POST" else None, criteria=criteria)
    if request.method == "POST" and form.is_valid():
        try:
            panel.score(one.pk, form.scores, form.cleaned_data["comment"], by=user, on=timezone.localdate())
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已提交对{nomination.worker.name}的评分。")
            return redirect("registry:panel")
    if request.method == "GET":
        audit.record(
            "case.view",
            by=user,
            obj=nomination.case,
            worker=nomination.worker_id,
            region=nomination.case.region_id,
        )
    state = _state(one)
    context = {
        "title": f"评审：{nomination.worker.name}",
        "base": frame_of(user),
        "one": one,
        "nomination": nomination,
        "state": state,
        "crumbs": [(TITLE, reverse("registry:panel")), (nomination.worker.name, "")],
        "form": form,
        "may_score": state[0] == "待评审",
        "too_late": panel.too_late(nomination.round) if state[0] == LATE else "",
        "who": nominees.who_rows(nomination.worker, with_number=False),
        "made": nominees.made_rows(nomination),
        "records": nominees.records_of(nomination.worker),
        "evidence": list(nominees.evidence_of(nomination, user)),
        "scored": [
            (item.label, points_text(one.scores.get(item.code, 0)), points_text(item.most))
            for item in criteria
        ],
        "sum": points_text(sum(one.scores.values())),
        "criteria": criteria,
        "all_in": nominees.panel_rows(nomination, user)
        if nomination.panel_score is not None and one.submitted_at
        else [],
        "panel_score": "" if nomination.panel_score is None else points_text(nomination.panel_score),
    }
    return render(
        request, "registry/panel_sheet.html", context, status=409 if form.non_field_errors() else 200
    )


@staff("nomination.score", "GET", "HEAD", "POST")
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """Stepping aside, with the reason; it cannot be undone."""
    one = _sheet(request, pk)
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        label="回避理由",
        help_text="例如与参评人员有亲属、师徒、同一单位等关系，不超过200个字。",
    )
    if request.method == "POST" and form.is_valid():
        try:
            panel.declare_conflict(
                one.pk, reason=form.cleaned_data["reason"], by=request.user, on=timezone.localdate()
            )
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已声明回避，您不再参加对{one.nomination.worker.name}的评审。")
            return redirect("registry:panel")
    name = one.nomination.worker.name
    here = reverse("registry:panel_sheet", args=[one.pk])
    context = {
        "title": f"声明回避：{name}",
        "base": frame_of(request.user),
        "crumbs": [(TITLE, reverse("registry:panel")), (name, here), ("回避", "")],
        "lead": "声明后您不再评审此人，也不能再查看其材料，不能撤销。",
        "form": form,
        "submit": "声明回避",
        "kind": "danger",
        "back": here,
    }
    return render(
        request, "registry/panel_step.html", context, status=409 if form.non_field_errors() else 200
    )


# -- the office ----------------------------------------------------------------------------------------------
@staff("nomination.assign_panel", "POST")
def assign(request: HttpRequest) -> HttpResponse:
    """First repeats who was chosen and asks for the experts; with experts, assigns every one of them to every
    nominee.
    """
    ids = chosen(request)
    if not 0 < len(ids) <= panel.MOST_AT_ONCE:
        messages.error(request, f"请选择1至{panel.MOST_AT_ONCE}人。")
        return redirect("registry:nominations")
    seen = Nomination.objects.visible_to(request.user).filter(pk__in=ids)
    people = list(
        seen.select_related("case__region__parent", "worker__employer")
        .defer("worker__id_number", "worker__phone")
        .order_by("pk")
    )
    experts = panel.experts()
    form = ExpertsForm(request.POST if "sure" in request.POST else None, experts=experts)
    if "sure" in request.POST and people and form.is_valid():
        try:
            done = panel.assign(
                [one.pk for one in people],
                [int(pk) for pk in form.cleaned_data["experts"]],
                by=request.user,
                on=timezone.localdate(),
            )
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            if done.made:
                messages.success(request, f"已安排{len(done.made)}项评审，专家登录后即可看到。")
            if done.left_out:
                shown = "；".join(said.rstrip("。") for said in done.left_out[:20])
                messages.warning(request, f"未安排{len(done.left_out)}项：{shown}。")
            return redirect("registry:nominations")
    title = f"安排评审专家：{len(people)}人"
    context = {
        "title": title,
        "crumbs": [("工作台", reverse("window:home")), (LIST, reverse("registry:nominations")), (title, "")],
        "people": people,
        "form": form,
        "experts": experts,
    }
    return render(
        request, "registry/panel_assign.html", context, status=409 if form.non_field_errors() else 200
    )


@staff("nomination.assign_panel", "GET", "HEAD", "POST")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what an expert was asked to do and has not done."""
    seen = Nomination.objects.visible_to(request.user)
    one = get_object_or_404(
        PanelAssignment.objects.select_related("expert", "nomination__case", "nomination__worker"), pk=pk
    )
    if not seen.filter(pk=one.nomination_id).exists():
        raise Http404
    case = one.nomination.case
    require(request.user, "nomination.assign_panel", case.region_id)
    form = NothingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            panel.release(one.pk, by=request.user, on=timezone.localdate())
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已取消{one.expert}对{one.nomination.worker.name}的评审安排。")
            return redirect("registry:nomination", case.number)
    here = reverse("registry:nomination", args=[case.number])
    context = {
        "title": f"取消评审安排：{one.expert}",
        "base": "base_staff.html",
        "form": form,
        "submit": "取消安排",
        "kind": "danger",
        "back": here,
        "crumbs": [
            ("工作台", reverse("window:home")),
            (LIST, reverse("registry:nominations")),
            (case.number, here),
            ("取消评审安排", ""),
        ],
        "lead": f"{one.expert}不再评审{one.nomination.worker.name}。其余专家都已提交的，随即形成评审得分。",
    }
    return render(
        request, "registry/panel_step.html", context, status=409 if form.non_field_errors() else 200
    )


@staff("case.view")
def progress(request: HttpRequest, year: int) -> HttpResponse:
    """How far the panel of a year is: nominees by how many are in, experts by how many are left. No scores."""
    round_ = get_object_or_404(
        SelectionRound.objects.visible_to(request.user).select_related("case"), year=year
    )
    accepted = Nomination.objects.visible_to(request.user).filter(
        round=round_, case__state=NominationState.ACCEPTED
    )
    asked, bound = (
        Count("panel", filter=Q(panel__conflict_at__isnull=True)),
        Q(panel__submitted_at__isnull=False),
    )
    counts = accepted.aggregate(
        total=Count("pk", distinct=True),
        done=Count("pk", filter=Q(panel_score__isnull=False), distinct=True),
        asked=Count("pk", filter=Q(panel__isnull=False, panel__conflict_at__isnull=True), distinct=True),
    )
    waiting = accepted.filter(panel_score__isnull=True).annotate(
        asked=asked, came_in=Count("panel", filter=bound)
    )
    listed = waiting.select_related("case__region__parent", "worker").defer(
        "worker__id_number", "worker__phone", "statement"
    )
    address = f"{reverse('registry:nominations')}?year={year}&panel="
    context = {
        "title": f"{round_.year}年度专家评审进度",
        "round": round_,
        "crumbs": [
            ("工作台", reverse("window:home")),
            (LIST, reverse("registry:nominations")),
            ("专家评审进度", ""),
        ],
        "stats": [
            {
                "label": "已受理",
                "value": counts["total"],
                "href": f"{address.removesuffix('&panel=')}&state=accepted",
            },
            {
                "label": "未安排专家",
                "value": counts["total"] - counts["asked"],
                "href": f"{address}none",
                "tone": "warn" if counts["total"] > counts["asked"] else "",
            },
            {"label": "评审中", "value": counts["asked"] - counts["done"], "href": f"{address}waiting"},
            {"label": "评审完成", "value": counts["done"], "href": f"{address}done", "tone": "good"},
        ],
        "late": panel.late_experts(round_),
        "rows": list(listed.order_by("asked", "pk")[:100]),
        "overdue": timezone.localdate() > round_.panel_until,
        "may_assign": can(request.user, "nomination.assign_panel"),
        "needed": bool(panel.criteria(round_)),
    }
    return render(request, "registry/panel_progress.html", context)
