"""Changing a round: days, scheme and places of a draft, more time for the panel; and the page of each step
with what it will do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused, require
from portal.formats import date_cn
from portal.jobs.models import Job
from portal.pages.access import staff
from portal.pages.action_page import Done, act_on, posted
from portal.pages.forms import ReasonForm
from talent_registry.models import SelectionRound
from talent_registry.selection import jobs, listing, rounds, steps
from talent_registry.selection.round_forms import DaysForm, ExtendForm, PlacesForm, SchemeForm
from talent_registry.selection.scheme import SchemeRefused
from talent_registry.selection.workflow import PANEL_WORKS, ROUND_WORKFLOW, RoundState
from talent_registry.views.round_page import crumbs_of, find_round
from talent_registry.views.step_shown import shown_before


def _edit(
    request: HttpRequest,
    year: int,
    title: str,
    template: str,
    make: Callable[..., Any],
    save: Callable[[SelectionRound, Any], Any],
) -> HttpResponse:
    """One form over a draft. What the action finds wrong stands beside its field."""
    round_ = find_round(request, year)
    if round_.state != RoundState.DRAFT:
        messages.error(request, "自开始申报起，日期、办法和名额不再修改。")
        return redirect("registry:round", year)
    return _form(request, round_, title, template, make, save)


def _form(
    request: HttpRequest,
    round_: SelectionRound,
    title: str,
    template: str,
    make: Callable[..., Any],
    save: Callable[[SelectionRound, Any], Any],
    done: str = "已保存。",
) -> HttpResponse:
    back = reverse("registry:round", args=[round_.year])
    form = make(posted(request), round_=round_)

    def act(given: dict[str, Any]) -> Done | None:
        try:
            save(round_, form)
        except rounds.RoundRefused as refusal:
            form.show(refusal.problems)
        except SchemeRefused as refusal:
            form.show_refusal(refusal)
        else:
            return Done(done, back)
        return None

    answer = act_on(request, form, act)
    if answer:
        return answer
    context = {
        "title": f"{round_.year}年度遴选：{title}",
        "crumbs": crumbs_of(round_, (title, "")),
        "round": round_,
        "form": form,
        "back": back,
    }
    return render(request, template, context)


@staff("selection.manage", "GET", "HEAD", "POST")
def days(request: HttpRequest, year: int) -> HttpResponse:
    def save(round_: SelectionRound, form: DaysForm) -> None:
        rounds.set_days(round_, **form.cleaned_data, by=request.user, on=timezone.localdate())

    return _edit(request, year, "日期", "registry/selection/round_days.html", DaysForm, save)


@staff("selection.manage", "GET", "HEAD", "POST")
def places(request: HttpRequest, year: int) -> HttpResponse:
    def save(round_: SelectionRound, form: PlacesForm) -> None:
        rounds.set_places(
            round_,
            total=form.cleaned_data["total"],
            quotas=form.quotas(),
            by=request.user,
            on=timezone.localdate(),
        )

    return _edit(request, year, "名额", "registry/selection/round_numbers.html", PlacesForm, save)


@staff("selection.manage", "GET", "HEAD", "POST")
def scheme(request: HttpRequest, year: int) -> HttpResponse:
    def save(round_: SelectionRound, form: SchemeForm) -> None:
        document = form.cleaned_data["document"]
        rounds.set_scheme(round_, form.scheme(), document=document, by=request.user, on=timezone.localdate())

    return _edit(request, year, "评分办法", "registry/selection/round_numbers.html", SchemeForm, save)


@staff("selection.manage", "GET", "HEAD", "POST")
def extend(request: HttpRequest, year: int) -> HttpResponse:
    """More time for the experts of a round under way."""
    round_ = find_round(request, year)
    if round_.state not in PANEL_WORKS:
        messages.error(request, "只有接受申报和评审期间可以延长评审。")
        return redirect("registry:round", year)

    def save(round_: SelectionRound, form: ExtendForm) -> None:
        rounds.extend_panel(round_, **form.cleaned_data, by=request.user, on=timezone.localdate())

    done = "评审期限已延长，专家现在可以继续评分。"
    return _form(request, round_, "延长评审", "registry/selection/round_extend.html", ExtendForm, save, done)


# -- steps ---------------------------------------------------------------------------------------------------
_TRIAL = (
    "试评",
    "按现有信息对全区登记的技术工人评价一遍，看哪些人符合条件而未申报。试评不作为遴选依据，截止后另行评价。",
    "selection.manage",
)


@staff("case.view", "GET", "HEAD", "POST")
def step(request: HttpRequest, year: int, step: str) -> HttpResponse:
    """The page before a step: repeats numbers and consequence, says what is in the way, and takes it."""
    round_, today = find_round(request, year), timezone.localdate()
    label, consequence, permission = _described(step)
    require(request.user, permission, round_.case.region_id)
    in_the_way = _in_the_way(round_, step, today)
    form = (
        ReasonForm(request.POST or None, label="重新排序的原因", help_text="记入名单，作为重新编制的原因。")
        if step == "rank_again"
        else None
    )
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            job = _take(round_, step, request.user, today, form.cleaned_data["reason"] if form else "")
        except (NotNow, Refused) as refusal:
            in_the_way = [str(refusal)]
        else:
            messages.success(
                request, f"“{label}”已开始，离开页面不影响办理。" if job else f"已办理“{label}”。"
            )
            return redirect("registry:round", year)
    context = {
        "title": f"{label}：{year}年度遴选",
        "crumbs": crumbs_of(round_, (label, "")),
        "round": round_,
        "label": label,
        "consequence": consequence,
        "blockers": in_the_way,
        "facts": _facts(round_, step),
        "form": form,
        "back": reverse("registry:round", args=[year]),
        "long": step in steps.LONG or step == "trial",
        **shown_before(round_, step, request.user, today),
    }
    return render(
        request,
        "registry/selection/round_step.html",
        context,
        status=409 if request.method == "POST" else 200,
    )


def _described(step: str) -> tuple[str, str, str]:
    """(words, consequence, permission). 404 for what is no step."""
    if step == "trial":
        return _TRIAL
    if step not in (*steps.STEPS, "rank_again"):
        raise Http404
    row = ROUND_WORKFLOW.transition(step)
    return row.label, row.consequence, row.permission


def _in_the_way(round_: SelectionRound, step: str, today: date) -> list[str]:
    if step == "trial":
        try:
            steps.check_trial(round_)
        except NotNow as refusal:
            return [str(refusal)]
        return []
    if step == "rank_again":
        return [] if round_.state == RoundState.RANKED else ["只有已排序、尚未定稿的名单可以重新排序。"]
    return steps.blockers(round_, step, on=today)


def _take(round_: SelectionRound, step: str, user: Any, today: date, reason: str) -> Job | None:
    """Long steps as a job, the others at once."""
    if step == "trial":
        return jobs.start_trial(round_.year, by=user, on=today)
    if step == "rank_again":
        steps.rank_again(round_.year, reason=reason, by=user, on=today)
    elif step in steps.LONG:
        return jobs.start_step(round_.year, step, by=user, on=today)
    else:
        steps.take_step(round_.year, step, by=user, on=today)
    return None


def _facts(round_: SelectionRound, step: str) -> list[dict[str, Any]]:
    """The numbers that the step decides over, repeated before it is taken."""
    rows: list[dict[str, Any]] = [{"label": "当前状态", "value": RoundState(round_.state).label}]
    if step == "open":
        rows += [
            {"label": "申报", "value": f"{date_cn(round_.opens_on)}至{date_cn(round_.nominations_until)}"},
            {"label": "入选名额", "value": f"{round_.places:,}"},
            {
                "label": "评分办法和名额依据",
                "value": round_.scheme_document or "示例，尚无文号；开始申报后不能补填",
            },
        ]
    newest = round_.standing_list or listing.latest(round_)
    if newest is not None:
        listed = newest.nominees.count()
        selected = newest.nominees.filter(selected=True).count()
        rows += [
            {"label": "名单", "value": f"第{newest.version}版，排序{listed:,}人，入选{selected:,}人"},
            {"label": "名单摘要", "value": newest.digest},
        ]
    if step == "notice":
        rows.append({"label": "公示期", "value": f"自发布次日起{round_.notice_working_days}个工作日"})
    if round_.notice is not None:
        rows.append(
            {"label": "公示", "value": f"{round_.notice.number}，至{date_cn(round_.notice.closes_on)}"}
        )
    return rows
