"""The clerk checks the ID card and prints the worker's activation code."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe

from portal.accounts.access import NotNow, require
from portal.pages.access import staff
from portal.shown_once import SheetForm, is_made, new_sheet, once, remember
from portal.workforce.activation import issue_activation_code
from portal.workforce.merged import account_of
from portal.workforce.models import Worker


class SeenForm(SheetForm):
    id_card_seen = forms.BooleanField(
        label="我已核对本人居民身份证原件，人、证与档案一致",
        error_messages={"required": "请先核对身份证原件，再勾选此项。"},
    )


@staff("worker.activate", "GET", "HEAD", "POST")
def activation(request: HttpRequest, pk: int) -> HttpResponse:
    """The question, and after it the sheet, which this answer alone ever shows."""
    by: Any = request.user
    worker = get_object_or_404(
        Worker.objects.visible_to(by).select_related("account", "work_region__parent"), pk=pk
    )
    require(by, "worker.activate", worker.work_region_id)
    form = SeenForm(request.POST if request.method == "POST" else None, initial=new_sheet())
    crumbs = [
        ("工作台", reverse("window:home")),
        (worker.name, reverse("window:worker", args=[pk])),
        ("发放激活码", ""),
    ]
    if request.method == "POST" and form.is_valid():
        sheet = form.cleaned_data["sheet"]
        if is_made(request, sheet):
            messages.warning(
                request,
                "这张激活单已经发放，刷新不会产生新的激活码，已打印的仍然有效。需要补发的，请重新办理。",
            )
            return redirect("window:activation", pk)
        try:
            issued = issue_activation_code(worker, by=by, id_card_seen=form.cleaned_data["id_card_seen"])
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
            remember(request, sheet)
            address = f"{settings.PUBLIC_URL}{reverse('accounts:activate')}"
            context = {
                "title": "账号激活单",
                "crumbs": crumbs,
                "worker": worker,
                "issued": issued,
                "address": address,
                "login_address": f"{settings.PUBLIC_URL}{reverse('accounts:login')}",
                "qr": _qr(address),
                "by": by,
            }
            return once(render(request, "window/activation_sheet.html", context))
    return render(
        request,
        "window/activation.html",
        {
            "title": "发放激活码",
            "crumbs": crumbs,
            "worker": worker,
            "account": account_of(worker),
            "form": form,
        },
    )


def _qr(text: str) -> str:
    """The address as a picture. It holds no code: what is photographed over a shoulder opens nothing."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=4, border=2, omitsize=False))  # noqa: S308
