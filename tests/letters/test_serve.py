"""How and when a letter was served is recorded once, by who has the duty."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.letters import actions
from portal.letters.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(issue, worker):
    return issue(worker, on=timezone.localdate() - timedelta(days=3))


def test_service_is_recorded_with_way_and_day(letter, clerk) -> None:
    day = timezone.localdate() - timedelta(days=1)
    actions.record_service(letter_id=letter.pk, how="in_person", served_on=day, by=clerk)
    letter.refresh_from_db()
    assert (letter.served_how, letter.served_on) == ("in_person", day)
    assert Entry.objects.get(action="letter.serve").detail == {
        "number": letter.number_text,
        "how": "in_person",
        "on": day.isoformat(),
    }


def test_service_is_recorded_once(letter, clerk) -> None:
    actions.record_service(letter_id=letter.pk, how="post", served_on=timezone.localdate(), by=clerk)
    with pytest.raises(actions.AlreadyDone, match="邮寄送达"):
        actions.record_service(letter_id=letter.pk, how="left", served_on=timezone.localdate(), by=clerk)


def test_who_sees_the_letter_without_the_duty_is_refused(letter, reviewer) -> None:
    with pytest.raises(Refused):
        actions.record_service(letter_id=letter.pk, how="post", served_on=timezone.localdate(), by=reviewer)


def test_who_does_not_see_the_letter_does_not_find_it(letter, baotou_clerk) -> None:
    with pytest.raises(Letter.DoesNotExist):
        actions.record_service(
            letter_id=letter.pk, how="post", served_on=timezone.localdate(), by=baotou_clerk
        )


@pytest.mark.parametrize("days", [-4, 1])
def test_nothing_is_served_before_it_is_issued_or_in_the_future(letter, clerk, days) -> None:
    with pytest.raises(actions.BadLetter):
        actions.record_service(
            letter_id=letter.pk, how="post", served_on=timezone.localdate() + timedelta(days=days), by=clerk
        )


def test_the_database_wants_way_and_day_together(letter) -> None:
    with pytest.raises(IntegrityError, match="service_has_way_and_day"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(served_how="post")


def test_the_page_records_it_and_then_offers_it_no_more(letter, clerk, as_user) -> None:
    client = as_user(clerk)
    assert "登记送达" in client.get(f"/letters/{letter.code}/").content.decode()
    form = {"how": "in_person", "served_on": timezone.localdate().isoformat()}
    page = client.post(f"/letters/{letter.code}/serve/", form, follow=True).content.decode()
    assert "已登记" in page and "直接送达" in page and "登记后不能更改" not in page


def test_a_wrong_day_is_told_beside_the_field(letter, clerk, as_user) -> None:
    form = {"how": "in_person", "served_on": "2020-01-01"}
    page = as_user(clerk).post(f"/letters/{letter.code}/serve/", form).content.decode()
    assert "不能早于成文日期" in page
