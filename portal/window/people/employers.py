"""Units: written down, corrected, suggested while a name is typed; and who acts for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, can, require
from portal.cases.models import Case
from portal.pages.access import staff
from portal.paging import page_asked
from portal.window.people import pairs
from portal.workforce.actions import (
    NotNow,
    accounts_in_role_of,
    appoint_agent,
    correct_employer,
    create_employer,
    dismiss_agent,
    version_of,
)
from portal.workforce.actions.pointers import KINDS
from portal.workforce.form_fields import ask_own_source
from portal.workforce.forms import AgentForm, EmployerForm, ReasonForm
from portal.workforce.identity import narrow
from portal.workforce.merged import records_of_unit
from portal.workforce.models import Employer, MergedEmployer, RecordChange


@staff("worker.view")
def employers(request: HttpRequest) -> HttpResponse:
    text = _typed(request, "name")
    units = Employer.objects.visible_to(request.user)
    code = narrow(text).upper()
    if len(code) == 18 and code.isascii():
        units = units.filter(credit_code=code)
    elif text:
        units = units.named(text)
    page = page_asked(units.select_related("region__parent"), request.GET, order=("-id",), count=True)
    context = {
        "title": "用人单位",
        "page": page,
        "name": text,
        "may_register": can(request.user, "worker.edit"),
    }
    return render(request, "window/employers.html", context)


def _typed(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:60]


@staff("worker.edit")
def employer_options(request: HttpRequest) -> HttpResponse:
    """Options for the field of a unit: at most ten whose name has what was typed so far."""
    text = _typed(request, "employer")
    units = Employer.objects.none()
    if len(text) > 1:
        units = Employer.objects.visible_to(request.user).named(text).order_by("name")[:10]
    return render(request, "window/employer_options.html", {"employers": units})


@staff("worker.edit", "GET", "HEAD", "POST")
def employer_new(request: HttpRequest) -> HttpResponse:
    form = EmployerForm(request.POST if request.method == "POST" else None, user=request.user)
    return _enter(request, form, None)


def _page_of_merged(request: HttpRequest, unit: Employer, link: MergedEmployer) -> HttpResponse:
    """What is left to say of a record that stands for no unit of its own."""
    context = {
        "title": unit.name,
        "crumbs": [("用人单位", reverse("window:employers")), (unit.name, "")],
        "unit": unit,
        "target": link.target,
        "pointers": pairs.pointers_of(KINDS["unit"], unit),
    }
    return render(request, "window/employer_merged.html", context)


def _visible_employer(request: HttpRequest, employer_id: int) -> Employer:
    return get_object_or_404(
        Employer.objects.visible_to(request.user).select_related("region__parent"), pk=employer_id
    )


def _under_way(request: HttpRequest, employer: Employer) -> int:
    """Cases of the unit that are not over: whoever dismisses its agent leaves them to another one."""
    records = records_of_unit(employer.pk)
    cases = Case.objects.visible_to(request.user).filter(employer__in=records, closed_at__isnull=True)
    return cases.count()


@staff("worker.view", "GET", "HEAD", "POST")
def employer(request: HttpRequest, employer_id: int) -> HttpResponse:
    """What is known of a unit and who acts for it; a POST appoints an agent."""
    records = Employer.objects.visible_to(request.user, merged=True)
    link = MergedEmployer.objects.filter(source=employer_id).select_related("target").first()
    if link is not None:
        return _page_of_merged(request, get_object_or_404(records, pk=employer_id), link)
    unit = _visible_employer(request, employer_id)
    form = AgentForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST":
        require(request.user, "employer.agents", unit.region_id)
        if form.is_valid():
            try:
                agent = appoint_agent(unit.pk, **form.cleaned_data, by=request.user)
            except (NotNow, Refused) as error:
                form.add_error(None, str(error))
            except ValidationError as error:
                form.take(error)
            else:
                messages.success(request, f"已任用{agent.user}为“{unit}”的经办人，立即生效。")
                return redirect("window:employer", unit.pk)
    context = {
        "title": unit.name,
        "crumbs": [("用人单位", reverse("window:employers")), (unit.name, "")],
        "unit": unit,
        "kind_change": RecordChange.objects.visible_to(request.user).open().filter(unit=unit).first(),
        "form": form,
        "agents": _agents(unit),
        "may_appoint": can(request.user, "employer.agents", unit.region_id),
        "may_correct": can(request.user, "worker.edit", unit.region_id),
        "under_way": _under_way(request, unit),
        "may_merge": can(request.user, "worker.merge", unit.region_id),
        "pointers": pairs.pointers_of(KINDS["unit"], unit),
    }
    return render(request, "window/employer.html", context)


def _agents(unit: Employer) -> list[dict[str, Any]]:
    """Who was appointed, the first one first, and whether they still hold the role."""
    agents = unit.agents.select_related("user", "appointed_by").order_by("appointed_at", "pk")
    in_role = accounts_in_role_of(unit)
    return [{"agent": agent, "acts": agent.user_id in in_role} for agent in agents]


@staff("employer.agents", "GET", "HEAD", "POST")
def agent_dismiss(request: HttpRequest, employer_id: int, agent_id: int) -> HttpResponse:
    """Names the person, the paper and what is under way, asks for the reason, and ends it."""
    unit = _visible_employer(request, employer_id)
    require(request.user, "employer.agents", unit.region_id)
    agent = get_object_or_404(unit.agents.select_related("user", "appointed_by"), pk=agent_id)
    form = ReasonForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            dismiss_agent(agent.pk, reason=form.cleaned_data["reason"], by=request.user)
        except NotNow as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已解除{agent.user}作为“{unit}”经办人的任用，立即生效。")
            return redirect("window:employer", unit.pk)
    back = reverse("window:employer", args=[unit.pk])
    context = {
        "title": f"解除经办人：{agent.user}",
        "crumbs": [("用人单位", reverse("window:employers")), (unit.name, back), ("解除经办人", "")],
        "unit": unit,
        "agent": agent,
        "form": form,
        "back": back,
        "under_way": _under_way(request, unit),
        "others": unit.agents.exclude(pk=agent.pk).count(),
    }
    return render(request, "window/agent_dismiss.html", context)


@staff("worker.edit", "GET", "HEAD", "POST")
def employer_edit(request: HttpRequest, employer_id: int) -> HttpResponse:
    employer = _visible_employer(request, employer_id)
    require(request.user, "worker.edit", employer.region_id)
    initial = {
        "name": employer.name,
        "credit_code": employer.credit_code or "",
        "kind": employer.kind,
        "region": employer.region_id,
        "version": version_of(employer),
    }
    form = EmployerForm(
        request.POST if request.method == "POST" else None, initial=initial, user=request.user
    )
    ask_own_source(form, employer.source)
    return _enter(request, form, employer)


def _enter(request: HttpRequest, form: EmployerForm, employer: Employer | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        entered: dict[str, Any] = dict(form.cleaned_data)
        version = entered.pop("version")
        on = timezone.localdate()
        try:
            if employer is None:
                saved = create_employer(**entered, by=request.user, on=on)
            else:
                saved = correct_employer(employer.pk, version=version, **entered, by=request.user, on=on)
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        else:
            if saved.kind != entered["kind"]:
                messages.info(request, "单位性质的变更待他人确认，确认之前仍按原单位性质办理。")
            if employer is None or version_of(saved) != version_of(employer):
                messages.success(request, f"已保存用人单位“{saved.name}”。")
            return redirect("window:employer", saved.pk)
    title = "更正用人单位" if employer else "登记用人单位"
    back = reverse("window:employers")
    crumbs = [("用人单位", back)]
    if employer is not None:
        back = reverse("window:employer", args=[employer.pk])
        crumbs.append((employer.name, back))
    context = {
        "title": title,
        "crumbs": [*crumbs, (title, "")],
        "form": form,
        "back": back,
    }
    return render(request, "window/employer_form.html", context)
