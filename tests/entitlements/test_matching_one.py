"""One person is matched when something about them is saved; the look over the register that follows agrees with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.entitlements.matching import match
from portal.entitlements.matching_one import match_person
from portal.entitlements.models import Offer
from portal.workforce.actions import save_record
from tests.by_two import changed_by_two
from tests.cast import make_worker
from tests.entitlements.given import ON, certified, employed, graduated, insured, welder

pytestmark = pytest.mark.django_db
UPGRADE = "training.skill-upgrade"


def rows(worker: Any) -> list[tuple[Any, ...]]:
    """The person's offers, without their numbers."""
    kept = ("benefit", "distinction", "state", "region_id", "subject_type", "subject_id", "beside")
    return sorted(Offer.objects.filter(worker=worker).values_list(*kept), key=str)


@pytest.fixture
def looked_over(db: None) -> None:
    """A register that was looked over once, with somebody else in it."""
    make_worker("李静")
    match(ON, cause="试")


def test_it_offers_what_the_next_look_would(looked_over: None) -> None:
    worker = welder()
    new = match_person(worker.pk, on=ON)
    assert UPGRADE in {offer.benefit for offer in new}
    by_one = rows(worker)
    run = match(ON, cause="试")
    assert rows(worker) == by_one and run.offered == 0
    assert run.counts[UPGRADE]["gained"] == 1, "the look counts what it finds, whoever offered it"
    assert match_person(worker.pk, on=ON) == [] and rows(worker) == by_one


def test_what_falls_away_lapses_and_holds_again(looked_over: None) -> None:
    worker = welder()
    match_person(worker.pk, on=ON)
    changed_by_two(worker.insurance, months=3)
    match_person(worker.pk, on=ON)
    assert Offer.objects.get(worker=worker, benefit=UPGRADE).state == "expired"
    changed_by_two(worker.insurance, months=36)
    match_person(worker.pk, on=ON)
    assert Offer.objects.get(worker=worker, benefit=UPGRADE).state == "matched"
    match(ON, cause="试")
    assert Offer.objects.get(worker=worker, benefit=UPGRADE).state == "matched"


def test_an_older_certificate_stays_offered_beside_a_newer(looked_over: None) -> None:
    worker = welder()
    match_person(worker.pk, on=ON)
    certified(worker, level=30, issued_on=date(2026, 11, 1), occupation="电工")
    match_person(worker.pk, on=ON)
    found = dict(Offer.objects.filter(worker=worker, benefit=UPGRADE).values_list("distinction", "state"))
    assert found == {"焊工 senior 2026-05-10": "matched", "电工 intermediate 2026-11-01": "matched"}
    match(ON, cause="试")
    assert found == dict(
        Offer.objects.filter(worker=worker, benefit=UPGRADE).values_list("distinction", "state")
    )


def test_nothing_before_the_first_look(db: None) -> None:
    worker = welder()
    assert match_person(worker.pk, on=ON) == [] and not Offer.objects.exists()
    match(ON, cause="试")
    assert Offer.objects.filter(worker=worker).exists()


def test_saving_a_record_matches_its_person(
    looked_over: None, clerk: Any, django_capture_on_commit_callbacks: Any
) -> None:
    worker = make_worker("王建国")
    employed(worker)
    values = {
        "graduated_from": "senior",
        "school": "鄂尔多斯技师学院",
        "graduated_on": timezone.localdate(),
        "source": "窗口登记",
    }
    with django_capture_on_commit_callbacks(execute=True) as asked:
        save_record("schooling", worker.pk, values, by=clerk, on=timezone.localdate())
    assert Offer.objects.filter(worker=worker, benefit="schooling.equivalence").exists()
    assert len(asked) >= 1


def test_much_written_in_one_transaction_is_matched_once(
    looked_over: None, django_capture_on_commit_callbacks: Any
) -> None:
    from portal.workforce.events import person_saved

    with django_capture_on_commit_callbacks() as asked:
        for _ in range(4):
            person_saved([7])
        person_saved([8])
        person_saved([1, 2, 3])
    assert len(asked) == 2


def test_it_asks_little(looked_over: None, django_assert_max_num_queries: Any) -> None:
    """How long that takes is measured by the benchmark of matching."""
    worker = welder()
    insured(make_worker("赵敏"))
    graduated(worker)
    match_person(worker.pk, on=ON)
    with django_assert_max_num_queries(11):
        match_person(worker.pk, on=ON)


def test_two_people_after_each_other_are_asked_about_by_one_plan(looked_over: None) -> None:
    """Given two people of whom one is entitled, when both are matched, then each by what they have, and nothing was
    planned for the second.
    """
    entitled, other = welder(), make_worker("王强")
    assert UPGRADE in {offer.benefit for offer in match_person(entitled.pk, on=ON)}
    planned = _kept()
    assert planned
    assert UPGRADE not in {offer.benefit for offer in match_person(other.pk, on=ON)}
    assert _kept() == planned


def _kept() -> set[str]:
    """Names of the statements that the session keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'kept_%'")
        return {name for (name,) in cursor.fetchall()}
