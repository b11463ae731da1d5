"""A league's page: its nominees, the places left, how they would be ranked, and recommending or passing over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, scope
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.confirm_many import chosen_ids, confirm_many, confirmed
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.view_log import record_shown
from portal.paging import page_within
from portal.regions.models import Region
from talent_registry.models import Nomination, SelectionRound
from talent_registry.selection import listing, overview, panel, recommending
from talent_registry.selection.jobs import MOST_AT_ONCE, decide_many
from talent_registry.selection.ranking import Placed, order_key
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import NOMINATION_WORKFLOW, NominationState, RoundState
from talent_registry.views.round_page import crumbs_of, find_round

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
    round_ = find_round(request, year)
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


@dataclass(frozen=True)
class LeagueRow:
    """A nominee at the place that a ranking would give them now."""

    placed: Placed
    nomination: Nomination
    # Whether the user may recommend in this league, and the time for it has come.
    may_recommend: bool

    @property
    def place(self) -> int:
        return self.placed.position

    @property
    def score(self) -> str:
        return points_text(self.placed.total)

    @property
    def eligible(self) -> bool:
        return self.placed.candidate.eligible

    @property
    def on_registry(self) -> bool:
        return self.placed.candidate.on_registry

    @property
    def parts(self) -> dict[str, str]:
        return {part: points_text(points) for part, points in self.placed.candidate.parts.items()}

    @property
    def scored(self) -> bool:
        return self.nomination.panel_score is not None

    @property
    def tone(self) -> str:
        """To the league a recommendation is an end, to the office a way on."""
        case = self.nomination.case
        return "good" if case.state == NominationState.RECOMMENDED else case.state_tone

    @property
    def is_open(self) -> bool:
        return self.may_recommend and self.nomination.case.state == NominationState.ACCEPTED

    @property
    def is_decided(self) -> bool:
        decided = (NominationState.RECOMMENDED, NominationState.NOT_RECOMMENDED)
        return self.may_recommend and self.nomination.case.state in decided


@staff("case.view")
def show_league(request: HttpRequest, year: int, code: str) -> HttpResponse:
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
        LeagueRow(placed=one, nomination=shown[one.candidate.key.pk], may_recommend=may)
        for one in page.rows
        if one.candidate.key.pk in shown
    ]
    title = f"{region.name}：{round_.year}年度遴选推荐"
    record_shown([row.nomination.worker_id for row in rows], by=request.user, asked=[title])
    context = {
        "title": title,
        "crumbs": crumbs_of(round_, (region.name, "")),
        "round": round_,
        "league": region,
        "rows": rows,
        "work": work,
        "late": overview.late_league(round_, work, today) if work else "",
        "may": any(row.is_open for row in rows),
        "acts": any(row.is_open or row.is_decided for row in rows),
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
@staff("selection.recommend", "POST")
def decide(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """First repeats who is chosen and what will happen; confirmed, starts the job."""
    round_, region = _league(request, year, code)
    action = request.POST.get("action", "")
    if action not in {"recommend", "pass_over"}:
        raise Http404
    people = _undecided(request, round_, code)
    back = reverse("registry:league", args=[year, code])
    if not 0 < len(people) <= MOST_AT_ONCE:
        messages.error(request, f"请选择1至{MOST_AT_ONCE}名尚未办理推荐的人员。")
        return redirect(back)
    row = NOMINATION_WORKFLOW.transition(action)

    def act(given: dict[str, Any]) -> Done:
        job = decide_many(
            [nomination.pk for nomination in people],
            action,
            by=request.user,
            on=timezone.localdate(),
            reason=given.get("reason", ""),
        )
        words = f"已开始逐人办理“{row.label}”。办理后，每人的结果列在本页。"
        return Done(words, reverse("window:job", args=[job.pk]))

    left = places_left(round_, code) if action == "recommend" else None
    places = "" if left is None else f"剩余推荐名额{left:,}个。"
    needed = recommending.places_needed(people) if left is not None else 0
    page = ActionPage(
        title=f"{row.label}：{len(people)}人",
        crumbs=crumbs_of(round_, (region.name, back), (row.label, "")),
        consequence=f"{row.consequence}{places}",
        submit=row.label,
        back=back,
    )
    form = _reason_form(confirmed(request)) if row.needs_reason else NothingForm(confirmed(request))
    template = "registry/selection/league_decide.html"
    return confirm_many(
        request, page, people, form, act, template=template, action=action, needed=needed, left=left
    )


def _undecided(request: HttpRequest, round_: SelectionRound, code: str) -> list[Nomination]:
    """The chosen ones about whom nothing was decided yet, in the order of the page."""
    ids = chosen_ids(request)
    accepted = _nominees(request, round_, code).filter(pk__in=ids, case__state=NominationState.ACCEPTED)
    by_id = _for_list(accepted).in_bulk()
    return [by_id[pk] for pk in ids if pk in by_id]


def _reason_form(data: Any) -> ReasonForm:
    return ReasonForm(data, label="不推荐的理由", help_text="写入结果通知，告知本人。")


def places_left(round_: SelectionRound, code: str) -> int | None:
    """Recommendations that the league still has; None where nothing limits them."""
    work = recommending.work_of_leagues(round_).get(code)
    return work.left if work else None


# -- one nominee ---------------------------------------------------------------------------------------------
def _decide_about(
    request: HttpRequest,
    number: str,
    action: str,
    form: forms.Form,
    act: Callable[[Nomination, dict[str, Any]], Any],
) -> HttpResponse:
    """The page of one decision of a league about one nominee."""
    seen = Nomination.objects.visible_to(request.user).select_related(
        "case__region__parent", "worker__employer", "round__case"
    )
    nomination = get_object_or_404(seen, case__number=number)
    code = nomination.case.league_code
    row = NOMINATION_WORKFLOW.transition(action)
    back = reverse("registry:league", args=[nomination.round.year, code])

    def decide_and_say(given: dict[str, Any]) -> Done:
        act(nomination, given)
        return Done(f"已对{nomination.worker.name}办理“{row.label}”。", back)

    here = reverse("registry:nomination", args=[number])
    page = ActionPage(
        title=f"{row.label}：{nomination.worker.name}",
        crumbs=crumbs_of(nomination.round, (number, here), (row.label, "")),
        consequence=row.consequence,
        submit=row.label,
        kind="primary" if action == "recommend" else "secondary",
        back=back,
    )
    answer = act_on(request, form, decide_and_say)
    return answer or show_action(
        request,
        page,
        form,
        template="registry/selection/league_one.html",
        nomination=nomination,
        left=partial(places_left, nomination.round, code),
    )


@staff("selection.recommend", "GET", "HEAD", "POST")
def recommend(request: HttpRequest, number: str) -> HttpResponse:
    """Recommend one nominee within the league's places."""

    def act(nomination: Nomination, given: dict[str, Any]) -> None:
        recommending.recommend(nomination.pk, by=request.user, on=timezone.localdate())

    return _decide_about(request, number, "recommend", NothingForm(posted(request)), act)


@staff("selection.recommend", "GET", "HEAD", "POST")
def pass_over(request: HttpRequest, number: str) -> HttpResponse:
    """Do not recommend one nominee, with the reason they read."""

    def act(nomination: Nomination, given: dict[str, Any]) -> None:
        recommending.pass_over(
            nomination.pk, reason=given["reason"], by=request.user, on=timezone.localdate()
        )

    return _decide_about(request, number, "pass_over", _reason_form(posted(request)), act)


@staff("selection.recommend", "GET", "HEAD", "POST")
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    """Take a decision about one nominee back, while the league still decides."""

    def act(nomination: Nomination, given: dict[str, Any]) -> None:
        recommending.take_back(
            nomination.pk, reason=given["reason"], by=request.user, on=timezone.localdate()
        )

    return _decide_about(request, number, "take_back", ReasonForm(posted(request)), act)
