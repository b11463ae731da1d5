"""Every list of the staff begins at the worklist, offers to clear what is filtered, and names states alike."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from portal.pages.deadlines import deadline_of
from portal.regions.models import CalendarYear
from tests.cast import id_number, make_worker
from tests.window.given import make_case

pytestmark = pytest.mark.django_db

# Each list with a filter that it understands, and who sees it.
LISTS = {
    "window:workers": ("name=王", "clerk"),
    "window:cases": ("due=overdue", "clerk"),
    "window:letters": ("name=王", "clerk"),
    "window:honours": ("name=王", "clerk"),
    "window:objections": ("state=open", "registry_officer"),
    "window:offers": ("name=王", "clerk"),
    "registry:proposals": ("name=王", "registry_officer"),
    "registry:entries": ("name=王", "registry_officer"),
    "registry:nominations": ("name=王", "registry_officer"),
    "accounts:users": ("q=王", "security_admin"),
    "window:audit": ("worker=王", "auditor"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_says_where_it_is_and_clears_only_what_is_filtered(name: str, cast: Any, as_user: Any) -> None:
    _, who = LISTS[name]
    page = as_user(cast(who)).get(reverse(name)).content.decode()
    assert '<nav class="breadcrumb"' in page and f'<a href="{reverse("window:home")}">工作台</a>' in page
    assert page.count('<span aria-current="page">') == 1
    assert "清除条件" not in page


@pytest.mark.parametrize(
    "name", [name for name in LISTS if name not in ("window:audit", "window:objections")]
)
def test_what_is_filtered_is_cleared(name: str, cast: Any, as_user: Any) -> None:
    query, who = LISTS[name]
    assert "清除条件" in as_user(cast(who)).get(f"{reverse(name)}?{query}").content.decode()


def test_the_worklist_is_where_every_way_begins(cast: Any, as_user: Any) -> None:
    assert 'class="breadcrumb"' not in as_user(cast("clerk")).get(reverse("window:home")).content.decode()


def test_a_level_that_nobody_wrote_down_has_one_word(cast: Any, as_user: Any) -> None:
    worker = make_worker("王建国", number=id_number(serial=901), skill_level=0)
    clerk = as_user(cast("clerk"))
    for address in (reverse("window:workers"), "/window/search/?q=王建"):
        assert re.search(r'"技能等级">\s*未登记\s*</td>', clerk.get(address).content.decode()), address
    page = clerk.get(reverse("window:worker", args=[worker.pk])).content.decode()
    assert "男，鄂尔多斯市鄂托克旗，技能等级未登记" in page


def test_states_stand_in_badges(cast: Any, as_user: Any) -> None:
    case = make_case(worker := make_worker("王建国"))
    client = as_user(cast("registry_officer"))
    for address in ("/window/cases/", reverse("window:worker", args=[worker.pk]), "/window/search/?q=王建"):
        page = client.get(address).content.decode()
        assert f'tag tag--{case.state_tone}">{case.state_label}' in page, address


FRIDAY = date(2026, 3, 6)


@pytest.mark.parametrize(
    ("today", "words", "tone"),
    [
        # The Saturday after the Spring Festival is worked.
        (FRIDAY - timedelta(days=7), "还有6个工作日", "plain"),
        (FRIDAY - timedelta(days=3), "还有3个工作日", "warn"),
        (FRIDAY, "今天到期", "warn"),
        (FRIDAY + timedelta(days=1), "已超期", "bad"),
        (FRIDAY + timedelta(days=3), "超期1个工作日", "bad"),
    ],
)
def test_what_is_left_is_counted_in_working_days(today: date, words: str, tone: str) -> None:
    assert CalendarYear.objects.filter(year=2026).exists()
    case = make_case(make_worker(), due_on=FRIDAY)
    left = deadline_of(case, today)
    assert (left.words, left.tone) == (words, tone)
