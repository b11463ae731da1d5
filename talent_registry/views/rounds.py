"""A year's selection on one page: where it stands, per league, what is in the way of the next step, last year
beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, scope
from portal.cases.actions import NotNow, possible_actions
from portal.pages.access import staff
from portal.paging import count_of, page_asked
from portal.templatetags.portal import date_cn
from portal.workforce.models import SkillLevel
from talent_registry.models import ListedNominee, Nomination, SelectionRound
from talent_registry.selection import assessment, jobs, listing, overview, panel, rounds, steps
from talent_registry.selection.explain import Words, moves_in_words, reason_sentence, reason_word
from talent_registry.selection.ranking import TIE_BREAK
from talent_registry.selection.round_forms import PrepareForm
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import PANEL_WORKS, NominationState, RoundState

ALL = "年度遴选"
TONES = {
    RoundState.DRAFT: "plain",
    RoundState.OPEN: "info",
    RoundState.ASSESSED: "info",
    RoundState.RECOMMENDATION: "info",
    RoundState.RANKED: "info",
    RoundState.FROZEN: "info",
    RoundState.PUBLIC_NOTICE: "warn",
    RoundState.CONFIRMED: "info",
    RoundState.PUBLISHED: "good",
    RoundState.CLOSED: "plain",
}
# Nobody needs to know more exactly how many were overlooked.
_COUNTED = 1_000
_EDITS = (
    ("days", "修改日期", "各阶段日期和公示工作日。"),
    ("places", "修改名额", "入选名额和推荐名额、盟市和行业上限。"),
    ("scheme", "修改评分办法", "各项分值、评审项目和办法文号。"),
)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("工作台", reverse("window:home")), (ALL, reverse("registry:rounds") if more else ""), *more]


def crumbs_of(round_: SelectionRound, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return crumbs((f"{round_.year}年", reverse("registry:round", args=[round_.year]) if more else ""), *more)


def seen(request: HttpRequest, year: int) -> SelectionRound:
    found = SelectionRound.objects.visible_to(request.user).select_related("case", "notice", "standing_list")
    return get_object_or_404(found, year=year)


@staff("case.view", "GET", "HEAD", "POST")
def all_rounds(request: HttpRequest) -> HttpResponse:
    """All years; a registry officer begins the next one here."""
    found = SelectionRound.objects.visible_to(request.user).select_related("case", "standing_list")
    found = found.annotate(
        nominated=Count(
            "nominations", filter=~Q(nominations__outcome__in=["withdrawn", "refused"]), distinct=True
        ),
        selected=Count(
            "list_in_force__nominees", filter=Q(list_in_force__nominees__selected=True), distinct=True
        ),
    ).order_by("-year")
    may = can(request.user, "selection.manage")
    newest = (
        SelectionRound.objects.visible_to(request.user)
        .order_by("-year")
        .values_list("year", flat=True)
        .first()
    )
    following = newest + 1 if newest else timezone.localdate().year
    form = PrepareForm(request.POST or None, initial={"year": following}) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            made = rounds.prepare(form.cleaned_data["year"], by=request.user, on=timezone.localdate())
        except NotNow as refusal:
            form.add_error("year", str(refusal))
        else:
            messages.success(request, f"已建立{made.title}。请核对日期、评分办法和名额，到期开始申报。")
            return redirect("registry:round", made.year)
    rows = [
        {"round": one, "tone": TONES[RoundState(one.state)], "state": RoundState(one.state).label}
        for one in found
    ]
    context = {
        "title": ALL,
        "crumbs": crumbs(),
        "rows": rows,
        "form": form,
    }
    return render(request, "registry/selection/rounds.html", context)


@staff("case.view")
def round_case(request: HttpRequest, number: str) -> HttpResponse:
    """From the number of the round's case to its page."""
    found = get_object_or_404(SelectionRound.objects.visible_to(request.user), case__number=number)
    return redirect("registry:round", found.year)


@staff("case.view")
def round_page(request: HttpRequest, year: int) -> HttpResponse:
    round_, today = seen(request, year), timezone.localdate()
    where = scope(request.user, "case.view")
    events = list(round_.case.events.select_related("by").order_by("position"))
    leagues = overview.league_rows(round_, where, today)
    due = steps.next_step(round_)
    manages = can(request.user, "selection.manage") or can(request.user, "selection.confirm")
    in_the_way = steps.blockers(round_, due, on=today, thorough=False) if due and manages else []
    may, refused = _actions(request.user, round_, in_the_way)
    lists = list(
        round_.lists.annotate(
            listed=Count("nominees"), selected=Count("nominees", filter=Q(nominees__selected=True))
        )
    )
    context = {
        "title": round_.title,
        "crumbs": crumbs_of(round_),
        "round": round_,
        "state": RoundState(round_.state).label,
        "tone": TONES[RoundState(round_.state)],
        "due": steps.row_of(due) if due else None,
        "blockers": in_the_way,
        "manages": manages,
        "steps": overview.step_rows(round_, events, today),
        "leagues": leagues,
        "total": leagues.total,
        "charts": overview.charts(round_, leagues)
        if leagues.rows and round_.state != RoundState.DRAFT
        else None,
        "last_year": round_.year - 1,
        "stats": _stats(request.user, round_, leagues),
        "lists": lists,
        "events": overview.event_rows(round_, events),
        "experts": panel.late_experts(round_) if can(request.user, "nomination.assign_panel") else [],
        "rules": _rules(round_),
        "actions": may,
        "refused": refused,
        "job": jobs.running(round_.year) if manages else None,
        "sees_all": where.whole,
        "today": today,
    }
    return render(request, "registry/selection/round.html", context)


