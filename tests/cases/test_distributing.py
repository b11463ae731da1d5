"""Cases are given out in sets: to whom, which of them stay, and to nobody who is away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases import actions
from portal.cases.absences import end_absence, record_absence
from portal.cases.actions import NewCase, NotNow
from portal.cases.assigning import may_be_assigned, may_take
from portal.cases.distributing import assign_many, hand_over
from portal.cases.models import Absence, Case, News
from tests.cast import KUNDULUN, OTOG, make_account, make_worker

MONDAY = date(2026, 11, 16)
KIND = "registry.direct-inclusion"
pytestmark = pytest.mark.django_db


def opened(name: str = "王建国", *, region: str = OTOG, kind: str = KIND) -> Case:
    worker = make_worker(name, region=region)
    return actions.open_cases(kind, [NewCase(region, worker.pk, "")], by=None, on=MONDAY)[0]


def holder(case: Case) -> Any:
    return Case.objects.get(pk=case.pk).assigned_to


def away(person: Any, deputy: Any, *, by: Any = None, since: int = 0, days: int = 3) -> Absence:
    today = timezone.localdate()
    first = today + timedelta(days=since)
    return record_absence(
        person.pk,
        since=first,
        until=first + timedelta(days=days),
        deputy_id=deputy.pk,
        by=by or person,
        on=today,
    )


def test_a_set_is_given_and_each_that_cannot_be_stays(cast: Any) -> None:
    clerk, reviewer = cast("clerk"), cast("reviewer")
    good, closed, elsewhere, mine = opened("甲"), opened("乙"), opened("丙", region=KUNDULUN), opened("丁")
    Case.objects.filter(pk=closed.pk).update(closed_at=timezone.now())
    Case.objects.filter(pk=mine.pk).update(assigned_to=clerk)
    done = assign_many([good.pk, closed.pk, elsewhere.pk, mine.pk], to=clerk, by=reviewer)
    assert [case.pk for case in done.given] == [good.pk] and holder(good) == clerk
    assert {case.pk: str(why) for case, why in done.refused.items()} == {
        closed.pk: "已办结",
        elsewhere.pk: "不在您负责的地区",
        mine.pk: f"已在{clerk}名下",
    }
    assert holder(closed) is None and holder(elsewhere) is None
    entry = Entry.objects.get(action="case.assign_many")
    assert entry.detail["numbers"] == [good.number] and entry.detail["to"] == clerk.username
    assert Entry.objects.naming(good.worker_id).filter(pk=entry.pk).exists()
    assert [(one.case_id, one.kind) for one in News.objects.filter(person=clerk)] == [(good.pk, "assigned")]


def test_who_cannot_act_in_one_of_them_gets_the_others(cast: Any) -> None:
    registry_officer = cast("registry_officer")
    one, service = opened("甲"), opened("乙", kind="facts.rectification")
    done = assign_many([one.pk, service.pk], to=registry_officer, by=cast("supervisor"))
    assert [case.pk for case in done.given] == [one.pk] and holder(service) is None
    assert "没有可以办理的事项" in str(done.refused[service])


def test_nobody_is_given_what_is_about_themselves(cast: Any) -> None:
    clerk, case = cast("clerk"), opened()
    type(case.worker).objects.filter(pk=case.worker_id).update(account=clerk)
    done = assign_many([case.pk], to=clerk, by=cast("reviewer"))
    assert not done.given and "本人" in str(done.refused[case])


@pytest.mark.parametrize("name", ["approver", "auditor", "finance_officer", "policy_officer"])
def test_who_assigns_nothing_assigns_no_set(cast: Any, as_user: Any, name: str) -> None:
    case = opened()
    with pytest.raises(Refused):
        assign_many([case.pk], to=cast("clerk"), by=cast(name))
    client = as_user(cast(name))
    assert client.post("/window/cases/assign/", {"chosen": [case.pk]}).status_code == 403
    assert client.get("/window/cases/hand-over/").status_code == 403
    assert client.get("/window/absences/").status_code == 403


def test_a_set_costs_as_many_questions_as_one(cast: Any, django_assert_max_num_queries: Any) -> None:
    clerk, reviewer = cast("clerk"), cast("reviewer")
    cases = [opened(name) for name in "甲乙丙丁戊己"]
    with django_assert_max_num_queries(14):
        assert len(assign_many([case.pk for case in cases], to=clerk, by=reviewer).given) == 6
    with django_assert_max_num_queries(4):
        assert may_take(cases)


def test_the_choice_says_what_each_has_on_their_hands(cast: Any) -> None:
    clerk = cast("clerk")
    late, stopped, good = opened("甲"), opened("乙"), opened("丙")
    yesterday = timezone.localdate() - timedelta(days=1)
    Case.objects.filter(pk__in=[late.pk, stopped.pk]).update(assigned_to=clerk, due_on=yesterday)
    Case.objects.filter(pk=stopped.pk).update(stopped_on=yesterday)
    cast("registry_officer")
    offered = {one.person: one for one in may_take([good, opened("丁", kind="facts.rectification")])}
    assert str(offered[clerk]) == f"{clerk}（窗口经办员，名下在办2件，超期1件）"
    assert "可办其中1件" in str(offered[cast("registry_officer")])


def test_all_of_somebody_goes_to_a_colleague(cast: Any, as_user: Any) -> None:
    clerk, second = cast("clerk"), cast("second_clerk")
    one, other, done_with = opened("甲"), opened("乙"), opened("丙")
    Case.objects.all().update(assigned_to=clerk)
    Case.objects.filter(pk=done_with.pk).update(closed_at=timezone.now())
    page = as_user(cast("reviewer")).get("/window/cases/hand-over/").text
    assert f"{clerk}（名下在办2件" in page and str(second) in page
    answer = as_user(cast("reviewer")).post(
        "/window/cases/hand-over/", {"person": clerk.pk, "to": second.pk}, follow=True
    )
    assert "的2件办件移交给" in answer.text
    assert [holder(case) for case in (one, other, done_with)] == [second, second, clerk]
    assert {one.kind for one in News.objects.filter(person=second)} == {"handed_over"}
    assert Entry.objects.filter(action="case.hand_over").count() == 1


def test_a_clerk_hands_over_what_is_their_own_and_of_nobody_else(cast: Any) -> None:
    clerk, second = cast("clerk"), cast("second_clerk")
    case = opened()
    Case.objects.filter(pk=case.pk).update(assigned_to=second)
    with pytest.raises(Refused):
        hand_over(second, to=clerk, by=clerk)
    with pytest.raises(Refused):
        hand_over(second, to=clerk, by=cast("baotou_reviewer"))
    assert hand_over(second, to=clerk, by=second).given == [case]


# -- away ----------------------------------------------------------------------------------------------------
def test_who_is_away_is_offered_and_given_nothing(cast: Any) -> None:
    clerk, second, reviewer = cast("clerk"), cast("second_clerk"), cast("reviewer")
    case = opened()
    absence = away(clerk, second)
    assert clerk not in {one.person for one in may_be_assigned(case)}
    for give in (
        lambda: actions.assign(case.pk, to=clerk, by=reviewer),
        lambda: assign_many([case.pk], to=clerk, by=reviewer),
        lambda: hand_over(reviewer, to=clerk, by=reviewer),
    ):
        with pytest.raises(NotNow, match=f"缺勤.*由{second}代办"):
            give()
    end_absence(absence.pk, by=clerk, on=timezone.localdate())
    assert actions.assign(case.pk, to=clerk, by=reviewer).assigned_to == clerk
    assert list(Entry.objects.filter(action__startswith="absence.").values_list("action", flat=True)) == [
        "absence.end",
        "absence.record",
    ]


def test_the_deputy_sees_what_is_theirs_while_they_are_away(cast: Any, as_user: Any) -> None:
    clerk, second = cast("clerk"), cast("second_clerk")
    case = opened()
    Case.objects.filter(pk=case.pk).update(assigned_to=clerk)
    away(clerk, second, since=1)
    assert "?list=deputy" not in as_user(second).get("/window/").text
    Absence.objects.update(since=timezone.localdate())
    home = as_user(second).get("/window/").text
    assert f"{clerk}自" in home and "?list=deputy" in home
    assert case.number in as_user(second).get("/window/?list=deputy").text
    assert "登记为缺勤" in as_user(clerk).get("/window/").text


def test_what_is_not_in_order_is_not_noted(cast: Any) -> None:
    clerk, second, today = cast("clerk"), cast("second_clerk"), timezone.localdate()
    other = make_account("otog.third", "李梅", "window_clerk", OTOG)
    given = {"since": today, "until": today, "by": clerk, "on": today}
    with pytest.raises(NotNow, match="另一人"):
        record_absence(clerk.pk, deputy_id=clerk.pk, **given)
    with pytest.raises(NotNow, match="不能代办"):
        record_absence(clerk.pk, deputy_id=cast("baotou_clerk").pk, **given)
    with pytest.raises(NotNow, match="不能早于"):
        record_absence(clerk.pk, deputy_id=second.pk, **(given | {"until": today - timedelta(days=1)}))
    with pytest.raises(Refused):
        record_absence(other.pk, deputy_id=second.pk, **given)
    with pytest.raises(Refused):
        record_absence(clerk.pk, deputy_id=second.pk, **(given | {"by": cast("baotou_reviewer")}))
    away(clerk, second)
    with pytest.raises(NotNow, match="已登记缺勤"):
        away(clerk, other)
    with pytest.raises(NotNow, match="请另选"):
        away(other, clerk, by=cast("reviewer"))
    assert Absence.objects.count() == 1


# -- the pages -----------------------------------------------------------------------------------------------
def test_a_reviewer_picks_cases_and_gives_them(cast: Any, as_user: Any) -> None:
    clerk, desk = cast("clerk"), as_user(cast("reviewer"))
    cases = [opened(name) for name in "甲乙丙"]
    listed = desk.get("/window/?list=region").text
    assert all(f'value="{case.pk}"' in listed for case in cases) and "分派所选" in listed
    sent = {"chosen": [case.pk for case in cases[:2]], "back": "/window/?list=region"}
    page = desk.post("/window/cases/assign/", sent, follow=True).text
    assert cases[0].number in page and cases[2].number not in page and "名下在办0件" in page
    done = desk.post("/window/cases/assign/", sent | {"sure": "1", "to": clerk.pk}, follow=True)
    assert "已将2件办件分派给" in done.text and done.request["QUERY_STRING"] == "list=region"
    assert [holder(case) for case in cases] == [clerk, clerk, None]
    bad = desk.post("/window/cases/assign/", sent | {"sure": "1", "to": "999999"}, follow=True)
    assert "请从名单中选择" in bad.text
    outside = desk.post("/window/cases/assign/", sent | {"chosen": [], "back": "https://example.com/"})
    assert outside["Location"].startswith("/window/cases/")


def test_an_absence_is_noted_and_ended_on_its_page(cast: Any, as_user: Any) -> None:
    clerk, second, today = cast("clerk"), cast("second_clerk"), timezone.localdate().isoformat()
    desk = as_user(cast("reviewer"))
    sent = {"person": clerk.pk, "since": today, "until": today, "deputy": second.pk}
    page = desk.post("/window/absences/", sent, follow=True).text
    assert "已登记" in page and "缺勤中" in page
    absence = Absence.objects.get()
    assert as_user(cast("baotou_clerk")).post(f"/window/absences/{absence.pk}/end/").status_code == 404
    assert "已提前结束" in desk.post(f"/window/absences/{absence.pk}/end/", follow=True).text
