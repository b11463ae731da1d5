"""Taking in a new person at the desk, on one page: what was looked for in vain is there already, and everything is written
down at once or not at all.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.pages.access import staff
from portal.window.people import searching
from portal.window.people.desk import TITLE
from portal.workforce.actions.intake import RecordRefused, take_in
from portal.workforce.actions.taken_numbers import AlreadyRegistered
from portal.workforce.intake_form import IntakeForm
from portal.workforce.models import Worker
from portal.workforce.occupations import NOT_LISTED, unlisted

_SUGGESTING = {"hx-trigger": "input changed delay:300ms"}


@staff("worker.edit", "GET", "HEAD", "POST")
def intake(request: HttpRequest) -> HttpResponse:
    """The person with work, certificate and honour; what is wrong stands beside its field, and nothing typed is lost."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = IntakeForm(*sent, user=request.user, initial=searching.to_write_down(request))
    _suggest(form)
    existing: Worker | None = None
    if request.method == "POST" and form.is_valid():
        try:
            person = take_in(**form.person, records=form.records, by=request.user, on=timezone.localdate())
        except AlreadyRegistered as already:
            existing = Worker.objects.visible_to(request.user).filter(pk=already.worker_id).first()
            form.add_error("id_number", str(already))
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        except RecordRefused as refused:
            form.take_refused(refused)
        else:
            return _taken_in(request, person, form)
    context = {
        "title": "登记新人员",
        "crumbs": [(TITLE, reverse("window:desk")), ("登记新人员", "")],
        "form": form,
        "existing": existing,
    }
    return render(request, "window/intake.html", context)


def _taken_in(request: HttpRequest, person: Worker, form: IntakeForm) -> HttpResponse:
    written = ["人员信息", *(_TITLES[record.kind] for record in form.records)]
    messages.success(request, f"已登记{person.name}：{'、'.join(written)}。")
    entered = form.cleaned_data
    for name in unlisted([entered["occupation"], entered["certificate_occupation"]]):
        messages.info(request, f"“{name}”{NOT_LISTED}，已按填写的名称保存。请与证书核对。")
    return redirect("window:desk_person", person.pk)


_TITLES = {"employment": "就业信息", "credential": "技能证书", "honour": "荣誉（待另一人核实）"}


def _suggest(form: IntakeForm) -> None:
    """Units and occupations are suggested while they are typed; without JavaScript they are typed whole."""
    for name, options in (
        ("employer", "employer"),
        ("occupation", "occupation"),
        ("certificate_occupation", "occupation"),
    ):
        attributes: dict[str, Any] = {
            "hx-get": reverse(f"window:{options}_options"),
            "hx-target": f"#{options}-options",
            **_SUGGESTING,
        }
        form.fields[name].widget.attrs |= attributes
