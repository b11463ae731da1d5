"""Who may be made responsible for a case: whoever has something to do in it, now or later on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q

from portal.accounts.access import PERMISSIONS, can
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.models import Case
from portal.cases.waiting import all_work
from portal.cases.workflow import workflow_of

# A list to choose from, not a register: nobody scrolls through more.
MOST = 300


@dataclass(frozen=True)
class Colleague:
    """Somebody to whom a case can be given, with the roles that have something to do in it and how many open
    cases they have.
    """

    person: User
    roles: str
    load: int

    @property
    def pk(self) -> int:
        return self.person.pk

    def __str__(self) -> str:
        return f"{self.person}（{self.roles}，名下在办{self.load:,}件）"


def permissions_ahead(kind: str, state: str) -> set[str]:
    """What is needed for any step of such a case from this state on, or for work on it that is no step."""
    workflow = workflow_of(kind)
    reached, permissions = {state}, set()
    while True:
        rows = [row for row in workflow.transitions if reached.intersection(row.sources)]
        permissions = {row.permission for row in rows}
        further = {row.target for row in rows} - reached
        if not further:
            break
        reached |= further
    # The applicant's own steps are not the office's.
    works = (work for work in all_work() if work.kind == kind and reached.intersection(work.states))
    return permissions | {work.permission for work in works}


def has_to_do_with(case: Case, user: Any) -> bool:
    """Whether the user can act in the case, now or at a later step."""
    return any(can(user, one, case.region_id) for one in permissions_ahead(case.kind, case.state))


def may_be_assigned(case: Case) -> list[Colleague]:
    """Everybody with an account in use who has something to do in the case, where it is: in its banner, its
    league, or the whole region. Those with the fewest open cases come first.
    """
    region = case.region
    places = {region.pk, region.league_code, f"{region.pk[:2]}0000"}
    roles = _roles_with(permissions_ahead(case.kind, case.state))
    in_force = RoleAssignment.objects.in_force().filter(region_id__in=places, role__in=roles)
    people = User.objects.filter(is_active=True, assignments__in=in_force).distinct()
    open_cases = Count("cases", filter=Q(cases__closed_at__isnull=True), distinct=True)
    people = people.annotate(load=open_cases).order_by("load", "display_name", "pk")
    people = people.prefetch_related(Prefetch("assignments", in_force, to_attr="in_this_case"))
    return [_colleague(person) for person in people[:MOST]]


def _roles_with(permissions: Collection[str]) -> set[str]:
    """The roles that can see cases and hold any of these permissions."""
    holding = {role for permission in permissions for role in PERMISSIONS[permission][1]}
    return holding.intersection(PERMISSIONS["case.view"][1])


def _colleague(person: Any) -> Colleague:
    labels = sorted({Role(one.role).label for one in person.in_this_case})
    return Colleague(person, "、".join(labels), person.load)
