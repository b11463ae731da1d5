"""What the policy gives: all of it, what an occasion is about, and a page for each benefit."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.entitlements.check_state import answers_for_facts
from portal.entitlements.guides import guidance_for
from portal.entitlements.questions import Occasion, occasions
from portal.entitlements.wording import explain_answers, register_vocabulary
from portal.policy.benefits import BY_CODE, CATALOGUE, FORCES, FUNDS, UNIT_BENEFITS
from portal.policy.engine import current_rules
from portal.policy.law import law_on
from portal.policy.models import Parameter
from portal.policy.rules import Benefit
from portal.window.law.shelf import UNIT_CLAUSES, figure_rows

_HOME = ("首页", "/")
_TITLE = "待遇一览"


@require_safe
def benefits(request: HttpRequest) -> HttpResponse:
    """Every benefit, or (`?for=`) what an occasion is about."""
    asked = request.GET.get("for", "")
    occasion = next((one for one in occasions() if one.code == asked), None)
    if asked and occasion is None:
        raise Http404
    title = f"{occasion.label}：有哪些待遇" if occasion else _TITLE
    crumbs = [_HOME, (_TITLE, reverse("public:benefits") if occasion else "")]
    context = {
        "title": title,
        "crumbs": [*crumbs, (occasion.label, "")] if occasion else crumbs,
        "occasions": occasions(),
        "occasion": occasion,
        "benefits": [row_of(benefit) for benefit in _about(occasion)],
        "of_units": _of_units(occasion),
    }
    return render(request, "public/benefits.html", context)


def _about(occasion: Occasion | None) -> list[Benefit]:
    if occasion is None:
        return list(CATALOGUE)
    return [BY_CODE[code] for code in occasion.benefits]


def row_of(benefit: Benefit) -> dict[str, str]:
    """A benefit in a list."""
    return {
        "code": benefit.code,
        "title": benefit.title,
        "summary": benefit.summary,
        "force": FORCES[benefit.force],
        "fund": FUNDS.get(benefit.fund or "", ""),
    }


def _of_units(occasion: Occasion | None) -> list[dict[str, str]]:
    """What a unit applies for, with the clause that says so."""
    codes = occasion.unit_benefits if occasion else tuple(UNIT_BENEFITS)
    clauses = {
        code: number
        for number, beginnings in UNIT_CLAUSES.items()
        for code in UNIT_BENEFITS
        if code.startswith(beginnings)
    }
    return [{"title": UNIT_BENEFITS[code], "clause": clauses.get(code, "")} for code in codes]


@require_safe
def benefit(request: HttpRequest, code: str) -> HttpResponse:
    """One benefit: who, how much, until when, what to bring, where, how long, on which basis."""
    if code not in BY_CODE:
        raise Http404
    day = timezone.localdate()
    law = law_on(day)
    # Nobody in particular: what is asked for is told, and nothing is decided.
    (answer,) = explain_answers(answers_for_facts({}, day, [code]), register_vocabulary(), on=day)
    read = Parameter.objects.with_values_on(day).filter(code__in=_figures_of(code)).in_order()
    context: dict[str, Any] = {
        "title": answer.title,
        "crumbs": [_HOME, (_TITLE, reverse("public:benefits")), (answer.title, "")],
        "answer": answer,
        "guide": guidance_for([answer], law)[code],
        "figures": figure_rows(read, day),
        "day": day,
        "occasions": [one for one in occasions() if code in one.benefits],
    }
    return render(request, "public/benefit.html", context)


def _figures_of(code: str) -> list[str]:
    """The figures of the law that its rule reads."""
    rules = current_rules([code])
    return sorted({name for rule in rules.rules for name in rules.laws_of(rule)})
