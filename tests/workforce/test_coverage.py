"""That somebody has no earlier claim is known where the register knows all claims, and nowhere else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.policy.facts import FACTS
from portal.workforce.actions.coverage import (
    confirm_decided_here,
    end_decided_here,
    state_decided_here,
    take_back_decided_here,
    withdraw_coverage,
)
from portal.workforce.fact_table import refresh
from portal.workforce.facts import relation
from portal.workforce.figure_age import asked_again_before_approval
from portal.workforce.missing_coverage import missing_coverage, sentences
from portal.workforce.models import BenefitClaim, DecidedHere, FigureAge, KnownFacts, RegisterExtract, Worker
from tests.by_two import changed_by_two
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, REGION, make_worker
from tests.covering import covered, nothing_covered
from tests.entitlements.given import ON, welder
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db
TRAINING = "employment_subsidy_fund"
UPGRADE = "unemployment_insurance_fund"
OF_CLAIMS = (
    "claims_this_year",
    "scarce_claims_this_year",
    "claimed_same_occupation_level",
    "highest_level_claimed",
    "training_subsidy_for_same_certificate",
)
NOTHING = (None, None, None, None, None)
NONE = (0, 0, False, 0, False)
NONE_BUT_TRAINING = (0, 0, False, 0, None)


@pytest.fixture(autouse=True)
def uncovered(db: None) -> None:
    nothing_covered()


def known(worker: Worker, on: date = ON) -> tuple[Any, ...]:
    """The facts about earlier claims; alike for one, in a list, of everybody, and verified."""
    found = set()
    for asked in ({"workers": [worker.pk]}, {}, {"within": f"SELECT {worker.pk} AS worker_id"}):
        for verified in (False, True):
            text = relation(on, verified=verified, **asked)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {', '.join(OF_CLAIMS)} FROM ({text}) f WHERE worker_id = {worker.pk}")
                found.add(cursor.fetchone())
    (facts,) = found
    return facts


def claimed(worker: Worker, level: int = 40, kind: str = "skill_upgrade", on: date = date(2026, 6, 1)) -> Any:
    return BenefitClaim.objects.create(
        worker=worker, kind=kind, occupation="焊工", level=level, claimed_on=on, source="合成登记库"
    )


def test_where_nothing_is_covered_nothing_is_known_to_be_missing(reviewer: Any) -> None:
    assert known(welder()) == NOTHING


@pytest.mark.parametrize("place", [OTOG, ORDOS, REGION])
def test_an_extract_of_the_place_or_of_what_lies_above_it_tells(place: str, reviewer: Any) -> None:
    there, elsewhere = welder(), welder("李静", region=KUNDULUN)
    covered(reviewer, place, date(2026, 11, 1))
    assert known(there) == NONE_BUT_TRAINING
    assert known(elsewhere) == (NONE_BUT_TRAINING if place == REGION else NOTHING)
    covered(reviewer, place, date(2026, 11, 1), fund=TRAINING)
    assert known(there) == NONE


def test_a_recorded_claim_settles_what_it_settles_anywhere() -> None:
    worker = welder()
    claimed(worker, 40)
    # The same level was claimed; how many there were this year, and whether a higher one, is not known.
    assert known(worker) == (None, None, True, None, None)
    claimed(worker, 50, on=date(2024, 6, 1))
    assert known(worker) == (None, None, True, 50, None)
    claimed(worker, 40, kind="training_subsidy", on=date(2025, 6, 1))
    assert known(worker) == (None, None, True, 50, True)


def test_what_is_covered_joins_and_a_gap_is_a_gap(reviewer: Any) -> None:
    worker = welder()
    covered(reviewer, REGION, date(2025, 6, 30))
    covered(reviewer, OTOG, date(2026, 11, 1), since=date(2025, 8, 1))
    # The year is covered from its first day, the years before are not.
    assert known(worker) == (0, 0, None, None, None)
    covered(reviewer, ORDOS, date(2025, 7, 31), since=date(2025, 7, 1))
    assert known(worker) == NONE_BUT_TRAINING


def test_it_has_to_reach_near_enough(reviewer: Any) -> None:
    worker = welder()
    FigureAge.objects.filter(what="claims").update(days=30)
    covered(reviewer, OTOG, ON - timedelta(days=30))
    assert known(worker) == NONE_BUT_TRAINING
    assert known(worker, ON + timedelta(days=1)) == NOTHING
    FigureAge.objects.create(what="claims", days=60, since=ON + timedelta(days=1), source="合成文号")
    assert known(worker, ON + timedelta(days=1)) == NONE_BUT_TRAINING
    FigureAge.objects.all().delete()
    assert known(worker) == NOTHING


def test_a_year_that_has_just_begun_is_not_known_by_itself(reviewer: Any) -> None:
    worker, new_year = welder(), date(2027, 1, 5)
    assert known(worker, new_year) == NOTHING
    covered(reviewer, OTOG, date(2026, 11, 1))
    FigureAge.objects.filter(what="claims").update(days=31)
    assert known(worker, new_year)[0] is None
    covered(reviewer, OTOG, date(2026, 12, 20), since=date(2026, 12, 1))
    assert known(worker, new_year)[0] == 0
    assert known(worker, new_year)[2] is None  # November is missing


def test_what_was_not_taken_in_whole_or_was_taken_back_covers_nothing(reviewer: Any) -> None:
    worker = welder()
    covered(reviewer, OTOG, date(2026, 11, 1), refused=1)
    assert known(worker) == NOTHING
    whole = covered(reviewer, OTOG, date(2026, 11, 1))
    assert known(worker) == NONE_BUT_TRAINING
    withdraw_coverage(whole.pk, reason="误填了起始日期", by=reviewer)
    assert known(worker) == NOTHING
    with pytest.raises(NotNow):
        withdraw_coverage(whole.pk, reason="再次", by=reviewer)


def test_of_whoever_came_later_it_says_nothing(reviewer: Any) -> None:
    before = welder()
    covered(reviewer, REGION, date(2026, 11, 1), at=timezone.now() - timedelta(days=2))
    Worker.objects.filter(pk=before.pk).update(created_at=timezone.now() - timedelta(days=3))
    assert (known(before), known(welder("李静"))) == (NONE_BUT_TRAINING, NOTHING)
    # An extract of that one year does not tell of the others.
    covered(reviewer, REGION, date(2026, 11, 1), since=date(2026, 1, 1))
    later = Worker.objects.get(name="李静")
    assert known(later) == (0, 0, None, None, None)
    # Whoever moves is in no extract of the place they come to.
    changed_by_two(before, work_region_id=KUNDULUN)
    before.refresh_from_db()
    assert before.work_region_id == KUNDULUN and known(before) == NOTHING
    covered(reviewer, BAOTOU, date(2026, 11, 2))
    assert known(before) == NONE_BUT_TRAINING


def test_of_people_who_were_merged_it_tells_what_came_after(reviewer: Any, cast: Any) -> None:
    one, other = welder(), make_worker("王建国")
    covered(reviewer, REGION, date(2026, 11, 1))
    merged(cast, other, one)
    assert known(one) == NOTHING
    covered(reviewer, REGION, date(2026, 11, 2))
    assert known(one) == NONE_BUT_TRAINING


def test_what_is_decided_here_needs_no_extract_once_two_have_said_so(
    reviewer: Any, second_reviewer: Any, baotou_reviewer: Any, clerk: Any
) -> None:
    worker = welder()
    covered(reviewer, ORDOS, date(2025, 12, 31))
    given = {"place": ORDOS, "fund": UPGRADE, "since": date(2026, 1, 1), "on": ON}
    for who in (clerk, baotou_reviewer):
        with pytest.raises(Refused):
            state_decided_here(**given, basis="合成文号", by=who)
    with pytest.raises(NotNow):
        state_decided_here(**given, basis=" ", by=reviewer)
    statement = state_decided_here(**given, basis="合成文号", by=reviewer)
    with pytest.raises(NotNow, match="已有一项声明"):
        state_decided_here(**given, basis="合成文号", by=second_reviewer)
    assert known(worker) == NOTHING
    with pytest.raises(Refused):
        confirm_decided_here(statement.pk, by=reviewer)
    confirm_decided_here(statement.pk, by=second_reviewer)
    assert known(worker) == NONE_BUT_TRAINING
    assert known(worker, ON + timedelta(days=500))[:4] == NONE[:4]
    # Of somebody who comes later it knows what is decided here, and not what was before.
    assert known(welder("李静")) == (0, 0, None, None, None)
    with pytest.raises(NotNow):
        take_back_decided_here(statement.pk, by=reviewer)
    with pytest.raises(ValidationError):
        end_decided_here(statement.pk, until=date(2025, 12, 31), by=second_reviewer)
    end_decided_here(statement.pk, until=date(2026, 3, 31), by=second_reviewer)
    assert known(worker) == NOTHING


def test_a_statement_nobody_confirmed_can_be_taken_back(reviewer: Any) -> None:
    given = {"place": OTOG, "fund": UPGRADE, "since": date(2026, 1, 1), "basis": "合成文号", "on": ON}
    take_back_decided_here(state_decided_here(**given, by=reviewer).pk, by=reviewer)
    assert not DecidedHere.objects.filter(place=OTOG).exists()


def test_the_database_holds_it(reviewer: Any, second_reviewer: Any) -> None:
    given = {"place_id": OTOG, "fund": UPGRADE, "since": date(2026, 1, 1), "basis": "合成文号"}
    statement = DecidedHere.objects.create(**given, stated_by=reviewer)
    now = timezone.now()
    extract = covered(reviewer, OTOG, date(2026, 11, 1))
    confirmed = {"stated_by": reviewer, "confirmed_by": second_reviewer, "confirmed_at": now}
    for refused in (
        lambda: DecidedHere.objects.create(**given | {"place_id": ORDOS}, **confirmed),
        lambda: DecidedHere.objects.create(**given | {"place_id": ORDOS}, confirmed_at=now),
        lambda: DecidedHere.objects.filter(pk=statement.pk).update(confirmed_by=reviewer, confirmed_at=now),
        lambda: DecidedHere.objects.filter(pk=statement.pk).update(since=date(2017, 1, 1)),
        lambda: RegisterExtract.objects.filter(pk=extract.pk).update(covers_from=date(2010, 1, 1)),
        lambda: RegisterExtract.objects.filter(pk=extract.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            refused()


def test_whatever_changes_what_is_covered_is_gathered(reviewer: Any, second_reviewer: Any) -> None:
    """What is gathered of those who may have changed is what gathering everybody would give."""
    worker, other = welder(), welder("李静", region=KUNDULUN)
    long_ago = timezone.now() - timedelta(days=9)
    Worker.objects.update(created_at=long_ago)

    def step(on: date) -> tuple[Any, ...]:
        refresh(on)
        gathered = KnownFacts.objects.order_by("pk").values_list("worker_id", *FACTS)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT worker_id, {', '.join(FACTS)} FROM ({relation(on)}) f ORDER BY worker_id")
            assert list(gathered) == cursor.fetchall()
        return KnownFacts.objects.values_list(*OF_CLAIMS).get(worker=worker)

    assert step(ON) == NOTHING
    extract = covered(reviewer, ORDOS, date(2026, 11, 1))
    assert step(ON) == NONE_BUT_TRAINING
    days = FigureAge.objects.get(what="claims").days
    assert step(date(2026, 11, 1) + timedelta(days=days)) == NONE_BUT_TRAINING
    assert step(date(2026, 11, 2) + timedelta(days=days)) == NOTHING
    FigureAge.objects.filter(what="claims").update(days=days + 1, changed_at=timezone.now())
    assert step(date(2026, 11, 2) + timedelta(days=days)) == NONE_BUT_TRAINING
    withdraw_coverage(extract.pk, reason="误填", by=reviewer)
    assert step(date(2026, 11, 2) + timedelta(days=days)) == NOTHING
    given = {"place": OTOG, "fund": UPGRADE, "since": date(2016, 1, 1), "basis": "合成文号"}
    statement = state_decided_here(**given, by=reviewer, on=ON)
    confirm_decided_here(statement.pk, by=second_reviewer)
    assert step(date(2027, 1, 20)) == NONE_BUT_TRAINING
    changed_by_two(worker, work_region_id=KUNDULUN)
    assert step(date(2027, 1, 20)) == NOTHING
    assert other.pk in set(KnownFacts.objects.values_list("worker_id", flat=True))


def test_what_is_missing_is_said_with_place_fund_and_time(reviewer: Any) -> None:
    worker = welder()
    last = ON - timedelta(days=FigureAge.objects.get(what="claims").days)
    until = f"{last.year}年{last.month}月{last.day}日"
    missing = missing_coverage(worker, ON)
    assert missing.keys() == set(OF_CLAIMS)
    assert sentences(missing.values()) == [
        f"缺少鄂尔多斯市鄂托克旗{fund}2017年1月1日至{until}的以往补贴发放登记的摘录，"
        "须由有摘录权限的人员提交，或由两人声明已全部在本系统办理。"
        for fund in ("失业保险基金", "就业补助资金")
    ]
    covered(reviewer, REGION, ON - timedelta(days=1), since=date(2025, 12, 31))
    assert "claims_this_year" not in missing_coverage(worker, ON)
    covered(reviewer, REGION, ON - timedelta(days=1), at=timezone.now() - timedelta(days=9))
    covered(reviewer, REGION, ON - timedelta(days=1), fund=TRAINING)
    (later,) = sentences(missing_coverage(worker, ON).values())
    assert "尚未在当地登记" in later and "就业补助资金" not in later
    Worker.objects.update(created_at=timezone.now() - timedelta(days=10))
    assert missing_coverage(worker, ON) == {}


def test_an_old_figure_is_named(reviewer: Any) -> None:
    worker = welder()
    days = FigureAge.objects.get(what="insurance").days
    worker.insurance.refresh_from_db()
    as_of = worker.insurance.as_of
    assert asked_again_before_approval(worker, as_of + timedelta(days=days)) == []
    (old,) = asked_again_before_approval(worker, as_of + timedelta(days=days + 1))
    assert str(old) == f"失业保险信息截至2026年10月31日，已超过{days}天（示例），办理前须重新查询。"
    FigureAge.objects.create(what="insurance", days=days + 1, since=date(2026, 11, 1), source="合成文号")
    assert asked_again_before_approval(worker, as_of + timedelta(days=days + 1)) == []
