"""Who asks, and the pages that are theirs."""
from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.workforce.models import Worker


def own_record(request: HttpRequest) -> Worker | None:
    """The record this account belongs to."""
    user: Any = request.user
    return (
        Worker.objects.visible_to(user)
        .filter(account_id=user.pk)
        .select_related("work_region__parent", "household_region__parent", "employer")
        .first()
    )


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    names = (("我的信息", "my:home"), ("为我找到的待遇", "my:offers"), ("我的办件", "my:cases"), ("我的信函", "my:letters"), ("年度遴选", "registry:mine"))
    return [{"label": label, "href": reverse(name), "current": request.path == reverse(name)} for label, name in names]
