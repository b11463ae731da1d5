"""Filters of lists are kept by name, each by whoever uses it, without what is about a person."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.access import NotNow, Refused
from portal.cases.models import SavedFilter
from portal.cases.saved_filters import AT_MOST, save_filter
from tests.cast import make_worker
from tests.window.given import make_case

pytestmark = pytest.mark.django_db
SAVE = "/window/filters/save/"


def test_a_filter_is_kept_shown_as_a_link_and_given_up(cast: Any, as_user: Any) -> None:
    clerk = cast("clerk")
    make_case(make_worker("甲"))
    desk = as_user(clerk)
    sent = {"page": "cases", "name": " 超期 ", "query": "due=overdue&name=王建国&after=abc&state="}
    page = desk.post(SAVE, sent, follow=True).text
    saved = SavedFilter.objects.get()
    assert (saved.person, saved.name, saved.query) == (clerk, "超期", "due=overdue")
    assert "已保存筛选“超期”" in page and 'href="?due=overdue" aria-current="true"' in page
    assert "我的筛选" not in desk.get("/window/").text, "each list has its own"
    assert "我的筛选" not in as_user(cast("second_clerk")).get("/window/cases/").text
    assert as_user(cast("second_clerk")).post(f"/window/filters/{saved.pk}/remove/").status_code == 404
    assert "已删除筛选“超期”" in desk.post(f"/window/filters/{saved.pk}/remove/", follow=True).text
    assert not SavedFilter.objects.exists()


def test_the_same_name_is_replaced_and_there_are_not_too_many(cast: Any) -> None:
    clerk = cast("clerk")
    for number in range(AT_MOST):
        save_filter("home", f"筛选{number}", "list=mine", by=clerk)
    assert save_filter("home", "筛选1", "list=overdue", by=clerk).query == "list=overdue"
    with pytest.raises(NotNow, match=f"最多保存{AT_MOST}个"):
        save_filter("cases", "再一个", "due=week", by=clerk)
    assert SavedFilter.objects.count() == AT_MOST


@pytest.mark.parametrize(
    ("page", "name", "query"),
    [
        ("home", "", "list=mine"),
        ("home", "长" * 21, "list=mine"),
        ("elsewhere", "名", "list=mine"),
        ("cases", "名", "name=王建国"),
        ("cases", "150624198506151231", "due=week"),
    ],
)
def test_what_is_no_filter_is_not_kept(cast: Any, page: str, name: str, query: str) -> None:
    with pytest.raises(NotNow):
        save_filter(page, name, query, by=cast("clerk"))
    assert not SavedFilter.objects.exists()


def test_who_sees_no_cases_keeps_no_filter(cast: Any, as_user: Any) -> None:
    with pytest.raises(Refused):
        save_filter("home", "名", "list=mine", by=cast("policy_officer"))
    assert as_user(cast("policy_officer")).post(SAVE, {}).status_code == 403
