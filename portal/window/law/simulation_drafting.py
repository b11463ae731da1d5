"""Drafting a what-if: a new draft, and one figure of it after the other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.cases.actions import NotNow
from portal.entitlements import simulation as actions
from portal.entitlements.models import Simulation
from portal.pages.access import staff
from portal.policy.law import law_on
from portal.policy.models import Parameter, ParameterValue
from portal.typed_fields import DayField
from portal.window.law.figures import figure_lines
from portal.window.law.forms import FigureForm
from portal.window.law.history import names_of_codes
from portal.window.law.simulation_pages import MAY, crumbs_of_simulations, find_simulation, page_of
from portal.window.law.simulation_words import benefit_title


class DraftForm(forms.Form):
    title = forms.CharField(
        label="测算名称",
        max_length=80,
        help_text="写明调整什么，如：失业保险缴费月数放宽至6个月",
        error_messages={"required": "请填写测算名称。"},
    )
    on = DayField(
        label="基准日",
        help_text="按这一天的现行标准与草案比较。人员信息一律取在册人员今天的登记信息，包括尚未核验的。",
        error_messages={"required": "请填写基准日。"},
    )


def _waiting_value(request: HttpRequest) -> ParameterValue | None:
    """The waiting value that is to be tried out; None, and said so, once it waits no longer."""
    number = request.GET.get("value", "")
    if not number:
        return None
    value = None
    if number.isdecimal() and len(number) < 10:
        value = ParameterValue.objects.waiting().select_related("parameter").filter(pk=number).first()
    if value is None:
        messages.warning(request, "这项取值已复核或已撤回，不能再按待复核取值测算。您可以自行起草。")
    return value


@staff(MAY, "GET", "HEAD", "POST")
def simulation_new(request: HttpRequest) -> HttpResponse:
    """A new draft: empty, or with a value that somebody entered and nobody has confirmed."""
    value = _waiting_value(request)
    today = timezone.localdate()
    initial: dict[str, Any] = {"on": today}
    if value is not None:
        initial = {"title": f"{value.parameter.label}（待复核取值）"[:80], "on": max(today, value.since)}
    form = DraftForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draw_up(
                form.cleaned_data["title"], on=form.cleaned_data["on"], by=request.user, value=value
            )
        except ValidationError as refusal:
            for name, texts in refusal.message_dict.items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            return redirect(page_of(made))
    context = {
        "title": "新建测算",
        "crumbs": crumbs_of_simulations(("新建测算", "")),
        "form": form,
        "value": value,
        "today": today,
        "back": reverse("window:simulations"),
        "lines": figure_lines(value.parameter, value, names_of_codes()) if value else [],
    }
    return render(request, "window/simulation_new.html", context)


def readable_figures(simulation: Simulation) -> list[dict[str, Any]]:
    """Figures that some rule reads and that are not in the draft yet, with who reads them."""
    law, names = law_on(simulation.on), names_of_codes()
    codes = [code for code in actions.readable_parameters() if code not in simulation.draft]
    rows = []
    for parameter in Parameter.objects.filter(code__in=codes).select_related("clause").in_order():
        figure = _as_figure(parameter, law.value(parameter.code))
        rows.append(
            {
                "parameter": parameter,
                "lines": figure_lines(parameter, figure, names) if figure else [],
                "benefits": [benefit_title(code) for code in actions.benefits_reading([parameter.code])],
            }
        )
    return rows


def _as_figure(parameter: Parameter, value: Any) -> ParameterValue | None:
    return None if value is None else ParameterValue(parameter=parameter, value=value)


@staff(MAY, "GET", "HEAD", "POST")
def simulation_figure(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Add or change one figure of a draft, in the form that fits its kind."""
    simulation = find_simulation(request, pk)
    parameter = get_object_or_404(Parameter.objects.select_related("clause"), code=code)
    if simulation.job_id is not None:
        messages.warning(request, "该测算已经开始，不能再修改。需要调整的，请复制为新草案。")
        return redirect(page_of(simulation))
    names = names_of_codes()
    in_force = _as_figure(parameter, law_on(simulation.on).value(code))
    drafted = _as_figure(parameter, simulation.draft.get(code))
    form = FigureForm(
        request.POST if request.method == "POST" else None,
        parameter=parameter,
        standing=drafted or in_force,
        names=names,
    )
    if code in simulation.draft:
        form.initial = {"nothing": drafted is None}
        if drafted is not None and not form.begins_filled:
            form.initial["value"] = drafted.value
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_figure(pk, parameter, form.value, by=request.user)
        except ValidationError as refusal:
            form.refuse(refusal)
        except NotNow as refusal:
            messages.warning(request, str(refusal))
            return redirect(page_of(simulation))
        else:
            messages.success(request, f"草案已写入“{parameter.label}”。")
            return redirect(page_of(simulation))
    context = {
        "title": parameter.label,
        "crumbs": crumbs_of_simulations((simulation.title, page_of(simulation)), (parameter.label, "")),
        "simulation": simulation,
        "parameter": parameter,
        "form": form,
        "back": page_of(simulation),
        "lines": figure_lines(parameter, in_force, names) if in_force else [],
        "readable": code in actions.readable_parameters(),
        "benefits": [benefit_title(benefit) for benefit in actions.benefits_reading([code])],
    }
    return render(request, "window/simulation_figure.html", context)


@staff(MAY, "POST")
def simulation_drop(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    simulation = find_simulation(request, pk)
    try:
        actions.remove_figure(pk, code, by=request.user)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
    return redirect(page_of(simulation))
