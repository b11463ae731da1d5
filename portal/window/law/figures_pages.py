"""The figures of the law at the office: what holds since when, and entering a dated value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, can, require
from portal.pages.access import staff
from portal.policy import actions
from portal.policy.models import OfficialText, Parameter, ParameterValue
from portal.policy.models.parameters import ParameterValueQuerySet
from portal.window.law.figures import figure_lines, source_text
from portal.window.law.forms import LawFilter, ValueForm
from portal.window.law.history import history, names_of_codes
from portal.window.law.shelf import POLICY

ENTER, CONFIRM = "policy.parameter.enter", "policy.parameter.confirm"


def require_reader(user: Any) -> None:
    """For those who enter and those who confirm; the law is one for the whole region."""
    if not can(user, CONFIRM, WHOLE_REGION):
        require(user, ENTER, WHOLE_REGION)


def crumbs_of_figures(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("工作台", reverse("window:home")), ("政策参数", reverse("window:law")), *more]


# -- the list ------------------------------------------------------------------------------------------------
@staff()
def law(request: HttpRequest) -> HttpResponse:
    """Every parameter by clause, with the value in force on a day and what waits for a second person."""
    require_reader(request.user)
    form = LawFilter(request.GET, user=request.user)
    day = form.value("on") or timezone.localdate()
    names = names_of_codes()
    every = [
        _parameter_row(parameter, names, day)
        for parameter in Parameter.objects.with_values_on(day).in_order()
    ]
    rows = [row for row in every if _matches(row, form)]
    here = reverse("window:law")
    context = {
        "title": "政策参数",
        "crumbs": [("工作台", reverse("window:home")), ("政策参数", "")],
        "form": form,
        "day": day,
        "rows": rows,
        "clear": here if form.used else "",
        "counts": [
            {"label": "参数", "value": len(every), "href": here},
            {
                "label": "有待复核取值",
                "value": sum(bool(row["waiting"]) for row in every),
                "href": f"{here}?state=waiting",
                "tone": "warn",
            },
            {
                "label": "依据细则待补",
                "value": sum(row["figure"] is None for row in every),
                "href": f"{here}?state=without",
                "tone": "warn",
            },
        ],
        "official": OfficialText.objects.latest_of(POLICY),
        "policy_number": POLICY,
    }
    return render(request, "window/law.html", context)


def _parameter_row(parameter: Parameter, names: Mapping[str, str], day: date) -> dict[str, Any]:
    figure = parameter.in_force
    return {
        "parameter": parameter,
        "figure": figure,
        "lines": figure_lines(parameter, figure, names) if figure else [],
        "source": source_text(figure) if figure else "",
        "caveat": figure is not None and _caveat_shows(figure, day),
        "waiting": [value for value in parameter.values.all() if value.confirmed_at is None],
    }


def _caveat_shows(figure: ParameterValue, day: date) -> bool:
    begun = figure.caveat_since is None or figure.caveat_since <= day
    return bool(figure.caveat) and begun


def _matches(row: Mapping[str, Any], form: LawFilter) -> bool:
    clause, state = form.value("clause"), form.value("state")
    number = row["parameter"].clause.number if row["parameter"].clause else "none"
    by_state = {"waiting": bool(row["waiting"]), "without": row["figure"] is None}
    return clause in ("", number) and by_state.get(state, True)


# -- one parameter -------------------------------------------------------------------------------------------
def find_parameter(code: str) -> Parameter:
    return get_object_or_404(Parameter.objects.select_related("clause"), code=code)


def values_of(parameter: Parameter) -> ParameterValueQuerySet:
    return ParameterValue.objects.with_people().filter(parameter=parameter)


@staff()
def parameter(request: HttpRequest, code: str) -> HttpResponse:
    """The whole history of one parameter: every value, its source, who entered and who confirmed it."""
    require_reader(request.user)
    found = find_parameter(code)
    entries = history(found, list(values_of(found)), names_of_codes())
    held = [entry for entry in entries if not entry.waits]
    context = {
        "title": found.label,
        "crumbs": crumbs_of_figures((found.label, "")),
        "parameter": found,
        "entries": held,
        "waiting": [entry for entry in entries if entry.waits],
        "current": next((entry for entry in held if entry.state[0] == "现行"), None),
        "may_enter": can(request.user, ENTER, WHOLE_REGION),
    }
    return render(request, "window/law_parameter.html", context)


@staff(ENTER, "GET", "HEAD", "POST")
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a dated value with its source. It counts once a second officer has confirmed it."""
    require(request.user, ENTER, WHOLE_REGION)
    found = find_parameter(code)
    names = names_of_codes()
    standing = _last_confirmed(found)
    form = ValueForm(
        request.POST if request.method == "POST" else None, parameter=found, standing=standing, names=names
    )
    if request.method == "POST" and form.is_valid():
        given = {
            name: form.cleaned_data[name]
            for name in ("since", "until", "gives_way_to", "document", "article", "caveat", "caveat_since")
        }
        user: Any = request.user
        try:
            entered = actions.add_parameter_value(found, form.value, by=user, **given)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "取值已录入，由另一名政策管理员复核后生效。")
            return redirect("window:law_value", code, entered.pk)
    here = reverse("window:law_parameter", args=[code])
    context = {
        "title": f"录入取值：{found.label}",
        "crumbs": crumbs_of_figures((found.label, here), ("录入取值", "")),
        "parameter": found,
        "form": form,
        "back": here,
        "standing": standing,
        "lines": figure_lines(found, standing, names) if standing else [],
    }
    return render(request, "window/law_enter.html", context)


def _last_confirmed(parameter: Parameter) -> ParameterValue | None:
    """The confirmed value that begins last, in force or not yet: what a new one most likely changes."""
    return parameter.values.confirmed().exclude(value=None).order_by("-since", "-confirmed_at", "-id").first()
