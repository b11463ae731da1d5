"""A year's selection on one page: where it stands, per league, what is in the way of the next step, last year
beside it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, can, scope
from portal.pages.access import staff
from portal.pages.action_page import Done, act_on, posted
from portal.pages.view_log import record_shown
from portal.paging import count_of, page_asked
from portal.workforce.models import SkillLevel
from portal.workforce.occupations import unlisted
from talent_registry.models import ListedNominee, Nomination, RoundQuerySet, SelectionRound
from talent_registry.selection import assessment, listing, overview, rounds
from talent_registry.selection.explain import Words, moves_in_words, reason_sentence, reason_word
from talent_registry.selection.ranking import TIE_BREAK
from talent_registry.selection.round_forms import PrepareForm
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import NominationState
from talent_registry.views.round_page import ALL, COUNTED, RoundPage, crumbs_of, find_round


@staff("case.view", "GET", "HEAD", "POST")
def all_rounds(request: HttpRequest) -> HttpResponse:
    """All years; a registry officer begins the next one here."""
    seen = SelectionRound.objects.visible_to(request.user)
    form = _prepare_form(request, seen) if can(request.user, "selection.manage") else None

    def prepare(form: PrepareForm, given: dict[str, Any]) -> Done | None:
        try:
            made = rounds.prepare(given["year"], by=request.user, on=timezone.localdate())
        except NotNow as refusal:
            form.add_error("year", str(refusal))
            return None
        words = f"已建立{made.title}。请核对日期、评分办法和名额，到期开始申报。"
        return Done(words, reverse("registry:round", args=[made.year]))

    answer = act_on(request, form, partial(prepare, form)) if form else None
    if answer:
        return answer
    # As on the page of the round: a draft that nobody handed in is no nomination yet.
    takes_part = Q(nominations__isnull=False) & ~Q(
        nominations__case__state__in=[
            NominationState.DRAFT,
            NominationState.WITHDRAWN,
            NominationState.REFUSED,
        ]
    )
    is_selected = Q(standing_list__nominees__selected=True)
    counted = seen.select_related("case", "standing_list").annotate(
        nominated=Count("nominations", filter=takes_part, distinct=True),
        selected=Count("standing_list__nominees", filter=is_selected, distinct=True),
    )
    context = {
        "title": ALL,
        "crumbs": [("工作台", reverse("window:home")), (ALL, "")],
        "rounds": counted.order_by("-year"),
        "form": form,
    }
    return render(request, "registry/selection/rounds.html", context)


def _prepare_form(request: HttpRequest, seen: RoundQuerySet) -> PrepareForm:
    newest = seen.order_by("-year").values_list("year", flat=True).first()
    following = newest + 1 if newest else timezone.localdate().year
    return PrepareForm(posted(request), initial={"year": following})


@staff("case.view")
def round_case(request: HttpRequest, number: str) -> HttpResponse:
    """From the number of the round's case to its page."""
    found = get_object_or_404(SelectionRound.objects.visible_to(request.user), case__number=number)
    return redirect("registry:round", found.year)


@staff("case.view")
def show_round(request: HttpRequest, year: int) -> HttpResponse:
    """Everything about a year on one page."""
    page = RoundPage.open(request, year)
    context = {
        "title": page.title,
        "crumbs": page.crumbs,
        "page": page,
        "round": page.round,
    }
    return render(request, "registry/selection/round.html", context)


# -- people --------------------------------------------------------------------------------------------------
@staff("worker.view")
def overlooked(request: HttpRequest, year: int) -> HttpResponse:
    """Who meets the conditions and was nominated by nobody, the best of each league first."""
    round_ = find_round(request, year)
    run = round_.runs.select_related("rule_version").order_by("-number").first()
    found = assessment.overlooked(round_, request.user)
    leagues = {
        row.code: row.name
        for row in overview.league_rows(round_, scope(request.user, "worker.view"), timezone.localdate()).rows
    }
    chosen = request.GET.get("league", "")
    if chosen in leagues:
        found = found.filter(league_code=chosen)
    page = replace(page_asked(found, request.GET, order=("place", "id")), total=count_of(found, COUNTED))
    shown = [one.worker_id for one in page.rows]
    record_shown(shown, by=request.user, asked=["符合条件而未申报"])
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
        "unlisted": unlisted(one.worker.occupation for one in page.rows),
        "tabs": tabs if len(tabs) > 2 else [],
    }
    return render(request, "registry/selection/round_overlooked.html", context)


@staff("selection.manage")
def preview(request: HttpRequest, year: int) -> HttpResponse:
    """How the recommended nominees would be ranked now, without keeping anything."""
    round_ = find_round(request, year)
    chosen = Nomination.objects.visible_to(request.user).filter(
        round=round_, case__state=NominationState.RECOMMENDED
    )
    placed = listing.preview(round_, chosen.select_related("case", "worker__employer"))
    record_shown([one.candidate.key.worker_id for one in placed], by=request.user, asked=["排序预览"])
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
    round_ = find_round(request, year)
    made = get_object_or_404(round_.lists.select_related("by"), version=version)
    seen = made.nominees.visible_to(request.user)
    nominees = seen.select_related(
        "nomination__case", "nomination__worker__employer", "nomination__exclusion"
    )
    page = page_asked(nominees, request.GET, order=("position",), count=True, size=100)
    words = Words.read()
    title = f"{round_.year}年遴选名单第{made.version}版"
    record_shown([one.nomination.worker_id for one in page.rows], by=request.user, asked=[title])
    context = {
        "title": title,
        "crumbs": crumbs_of(round_, (f"名单第{made.version}版", "")),
        "round": round_,
        "made": made,
        "page": page,
        "rows": [_row(one, words) for one in page.rows],
        "tie_break": TIE_BREAK,
        "standing": round_.standing_list_id == made.pk,
        "moved": moves_in_words(made, seen),
    }
    return render(request, "registry/selection/round_list.html", context)
