"""Whether somebody may take on a duty in a case, and in words why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from portal.cases.duties import IN_ONES_OWN_CASE, added_pairs, excluding
from portal.cases.models import Case, CaseDuty, DutyPair
from portal.cases.workflow import Duty
from portal.workforce.merged import accounts_of_person, units_of_person
from portal.workforce.models.base import records_of_person


class DutiesOf:
    """What somebody holds in some cases, and which of these are their own; under any number by which the same
    person is known. Read once for all of the cases.
    """

    def __init__(self, person: Any, cases: Sequence[Case]) -> None:
        self._held: dict[int, list[str]] = {}
        held = CaseDuty.objects.filter(
            case__in=[case.pk for case in cases], person__in=accounts_of_person(person)
        )
        for case_id, duty in held.order_by("pk").values_list("case_id", "duty"):
            self._held.setdefault(case_id, []).append(duty)
        has_worker = any(case.worker_id for case in cases)
        has_unit = any(case.employer_id for case in cases)
        self._records = set(records_of_person(person)) if has_worker else set()
        self._units = units_of_person(person) if has_unit else set()

    def holds(self, case: Case, duty: Duty) -> bool:
        return duty in self._held.get(case.pk, [])

    def reason_against(self, case: Case, duty: Duty) -> str:
        """Why the duty is somebody else's, naming the one that excludes it; empty when it can be taken on."""
        if duty not in IN_ONES_OWN_CASE and self._is_own(case):
            return f"本办件与您本人或您代表的单位有关，您不能承担“{duty.label}”，须由另一人办理。"
        excluded = excluding(case.kind, duty)
        for held in self._held.get(case.pk, []):
            if held in excluded:
                return f"您已在本办件中承担“{Duty(held).label}”，不能再承担“{duty.label}”，须由另一人办理。"
        return ""

    def _is_own(self, case: Case) -> bool:
        return case.worker_id in self._records or case.employer_id in self._units


def bar(case_id: int, people: Iterable[int], *, by: Duty) -> None:
    """Keep people from whatever the duty excludes in a case; who holds any there already stays as they are."""
    people = set(people)
    held = CaseDuty.objects.filter(case=case_id, person__in=people).values_list("person_id", flat=True)
    barred = [CaseDuty(case_id=case_id, duty=by, person_id=person) for person in sorted(people - set(held))]
    CaseDuty.objects.bulk_create(barred, ignore_conflicts=True)


_OWN = "SELECT case_id, person_id FROM public.cases_own(%s::bigint[], %s::bigint[])"


def without_own(duties: Sequence[CaseDuty]) -> list[CaseDuty]:
    """Without those that nobody takes on in their own case: it bars them by itself."""
    for_others = [held for held in duties if held.duty not in IN_ONES_OWN_CASE]
    if not for_others:
        return list(duties)
    with connection.cursor() as cursor:
        cursor.execute(_OWN, [[held.case_id for held in for_others], [held.person_id for held in for_others]])
        own = set(cursor.fetchall())
    return [
        held for held in duties if held.duty in IN_ONES_OWN_CASE or (held.case_id, held.person_id) not in own
    ]


def load_duty_pairs() -> None:
    """Copy the pairs that kinds of cases add into the database. Runs as the owner when the application is installed."""
    listed = added_pairs()
    stored = {(pair.kind, pair.one, pair.other): pair.pk for pair in DutyPair.objects.all()}
    missing = [
        DutyPair(kind=kind, one=one, other=other) for kind, one, other in sorted(listed - stored.keys())
    ]
    DutyPair.objects.bulk_create(missing)
    no_longer_listed = [pk for pair, pk in stored.items() if pair not in listed]
    DutyPair.objects.filter(pk__in=no_longer_listed).delete()
