"""Full numbers are shown one at a time, for a reason, to a bounded extent, and somebody else looks into much of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.workforce.actions import reveal, review_unmasking
from portal.workforce.actions.unmasking import MOST_A_MINUTE
from portal.workforce.models import Unmasking, UnmaskingAlert
from tests.cast import OTOG, make_worker

WHY = {"purpose": "caller", "note": "核对退回的挂号信"}


def shown_earlier(by: Any, worker: Any, times: int) -> None:
    """As many numbers as that, an hour ago."""
    earlier = timezone.now() - timedelta(hours=1)
    where = {"region_id": worker.work_region_id, "league_code": worker.league_code}
    Unmasking.objects.bulk_create(
        Unmasking(by=by, worker=worker, what="id_number", **WHY, **where, at=earlier) for _ in range(times)
    )


@pytest.fixture
def person() -> Any:
    worker = make_worker("斯琴")
    worker.refresh_from_db()
    return worker


def test_nobody_unmasks_in_bulk(db: None, clerk: Any, person: Any) -> None:
    """Given a clerk, when they ask for one number after the other at once, then the seventh within a minute waits."""
    for _ in range(MOST_A_MINUTE):
        reveal(person.pk, "id_number", **WHY, by=clerk)
    with pytest.raises(NotNow, match="稍后再试"):
        reveal(person.pk, "id_number", **WHY, by=clerk)
    assert Unmasking.objects.count() == Entry.objects.filter(action="worker.unmask").count() == MOST_A_MINUTE


def test_a_day_has_an_end(clerk: Any, second_clerk: Any, person: Any, settings: Any) -> None:
    shown_earlier(clerk, person, settings.UNMASK_PER_DAY)
    with pytest.raises(NotNow, match=f"{settings.UNMASK_PER_DAY}个"):
        reveal(person.pk, "id_number", **WHY, by=clerk)
    # Each has their own count.
    assert reveal(person.pk, "id_number", **WHY, by=second_clerk) == person.id_number


def test_yesterday_counts_for_yesterday(clerk: Any, person: Any, settings: Any) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    where = {"region_id": OTOG, "league_code": person.league_code}
    Unmasking.objects.bulk_create(
        Unmasking(by=clerk, worker=person, what="phone", **WHY, **where, day=yesterday)
        for _ in range(settings.UNMASK_PER_DAY)
    )
    assert reveal(person.pk, "id_number", **WHY, by=clerk) == person.id_number


def test_much_of_it_reaches_the_supervisor_once_a_day(
    clerk: Any, supervisor: Any, person: Any, settings: Any, as_user: Callable[[Any], Any]
) -> None:
    """Given a clerk just under the limit, when they look twice more, then one alert waits for the supervisor."""
    shown_earlier(clerk, person, settings.UNMASK_ALERT_FROM - 1)
    reveal(person.pk, "id_number", **WHY, by=clerk)
    reveal(person.pk, "id_number", **WHY, by=clerk)
    alert = UnmaskingAlert.objects.get()
    assert (alert.by, alert.day, alert.region_id) == (clerk, timezone.localdate(), OTOG)
    assert Entry.objects.get(action="worker.unmask.alert").region_code == OTOG
    home = as_user(supervisor).get("/window/").text
    assert "待核查完整号码查看情况" in home
    listed = as_user(supervisor).get(reverse("window:unmaskings"))
    assert "核对退回的挂号信" in listed.text and person.id_number not in listed.text
    done = as_user(supervisor).post(
        reverse("window:unmasking_review", args=[alert.pk]), {"note": "已逐条核对，均为退信。"}, follow=True
    )
    assert "已记录" in done.text
    alert.refresh_from_db()
    assert (alert.reviewed_by, alert.note) == (supervisor, "已逐条核对，均为退信。")
    with pytest.raises(NotNow, match="已经核查"):
        review_unmasking(alert.pk, note="再核一次", by=supervisor)


def test_who_may_look_into_it(
    clerk: Any,
    reviewer: Any,
    auditor: Any,
    person: Any,
    cast: Callable[[str], Any],
    as_user: Callable[[Any], Any],
) -> None:
    alert = UnmaskingAlert.objects.create(
        by=clerk, day=timezone.localdate(), region_id=OTOG, league_code=person.league_code
    )
    for somebody in (clerk, reviewer, auditor, cast("system_admin")):
        with pytest.raises(Refused):
            review_unmasking(alert.pk, note="无问题", by=somebody)
    address = reverse("window:unmaskings")
    seen = {who: as_user(cast(who)).get(address).status_code for who in ("clerk", "auditor", "supervisor")}
    assert seen == {"clerk": 403, "auditor": 200, "supervisor": 200}


@pytest.mark.parametrize("spoil", ["own", "again", "rewrite", "delete"])
def test_the_database_holds_it(spoil: str, clerk: Any, supervisor: Any, reviewer: Any, person: Any) -> None:
    today = timezone.localdate()
    alert = UnmaskingAlert.objects.create(by=clerk, day=today, region_id=OTOG, league_code=person.league_code)
    shown_earlier(clerk, person, 1)
    done = {"reviewed_at": timezone.now(), "note": "无问题"}
    alerts = UnmaskingAlert.objects.filter(pk=alert.pk)
    if spoil == "again":
        alerts.update(reviewed_by=supervisor, **done)
    acts: dict[str, Callable[[], Any]] = {
        "own": lambda: alerts.update(reviewed_by=clerk, **done),
        "again": lambda: alerts.update(reviewed_by=reviewer, **done),
        "rewrite": lambda: Unmasking.objects.update(note="别的事由"),
        "delete": lambda: Unmasking.objects.all().delete(),
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        acts[spoil]()


def test_the_list_asks_no_more_for_more_rows(
    clerk: Any, auditor: Any, person: Any, as_user: Callable[[Any], Any], django_assert_max_num_queries: Any
) -> None:
    shown_earlier(clerk, person, 40)
    client = as_user(auditor)
    with django_assert_max_num_queries(14):
        page = client.get(reverse("window:unmaskings"))
    assert len(page.context["page"].rows) > 20
