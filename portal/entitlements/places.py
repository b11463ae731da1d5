"""Where to go: the service window of a division, and the divisions to choose from."""

from __future__ import annotations

from dataclasses import replace

from portal.entitlements.check_state import CheckState
from portal.regions.models import Region, ServiceWindow


def service_window_of(code: str) -> ServiceWindow | None:
    """The window of a division, empty where the office has given nothing; None without a division."""
    if not code:
        return None
    region = Region.objects.select_related("parent").filter(pk=code).first()
    if region is None:
        return None
    place = ServiceWindow.objects.filter(region=region).first() or ServiceWindow(region=region)
    place.region = region
    return place


def banners_by_league() -> list[tuple[str, list[tuple[str, str]]]]:
    """(league or city, its banners as code and name), for a grouped list of choices."""
    leagues = {region.pk: region.name for region in Region.objects.leagues()}
    banners: dict[str, list[tuple[str, str]]] = {code: [] for code in leagues}
    for region in Region.objects.banners():
        banners[region.league_code].append((region.pk, region.name))
    return [(leagues[code], of_league) for code, of_league in banners.items() if of_league]


def with_chosen_banner(state: CheckState, code: str) -> CheckState:
    """The state with the division that was chosen; as it was when there is no such banner."""
    if not Region.objects.banners().filter(pk=code).exists():
        return state
    return replace(state, banner=code)
