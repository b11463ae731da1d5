"""The code on a sheet of the check, scanned. At the window it opens the answers, and they can be taken over for whoever
stands there; everybody else is told what the code is for, and nothing of what was answered.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.accounts.access import require, scope
from portal.entitlements import sheet_state
from portal.entitlements.check_state import BadCheckState
from portal.entitlements.pages import PARAMETER, SeeOther
from portal.entitlements.questions import vocabulary_as_asked
from portal.entitlements.sheet_state import SheetState
from portal.entitlements.wording import fact_label, register_vocabulary, value_in_words
from portal.pages.action_page import posted
from portal.window.people import searching
from portal.window.people.checking import site_of
from portal.window.people.workers import visible_worker

MAY_OPEN = "worker.view"


class PersonForm(forms.Form):
    """Who stands at the window."""

    person = forms.CharField(
        label="本人的证件号码或手机号",
        max_length=60,
        help_text="请核对居民身份证原件后填写，也可以填写办件编号",
        error_messages={"required": "请填写本人的证件号码或手机号。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """What the scanned code opens; POST takes the answers over for the person at the window."""
    on = timezone.localdate()
    may_open = not scope(request.user, MAY_OPEN).empty
    base = "base_staff.html" if may_open else "base_public.html"
    try:
        opened = sheet_state.unseal(request.GET.get(sheet_state.PARAMETER, ""), on)
    except BadCheckState as error:
        return _of_no_use(request, base, error)
    if not may_open:
        context = {
            "title": "这是服务窗口用的二维码",
            "base": base,
            "opened": opened,
        }
        return render(request, "check/sheet_stranger.html", context)
    return _at_window(request, opened)


def _of_no_use(request: HttpRequest, base: str, error: BadCheckState) -> HttpResponse:
    title = "查询单已过期" if error.expired else "二维码不完整"
    context = {
        "title": title,
        "base": base,
        "expired": error.expired,
        "days": sheet_state.days_open(),
    }
    return render(request, "check/sheet_over.html", context, status=410 if error.expired else 400)


def _at_window(request: HttpRequest, opened: SheetState) -> HttpResponse:
    """The answers, for staff who may see workers; that they were opened is written to the audit, and what they say is not."""
    require(request.user, MAY_OPEN)
    form = PersonForm(posted(request))
    if form.is_bound and form.is_valid():
        taken = _taken_over(request, opened, form)
        if taken is not None:
            return taken
    if not form.is_bound:
        audit.record("check.sheet_opened", by=request.user, detail={"made_on": opened.made_on.isoformat()})
    words = vocabulary_as_asked(register_vocabulary())
    answers = [(fact_label(fact), value_in_words(fact, value, words)) for fact, value in opened.facts.items()]
    context: dict[str, Any] = {
        "title": "查询单上的回答",
        "crumbs": [("窗口服务", reverse("window:desk")), ("查询单上的回答", "")],
        "opened": opened,
        "answers": answers,
        "form": form,
        "result": f"{reverse('check:result')}?{PARAMETER}={opened.walk.token()}",
    }
    return render(request, "check/sheet_at_window.html", context)


def _taken_over(request: HttpRequest, opened: SheetState, form: PersonForm) -> HttpResponse | None:
    """The check of the person, on the register and these answers; None when nobody was found, which the form then says."""
    hit, message = searching.exact(form.cleaned_data["person"], request.user)
    if hit is None or hit.worker_id is None:
        form.add_error("person", message or "没有找到这个人。请核对号码；没有登记的，请先登记。")
        return None
    worker = visible_worker(request, hit.worker_id)
    audit.record(
        "check.sheet_taken",
        by=request.user,
        obj=worker,
        worker=worker,
        region=worker.work_region_id,
        detail={"made_on": opened.made_on.isoformat()},
    )
    site = site_of(worker)
    return SeeOther(site.address_with(site.result_address, opened.walk))
