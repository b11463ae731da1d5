"""Which claims a list holds: the same filters for the page, for programs, and for what is done with all that were found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.pages.filters import in_region
from portal.workforce.models import Worker
from subsidies.models import ClaimQuerySet

FILTERS = ("name", "kind", "state", "region", "channel")


def found_by(claims: ClaimQuerySet, asked: Mapping[str, Any], *, by: Any) -> ClaimQuerySet:
    """Those of the claims that all filters which were given let through. People are looked for among those `by` sees."""
    if kind := asked.get("kind"):
        claims = claims.filter(case__kind=kind)
    if state := asked.get("state"):
        claims = claims.filter(case__state=state)
    if region := asked.get("region"):
        claims = claims.filter(in_region(region, "case__region", "case__league_code"))
    if channel := asked.get("channel"):
        claims = claims.filter(channel=channel)
    if name := asked.get("name"):
        claims = claims.filter(worker__in=Worker.objects.visible_to(by).named(name).values("pk"))
    return claims
