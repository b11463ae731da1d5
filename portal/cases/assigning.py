"""Who may be made responsible for a case."""

from __future__ import annotations

from django.db.models import Q

from portal.accounts.access import PERMISSIONS
from portal.accounts.models import RoleAssignment, User
from portal.cases.models import Case

# A list to choose from, not a register: nobody scrolls through more.
MOST = 300


def may_be_assigned(case: Case) -> list[User]:
    """Everybody with an account in use who sees cases where this one is: in its banner, its league, or the
    whole region.
    """
    region = case.region
    places = Q(region_id__in={region.pk, region.league_code, f"{region.pk[:2]}0000"})
    held = RoleAssignment.objects.in_force().filter(places, role__in=PERMISSIONS["case.view"][1])
    return list(
        User.objects.filter(is_active=True, assignments__in=held)
        .distinct()
        .order_by("display_name", "pk")[:MOST]
    )
