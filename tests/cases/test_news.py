"""Who is told what happened to a case: what came back, what was answered, what others did to one's own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.cases import actions, news
from portal.cases.actions import NewCase, open_correction, resolve_correction
from portal.cases.models import Case, News
from tests.cast import make_worker

MONDAY = date(2026, 11, 16)
NOMINATION = "registry.nomination"
CLAIM = "subsidies.skill-upgrade"
pytestmark = pytest.mark.django_db


def opened(kind: str, worker: Any) -> Case:
    return actions.open_cases(kind, [NewCase(worker.work_region_id, worker.pk, "")], by=None, on=MONDAY)[0]


def moved(case: Case, action: str, by: Any, reason: str = "") -> None:
    with actions.transition(case.pk, action, by=by, on=MONDAY, reason=reason):
        pass


def told(user: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.label) for one in News.objects.filter(person=user).order_by("pk")]


def test_who_is_responsible_is_told_of_what_others_do_and_of_nothing_else(cast: Any, worker: Any) -> None:
    clerk, second = cast("clerk"), cast("second_clerk")
    case = opened(NOMINATION, worker)
    moved(case, "submit", clerk)
    moved(case, "accept", clerk)
    assert told(clerk) == []
    case = opened(NOMINATION, worker)
    actions.assign(case.pk, to=clerk, by=cast("reviewer"))
    moved(case, "submit", second)
    moved(case, "accept", clerk)
    assert told(clerk) == [("assigned", ""), ("moved", "提交")]
    assert told(second) == [] and told(cast("reviewer")) == []


def test_a_correction_that_is_answered_is_told_to_who_asked_for_it(cast: Any, worker: Any) -> None:
    clerk, second = cast("clerk"), cast("second_clerk")
    case = opened(NOMINATION, worker)
    actions.assign(case.pk, to=second, by=second)
    moved(case, "submit", second)
    with actions.transition(case.pk, "return_for_correction", by=clerk, on=MONDAY) as case:
        open_correction(case, ["证书复印件"], by=clerk, on=MONDAY)
    with actions.transition(case.pk, "resubmit", by=second, on=MONDAY) as case:
        resolve_correction(case, by=second, on=MONDAY)
    assert told(clerk) == [("answered", "补正完成")]
    assert told(second) == [("moved", "补正")]


def test_what_is_sent_back_is_told_to_who_had_led_it_on(cast: Any, worker: Any) -> None:
    clerk, reviewer, above = cast("clerk"), cast("reviewer"), cast("regional_reviewer")
    case = opened(CLAIM, worker)
    for action, by in (("submit", clerk), ("accept", clerk), ("review_first", reviewer)):
        moved(case, action, by)
    moved(case, "send_back", above, "工种与证书不一致，请再核对。")
    assert told(reviewer) == [("came_back", "退回审核")]
    assert told(clerk) == [("moved", "审核，转复核"), ("came_back", "退回审核")]
    assert told(above) == []


def test_a_set_costs_no_more_questions_than_one(cast: Any, django_assert_num_queries: Any) -> None:
    clerk, second = cast("clerk"), cast("second_clerk")
    cases = [opened(NOMINATION, make_worker(f"工人{n}")) for n in "甲乙丙丁"]
    for case in cases:
        actions.assign(case.pk, to=second, by=second)
    row = cases[0].workflow.transition("submit")
    rows = list(Case.objects.filter(pk__in=[case.pk for case in cases]))
    with django_assert_num_queries(1):
        news.tell_of_moves([(case, row) for case in rows], by=clerk)
    assert told(second) == [("moved", "提交")] * 4
    with django_assert_num_queries(0):
        news.tell_of_moves([(case, row) for case in rows], by=second)


def test_the_bell_counts_until_the_page_is_read(cast: Any, as_user: Any, worker: Any) -> None:
    clerk, reviewer = cast("clerk"), cast("reviewer")
    case = opened(NOMINATION, worker)
    actions.assign(case.pk, to=clerk, by=reviewer)
    desk = as_user(clerk)
    assert "bar__count" in desk.get("/window/").text
    assert desk.head("/window/news/").status_code == 200
    assert "bar__count" in desk.get("/window/").text, "to ask for the head is not to read"
    page = desk.get("/window/news/").text
    assert case.number in page and "分派给我" in page and ">新<" in page and "bar__count" not in page
    assert "bar__count" not in desk.get("/window/").text
    again = desk.get("/window/news/").text
    assert case.number in again and ">新<" not in again
    assert case.number not in as_user(reviewer).get("/window/news/").text
    assert as_user(cast("policy_officer")).get("/window/news/").status_code == 403


def test_the_bell_costs_no_question_of_its_own(
    cast: Any, as_user: Any, django_assert_num_queries: Any, worker: Any
) -> None:
    """It is read along with the account; the page of a worker shows none."""
    from portal.accounts.backends import ActiveUserBackend

    clerk = cast("clerk")
    for _ in range(3):
        actions.assign(opened(NOMINATION, worker).pk, to=clerk, by=cast("reviewer"))
    with django_assert_num_queries(1):
        user: Any = ActiveUserBackend().get_user(clerk.pk)
        assert len(user.unseen_news) == 3


def test_the_page_asks_the_same_however_much_there_is(
    cast: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    clerk, reviewer = cast("clerk"), cast("reviewer")
    for name in "甲乙丙丁戊己":
        actions.assign(opened(NOMINATION, make_worker(f"工人{name}")).pk, to=clerk, by=reviewer)
    desk = as_user(clerk)
    desk.get("/window/")
    with django_assert_max_num_queries(12):
        page = desk.get("/window/news/").text
    assert page.count("分派给我") == 6


def test_all_may_be_marked_as_seen_and_goes_after_a_while(cast: Any, as_user: Any, worker: Any) -> None:
    clerk, reviewer = cast("clerk"), cast("reviewer")
    for _ in range(2):
        actions.assign(opened(NOMINATION, worker).pk, to=clerk, by=reviewer)
    assert as_user(reviewer).post("/window/news/seen/", follow=True).status_code == 200
    assert News.objects.unseen().filter(person=clerk).count() == 2
    page = as_user(clerk).post("/window/news/seen/", follow=True).text
    assert "已将2条提醒标为已看" in page
    assert news.sweep_news() == 0
    News.objects.update(seen_at=timezone.now() - timedelta(days=news.KEPT_DAYS + 1))
    assert news.sweep_news() == 2


def test_what_one_no_longer_sees_is_not_shown(cast: Any, as_user: Any, worker: Any) -> None:
    clerk = cast("clerk")
    case = opened(NOMINATION, worker)
    actions.assign(case.pk, to=clerk, by=cast("reviewer"))
    Case.objects.filter(pk=case.pk).update(region_id="150203")
    assert case.number not in as_user(clerk).get("/window/news/").text
