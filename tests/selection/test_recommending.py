"""Leagues recommend within their places: also when two act at once, and whoever asks."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case
from talent_registry.models import Nomination, Quota, QuotaKind
from talent_registry.selection import recommending
from tests.cast import BAOTOU, KUNDULUN, ORDOS
from tests.selection.nominees import make_round, make_skilled, move_round, nominated, today

REASON = "业绩材料与申报岗位关联不足。"


def _round(officer: Any, **quotas: int) -> Any:
    """A round at its nominations, with places to recommend by league."""
    round_ = make_round(officer, state="draft")
    given = quotas or {ORDOS: 2, BAOTOU: 1}
    Quota.objects.bulk_create(
        [Quota(round=round_, kind=QuotaKind.RECOMMENDATION, key=k, places=n) for k, n in given.items()]
    )
    move_round(round_.pk, officer, "open")
    return round_


@pytest.fixture
def at_recommendations(registry_officer: Any, clerk: Any, baotou_clerk: Any) -> Any:
    """`at_recommendations(3)` are three accepted nominations of 鄂尔多斯, the round asking for
    recommendations.
    """

    def make(count: int = 3, of_baotou: int = 0, **quotas: int) -> list[Nomination]:
        round_ = _round(registry_officer, **quotas)
        found = [nominated(make_skilled(f"王建国{n}"), round_, clerk, state="accepted") for n in range(count)]
        found += [
            nominated(make_skilled(f"赵春明{n}", region=KUNDULUN), round_, baotou_clerk, state="accepted")
            for n in range(of_baotou)
        ]
        move_round(round_.pk, registry_officer, "recommendation")
        return found

    return make


def used(nomination: Nomination, key: str = ORDOS) -> int:
    return Quota.objects.get(round=nomination.round_id, kind=QuotaKind.RECOMMENDATION, key=key).used


# -- one at a time -------------------------------------------------------------------------------------------
def test_a_league_recommends_until_its_places_are_used(at_recommendations, reviewer) -> None:
    first, second, third = at_recommendations()
    assert recommending.recommend(first.pk, by=reviewer, on=today()).state == "recommended"
    recommending.recommend(second.pk, by=reviewer, on=today())
    with pytest.raises(NotNow, match="2个推荐名额已用完"):
        recommending.recommend(third.pk, by=reviewer, on=today())
    assert used(first) == 2 and Case.objects.get(pk=third.pk).state == "accepted"


def test_taken_back_the_place_is_free_again(at_recommendations, reviewer, second_reviewer) -> None:
    first, second, third = at_recommendations()
    for one in (first, second):
        recommending.recommend(one.pk, by=reviewer, on=today())
    with pytest.raises(NotNow, match="须写明理由"):
        recommending.take_back(first.pk, reason=" ", by=second_reviewer, on=today())
    recommending.take_back(first.pk, reason="评审后另行研究。", by=second_reviewer, on=today())
    assert used(first) == 1
    recommending.recommend(third.pk, by=second_reviewer, on=today())
    assert used(first) == 2


def test_passing_over_takes_no_place_and_gives_none_back(at_recommendations, reviewer) -> None:
    first, second, _ = at_recommendations()
    recommending.recommend(first.pk, by=reviewer, on=today())
    with pytest.raises(NotNow, match="须写明理由"):
        recommending.pass_over(second.pk, reason="", by=reviewer, on=today())
    case = recommending.pass_over(second.pk, reason=REASON, by=reviewer, on=today())
    assert case.state == "not_recommended" and case.events.get(action="pass_over").reason == REASON
    recommending.take_back(second.pk, reason="重新研究。", by=reviewer, on=today())
    assert used(first) == 1 and Case.objects.get(pk=second.pk).state == "accepted"


def test_who_is_on_the_registry_takes_no_place(at_recommendations, reviewer, monkeypatch) -> None:
    first, second, third = at_recommendations()
    listed = first.worker_id
    monkeypatch.setattr(recommending, "on_registry", lambda worker_id: worker_id == listed)
    for one in (first, second, third):
        recommending.recommend(one.pk, by=reviewer, on=today())
    assert used(first) == 2
    recommending.take_back(first.pk, reason="本人已在名录中。", by=reviewer, on=today())
    assert used(first) == 2, "what took no place gives none back"


# -- who and when --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "who", ["clerk", "baotou_reviewer", "registry_officer", "approver", "regional_reviewer", "panel_expert"]
)
def test_only_the_own_league_decides(at_recommendations, cast, who) -> None:
    (one,) = at_recommendations(1)
    for act in (
        lambda: recommending.recommend(one.pk, by=cast(who), on=today()),
        lambda: recommending.pass_over(one.pk, reason=REASON, by=cast(who), on=today()),
        lambda: recommending.take_back(one.pk, reason=REASON, by=cast(who), on=today()),
    ):
        with pytest.raises(Refused):
            act()
    assert used(one) == 0


def test_who_took_it_in_does_not_recommend(at_recommendations, clerk, reviewer) -> None:
    """Four eyes, by person: the duty of accepting excludes that of reviewing."""
    from portal.accounts.models import RoleAssignment

    (one,) = at_recommendations(1)
    RoleAssignment.objects.create(user=clerk, role="league_reviewer", region_id=ORDOS)
    both = type(clerk).objects.get(pk=clerk.pk)
    with pytest.raises(Refused, match="须由另一人办理"):
        recommending.recommend(one.pk, by=both, on=today())


@pytest.mark.parametrize("state", ["open", "assessed", "ranked"])
def test_only_while_the_round_asks_for_it(registry_officer, clerk, reviewer, state) -> None:
    round_ = _round(registry_officer)
    one = nominated(make_skilled(), round_, clerk, state="accepted")
    move_round(round_.pk, registry_officer, state)
    for act in (
        lambda: recommending.recommend(one.pk, by=reviewer, on=today()),
        lambda: recommending.pass_over(one.pk, reason=REASON, by=reviewer, on=today()),
    ):
        with pytest.raises(NotNow, match="只有在“盟市推荐”阶段"):
            act()


def test_a_league_without_places_recommends_nobody(at_recommendations, reviewer) -> None:
    (one,) = at_recommendations(1, **{BAOTOU: 1})
    with pytest.raises(NotNow, match="没有给该盟市分配推荐名额"):
        recommending.recommend(one.pk, by=reviewer, on=today())


def test_the_database_counts_no_further_than_the_places(at_recommendations) -> None:
    (one,) = at_recommendations(1)
    quotas = Quota.objects.filter(round=one.round_id, kind=QuotaKind.RECOMMENDATION, key=ORDOS)
    with pytest.raises(IntegrityError, match="quota_is_never_exceeded"), transaction.atomic():
        quotas.update(used=3)
    with pytest.raises(IntegrityError, match="fixed when the round opened"), transaction.atomic():
        quotas.update(places=9)


# -- all at once ---------------------------------------------------------------------------------------------
def test_two_leagues_and_many_hands_at_once_never_exceed(committed, at_recommendations, cast) -> None:
    found = at_recommendations(6, of_baotou=4)
    people = {ORDOS: [cast("reviewer"), cast("second_reviewer")], BAOTOU: [cast("baotou_reviewer")]}
    together = threading.Barrier(len(found))
    refused: list[str] = []

    def act(nomination: Nomination, by: Any) -> None:
        together.wait()
        try:
            recommending.recommend(nomination.pk, by=by, on=today())
        except NotNow as reason:
            refused.append(str(reason))
        finally:
            connection.close()

    threads = []
    for n, one in enumerate(found):
        by = people[one.case.league_code]
        threads.append(threading.Thread(target=act, args=(one, by[n % len(by)])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recommended = Case.objects.filter(pk__in=[one.pk for one in found], state="recommended")
    assert recommended.filter(league_code=ORDOS).count() == used(found[0]) == 2
    assert recommended.filter(league_code=BAOTOU).count() == used(found[0], BAOTOU) == 1
    assert len(refused) == 7 and all("名额已用完" in reason for reason in refused)


# -- how far a league is -------------------------------------------------------------------------------------
def test_the_work_of_leagues_in_two_queries(at_recommendations, reviewer, django_assert_num_queries) -> None:
    first, second, _, _ = at_recommendations(3, of_baotou=1)
    recommending.recommend(first.pk, by=reviewer, on=today())
    recommending.pass_over(second.pk, reason=REASON, by=reviewer, on=today())
    with django_assert_num_queries(2):
        work = recommending.work_of_leagues(first.round)
    ordos = work[ORDOS]
    assert (ordos.nominated, ordos.recommended, ordos.passed_over, ordos.undecided, ordos.left) == (
        3,
        1,
        1,
        1,
        1,
    )
    assert (work[BAOTOU].undecided, work[BAOTOU].left) == (1, 1)
