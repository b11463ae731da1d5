"""Cases are given to somebody in sets: chosen ones, or all that somebody else has open.

Each case is judged by itself, as `portal.cases.actions.assign` judges one; what cannot be given stays where it is, with
the reason. A set is one statement and one entry of the audit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, can, require, scope
from portal.cases.absences import absence_of, require_distribution, why_not_assigned
from portal.cases.assigning import permissions_ahead
from portal.cases.models import Case, NewsKind
from portal.cases.moving import Refusal
from portal.cases.news import tell
from portal.workforce.merged import units_of_person
from portal.workforce.models.base import records_of_person

# A page of a list, several times over.
MOST_AT_ONCE = 500


@dataclass
class Distributed:
    """The cases that were given, in the order of their numbers in the database, and why each other one stays."""

    given: list[Case] = field(default_factory=list)
    refused: dict[Case, Refusal] = field(default_factory=dict)


@transaction.atomic
def assign_many(case_ids: Iterable[int], *, to: Any, by: Any) -> Distributed:
    """Make somebody responsible for cases. Raises Refused (assigns nothing anywhere), NotNow (they are away)."""
    require(by, "case.assign")
    _require_present(to)
    cases = list(Case.objects.select_for_update().filter(pk__in=set(case_ids)).order_by("pk"))
    done = _sorted_out(cases, to, by)
    _give(done.given, to, by, NewsKind.ASSIGNED, "case.assign_many", {"to": to.username})
    return done


@transaction.atomic
def hand_over(person: Any, *, to: Any, by: Any) -> Distributed:
    """Give all open cases of somebody to a colleague. Raises Refused, NotNow (the colleague is away, or the same)."""
    require_distribution(person, by=by)
    if person.pk == to.pk:
        raise NotNow("请选择另一位工作人员。")
    _require_present(to)
    held = Case.objects.unfinished().filter(assigned_to=person)
    cases = list(held.select_for_update().order_by("pk"))
    done = _sorted_out(cases, to, by)
    said = {"username": person.username, "to": to.username}
    _give(done.given, to, by, NewsKind.HANDED_OVER, "case.hand_over", said)
    return done


def _require_present(to: Any) -> None:
    absence = absence_of(to, timezone.localdate())
    if absence is not None:
        raise NotNow(why_not_assigned(absence))


def _sorted_out(cases: list[Case], to: Any, by: Any) -> Distributed:
    assigns, sees = scope(by, "case.assign"), scope(to, "case.view")
    records, units = set(records_of_person(to)), set(units_of_person(to))
    acts: dict[tuple[str, str, str], bool] = {}
    done = Distributed()
    for case in cases:
        key = (case.kind, case.state, case.region_id)
        if key not in acts:
            acts[key] = _acts_in(case, to)
        if case.closed_at:
            done.refused[case] = NotNow("已办结")
        elif not assigns.covers(case.region_id):
            done.refused[case] = Refused("不在您负责的地区")
        elif not sees.covers(case.region_id) or not acts[key]:
            done.refused[case] = NotNow(f"{to}在该办件中没有可以办理的事项")
        elif case.worker_id in records or case.employer_id in units:
            done.refused[case] = NotNow(f"与{to}本人或其代表的单位有关")
        elif case.assigned_to_id == to.pk:
            done.refused[case] = NotNow(f"已在{to}名下")
        else:
            done.given.append(case)
    return done


def _acts_in(case: Case, user: Any) -> bool:
    needed = permissions_ahead(case.kind, case.state)
    return any(can(user, permission, case.region_id) for permission in needed)


def _give(cases: list[Case], to: Any, by: Any, kind: NewsKind, action: str, said: dict[str, Any]) -> None:
    if not cases:
        return
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(assigned_to=to)
    for case in cases:
        case.assigned_to = to
    tell([(to.pk, case, kind, "") for case in cases], by=by)
    regions = {case.region_id for case in cases}
    audit.record(
        action,
        by=by,
        obj=to,
        region=regions.pop() if len(regions) == 1 else None,
        detail={**said, "count": len(cases), "numbers": [case.number for case in cases]},
        people=sorted({case.worker_id for case in cases if case.worker_id is not None}),
    )
