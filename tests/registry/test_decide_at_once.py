"""Two who decide at the same moment decide once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.letters.models import Letter
from talent_registry.actions import confirm, decline
from talent_registry.models import RegistryEntry
from talent_registry.workflow import State
from tests.registry.conftest import TODAY

HOW = "查验职业技能等级证书"


def _race(*calls: Callable[[], Any]) -> list[Any]:
    results: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        try:
            barrier.wait(10)
            results[place] = calls[place]()
        except (NotNow, Refused) as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_double_click_confirms_once(committed, proposed, registry_officer) -> None:
    case = proposed()
    results = _race(*[lambda: confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)] * 3)
    assert sum(isinstance(one, RegistryEntry) for one in results) == 1
    assert sum(isinstance(one, NotNow) for one in results) == 2
    assert RegistryEntry.objects.count() == 1
    assert Letter.objects.filter(case=case).count() == 2


def test_two_officers_at_once_decide_once(
    committed, proposed, registry_officer, second_registry_officer
) -> None:
    case = proposed()
    results = _race(
        lambda: confirm(case.pk, by=registry_officer, on=TODAY, how=HOW),
        lambda: decline(case.pk, by=second_registry_officer, on=TODAY, reason="不属于技术工人。"),
    )
    assert sum(isinstance(one, NotNow) for one in results) == 1
    case.refresh_from_db()
    assert RegistryEntry.objects.filter(case=case).exists() == (case.state == State.CONFIRMED)
    assert case.events.count() == 2


def test_officers_at_once_leave_no_gap_in_the_numbers(
    committed, proposed, registry_officer, second_registry_officer
) -> None:
    cases = [proposed() for _ in range(6)]
    officers = [registry_officer, second_registry_officer] * 3
    _race(
        *[
            lambda case=case, by=by: confirm(case.pk, by=by, on=TODAY, how=HOW)
            for case, by in zip(cases, officers, strict=True)
        ]
    )
    assert sorted(RegistryEntry.objects.values_list("number", flat=True)) == [
        f"LJ-2026-{n:06d}" for n in range(1, 7)
    ]
    assert sorted(Letter.objects.values_list("sequence", flat=True)) == list(range(1, 13))
