"""Many letters noted as served at once: first repeated, then each by the action of a single one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from portal.letters import actions
from portal.letters.models import Letter
from tests.cast import KUNDULUN, OTOG, make_worker

LIST, SERVE = reverse_lazy("window:letters"), reverse_lazy("window:letters_serve")


@pytest.fixture
def letters(issue: Any, db: None) -> list[Letter]:
    """Three unserved ones of 鄂托克旗, dated three days ago."""
    day = timezone.localdate() - timedelta(days=3)
    return [issue(make_worker(name), on=day) for name in ("甲一", "乙二", "丙三")]


def served() -> set[int]:
    return set(Letter.objects.filter(served_on__isnull=False).values_list("pk", flat=True))


def test_first_they_are_repeated_with_today_filled_in(letters, as_user, clerk) -> None:
    asked = as_user(clerk).post(SERVE, {"letter": [letters[0].pk, letters[2].pk]})
    assert letters[0].number_text in asked.text and letters[2].number_text in asked.text
    assert letters[1].number_text not in asked.text and served() == set()
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in asked.text


def test_then_each_is_noted_and_what_cannot_be_is_said(letters, issue, as_user, clerk) -> None:
    done_before, other = letters[1], issue(make_worker("外地", region=KUNDULUN))
    actions.record_service(letter_id=done_before.pk, how="post", served_on=timezone.localdate(), by=clerk)
    yesterday = timezone.localdate() - timedelta(days=1)
    ids = [one.pk for one in (*letters, other)]
    asked = as_user(clerk).post(SERVE, {"letter": ids})
    assert "登记送达：2件" in asked.text and "已登记过送达" in asked.text
    # Of another place nothing is told.
    assert other.number_text not in asked.text
    sent = {"letter": ids, "sure": "1", "how": "in_person", "served_on": f"{yesterday:%Y.%m.%d}"}
    said = as_user(clerk).post(SERVE, sent, follow=True)
    assert "已登记2件信函的送达情况" in said.text
    assert served() == {one.pk for one in letters}
    assert set(Letter.objects.filter(served_how="in_person").values_list("served_on", flat=True)) == {
        yesterday
    }
    done_before.refresh_from_db()
    assert done_before.served_how == "post"


@pytest.mark.parametrize("days", [-4, 1])
def test_a_day_before_the_letter_or_after_today_is_refused_for_all(
    letters, as_user, clerk, days: int
) -> None:
    day = timezone.localdate() + timedelta(days=days)
    sent = {"letter": [one.pk for one in letters], "sure": "1", "how": "post", "served_on": f"{day:%Y%m%d}"}
    answer = as_user(clerk).post(SERVE, sent)
    assert "送达日期不能" in answer.text and served() == set()


def test_nothing_chosen_says_what_to_do(letters, as_user, clerk) -> None:
    answer = as_user(clerk).post(SERVE, {})
    assert "没有可以登记送达的信函" in answer.text and "<table" not in answer.text


def test_who_has_not_the_duty_is_not_offered_it(letters, as_user, reviewer, clerk, auditor) -> None:
    assert as_user(reviewer).post(SERVE, {"letter": letters[0].pk}).status_code == 403
    assert str(SERVE) not in as_user(reviewer).get(LIST).text and str(SERVE) in as_user(clerk).get(LIST).text
    assert "data-bulk" not in as_user(auditor).get(LIST).text


def test_a_letter_leads_to_its_person_and_case(issue, as_user, clerk) -> None:
    from portal.cases.actions import NewCase, open_cases

    worker = make_worker("乌云其木格")
    (case,) = open_cases(
        "facts.rectification", [NewCase(OTOG, worker.pk, "")], by=clerk, on=timezone.localdate()
    )
    letter = issue(worker, case=case)
    for address in (str(LIST), reverse("letters:detail", args=[letter.code])):
        page = as_user(clerk).get(address).text
        assert reverse("window:case", args=[case.number]) in page, address
        assert reverse("window:worker", args=[worker.pk]) in page, address


def test_one_letter_s_day_is_filled_in_too(letters, as_user, clerk) -> None:
    page = as_user(clerk).get(reverse("letters:detail", args=[letters[0].code])).text
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in page
