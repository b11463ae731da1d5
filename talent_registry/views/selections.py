"""The annual selection for everybody: past years, and a year with what it decides by, its notice and its
list.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.access import can
from portal.lists import downloads, limits
from portal.paging import page_asked
from portal.workforce.models import HonourType
from talent_registry import exports, list_files
from talent_registry.models import Industry, QuotaKind, RoundQuerySet, SelectionRound
from talent_registry.search import league_choices
from talent_registry.selection import files
from talent_registry.selection.ranking import TIE_BREAK
from talent_registry.selection.scheme import CRITERIA, Scheme, points_text, read
from talent_registry.selection.workflow import RoundState
from talent_registry.views.public import HOME, LIST, PAGE_SIZE, file_page, not_made

ALL = "年度遴选"
# What the public is told of the steps between the end of nominations and the notice: that the office is at
# work.
_SAID = {
    RoundState.OPEN: "正在接受申报。",
    RoundState.ASSESSED: "申报已截止，正在进行评价和专家评审。",
    RoundState.RECOMMENDATION: "正在由各盟市在名额内推荐。",
    RoundState.RANKED: "正在排序和核对。",
    RoundState.FROZEN: "名单已经定稿，即将公示。",
    RoundState.PUBLIC_NOTICE: "拟入选名单正在公示，接受异议。",
    RoundState.CONFIRMED: "公示期满，名单已经审定，正在公布。",
    RoundState.PUBLISHED: "入选名单已经公布。",
    RoundState.CLOSED: "入选名单已经公布，本年度遴选已归档。",
}
PUBLISHED = (RoundState.PUBLISHED, RoundState.CLOSED)


def _rounds(request: HttpRequest) -> RoundQuerySet:
    """A draft is nobody's business here, whoever asks: staff see it on the page of the round."""
    return SelectionRound.objects.visible_to(request.user).exclude(case__state=RoundState.DRAFT)


@require_safe
def selections(request: HttpRequest) -> HttpResponse:
    """All years, newest first."""
    found = list(_rounds(request).select_related("case", "notice", "standing_list").order_by("-year"))
    rows = [
        {
            "round": one,
            "state": RoundState(one.state),
            "tone": one.case.state_tone,
            "published": one.state in PUBLISHED,
        }
        for one in found
    ]
    return render(
        request,
        "registry/selections.html",
        {
            "title": ALL,
            "crumbs": [HOME, (ALL, "")],
            "rows": rows,
        },
    )


@require_safe
def selection(request: HttpRequest, year: int) -> HttpResponse:
    """One year: where it stands, its days, what it decides by, the notice, and after publication the list."""
    round_ = _year(request, year)
    state = RoundState(round_.state)
    published = state in PUBLISHED
    page = (
        page_asked(files.selected(round_), request.GET, order=("position",), size=PAGE_SIZE, count=True)
        if published
        else None
    )
    scheme = read(round_.scheme)
    context = {
        "title": round_.title,
        "crumbs": [HOME, (ALL, reverse("registry:selections")), (f"{year}年度", "")],
        "round": round_,
        "state": state,
        "tone": round_.case.state_tone,
        "said": _SAID[state],
        "published": published,
        "notice_open": bool(round_.notice and round_.notice.is_open(timezone.localdate())),
        "days": _days(round_),
        "criteria": _criteria(scheme),
        "points": _points(scheme),
        "total": points_text(scheme.total),
        "leagues": _leagues(round_),
        "industries": _industries(round_),
        "tie_break": TIE_BREAK,
        "legal_basis": exports.legal_basis(),
        "staff": can(request.user, "case.view"),
        "page": page,
        "rows": files.with_entries(page.rows) if page else [],
        "league_names": league_choices(),
        "gone": files.removed_since(round_) if published else 0,
        "files": _files(round_, page.total) if page and page.rows else [],
        "most_at_once": limits.MOST_AT_ONCE,
    }
    return render(request, "registry/selection.html", context)


def _year(request: HttpRequest, year: int) -> SelectionRound:
    return get_object_or_404(_rounds(request).select_related("case", "notice", "standing_list"), year=year)


def _days(round_: SelectionRound) -> list[dict[str, Any]]:
    return [
        {"label": "接受申报", "from": round_.opens_on, "until": round_.nominations_until},
        {"label": "专家评审截止", "until": round_.panel_until},
        {"label": "盟市推荐截止", "until": round_.recommend_until},
        {"label": "业绩和信息计算到", "until": round_.as_of},
    ]


def _criteria(scheme: Scheme) -> list[dict[str, str]]:
    return [{"label": label, "most": points_text(scheme.most[code])} for code, label in CRITERIA.items()]


def _points(scheme: Scheme) -> list[dict[str, Any]]:
    """What each fact is worth, by groups, as it was fixed when the round opened; what is worth nothing is
    left out.
    """
    honours = dict(HonourType.objects.values_list("code", "name"))
    groups: dict[str, list[tuple[str, str]]] = {}
    for field in scheme.fields(honours):
        if field.points and not field.name.startswith("most."):
            groups.setdefault(field.group, []).append((field.label, field.text))
    if scheme.panel:
        groups["专家评审（最高）"] = [(one.label, points_text(one.most)) for one in scheme.panel]
    return [{"group": group, "rows": rows} for group, rows in groups.items()]


def _quotas(round_: SelectionRound, kind: str) -> dict[str, int]:
    return {quota.key: quota.places for quota in round_.quotas.all() if quota.kind == kind}


def _leagues(round_: SelectionRound) -> list[dict[str, Any]]:
    recommend, most = _quotas(round_, QuotaKind.RECOMMENDATION), _quotas(round_, QuotaKind.LEAGUE)
    return [
        {"league": name, "recommend": recommend.get(code), "most": most.get(code)}
        for code, name in league_choices().items()
        if code in recommend or code in most
    ]


def _industries(round_: SelectionRound) -> list[dict[str, Any]]:
    return [
        {"industry": Industry(key).label, "most": places}
        for key, places in _quotas(round_, QuotaKind.INDUSTRY).items()
    ]


def _files(round_: SelectionRound, total: Any) -> list[tuple[str, str]]:
    """Addresses of the files that can be made of this many rows."""
    words = {"csv": "下载 CSV", "xlsx": "下载 Excel", "pdf": "下载 PDF（红头）"}
    offered = []
    for kind in downloads.kinds_for(total):
        offered.append((reverse("registry:selection_export", args=[round_.year, kind]), words[kind]))
    return offered


@require_safe
def export(request: HttpRequest, year: int, kind: str) -> HttpResponseBase:
    """The list of a year as csv, xlsx or pdf; 404 until it is published."""
    round_ = _year(request, year)
    if kind not in downloads.KINDS or round_.state not in PUBLISHED:
        raise Http404
    try:
        return downloads.download(request, list_files.OfYear(round_), kind, file_page=file_page)
    except downloads.NotMade as reason:
        return not_made(_refused(request, round_, str(reason)), reason)


def _refused(request: HttpRequest, round_: SelectionRound, problem: str) -> HttpResponse:
    context = {
        "title": "不能导出",
        "crumbs": [HOME, (LIST, reverse("registry:list")), ("不能导出", "")],
        "problems": [problem],
        "back": reverse("registry:selection", args=[round_.year]),
        "back_label": f"返回{round_.year}年度遴选",
    }
    return render(request, "registry/not_exported.html", context)
