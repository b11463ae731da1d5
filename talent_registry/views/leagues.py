"""A league's page: its nominees, the places left, how they would be ranked, and recommending or passing over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, can, scope
from portal.cases.actions import NotNow
from portal.pages.access import staff
from portal.paging import page_within
from portal.regions.models import Region
from talent_registry.forms import ReasonForm
from talent_registry.models import Nomination, SelectionRound
from talent_registry.selection import listing, overview, panel, recommending
from talent_registry.selection.jobs import MOST_AT_ONCE, decide_many
from talent_registry.selection.ranking import order_key
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import NOMINATION_WORKFLOW, NominationState, RoundState
from talent_registry.views.proposals import chosen
from talent_registry.views.rounds import crumbs_of, seen

TONES = {
    NominationState.ACCEPTED: "info",
    NominationState.RECOMMENDED: "good",
    NominationState.NOT_RECOMMENDED: "warn",
    NominationState.SELECTED: "good",
    NominationState.NOT_SELECTED: "plain",
}
_RANKED = (
    NominationState.ACCEPTED,
    NominationState.RECOMMENDED,
    NominationState.NOT_RECOMMENDED,
    NominationState.SELECTED,
    NominationState.NOT_SELECTED,
)


# What the order depends on: nothing that a row shows is read for those who stand on other pages.
_RANKED_BY = (
    "round_id",
    "worker_id",
    "industry",
    "panel_score",
    "case__kind",
    "case__league_code",
    "case__state",
    "worker__id_digest",
)
PAGE_SIZE = 50


def _league(request: HttpRequest, year: int, code: str) -> tuple[SelectionRound, Region]:
    """404 for a league outside the scope: its nominees are another office's."""
    round_ = seen(request, year)
    league = get_object_or_404(Region.objects.leagues(), code=code)
    if not scope(request.user, "case.view").covers(code):
        raise Http404
    return round_, league


def _nominees(request: HttpRequest, round_: SelectionRound, code: str) -> QuerySet[Nomination]:
    return Nomination.objects.visible_to(request.user).filter(
        round=round_, case__league_code=code, case__state__in=_RANKED
    )


def _for_list(nominees: QuerySet[Nomination]) -> QuerySet[Nomination]:
    """With everything a row shows, in the same query."""
    return nominees.select_related("case__region__parent", "worker__employer").defer(
        "worker__id_number", "worker__phone", "statement"
    )