def _actions(
    user: Any, round_: SelectionRound, in_the_way: list[str]
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What the user may do with the round now, and what not, each with the reason."""
    may, may_not = possible_actions(round_.case, user)
    offered, refused = [], [{"label": row.label, "reason": reason} for row, reason in may_not]
    for row in may:
        if in_the_way and row.action in steps.STEPS:
            refused.append({"label": row.label, "reason": "".join(in_the_way)})
            continue
        href = reverse("registry:round_step", args=[round_.year, row.action])
        kind = "secondary" if row.action == "rank_again" else "primary"
        offered.append({"label": row.label, "href": href, "consequence": row.consequence, "kind": kind})
    if can(user, "selection.manage"):
        if round_.state == RoundState.OPEN:
            offered.append(
                {
                    "label": "试评",
                    "href": reverse("registry:round_step", args=[round_.year, "trial"]),
                    "kind": "secondary",
                    "consequence": "按现有信息评价一遍，看哪些人符合条件而未申报；不作为遴选依据。",
                }
            )
        if round_.state in PANEL_WORKS and panel.criteria(round_):
            href = reverse("registry:round_extend", args=[round_.year])
            consequence = f"评审截止{date_cn(round_.panel_until)}，过后专家不能再提交评分。"
            offered.append(
                {"label": "延长评审", "href": href, "consequence": consequence, "kind": "secondary"}
            )
        if round_.state == RoundState.DRAFT:
            for what, label, consequence in _EDITS:
                href = reverse(f"registry:round_{what}", args=[round_.year])
                offered.append(
                    {"label": label, "href": href, "consequence": consequence, "kind": "secondary"}
                )
    return offered, refused


def _stats(user: Any, round_: SelectionRound, leagues: overview.Leagues) -> list[dict[str, Any]]:
    """Counts that are links, of what the user may see."""
    total = leagues.total
    listed = reverse("registry:nominations")
    items: list[dict[str, Any]] = [
        {"label": "申报", "value": total["nominated"], "href": f"{listed}?round={round_.year}"}
    ]
    if total["waiting"]:
        href = f"{listed}?year={round_.year}&state={NominationState.SUBMITTED.value}"
        items.append({"label": "待受理或补正中", "value": total["waiting"], "tone": "warn", "href": href})
    items.append({"label": "已推荐", "value": total["recommended"], "note": f"推荐名额{total['places']:,}"})
    if round_.lists.exists():
        items.append(
            {
                "label": "入选",
                "value": total["selected"],
                "tone": "good",
                "note": f"入选名额{round_.places:,}",
            }
        )
    if run := round_.runs.order_by("-number").first():
        note = f"评价{run.assessed:,}人" + ("（试评）" if run.is_trial else "")
        items.append({"label": "全区符合条件", "value": run.eligible, "note": note})
        if can(user, "worker.view"):
            overlooked = count_of(assessment.overlooked(round_, user).order_by(), _COUNTED)
            href = reverse("registry:round_overlooked", args=[round_.year])
            items.append({"label": "符合条件而未申报", "value": overlooked, "href": href})
    if round_.state in PANEL_WORKS and can(user, "nomination.assign_panel"):
        unfinished = panel.unfinished(round_)
        href = reverse("registry:panel_overview", args=[round_.year])
        items.append(
            {
                "label": "未完成评审",
                "value": unfinished,
                "tone": "warn" if unfinished else "good",
                "href": href,
            }
        )
    return items


def _rules(round_: SelectionRound) -> list[dict[str, Any]]:
    """What the round decides by, as a summary list."""
    document = round_.scheme_document or "示例，尚无文号"
    return [
        {"label": "开始申报", "value": round_.opens_on},
        {"label": "申报截止", "value": round_.nominations_until},
        {"label": "评审截止", "value": round_.panel_until},
        {"label": "推荐截止", "value": round_.recommend_until},
        {"label": "事实截止日", "value": round_.as_of},
        {"label": "公示", "value": f"{round_.notice_working_days}个工作日"},
        {"label": "入选名额", "value": f"{round_.places:,}"},
        {"label": "评分办法和名额依据", "value": document},
    ]


# -- people --------------------------------------------------------------------------------------------------
@staff("worker.view")
def overlooked(request: HttpRequest, year: int) -> HttpResponse:
    """Who meets the conditions and was nominated by nobody, the best of each league first."""
    round_ = seen(request, year)
    run = round_.runs.select_related("rule_version").order_by("-number").first()
    found = assessment.overlooked(round_, request.user)
    leagues = {
        row.code: row.name
        for row in overview.league_rows(round_, scope(request.user, "worker.view"), timezone.localdate()).rows
    }
    chosen = request.GET.get("league", "")
    if chosen in leagues:
        found = found.filter(league_code=chosen)
    page = replace(page_asked(found, request.GET, order=("place", "id")), total=count_of(found, _COUNTED))
    names = assessment.honour_names() if page.rows else {}
    rows = [
        {
            "one": one,
            "league": leagues.get(one.league_code, ""),
            "score": points_text(one.score),
            "level": SkillLevel(one.skill_level).label if one.skill_level else "未登记",
            "honours": "、".join(names.get(code, code) for code in one.honours) or "无",
            "years": f"{one.front_line_tenths / 10:g}" if one.front_line_tenths is not None else "未登记",
        }
        for one in page.rows
    ]
    tabs = [{"label": "全部", "href": "?", "current": chosen not in leagues}]
    tabs += [
        {"label": name, "href": f"?league={code}", "current": code == chosen}
        for code, name in leagues.items()
    ]
    context = {
        "title": "符合条件而未申报的人员",
        "crumbs": crumbs_of(round_, ("符合条件而未申报", "")),
        "round": round_,
        "run": run,
        "page": page,
        "rows": rows,
        "tabs": tabs if len(tabs) > 2 else [],
    }
    return render(request, "registry/selection/round_overlooked.html", context)


@staff("selection.manage")
def preview(request: HttpRequest, year: int) -> HttpResponse:
    """How the recommended nominees would be ranked now, without keeping anything."""
    round_ = seen(request, year)
    chosen = Nomination.objects.visible_to(request.user).filter(
        round=round_, case__state=NominationState.RECOMMENDED
    )
    placed = listing.preview(round_, chosen.select_related("case", "worker__employer"))
    context = {
        "title": "排序预览",
        "crumbs": crumbs_of(round_, ("排序预览", "")),
        "round": round_,
        "rows": placed_rows(round_, placed),
        "tie_break": TIE_BREAK,
        "selected": sum(one.selected for one in placed),
    }
    return render(request, "registry/selection/round_preview.html", context)


def placed_rows(round_: SelectionRound, placed: list[Any]) -> list[dict[str, Any]]:
    """A preview's rows, as registry/selection/_placed.html shows them. Nothing of them is stored."""
    words = Words.read()
    rows = []
    for one in placed:
        nomination = one.candidate.key
        shown = ListedNominee(
            nomination=nomination,
            position=one.position,
            league_code=one.candidate.league,
            industry=one.candidate.industry,
            parts=dict(one.candidate.parts),
            score=one.total,
            selected=one.selected,
            reason=one.reason.value,
            detail=one.detail,
        )
        rows.append(_row(shown, words))
    return rows


def _row(one: ListedNominee, words: Words) -> dict[str, Any]:
    return {
        "one": one,
        "nomination": one.nomination,
        "league": words.leagues.get(one.league_code, one.league_code),
        "score": points_text(one.score),
        "parts": {code: points_text(points) for code, points in one.parts.items()},
        "word": reason_word(one),
        "tone": "good" if one.selected else "plain",
        "sentence": reason_sentence(one, words=words),
    }


@staff("selection.manage")
def round_list(request: HttpRequest, year: int, version: int) -> HttpResponse:
    """One version of the list with its digest, what moved, and for each nominee why in or out."""
    round_ = seen(request, year)
    made = get_object_or_404(round_.lists.select_related("by"), version=version)
    nominees = made.nominees.select_related(
        "nomination__case", "nomination__worker__employer", "nomination__exclusion"
    )
    page = page_asked(nominees, request.GET, order=("position",), count=True, size=100)
    words = Words.read()
    title = f"{round_.year}年遴选名单第{made.version}版"
    context = {
        "title": title,
        "crumbs": crumbs_of(round_, (f"名单第{made.version}版", "")),
        "round": round_,
        "made": made,
        "page": page,
        "rows": [_row(one, words) for one in page.rows],
        "tie_break": TIE_BREAK,
        "standing": round_.standing_list_id == made.pk,
        "moved": moves_in_words(made),
    }
    return render(request, "registry/selection/round_list.html", context)
