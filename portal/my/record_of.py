"""Who asks, and the pages that are theirs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.programmes import programmes
from portal.workforce.models import MergedPerson, Worker
from portal.workforce.models.base import own_records


def own_record(request: HttpRequest) -> Worker | None:
    """The record this account belongs to."""
    user: Any = request.user
    return (
        Worker.objects.visible_to(user)
        .filter(pk__in=own_records(user))
        .select_related("work_region__parent", "household_region__parent", "employer")
        .first()
    )


def no_record_page(request: HttpRequest, title: str) -> HttpResponse:
    """What an account without a record is told; who had one that was voided, what became of it."""
    voided = MergedPerson.objects.filter(source__account=request.user.pk, target=None).exists()
    context = {
        "title": title,
        "voided": voided,
    }
    return render(request, "my/no_record.html", context)


def _is_at(path: str, address: str) -> bool:
    return path == address or (address != reverse("my:home") and path.startswith(address))


def tabs_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The parts of a worker's own pages."""
    names = (
        ("我的信息", "my:home"),
        ("待遇查询", "my:check"),
        ("为我找到的待遇", "my:offers"),
        ("我的办件", "my:cases"),
        ("我的信函", "my:letters"),
        ("收款账户", "my:accounts"),
        *(page for programme in programmes() for page in programme.own_pages),
    )
    return [
        {"label": label, "href": reverse(name), "current": _is_at(request.path, reverse(name))}
        for label, name in names
    ]
