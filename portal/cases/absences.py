"""Absence: noted by oneself or by whoever distributes the work of a place, with a deputy who is there meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal import audit, locks
from portal.accounts.access import PERMISSIONS, NotNow, Refused, assignments, can, require, scope
from portal.accounts.models import RoleAssignment, User
from portal.cases.models import Absence
from portal.cases.models.absences import DISTRIBUTE
from portal.formats import date_cn

# So many days at once: whoever is away for longer hands their cases over.
LONGEST_DAYS = 366
# A list to choose from, not a register: nobody scrolls through more.
MOST = 300


def absence_of(person: Any, day: date) -> Absence | None:
    """The absence in which somebody is away on a day."""
    return Absence.objects.on(day).filter(person=person).select_related("person", "deputy").first()


def why_not_assigned(absence: Absence) -> str:
    return (
        f"{absence.person}自{date_cn(absence.since)}至{date_cn(absence.until)}缺勤，期间不分派办件，"
        f"由{absence.deputy}代办。"
    )


def deputised_by(user: Any, day: date) -> list[Absence]:
    """Who is away on the day and has the user as the deputy."""
    return list(Absence.objects.on(day).filter(deputy=user).select_related("person").order_by("pk"))


def regions_of(person: Any) -> list[str]:
    """Where somebody holds a role."""
    return sorted({region for _, region in assignments(person)})


def people_distributed_by(user: Any) -> list[User]:
    """Oneself, and everybody in the places whose work one distributes."""
    where = scope(user, DISTRIBUTE)
    if where.empty:
        return [user]
    held = RoleAssignment.objects.in_force().filter(role__in=PERMISSIONS["case.assign"][1])
    regions = [region for region in set(held.values_list("region_id", flat=True)) if where.covers(region)]
    inside = held.filter(region_id__in=regions).values("user")
    others = User.objects.filter(pk__in=inside, is_active=True).exclude(pk=user.pk)
    return [user, *others.order_by("display_name", "pk")[:MOST]]


def require_distribution(person: Any, *, by: Any) -> None:
    """Refused unless `by` is the person themself or distributes the work of every place in which they hold a role."""
    if person.pk == by.pk:
        require(by, "case.assign")
        return
    regions = regions_of(person)
    require(by, DISTRIBUTE)
    if not regions:
        raise Refused(f"{person}没有在职的角色。")
    for region in regions:
        require(by, DISTRIBUTE, region)


@transaction.atomic
def record_absence(person_id: int, *, since: date, until: date, deputy_id: int, by: Any, on: date) -> Absence:
    """Note that somebody is away. Raises Refused (whose work it is not to distribute), NotNow (days, deputy)."""
    locks.hold("cases.absences")
    people = User.objects.filter(is_active=True).in_bulk([person_id, deputy_id])
    person, deputy = people.get(person_id), people.get(deputy_id)
    if person is None or deputy is None or person_id == deputy_id:
        raise NotNow("请从名单中选择缺勤人员和代办人员，代办人员须为另一人。")
    require_distribution(person, by=by)
    _check_days(since, until, on)
    _check_deputy(person, deputy)
    overlapping = Absence.objects.not_ended().filter(since__lte=until, until__gte=since)
    for other in overlapping.filter(Q(person=person) | Q(person=deputy)).select_related("person", "deputy"):
        if other.person_id == deputy.pk:
            raise NotNow(f"{why_not_assigned(other)}请另选代办人员。")
        raise NotNow(f"{person}在这些日期内已登记缺勤（{date_cn(other.since)}至{date_cn(other.until)}）。")
    made = Absence.objects.create(
        person=person, deputy=deputy, since=since, until=until, by=by, at=timezone.now()
    )
    audit.record("absence.record", by=by, obj=person, detail=_said(made))
    return made


def _check_days(since: date, until: date, on: date) -> None:
    if until < since:
        raise NotNow("截止日期不能早于起始日期。")
    if until < on:
        raise NotNow("缺勤的截止日期已经过去，无需登记。")
    if (until - since).days >= LONGEST_DAYS:
        raise NotNow(f"一次登记不超过{LONGEST_DAYS}日；长期离岗的，请移交名下办件。")


def _check_deputy(person: Any, deputy: Any) -> None:
    """The deputy works on cases wherever the person does."""
    away = [region for region in regions_of(person) if not can(deputy, "case.view", region)]
    if away or not regions_of(person):
        raise NotNow(f"{deputy}不能查看{person}负责地区的全部办件，不能代办。请另选代办人员。")


def _said(absence: Absence) -> dict[str, Any]:
    return {
        "username": absence.person.username,
        "deputy": absence.deputy.username,
        "since": absence.since.isoformat(),
        "until": absence.until.isoformat(),
    }


@transaction.atomic
def end_absence(absence_id: int, *, by: Any, on: date) -> Absence:
    """Somebody is back, or does not go. Raises Refused, NotNow (over or ended already), Absence.DoesNotExist."""
    found = Absence.objects.select_for_update(of=("self",)).select_related("person", "deputy")
    absence = found.get(pk=absence_id)
    require_distribution(absence.person, by=by)
    if absence.ended_at is not None or absence.until < on:
        raise NotNow("该缺勤已经结束。")
    absence.ended_at, absence.ended_by = timezone.now(), by
    absence.save(update_fields=["ended_at", "ended_by"])
    audit.record("absence.end", by=by, obj=absence.person, detail=_said(absence))
    return absence


def absent_on(day: date, people: Iterable[int]) -> dict[int, Absence]:
    """Who of these is away on a day, with the absence."""
    found = Absence.objects.on(day).filter(person__in=list(people)).select_related("person", "deputy")
    return {absence.person_id: absence for absence in found}
