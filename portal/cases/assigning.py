"""Who may be made responsible for a case."""

from __future__ import annotations

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
    places = {region.pk, region.league_code, f"{region.pk[:2]}0000"}
    in_force = RoleAssignment.objects.in_force()
    assignments = in_force.filter(region_id__in=places, role__in=PERMISSIONS["case.view"][1])
    people = User.objects.filter(is_active=True, assignments__in=assignments).distinct()
    return list(people.order_by("display_name", "pk")[:MOST])
