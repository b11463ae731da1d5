"""Who may be made responsible for a case: whoever has something to do in it, now or later on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from portal.accounts.access import PERMISSIONS, can
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.models import Absence, Case
from portal.cases.waiting import all_work
from portal.cases.workflow import workflow_of

# A list to choose from, not a register: nobody scrolls through more.
MOST = 300


@dataclass(frozen=True)
class Load:
    """How many open cases somebody has, and how many of them are overdue."""

    open: int = 0
    overdue: int = 0

    def __str__(self) -> str:
        overdue = f"，超期{self.overdue:,}件" if self.overdue else ""
        return f"名下在办{self.open:,}件{overdue}"


@dataclass(frozen=True)
class Colleague:
    """Somebody to whom cases can be given, with the roles that have something to do in them, in how many of the
    chosen ones, and what they have on their hands.
    """

    person: User
    roles: str
    load: Load
    acts_in: int
    chosen: int

    @property
    def pk(self) -> int:
        return self.person.pk

    def __str__(self) -> str:
        part = f"，可办其中{self.acts_in}件" if self.acts_in < self.chosen else ""
        return f"{self.person}（{self.roles}，{self.load}{part}）"


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
    """Everybody with an account in use, and not away today, who has something to do in the case, where it is: in its
    banner, its league, or the whole region. Those with the fewest open cases come first.
    """
    return may_take([case])


def may_take(cases: Sequence[Case]) -> list[Colleague]:
    """The same of several cases: who has something to do in most of them comes first."""
    wanted = Counter((case.region_id, case.kind, case.state) for case in cases)
    roles = {(kind, state): _roles_with(permissions_ahead(kind, state)) for _, kind, state in wanted}
    places = {place for region, _, _ in wanted for place in _places_over(region)}
    in_force = RoleAssignment.objects.in_force()
    in_force = in_force.filter(region_id__in=places, role__in=set().union(*roles.values()))
    away = Absence.objects.on(timezone.localdate()).filter(person=OuterRef("pk"))
    people = User.objects.filter(~Exists(away), is_active=True, assignments__in=in_force).distinct()
    people = people.prefetch_related(Prefetch("assignments", in_force, to_attr="in_these_cases"))
    found = list(people.order_by("display_name", "pk")[:MOST])
    loads = loads_of([person.pk for person in found])
    colleagues = []
    for person in found:
        held = {(one.role, one.region_id) for one in person.in_these_cases}
        acts_in = sum(
            how_many
            for (region, kind, state), how_many in wanted.items()
            if any(role in roles[kind, state] and place in _places_over(region) for role, place in held)
        )
        if not acts_in:
            continue
        labels = "、".join(sorted({Role(role).label for role, _ in held}))
        load = loads.get(person.pk, Load())
        colleagues.append(Colleague(person, labels, load, acts_in, len(cases)))
    return sorted(colleagues, key=lambda one: (-one.acts_in, one.load.open))


def colleagues_over(regions: Collection[str]) -> list[tuple[User, Load]]:
    """Everybody with an account in use who is given cases in all of these places, the freest first."""
    holding = set(PERMISSIONS["case.assign"][1])
    in_force = RoleAssignment.objects.in_force().filter(role__in=holding)
    people = User.objects.filter(is_active=True)
    for region in regions:
        there = in_force.filter(user=OuterRef("pk"), region_id__in=_places_over(region))
        people = people.filter(Exists(there))
    found = list(people.order_by("display_name", "pk")[:MOST]) if regions else []
    loads = loads_of([person.pk for person in found])
    return sorted(((person, loads.get(person.pk, Load())) for person in found), key=lambda one: one[1].open)


def loads_of(people: Collection[int]) -> dict[int, Load]:
    """What each of these has on their hands, in one question to the database."""
    held = Case.objects.unfinished().filter(assigned_to__in=people).order_by().values_list("assigned_to")
    overdue = Q(due_sort__lt=timezone.localdate(), stopped_on__isnull=True)
    counted = held.annotate(in_all=Count("pk"), late=Count("pk", filter=overdue))
    return {person: Load(in_all, late) for person, in_all, late in counted}


def _places_over(region: str) -> set[str]:
    """A banner, its league, the whole region."""
    return {region, f"{region[:4]}00", f"{region[:2]}0000"}


def _roles_with(permissions: Collection[str]) -> set[str]:
    """The roles that can see cases and hold any of these permissions."""
    holding = {role for permission in permissions for role in PERMISSIONS[permission][1]}
    return holding.intersection(PERMISSIONS["case.view"][1])
