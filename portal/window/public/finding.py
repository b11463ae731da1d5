"""One field that finds what is published: benefits, clauses, figures, honours, notices, service windows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.cases.models import PublicNotice
from portal.entitlements.questions import occasions
from portal.formats import date_cn
from portal.policy.benefits import CATALOGUE, UNIT_BENEFITS
from portal.policy.models import Parameter
from portal.regions.models import Region
from portal.window.law.shelf import clauses_of_policy
from portal.workforce.models import HonourType

_MOST_LETTERS = 40
# Of each kind; who finds more asks more closely.
_MOST = 12


@dataclass(frozen=True)
class Found:
    """A page that was found: its name, one line of what it says, its address."""

    title: str
    said: str
    href: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind, and whether there is more of it than is shown."""

    title: str
    found: list[Found]

    @property
    def shown(self) -> list[Found]:
        return self.found[:_MOST]

    @property
    def more(self) -> bool:
        return len(self.found) > _MOST


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What has all the words that were typed."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:_MOST_LETTERS]
    words = asked.split()
    groups = [group for group in _groups(words) if group.found] if words else []
    context = {
        "title": f"查找：{asked}" if asked else "查找",
        "crumbs": [("首页", "/"), ("查找", "")],
        "asked": asked,
        "groups": groups,
    }
    return render(request, "public/find.html", context)


def _has_all(words: list[str], *texts: str) -> bool:
    text = "".join(texts).casefold()
    return all(word.casefold() in text for word in words)


def _groups(words: list[str]) -> list[Group]:
    return [
        Group("待遇", _benefits(words)),
        Group("政策条款", _clauses(words)),
        Group("执行标准", _figures(words)),
        Group("荣誉类型", _honours(words)),
        Group("公示公告", _notices(words)),
        Group("服务窗口", _windows(words)),
    ]


def _benefits(words: list[str]) -> list[Found]:
    """By what they are called and say, and by the occasions they are for."""
    labels: dict[str, str] = {}
    for occasion in occasions():
        for code in occasion.benefits:
            labels[code] = labels.get(code, "") + occasion.label + occasion.hint
    found = [
        Found(benefit.title, benefit.summary, reverse("public:benefit", args=[benefit.code]))
        for benefit in CATALOGUE
        if _has_all(words, benefit.title, benefit.summary, labels.get(benefit.code, ""))
    ]
    of_units = f"{reverse('public:benefits')}#units"
    return found + [
        Found(title, "由单位申请", of_units) for title in UNIT_BENEFITS.values() if _has_all(words, title)
    ]


def _clauses(words: list[str]) -> list[Found]:
    return [
        Found(
            f"第{clause.number}条 {clause.title}",
            clause.summary,
            reverse("public:clause", args=[clause.number]),
        )
        for clause in clauses_of_policy()
        if _has_all(words, f"第{clause.number}条", clause.title, clause.summary)
    ]


def _figures(words: list[str]) -> list[Found]:
    return [
        Found(figure.label, figure.description, reverse("public:figure", args=[figure.code]))
        for figure in Parameter.objects.in_order()
        if _has_all(words, figure.label, figure.description)
    ]


def _honours(words: list[str]) -> list[Found]:
    """An honour leads to the clause that says what it gives."""
    clause = reverse("public:benefit", args=["registry.direct-inclusion"])
    return [
        Found(honour.called, honour.get_grade_display(), clause)
        for honour in HonourType.objects.prefetch_related("aliases")
        if _has_all(words, honour.called)
    ]


def _notices(words: list[str]) -> list[Found]:
    notices = PublicNotice.objects.public()
    for word in words:
        notices = notices.filter(Q(title__icontains=word) | Q(number__icontains=word))
    return [
        Found(
            notice.title,
            f"{notice.number}，公示至{date_cn(notice.closes_on)}",
            reverse("public:notice", args=[notice.number]),
        )
        for notice in notices.defer("body")[: _MOST + 1]
    ]


def _windows(words: list[str]) -> list[Found]:
    return [
        Found(f"{region.full_name}服务窗口", "", reverse("public:window", args=[region.code]))
        for region in Region.objects.select_related("parent").order_by("code")
        if _has_all(words, region.full_name, "服务窗口")
    ]
