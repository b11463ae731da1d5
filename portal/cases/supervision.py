"""How the cases of a place stand: what is open and how old it is, what was finished and whether in time.

Each is one question to the database over all cases asked for; what is put together by place, person or kind afterwards are
the counts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Case as When_
from django.db.models import CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import ExtractMonth
from django.utils import timezone

from portal.accounts.models import User
from portal.cases.models import Case

# Days since a case was opened, to the last day of each; what is older is the last of them.
AGES = (("week", "7日以内", 7), ("month", "8至30日", 30), ("quarter", "31至90日", 90))
OLDEST = ("older", "90日以上")


class OpenCases(NamedTuple):
    """So many open cases are alike; `overdue` of them are past their day."""

    region: str
    kind: str
    person: int | None
    age: str
    how_many: int
    overdue: int
    stopped: int


class FinishedCases(NamedTuple):
    """So many finished cases are alike; those without a time limit are neither in time nor late."""

    region: str
    kind: str
    person: int | None
    month: int
    how_many: int
    in_time: int
    late: int


class CasesInState(NamedTuple):
    kind: str
    state: str
    how_many: int


def _age_on(today: date) -> When_:
    whens = [When(opened_on__gte=today - timedelta(days=days), then=Value(code)) for code, _, days in AGES]
    return When_(*whens, default=Value(OLDEST[0]), output_field=CharField())


def open_cases(cases: QuerySet[Case], today: date) -> list[OpenCases]:
    """What is open today among these cases."""
    open_ones = cases.filter(closed_at__isnull=True).order_by()
    aged = open_ones.annotate(age=_age_on(today))
    alike = aged.values_list("region_id", "kind", "assigned_to_id", "age")
    counted = alike.annotate(
        how_many=Count("pk"),
        overdue=Count("pk", filter=Q(due_sort__lt=today, stopped_on__isnull=True)),
        stopped=Count("pk", filter=Q(stopped_on__isnull=False)),
    )
    return [OpenCases(*row) for row in counted]


def finished_cases(cases: QuerySet[Case], year: int) -> list[FinishedCases]:
    """What was finished in a year among these cases, and whether on the last day of its time or before."""
    finished = cases.filter(closed_at__gte=_begin(year), closed_at__lt=_begin(year + 1)).order_by()
    in_months = finished.annotate(month=ExtractMonth("closed_at"))
    alike = in_months.values_list("region_id", "kind", "assigned_to_id", "month")
    in_time = Q(closed_at__date__lte=F("due_on"))
    counted = alike.annotate(
        how_many=Count("pk"),
        in_time=Count("pk", filter=in_time),
        late=Count("pk", filter=Q(due_on__isnull=False) & ~in_time),
    )
    return [FinishedCases(*row) for row in counted]


def states_reached(cases: QuerySet[Case], year: int) -> list[CasesInState]:
    """Where those stand today that were opened in a year."""
    opened = cases.filter(opened_on__gte=date(year, 1, 1), opened_on__lte=date(year, 12, 31)).order_by()
    counted = opened.values_list("kind", "state").annotate(how_many=Count("pk"))
    return [CasesInState(*row) for row in counted]


def names_of(people: Collection[int]) -> dict[int, str]:
    """Officers by their names, one who has the same name as another with the name of the account."""
    found = list(User.objects.filter(pk__in=people).values_list("pk", "display_name", "username"))
    names = [name for _, name, _ in found]
    return {pk: name if names.count(name) == 1 else f"{name}（{account}）" for pk, name, account in found}


def _begin(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1))
