"""Units: written down, corrected, and suggested while a name is typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require
from portal.paging import page_asked
from portal.window.doors import staff
from portal.workforce.actions import NotPossible, correct_employer, create_employer, version_of
from portal.workforce.forms import EmployerForm
from portal.workforce.models import Employer


@staff("worker.view")
def employers(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("name", "").replace("\0", "").strip()[:60]
    seen = Employer.objects.visible_to(request.user)
    if text:
        seen = seen.filter(credit_code=text.upper()) if len(text) == 18 and text.isascii() else seen.filter(name__contains=text)
    page = page_asked(seen.select_related("region__parent"), request.GET, order=("-id",), count=True)
    context = {"title": "用人单位", "page": page, "name": text, "may_register": can(request.user, "worker.edit")}
    return render(request, "window/employers.html", context)


@staff("worker.edit")
def employer_options(request: HttpRequest) -> HttpResponse:
    """Options for the field of a unit: at most ten whose name has what was typed so far."""
    text = request.GET.get("employer", "").replace("\0", "").strip()[:60]
    found = Employer.objects.visible_to(request.user).filter(name__contains=text).order_by("name")[:10] if len(text) > 1 else []
    return render(request, "window/employer_options.html", {"employers": found})


@staff("worker.edit", "GET", "HEAD", "POST")
def employer_new(request: HttpRequest) -> HttpResponse:
    form = EmployerForm(request.POST if request.method == "POST" else None, user=request.user)
    return _form(request, form, None)


@staff("worker.edit", "GET", "HEAD", "POST")
def employer_edit(request: HttpRequest, employer_id: int) -> HttpResponse:
    employer = get_object_or_404(Employer.objects.visible_to(request.user), pk=employer_id)
    require(request.user, "worker.edit", employer.region_id)
    initial = {
        "name": employer.name, "credit_code": employer.credit_code or "", "kind": employer.kind, "region": employer.region_id,
        "source": employer.source, "version": version_of(employer),
    }  # fmt: skip
    return _form(
        request, EmployerForm(request.POST if request.method == "POST" else None, initial=initial, user=request.user), employer
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
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, f"已保存用人单位“{saved.name}”。")
            return redirect("window:employers")
    title = "更正用人单位" if employer else "登记用人单位"
    crumbs = [("用人单位", reverse("window:employers")), (title, "")]
    return render(request, "window/employer_form.html", {"title": title, "crumbs": crumbs, "form": form})
