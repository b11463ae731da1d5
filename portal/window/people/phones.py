"""The clerk confirms that a telephone is the person's own; with its number they may then sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.pages.access import staff
from portal.pages.action_page import Done, act_on, posted
from portal.pages.forms import NothingForm
from portal.window.people.workers import crumbs, visible_worker
from portal.workforce.actions import phones
from portal.workforce.merged import account_of


class PhoneForm(forms.Form):
    id_card_seen = forms.BooleanField(
        label="我已核对本人居民身份证原件，人、证与档案一致",
        error_messages={"required": "请先核对身份证原件，再勾选此项。"},
    )
    rang = forms.BooleanField(
        label="我已当面拨打这个手机号，本人手机响铃",
        error_messages={"required": "请先当面拨打，再勾选此项。"},
    )


@staff(phones.PERMISSION, "GET", "HEAD", "POST")
def phone(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Confirm the number of the record, or end what was confirmed."""
    worker = visible_worker(request, worker_id)
    confirmed = phones.confirmed_phone(worker)
    back = reverse("window:worker", args=[worker_id])

    def act(given: dict[str, Any]) -> Done:
        if confirmed is not None:
            phones.end_phone(worker.pk, by=request.user)
            return Done("已终止，今后不能用这个手机号登录。", back)
        phones.confirm_phone(worker.pk, **given, by=request.user)
        return Done("已确认，本人可以用这个手机号和密码登录。", back)

    form = (NothingForm if confirmed else PhoneForm)(posted(request))
    if answer := act_on(request, form, act):
        return answer
    context = {
        "title": "终止手机号登录" if confirmed else "确认手机号用于登录",
        "crumbs": crumbs(worker, ("手机号登录", "")),
        "worker": worker,
        "confirmed": confirmed,
        "account": account_of(worker),
        "form": form,
        "back": back,
    }
    return render(request, "window/phone.html", context)
