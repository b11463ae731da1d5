"""The facts of merged people are those of the person who stands for them, whoever gathers them and however."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.entitlements.matching import match
from portal.entitlements.models import MatchState, Offer
from portal.policy.facts import FACTS
from portal.workforce import fact_table
from portal.workforce.fact_table import refresh
from portal.workforce.facts import plain_relation, relation
from portal.workforce.models import BenefitClaim, Employer, KnownFacts, VerifiedFacts
from portal.workforce.sources import sources_of
from tests.by_two import changed_by_two
from tests.cast import OTOG, confirm, make_honour, make_worker
from tests.entitlements.given import ON, attested, certified, employed, insured, welder
from tests.workforce.gathered import verified_rows
from tests.workforce.merging import merged, undone

pytestmark = pytest.mark.django_db


def _drawn(**asked: Any) -> dict[int, dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(relation(ON, **asked))
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    assert len(found) == len(rows), "a person is one row"
    return found


@pytest.fixture
def people(cast) -> dict[str, Any]:
    """A person with two records, and a bystander."""
    old, new, other = make_worker("孙布和"), make_worker("孙布和"), make_worker("李静")
    make_honour(old, recorded_by=cast("clerk"), verified_by=cast("reviewer"))
    employed(old, front_line_years=9, on_front_line=True)
    certified(old, level=50)
    insured(old, months=60)
    employed(new, on_front_line=False)
    certified(new, level=30, issued_on=date(2026, 9, 1))
    insured(new, months=12)
    BenefitClaim.objects.create(
        worker=old, kind="skill_upgrade", occupation="焊工", level=30,
        claimed_on=date(2026, 2, 1), source="窗口登记",
    )  # fmt: skip
    attested(new, "outstanding_mentor")
    certified(other, level=40)
    return {"old": old, "new": new, "other": other}


def test_without_pointers_nothing_is_asked_otherwise(people) -> None:
    assert relation(ON) == plain_relation(ON)
    assert relation(ON, workers=[people["old"].pk]) == plain_relation(ON, workers=[people["old"].pk])


def test_everything_stands_under_one(people, cast) -> None:
    old, new, other = people["old"], people["new"], people["other"]
    before = _drawn()
    pointer = merged(cast, old, new)
    facts = _drawn()
    assert set(facts) == {new.pk, other.pk} and facts[other.pk] == before[other.pk]
    one = facts[new.pk]
    assert one["honours"] and one["outstanding_mentor"] is True
    assert (one["skill_level"], one["certificate_level"]) == (50, 30)
    # Of two employments that are not over, that of the record which stands.
    assert (one["on_front_line"], one["front_line_years"]) == (False, None)
    assert one["claims_this_year"] == 1 and one["birth_on"] == new.birth_on
    for asked in ([new.pk], [old.pk], [old.pk, new.pk]):
        assert _drawn(workers=asked) == {new.pk: one}
    assert _drawn(workers=[new.pk, other.pk]) == facts
    assert _drawn(within=f"SELECT {new.pk} AS worker_id") == {new.pk: one}
    assert _drawn(within=f"SELECT {other.pk} AS worker_id") == {other.pk: facts[other.pk]}
    undone(cast, pointer)
    assert _drawn() == before


def test_the_same_claim_under_both_numbers_is_one(people, cast) -> None:
    BenefitClaim.objects.create(
        worker=people["new"], kind="skill_upgrade", occupation="焊工", level=30,
        claimed_on=date(2026, 3, 1), source="窗口登记",
    )  # fmt: skip
    merged(cast, people["old"], people["new"])
    assert _drawn()[people["new"].pk]["claims_this_year"] == 1


def test_what_was_found_wrong_does_not_stand_before_what_was_not(people, cast) -> None:
    people["new"].employments.update(
        verification="refuted", verified_by=cast("reviewer"), verified_at=timezone.now(), verified_from="不符"
    )
    merged(cast, people["old"], people["new"])
    assert _drawn()[people["new"].pk]["front_line_years"] == 9


def test_voided_nobody_has_facts(people, cast) -> None:
    merged(cast, people["old"])
    assert set(_drawn()) == {people["new"].pk, people["other"].pk}
    assert _drawn(workers=[people["old"].pk]) == {}


def test_sources_name_the_records_of_both(people, cast) -> None:
    merged(cast, people["old"], people["new"])
    assert {"honours", "outstanding_mentor", "skill_level"} <= set(sources_of(people["new"]))


def test_a_merged_unit_is_the_one_that_stands(cast) -> None:
    wrong = Employer.objects.create(name="棋盘井媒业", region_id=OTOG, source="窗口登记")
    right = Employer.objects.create(name="棋盘井煤业", region_id=OTOG, source="窗口登记", kind="private")
    worker = make_worker()
    employed(worker, employer=wrong)
    assert _drawn()[worker.pk]["employer_kind"] is None
    pointer = merged(cast, wrong, right, kind="unit")
    assert _drawn()[worker.pk]["employer_kind"] == "private"
    assert _drawn(workers=[worker.pk])[worker.pk]["employer_kind"] == "private"
    undone(cast, pointer, kind="unit")
    assert _drawn()[worker.pk]["employer_kind"] is None


def _tables() -> list[list[Any]]:
    known = KnownFacts.objects.order_by("pk").values_list("worker_id", *FACTS)
    return [list(known), verified_rows()]


def _gathered_alike() -> list[list[Any]]:
    """What gathering who changed gives is what gathering everybody gives."""
    refresh(ON)
    found = _tables()
    refresh(ON, whole=True)
    assert _tables() == found
    return found


def test_gathered_facts_follow_a_merge_and_its_undoing(people, cast) -> None:
    before = _gathered_alike()
    pointer = merged(cast, people["old"], people["new"])
    known, verified = _gathered_alike()
    assert {row[0] for row in known} == {people["new"].pk, people["other"].pk}
    assert {row[0] for row in verified} == {people["new"].pk, people["other"].pk}
    undone(cast, pointer)
    assert _gathered_alike() == before


def test_what_is_written_under_the_old_number_afterwards_is_gathered(people, cast) -> None:
    merged(cast, people["old"], people["new"])
    _gathered_alike()
    attested(people["old"], "superb_skill")
    known, _ = _gathered_alike()
    assert KnownFacts.objects.get(worker=people["new"]).superb_skill is True


def test_facts_confirmed_under_one_number_only_count_alone(people, cast) -> None:
    from tests.workforce.test_relation import m

    m.SkillCredential.objects.create(
        worker=people["old"],
        occupation="焊工",
        level=60,
        number="S9",
        issued_on=date(2026, 10, 1),
        source="花名册",
    )
    merged(cast, people["old"], people["new"])
    _gathered_alike()
    assert KnownFacts.objects.get(worker=people["new"]).skill_level == 60
    assert VerifiedFacts.objects.get(worker=people["new"]).skill_level == 50


def test_units_that_change_behind_a_pointer_are_gathered(cast) -> None:
    wrong = Employer.objects.create(name="棋盘井媒业", region_id=OTOG, source="窗口登记")
    right = Employer.objects.create(name="棋盘井煤业", region_id=OTOG, source="窗口登记")
    worker = make_worker()
    employed(worker, employer=wrong)
    _gathered_alike()
    merged(cast, wrong, right, kind="unit")
    _gathered_alike()
    changed_by_two(right, kind="private")
    _gathered_alike()
    assert KnownFacts.objects.get(worker=worker).employer_kind == "private"


def test_matching_offers_to_the_person_alone_and_revives_when_undone(cast, monkeypatch) -> None:
    monkeypatch.setattr(fact_table, "CLOCKS_DIFFER_BY", timedelta(0))
    old, new = welder("孙布和"), make_worker("孙布和")
    match(ON, cause="试")
    offered = set(Offer.objects.filter(worker=old).values_list("benefit", flat=True))
    assert offered and not Offer.objects.filter(worker=new).exists()
    pointer = merged(cast, old, new)
    run = match(ON, cause="试")
    assert set(Offer.objects.filter(worker=new).values_list("benefit", flat=True)) == offered
    assert set(Offer.objects.filter(worker=old).values_list("state", flat=True)) == {"expired"}
    assert MatchState.objects.get(worker=old).eligible == 0 and run.people == 1
    counted = {benefit for benefit, numbers in run.counts.items() if numbers["eligible"]}
    assert offered <= counted and all(numbers["eligible"] <= 1 for numbers in run.counts.values())
    undone(cast, pointer)
    match(ON, cause="试")
    assert set(Offer.objects.filter(worker=old).values_list("state", flat=True)) == {"matched"}
    assert set(Offer.objects.filter(worker=new).values_list("state", flat=True)) == {"expired"}


def test_a_relation_of_many_is_asked_in_one_statement(people, cast, django_assert_num_queries) -> None:
    merged(cast, people["old"], people["new"])
    with django_assert_num_queries(2):
        _drawn()
    with django_assert_num_queries(2):
        _drawn(workers=[one.pk for one in people.values()])


def test_confirmed_records_of_a_merged_person_stay_confirmed(people, cast) -> None:
    credential = people["old"].credentials.get()
    confirm(credential)
    undone(cast, merged(cast, people["old"], people["new"]))
    credential.refresh_from_db()
    assert credential.verification == "confirmed" and credential.worker == people["old"]
