"""Refused access is in the audit: who, from where and what, in few entries however often it is tried.

Given somebody who tries what they may not, once or ten thousand times, when the auditor looks, then it is there, with
how often, and neither the entries nor the requests of others grow with it.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest
import redis
from django.test import Client
from django.urls import reverse

from portal import heartbeats
from portal.accounts.actions import end_role
from portal.accounts.models import RoleAssignment
from portal.audit import refused
from portal.audit.models import Entry
from portal.regions.models import Region
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, make_account, make_worker

pytestmark = pytest.mark.django_db
AUDIT = "/window/audit/"


def entries() -> list[Entry]:
    return list(Entry.objects.filter(action=refused.ACTION).order_by("id"))


def counted() -> int:
    return sum(entry.detail["times"] for entry in entries())


class Clock:
    """What the time is for the buckets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_790_000_000.0
        monkeypatch.setattr(refused.time, "time", lambda: self.now)

    def go(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_page_that_is_not_theirs(clerk: Any, as_user: Any) -> None:
    asked = f"{AUDIT}?worker=150624198506150019"
    # Sent on to an address without the number first.
    assert as_user(clerk).get(asked, REMOTE_ADDR="10.1.2.3", follow=True).status_code == 403
    [entry] = entries()
    assert (entry.actor, entry.actor_name, entry.address) == (clerk, clerk.username, "10.1.2.3")
    assert entry.detail == {"page": "GET window:audit", "status": 403, "times": 1}


def test_a_record_that_is_not_theirs_to_find(clerk: Any, as_user: Any) -> None:
    """The address is told by its name: in it stands whose record it is."""
    elsewhere = Region.objects.banners().exclude(pk__startswith="1506").first()
    worker = make_worker(region=elsewhere.pk)
    assert as_user(clerk).get(reverse("window:worker", args=[worker.pk])).status_code == 404
    [entry] = entries()
    assert entry.detail == {"page": "GET window:worker", "status": 404, "times": 1}


def test_it_stands_where_the_person_works(clerk: Any, cast: Any, as_user: Any) -> None:
    """The auditor of the league finds it, that of another does not; also after the role has ended."""
    as_user(clerk).get(AUDIT)
    for held in clerk.assignments.all():
        end_role(held.pk, by=None)
    as_user(clerk).get("/window/")
    assert [entry.region_code for entry in entries()] == [OTOG, OTOG]
    for place, found in ((ORDOS, 2), (BAOTOU, 0)):
        auditor = make_account(f"auditor.{place}", "盟市审计", "auditor", place)
        page = as_user(auditor).get(f"{AUDIT}?action=access.refused").text
        assert page.count("访问被拒绝</td>") == found, place
    # Of several places their league, of several leagues the whole region.
    for place, stands in ((ORDOS, ORDOS), (KUNDULUN, "150000")):
        RoleAssignment.objects.create(user=clerk, role="window_clerk", region_id=place)
        RoleAssignment.objects.get_or_create(user=clerk, role="league_reviewer", region_id=OTOG)
        assert refused._place_of(clerk.pk) == stands


def test_no_entry_for_what_is_answered_or_is_nowhere(clerk: Any, as_user: Any) -> None:
    client = as_user(clerk)
    assert client.get("/window/").status_code == 200
    assert client.get("/no/such/address/").status_code == 404
    assert Client().get("/no/such/address/").status_code == 404
    assert entries() == []


def test_a_stranger_whose_form_was_forged(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/login/", {"username": "x", "password": "y"}).status_code == 403
    [entry] = entries()
    assert (entry.actor, entry.actor_name, entry.detail["page"]) == (None, "anonymous", "POST accounts:login")
    assert list(Entry.objects.by_actor("anonymous")) == [entry]
    assert entry not in Entry.objects.by_actor("system")


def test_ten_thousand_are_a_few_entries(clerk: Any, as_user: Any, clock: Clock) -> None:
    client, tries = as_user(clerk), 0
    # Over twenty minutes, as fast as this machine goes through the real door now and then …
    for minute in range(20):
        for _ in range(5):
            client.get(AUDIT)
        # … and otherwise as fast as they can be counted.
        bucket = refused.Bucket(clerk.pk, clerk.username, "127.0.0.1", "GET window:audit", 403)
        for _ in range(495):
            refused._count(bucket)
        tries += 500
        clock.go(60)
        refused.flush()
        assert minute or len(entries()) == 2
    clock.go(3600)
    refused.flush()
    assert counted() == tries == 10_000
    assert len(entries()) <= 8


def test_many_at_once_lose_none(clerk: Any) -> None:
    bucket = refused.Bucket(clerk.pk, clerk.username, "127.0.0.1", "GET window:audit", 403)
    refused._count(bucket)
    threads = [
        threading.Thread(target=lambda: [refused._count(bucket) for _ in range(100)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    refused.flush(all_of_it=True)
    assert counted() == 801 and len(entries()) == 2


def test_what_is_left_is_written_by_beat_and_then_forgotten(clerk: Any, as_user: Any, clock: Clock) -> None:
    from portal.audit.tasks import write_refused
    from portal.clock import schedule

    assert schedule()["audit.refused"] == {"task": "audit.refused", "schedule": 60.0}
    client = as_user(clerk)
    for _ in range(3):
        client.get(AUDIT)
    assert (write_refused(), counted()) == (0, 1)
    clock.go(60)
    assert (write_refused(), counted()) == (1, 3)
    clock.go(7200)
    assert write_refused() == 0
    counts, written = refused._names()
    assert heartbeats.client().hlen(counts) == heartbeats.client().hlen(written) == 0
    # and it begins anew
    client.get(AUDIT)
    assert counted() == 4


def test_ten_thousand_addresses_are_a_few_entries() -> None:
    for number in range(refused.MOST_NEW + 300):
        refused._count(
            refused.Bucket(None, "anonymous", f"10.0.{number // 250}.{number % 250}", "GET x", 429)
        )
    refused.flush(all_of_it=True)
    # A minute may end meanwhile; then as many again begin.
    assert len(entries()) <= 2 * (refused.MOST_NEW + 2)
    assert counted() == refused.MOST_NEW + 300


def test_a_cache_that_is_away_keeps_nobody_waiting(
    clerk: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(clerk)
    away = redis.Redis(unix_socket_path="/nonexistent/redis.sock")
    monkeypatch.setattr(heartbeats, "client", lambda: away)
    assert client.get(AUDIT).status_code == 403


def test_a_request_that_is_answered_is_not_counted(
    clerk: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(refused, "note", never)
    assert as_user(clerk).get("/window/").status_code == 200


def test_the_auditor_sees_them(audit_admin: Any, clerk: Any, as_user: Any) -> None:
    Client(enforce_csrf_checks=True).post("/accounts/login/")
    as_user(clerk).get(AUDIT)
    refused._count(refused.Bucket(clerk.pk, clerk.username, "127.0.0.1", "GET window:audit", 403))
    refused.flush(all_of_it=True)
    client = as_user(audit_admin)
    assert "只看访问被拒绝的记录" in client.get(AUDIT).content.decode()
    page = client.get(f"{AUDIT}?action=access.refused").content.decode()
    assert page.count("访问被拒绝</td>") == 3 and "未登录者" in page and "127.0.0.1" in page
    assert "访问内容：GET window:audit；次数：1；答复：无权访问" in page
    only = client.get(f"{AUDIT}?action=access.refused&actor={clerk.username}").content.decode()
    assert only.count("访问被拒绝</td>") == 2