@staff("case.view")
def league(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Own nominees in the order a ranking would give them now, a page at a time, with what may be done about
    each.
    """
    round_, region = _league(request, year, code)
    today = timezone.localdate()
    nominees = list(_nominees(request, round_, code).select_related("case", "worker").only(*_RANKED_BY))
    # Before anybody is ranked for good the scores are those of the register today; limits of league and
    # industry come later.
    placed = listing.preview(round_, nominees, quotas={}) if nominees else []
    page = page_within(
        placed,
        request.GET,
        name=f"league {year} {code}",
        key=lambda one: order_key(one.candidate),
        size=PAGE_SIZE,
    )
    shown = _for_list(_nominees(request, round_, code)).in_bulk([one.candidate.key.pk for one in page.rows])
    work = recommending.work_of_leagues(round_).get(code)
    may = can(request.user, "selection.recommend", code) and round_.state == RoundState.RECOMMENDATION
    rows = [
        {
            "place": one.position,
            "nomination": shown[one.candidate.key.pk],
            "score": points_text(one.total),
            "eligible": one.candidate.eligible,
            "parts": {part: points_text(points) for part, points in one.candidate.parts.items()},
            "scored": one.candidate.key.panel_score is not None,
            "on_registry": one.candidate.on_registry,
            "state": one.candidate.key.case.state_label,
            "tone": TONES[NominationState(one.candidate.key.case.state)],
            "open": may and one.candidate.key.case.state == NominationState.ACCEPTED,
            "decided": may
            and one.candidate.key.case.state
            in (NominationState.RECOMMENDED, NominationState.NOT_RECOMMENDED),
        }
        for one in page.rows
        if one.candidate.key.pk in shown
    ]
    title = f"{region.name}：{round_.year}年度遴选推荐"
    context = {
        "title": title,
        "crumbs": crumbs_of(round_, (region.name, "")),
        "round": round_,
        "league": region,
        "rows": rows,
        "work": work,
        "late": overview.late_league(round_, work, today) if work else "",
        "may": any(row["open"] for row in rows),
        "acts": any(row["open"] or row["decided"] for row in rows),
        "page": page,
        "state": RoundState(round_.state).label,
        "stats": _stats(work),
        "panel": bool(panel.criteria(round_)),
        "bulk": [
            {"name": "action", "value": "recommend", "label": "推荐所选人员"},
            {"name": "action", "value": "pass_over", "label": "不推荐所选人员", "kind": "secondary"},
        ],
    }
    return render(request, "registry/selection/league.html", context)


def _stats(work: recommending.LeagueWork | None) -> list[dict[str, Any]]:
    if work is None:
        return []
    items: list[dict[str, Any]] = []
    if work.left is not None:
        items.append(
            {"label": "剩余推荐名额", "value": work.left, "note": f"共{work.places:,}个，已用{work.used:,}个"}
        )
    items += [
        {"label": "申报", "value": work.nominated},
        {"label": "待推荐", "value": work.undecided, "tone": "warn" if work.undecided else "good"},
        {"label": "已推荐", "value": work.recommended},
        {"label": "不推荐", "value": work.passed_over},
    ]
    if work.waiting:
        items.append({"label": "待受理或补正中", "value": work.waiting, "tone": "warn"})
    return items


# -- many at once --------------------------------------------------------------------------------------------
class _Sure(forms.Form):
    """Nothing is asked beyond the list itself."""


@staff("selection.recommend", "POST")
def decide(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """First repeats who is chosen and what will happen; confirmed, starts the job."""
    round_, region = _league(request, year, code)
    action = request.POST.get("action", "")
    if action not in {"recommend", "pass_over"}:
        raise Http404
    ids = chosen(request)
    nominees = _for_list(_nominees(request, round_, code))
    found = {one.pk: one for one in nominees.filter(pk__in=ids, case__state=NominationState.ACCEPTED)}
    people = [found[pk] for pk in ids if pk in found]
    back = reverse("registry:league", args=[year, code])
    if not 0 < len(people) <= MOST_AT_ONCE:
        messages.error(request, f"请选择1至{MOST_AT_ONCE}名尚未办理推荐的人员。")
        return redirect(back)
    row = NOMINATION_WORKFLOW.transition(action)
    asked = request.POST if "sure" in request.POST else None
    form: forms.Form = _reason_form(asked) if row.needs_reason else _Sure(asked)
    if asked is not None and form.is_valid():
        try:
            job = decide_many(
                [one.pk for one in people],
                action,
                by=request.user,
                on=timezone.localdate(),
                reason=form.cleaned_data.get("reason", ""),
            )
        except NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已开始逐人办理“{row.label}”，每人的结果见下表。")
            return redirect("window:job", job.pk)
    title = f"{row.label}：{len(people)}人"
    quota = recommending.work_of_leagues(round_).get(code)
    context = {
        "title": title,
        "crumbs": crumbs_of(round_, (region.name, back), (row.label, "")),
        "people": people,
        "form": form,
        "row": row,
        "action": action,
        "back": back,
        "left": quota.left if quota else None,
    }
    return render(request, "registry/selection/league_decide.html", context)


def _reason_form(data: Any) -> ReasonForm:
    return ReasonForm(data, label="不推荐的理由", help_text="写入结果通知，告知本人。")


# -- one nominee ---------------------------------------------------------------------------------------------
def _one(
    request: HttpRequest,
    number: str,
    action: str,
    make_form: Callable[[Any], forms.Form],
    act: Callable[[int, dict[str, Any]], Any],
) -> HttpResponse:
    found = Nomination.objects.visible_to(request.user).select_related(
        "case__region__parent", "worker__employer", "round__case"
    )
    nomination = get_object_or_404(found, case__number=number)
    row = NOMINATION_WORKFLOW.transition(action)
    form = make_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            act(nomination.pk, form.cleaned_data)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已对{nomination.worker.name}办理“{row.label}”。")
            return redirect("registry:league", nomination.round.year, nomination.case.league_code)
    work = recommending.work_of_leagues(nomination.round).get(nomination.case.league_code)
    title = f"{row.label}：{nomination.worker.name}"
    context = {
        "title": title,
        "crumbs": crumbs_of(
            nomination.round, (number, reverse("registry:nomination", args=[number])), (row.label, "")
        ),
        "nomination": nomination,
        "row": row,
        "form": form,
        "left": work.left if work else None,
        "back": reverse("registry:league", args=[nomination.round.year, nomination.case.league_code]),
        "kind": "primary" if action == "recommend" else "secondary",
    }
    return render(
        request, "registry/selection/league_one.html", context, status=409 if form.non_field_errors() else 200
    )


@staff("selection.recommend", "GET", "HEAD", "POST")
def recommend(request: HttpRequest, number: str) -> HttpResponse:
    def act(pk: int, given: dict[str, Any]) -> None:
        recommending.recommend(pk, by=request.user, on=timezone.localdate())

    return _one(request, number, "recommend", _Sure, act)


@staff("selection.recommend", "GET", "HEAD", "POST")
def pass_over(request: HttpRequest, number: str) -> HttpResponse:
    def act(pk: int, given: dict[str, Any]) -> None:
        recommending.pass_over(pk, reason=given["reason"], by=request.user, on=timezone.localdate())

    return _one(request, number, "pass_over", _reason_form, act)


@staff("selection.recommend", "GET", "HEAD", "POST")
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    def act(pk: int, given: dict[str, Any]) -> None:
        recommending.take_back(pk, reason=given["reason"], by=request.user, on=timezone.localdate())

    return _one(request, number, "take_back", ReasonForm, act)
