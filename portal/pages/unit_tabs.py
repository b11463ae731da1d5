"""The pages of a unit's agent, across programmes: each leads to the others."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.access import can
from portal.programmes import programmes

_ROSTERS = ("报送花名册", "my:unit_rosters")


def unit_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """What an agent does for a unit; nothing for the office, whose menu has it."""
    if can(request.user, "window.use"):
        return []
    names = [*(page for programme in programmes() for page in programme.unit_pages), _ROSTERS]
    return [
        {"label": label, "href": reverse(name), "current": request.path == reverse(name)}
        for label, name in names
    ]
