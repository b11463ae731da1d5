"""The panel: the expert's nominees and score sheet, and how the office asks experts and sees how far they
are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_page import show_case
from portal.pages.confirm_many import chosen_ids, confirm_many, confirmed
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.view_log import record_shown
from talent_registry.models import Nomination, PanelAssignment, SelectionRound
from talent_registry.selection import panel
from talent_registry.selection.nomination_forms import ExpertsForm, ScoreForm
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import NominationState
from talent_registry.views import nominees
from talent_registry.views.nomination_page import LIST, NominationPage
from talent_registry.views.sheet_page import TITLE, WAITING, SheetPage, own_assignments, state_of

_MOST_SHEETS = 500
# Of those left out, so many are said with their reason.
_MOST_REASONS = 20


# -- the expert ----------------------------------------------------------------------------------------------
@staff("nomination.score")
def sheets(request: HttpRequest) -> HttpResponse:
    """Whom the expert is to score, those still waiting first, of the newest round and those before it."""
    assignments = own_assignments(request.user).order_by("-nomination__round__year", "submitted_at", "pk")[
        :_MOST_SHEETS
    ]
    rows = [_sheet_row(assignment) for assignment in assignments]
    record_shown([row["assignment"].nomination.worker_id for row in rows], by=request.user)
    rows.sort(key=lambda row: (-row["assignment"].nomination.round.year, row["state"] != WAITING))
    context = {
        "title": TITLE,
        "base": nominees.frame_of(request.user),
        "crumbs": [("首页", reverse("public:home")), (TITLE, "")],
        "rows": rows,
        "waiting": sum(row["state"] == WAITING for row in rows),
    }
    return render(request, "registry/panel.html", context)


def _sheet_row(assignment: PanelAssignment) -> dict[str, Any]:
    state, tone = state_of(assignment)
    return {
        "assignment": assignment,
        "state": state,
        "tone": tone,
        "sum": points_text(sum(assignment.scores.values())),
    }


@staff("nomination.score", "GET", "HEAD", "POST")
def open_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One nominee: facts, files, and the scores: a draft until they are handed in, which is done once."""
    page = SheetPage.open(request, pk)
    is_draft = request.POST.get("step") == "draft"
    form = ScoreForm(posted(request), criteria=page.criteria, is_draft=is_draft, initial=page.drafted)

    def score(given: dict[str, Any]) -> Done:
        panel.score(pk, form.scores, given["comment"], by=request.user, on=timezone.localdate())
        return Done(f"已提交对{page.name}的评分。", reverse("registry:panel"))

    def keep(given: dict[str, Any]) -> Done:
        panel.keep_draft(pk, form.scores, given["comment"], by=request.user, on=timezone.localdate())
        return Done(f"已暂存对{page.name}的评分，尚未提交。", reverse("registry:panel_sheet", args=[pk]))

    answer = act_on(request, form, keep if is_draft else score)
    status = 409 if form.non_field_errors() else 200
    return answer or show_case(request, page, "registry/panel_sheet.html", status=status, form=form)


@staff("nomination.score", "GET", "HEAD", "POST")
def step_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a conflict, with the reason; it cannot be undone."""
    shown = SheetPage.open(request, pk)
    form = ReasonForm(
        posted(request),
        label="回避理由",
        help_text="例如与参评人员有亲属、师徒、同一单位等关系，不超过200个字。",
    )

    def act(given: dict[str, Any]) -> Done:
        panel.declare_conflict(pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Done(f"已声明回避，您不再参加对{shown.name}的评审。", reverse("registry:panel"))

    here = reverse("registry:panel_sheet", args=[pk])
    page = ActionPage(
        title=f"声明回避：{shown.name}",
        crumbs=[
            (TITLE, reverse("registry:panel")),
            (shown.name, here),
            ("回避", ""),
        ],
        consequence="声明后您不再评审此人，也不能再查看其材料，不能撤销。",
        heading="声明回避",
        submit="声明回避",
        kind="danger",
        back=here,
        base=shown.base,
    )
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)


# -- the office ----------------------------------------------------------------------------------------------
@staff("nomination.assign_panel", "POST")
def assign(request: HttpRequest) -> HttpResponse:
    """First repeats who was chosen and asks for the experts; with experts, assigns every one of them to every
    nominee.
    """
    ids = chosen_ids(request)
    if not 0 < len(ids) <= panel.MOST_AT_ONCE:
        messages.error(request, f"请选择1至{panel.MOST_AT_ONCE}人。")
        return redirect("registry:nominations")
    seen = Nomination.objects.visible_to(request.user).filter(pk__in=ids)
    shown = seen.select_related("case__region__parent", "worker__employer")
    people = list(shown.defer("worker__id_number", "worker__phone").order_by("pk"))
    experts = panel.experts()
    form = ExpertsForm(confirmed(request), experts=experts)
    back = reverse("registry:nominations")

    def act(given: dict[str, Any]) -> Done:
        done = panel.assign(
            [nomination.pk for nomination in people],
            [int(pk) for pk in given["experts"]],
            by=request.user,
            on=timezone.localdate(),
        )
        words = f"已安排{len(done.made)}项评审，专家登录后即可看到。" if done.made else ""
        return Done(words, back, left_undone=_reasons(done.left_out))

    title = f"安排评审专家：{len(people)}人"
    page = ActionPage(
        title=title,
        crumbs=[
            ("工作台", reverse("window:home")),
            (LIST, back),
            (title, ""),
        ],
        consequence="所选专家逐一评审以下每一人。参评人员本人及其单位的经办人不会安排。",
        submit="安排评审",
        back=back,
    )
    template = "registry/panel_assign.html"
    return confirm_many(request, page, people, form, act, template=template, experts=experts)


def _reasons(left_out: Sequence[str]) -> str:
    if not left_out:
        return ""
    reasons = "；".join(reason.rstrip("。") for reason in left_out[:_MOST_REASONS])
    return f"未安排{len(left_out)}项：{reasons}。"


@staff("nomination.assign_panel", "GET", "HEAD", "POST")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what an expert was asked to do and has not done."""
    assignments = PanelAssignment.objects.select_related("expert", "nomination__case", "nomination__worker")
    assignment = get_object_or_404(assignments, pk=pk)
    nomination = assignment.nomination
    if not Nomination.objects.visible_to(request.user).filter(pk=nomination.pk).exists():
        raise Http404
    shown = NominationPage(nomination.case, request.user, nomination)
    require(request.user, "nomination.assign_panel", shown.case.region_id)

    def act(given: dict[str, Any]) -> Done:
        panel.release(assignment.pk, by=request.user, on=timezone.localdate())
        return Done(f"已取消{assignment.expert}对{shown.name}的评审安排。", shown.address)

    page = ActionPage(
        title=f"取消评审安排：{assignment.expert}",
        crumbs=shown.crumbs_to("取消评审安排"),
        consequence=(f"{assignment.expert}不再评审{shown.name}。其余专家都已提交的，随即形成评审得分。"),
        heading="取消安排",
        submit="取消安排",
        kind="danger",
        back=shown.address,
    )
    form = NothingForm(posted(request))
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)


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
