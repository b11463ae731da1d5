"""Nothing is claimed twice: not by the same certificate, not for the same level, not more often than the law says; by
whichever record of a person, and however many try at once.
"""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.workforce.models import BenefitClaim
from subsidies import claiming, handling
from subsidies.models import Claim, ClaimKey
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import make_worker
from tests.subsidies.conftest import MONDAY, certificate, in_work
from tests.workforce.merging import merged, undone


@pytest.mark.django_db
def test_a_certificate_is_claimed_once(welding: Any, handed_in: Any) -> None:
    handed_in(welding)
    with pytest.raises(NotNow, match="这本证书已有一件申请"):
        handed_in(welding)


@pytest.mark.django_db
def test_a_level_of_an_occupation_is_claimed_once(
    cast: Any, welder: Any, welding: Any, handed_in: Any
) -> None:
    handed_in(welding)
    other = certificate(welder, cast("reviewer"), occupation="焊 工", number="S000015000007")
    with pytest.raises(NotNow, match="同一职业（工种）同一等级已在申领"):
        handed_in(other)
    assert Claim.objects.count() == 1 and Case.objects.filter(kind=SKILL_UPGRADE).count() == 1


@pytest.mark.django_db
def test_three_in_a_year(cast: Any, welder: Any, handed_in: Any) -> None:
    trades = ["焊工", "钳工", "电工", "车工"]
    records = [
        certificate(welder, cast("reviewer"), occupation=trade, number=f"S{n}")
        for n, trade in enumerate(trades)
    ]
    claims = [handed_in(record) for record in records[:3]]
    assert [claim.keys.get(kind="place").place for claim in claims] == [1, 2, 3]
    with pytest.raises(NotNow, match="2026年度最多申领3次"):
        handed_in(records[3])
    claiming.withdraw(claims[1].pk, by=cast("clerk"), on=MONDAY, reason="本人到窗口提出撤回。")
    assert handed_in(records[3]).keys.get(kind="place").place == 2


@pytest.mark.django_db
def test_what_was_drawn_elsewhere_takes_places(cast: Any, welder: Any, handed_in: Any) -> None:
    for level, day in ((20, date(2026, 2, 2)), (30, date(2026, 3, 3))):
        BenefitClaim.objects.create(
            worker=welder, kind="skill_upgrade", occupation="车工", level=level, claimed_on=day, source="合成"
        )
    handed_in(certificate(welder, cast("reviewer"), number="S1"))
    with pytest.raises(NotNow, match="已用完"):
        handed_in(certificate(welder, cast("reviewer"), occupation="钳工", number="S2"))


@pytest.mark.django_db
def test_an_approved_claim_takes_one_place_and_not_two(
    cast: Any, welder: Any, welding: Any, accepted: Any
) -> None:
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)
    for number, trade in enumerate(["钳工", "电工"]):
        accepted(certificate(welder, cast("reviewer"), occupation=trade, number=f"S{number}"))
    with pytest.raises(NotNow, match="不符合条件|已用完"):
        accepted(certificate(welder, cast("reviewer"), occupation="车工", number="S9"))


@pytest.mark.django_db
def test_records_of_one_person_share_their_keys(cast: Any, welder: Any, welding: Any, handed_in: Any) -> None:
    other = in_work(make_worker("王建国"), cast("reviewer"))
    theirs = certificate(other, cast("reviewer"), number="S000015000003")
    handed_in(theirs)
    pointer = merged(cast, other, welder)
    with pytest.raises(NotNow, match="同一职业（工种）同一等级已在申领"):
        handed_in(welding)
    undone(cast, pointer)
    assert handed_in(welding).keys.held().count() == 3


@pytest.mark.django_db
def test_two_claims_of_one_right_are_shown_before_a_merge(
    cast: Any, welder: Any, welding: Any, handed_in: Any
) -> None:
    from portal.workforce.collisions import of_people

    other = in_work(make_worker("王建国"), cast("reviewer"))
    handed_in(certificate(other, cast("reviewer"), number="S000015000003"))
    handed_in(welding)
    assert any("同一职业（工种）同一等级" in one.text for one in of_people(other, welder))


# -- the database says no ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_key_is_never_removed_or_taken_back(welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    for sql in (
        "DELETE FROM subsidies_claimkey",
        "UPDATE subsidies_claimkey SET place = 2 WHERE kind = 'place'",
        "UPDATE subsidies_claim SET handed_in_on = '2020-01-01'",
        "DELETE FROM subsidies_claim",
    ):
        with pytest.raises(DatabaseError, match="stays"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert claim.keys.held().count() == 3


@pytest.mark.django_db
def test_a_claim_under_way_cannot_give_its_keys_away(welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    with pytest.raises(DatabaseError, match="holds 0 keys"), transaction.atomic():
        claim.keys.update(freed_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_no_amount_without_a_decision(cast: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE subsidies_claim SET amount = 1500, decision_id = determination_id")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE subsidies_claim SET amount = 2000")


def test_many_at_once_take_no_place_twice(committed: str, cast: Any) -> None:
    """Four certificates of four trades, three places in the year, each claimed by its own connection at once."""
    worker = in_work(make_worker("王建国"), cast("reviewer"))
    clerk = cast("clerk")
    records = [
        certificate(worker, cast("reviewer"), occupation=trade, number=f"S{n}")
        for n, trade in enumerate(["焊工", "钳工", "电工", "车工"])
    ]
    barrier, refusals = threading.Barrier(len(records)), []

    def claim(record: Any) -> None:
        try:
            barrier.wait()
            claiming.claim_at_once(record.pk, SKILL_UPGRADE, channel="window", by=clerk, on=MONDAY)
        except NotNow as refusal:
            refusals.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=[record]) for record in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = ClaimKey.objects.held().filter(kind="place")
    assert sorted(held.values_list("place", flat=True)) == [1, 2, 3]
    assert len(refusals) == 1 and "最多申领3次" in refusals[0]
