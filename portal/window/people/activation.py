"""The clerk checks the ID card and prints the worker's activation code."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe

from portal.accounts.access import NotNow, require
from portal.pages.access import staff
from portal.workforce.activation import issue_activation_code
from portal.workforce.models import Worker


class SeenForm(forms.Form):
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
    form = SeenForm(request.POST if request.method == "POST" else None)
    crumbs = [
        ("工作台", reverse("window:home")),
        (worker.name, reverse("window:worker", args=[pk])),
        ("发放激活码", ""),
    ]
    if request.method == "POST" and form.is_valid():
        try:
            issued = issue_activation_code(worker, by=by, id_card_seen=form.cleaned_data["id_card_seen"])
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
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
            return render(request, "window/activation_sheet.html", context)
    return render(
        request,
        "window/activation.html",
        {
            "title": "发放激活码",
            "crumbs": crumbs,
            "worker": worker,
            "form": form,
        },
    )


def _qr(text: str) -> str:
    """The address as a picture. It holds no code: what is photographed over a shoulder opens nothing."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=4, border=2, omitsize=False))  # noqa: S308
