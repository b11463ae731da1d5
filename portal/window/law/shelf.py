"""The policy shelf: what each clause says in our words, who is responsible, what it gives."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.policy.benefits import CATALOGUE, FORCES, FUNDS, UNIT_BENEFITS
from portal.policy.models import Clause, OfficialText, OpenQuestion, Parameter
from portal.typed_fields import DayField
from portal.window.law.figures import figure_lines, source_text
from portal.window.law.history import history, names_of_codes

POLICY = "内党办发〔2019〕6号"
# The catalogue's benefits of units stand in no rule, so their clauses are named here.
UNIT_CLAUSES = {
    "九": ("training.",),
    "十": ("facility.training-base", "facility.master-studio"),
    "十二": ("facility.competition-base",),
}


class DayForm(forms.Form):
    """The day whose law is wanted."""

    on = DayField(
        label="查看哪一天的标准",
    )


def clauses_of_policy() -> Any:
    """The sixteen clauses in order, with their departments."""
    return Clause.objects.with_departments().filter(document__number=POLICY).order_by("order")


def benefits_of_clause(number: str) -> list[dict[str, str]]:
    """What a clause gives: to persons from the rule catalogue, to employers and units from their list."""
    rows = []
    for benefit in CATALOGUE:
        if benefit.clause.document == POLICY and benefit.clause.number == number:
            rows.append(
                {
                    "code": benefit.code,
                    "title": benefit.title,
                    "summary": benefit.summary,
                    "force": FORCES[benefit.force],
                    "fund": FUNDS.get(benefit.fund or "", ""),
                    "whom": "个人",
                }
            )
    unit_codes = UNIT_CLAUSES.get(number, ())
    for code, title in UNIT_BENEFITS.items():
        if code.startswith(unit_codes):
            rows.append({"title": title, "summary": "", "force": "", "fund": "", "whom": "单位"})
    return rows


def _chosen_day(request: HttpRequest) -> tuple[DayForm, date]:
    form = DayForm(request.GET if request.GET.get("on") else {"on": timezone.localdate()})
    if form.is_valid():
        return form, form.cleaned_data["on"]
    return form, timezone.localdate()


def figure_rows(parameters: Any, day: date) -> list[dict[str, Any]]:
    """Figures as public/figures.html shows them on a day, each with its source."""
    names = names_of_codes()
    rows = []
    for parameter in parameters:
        figure = parameter.in_force
        caveat = ""
        if figure and (figure.caveat_since is None or figure.caveat_since <= day):
            caveat = figure.caveat
        rows.append(
            {
                "parameter": parameter,
                "figure": figure,
                "lines": figure_lines(parameter, figure, names) if figure else [],
                "source": source_text(figure) if figure else "",
                "caveat": caveat,
            }
        )
    return rows


def _tabs(current: str) -> list[dict[str, Any]]:
    parts = (("十六条措施", "public:policy"), ("执行标准", "public:figures"))
    return [{"label": label, "href": reverse(name), "current": name == current} for label, name in parts]


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The sixteen clauses: what each says in our words, who is responsible, what it gives."""
    clauses = [(clause, benefits_of_clause(clause.number)) for clause in clauses_of_policy()]
    context = {
        "title": "政策条款",
        "crumbs": [("首页", "/"), ("政策条款", "")],
        "clauses": clauses,
        "policy_number": POLICY,
        "tabs": _tabs("public:policy"),
        "official": OfficialText.objects.latest_of(POLICY),
    }
    return render(request, "public/policy.html", context)


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Every figure in force on a day, with its source; one without a source has no value and says so."""
    form, day = _chosen_day(request)
    context = {
        "title": "执行标准",
        "crumbs": [("首页", "/"), ("政策条款", reverse("public:policy")), ("执行标准", "")],
        "form": form,
        "day": day,
        "tabs": _tabs("public:figures"),
        "figures": figure_rows(Parameter.objects.with_values_on(day).in_order(), day),
    }
    return render(request, "public/policy_figures.html", context)


@require_safe
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """One figure: every confirmed value it has had, with source, dates and caveat."""
    found = get_object_or_404(Parameter.objects.select_related("clause"), code=code)
    context = {
        "title": found.label,
        "crumbs": [
            ("首页", "/"),
            ("政策条款", reverse("public:policy")),
            ("执行标准", reverse("public:figures")),
            (found.label, ""),
        ],
        "parameter": found,
        "entries": history(found, list(found.values.confirmed()), names_of_codes()),
    }
    return render(request, "public/figure.html", context)


@require_safe
def clause(request: HttpRequest, number: str) -> HttpResponse:
    """One clause, beside the official text; `?text=` shows an earlier version of that."""
    found = get_object_or_404(clauses_of_policy(), number=number)
    form, day = _chosen_day(request)
    numbers = list(clauses_of_policy().values_list("number", flat=True))
    place = numbers.index(number)
    versions = list(OfficialText.objects.of(POLICY))
    official = _chosen_version(versions, request.GET.get("text", ""))
    text: str | None = ""
    if official:
        text = official.clauses.filter(clause=found).values_list("text", flat=True).first()
    context = {
        "title": f"第{number}条 {found.title}",
        "crumbs": [("首页", "/"), ("政策条款", reverse("public:policy")), (f"第{number}条", "")],
        "clause": found,
        "benefits": benefits_of_clause(number),
        "figures": figure_rows(Parameter.objects.with_values_on(day).filter(clause=found), day),
        "official": official,
        "versions": versions,
        "text": text,
        "questions": OpenQuestion.objects.filter(clause=found),
        "form": form,
        "day": day,
        "before": numbers[place - 1] if place else "",
        "after": numbers[place + 1] if place + 1 < len(numbers) else "",
    }
    return render(request, "public/clause.html", context)


def _chosen_version(versions: list[OfficialText], number: str) -> OfficialText | None:
    """The version of that number, else the one in use; none where no text was loaded."""
    for version in versions:
        if str(version.version) == number:
            return version
    return versions[0] if versions else None
