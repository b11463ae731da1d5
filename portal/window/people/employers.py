"""Units: written down, corrected, suggested while a name is typed; and who acts for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, can, holders, require
from portal.accounts.roles import Role
from portal.cases.models import Case
from portal.pages.access import staff
from portal.paging import page_asked
from portal.workforce.actions import (
    NotNow,
    appoint_agent,
    correct_employer,
    create_employer,
    dismiss_agent,
    version_of,
)
from portal.workforce.forms import AgentForm, EmployerForm, ReasonForm
from portal.workforce.models import Employer


@staff("worker.view")
def employers(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("name", "").replace("\0", "").strip()[:60]
    seen = Employer.objects.visible_to(request.user)
    if text:
        seen = (
            seen.filter(credit_code=text.upper())
            if len(text) == 18 and text.isascii()
            else seen.filter(name__contains=text)
        )
    page = page_asked(seen.select_related("region__parent"), request.GET, order=("-id",), count=True)
    context = {
        "title": "用人单位",
        "page": page,
        "name": text,
        "may_register": can(request.user, "worker.edit"),
    }
    return render(request, "window/employers.html", context)


@staff("worker.edit")
def employer_options(request: HttpRequest) -> HttpResponse:
    """Options for the field of a unit: at most ten whose name has what was typed so far."""
    text = request.GET.get("employer", "").replace("\0", "").strip()[:60]
    found = (
        Employer.objects.visible_to(request.user).filter(name__contains=text).order_by("name")[:10]
        if len(text) > 1
        else []
    )
    return render(request, "window/employer_options.html", {"employers": found})


@staff("worker.edit", "GET", "HEAD", "POST")
def employer_new(request: HttpRequest) -> HttpResponse:
    form = EmployerForm(request.POST if request.method == "POST" else None, user=request.user)
    return _form(request, form, None)


def _seen(request: HttpRequest, employer_id: int) -> Employer:
    return get_object_or_404(
        Employer.objects.visible_to(request.user).select_related("region__parent"), pk=employer_id
    )


def _under_way(request: HttpRequest, employer: Employer) -> int:
    """Cases of the unit that are not over: whoever dismisses its agent leaves them to another one."""
    return Case.objects.visible_to(request.user).filter(employer=employer, closed_at__isnull=True).count()


@staff("worker.view", "GET", "HEAD", "POST")
def employer(request: HttpRequest, employer_id: int) -> HttpResponse:
    """What is known of a unit and who acts for it; a POST appoints an agent."""
    unit = _seen(request, employer_id)
    may = can(request.user, "employer.agents", unit.region_id)
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
    agents = unit.agents.select_related("user", "appointed_by").order_by("appointed_at", "pk")
    acting = set(
        holders(Role.EMPLOYER_AGENT, unit.region_id)
        .filter(employers__employer=unit)
        .values_list("pk", flat=True)
    )
    context = {
        "title": unit.name,
        "crumbs": [("用人单位", reverse("window:employers")), (unit.name, "")],
        "unit": unit,
        "form": form,
        "agents": [{"agent": agent, "acts": agent.user_id in acting} for agent in agents],
        "may_appoint": may,
        "may_correct": can(request.user, "worker.edit", unit.region_id),
        "under_way": _under_way(request, unit),
    }
    return render(request, "window/employer.html", context)


@staff("employer.agents", "GET", "HEAD", "POST")
def agent_dismiss(request: HttpRequest, employer_id: int, agent_id: int) -> HttpResponse:
    """Names the person, the paper and what is under way, asks for the reason, and ends it."""
    unit = _seen(request, employer_id)
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
    employer = _seen(request, employer_id)
    require(request.user, "worker.edit", employer.region_id)
    initial = {
        "name": employer.name,
        "credit_code": employer.credit_code or "",
        "kind": employer.kind,
        "region": employer.region_id,
        "source": employer.source,
        "version": version_of(employer),
    }
    return _form(
        request,
        EmployerForm(request.POST if request.method == "POST" else None, initial=initial, user=request.user),
        employer,
    )


def _form(request: HttpRequest, form: EmployerForm, employer: Employer | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        version = given.pop("version")
        on = timezone.localdate()
        try:
            if employer is None:
                saved = create_employer(**given, by=request.user, on=on)
            else:
                saved = correct_employer(employer.pk, version=version, **given, by=request.user, on=on)
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, f"已保存用人单位“{saved.name}”。")
            return redirect("window:employer", saved.pk)
    title = "更正用人单位" if employer else "登记用人单位"
    crumbs, back = [("用人单位", reverse("window:employers"))], reverse("window:employers")
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
