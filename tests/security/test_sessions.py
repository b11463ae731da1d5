"""Sessions: an end that no work puts off, a list of one's own, ended ones that stay ended, and keys that nobody reads
in the database or the cache.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts import sessions, tasks, tries
from portal.accounts.models import StoredSession
from portal.accounts.session_store import SessionStore, digest_of, forget
from portal.audit.models import Entry
from tests.factors import signed_in

PAGE = "/accounts/sessions/"
OWN = "/accounts/password/"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


def is_in(client: Client) -> bool:
    return client.get(OWN).status_code == 200


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_session_ends_in_the_middle_of_the_work(clerk: Any, monkeypatch: Any) -> None:
    """Given somebody who clicks every few minutes, after ten hours they sign in again."""
    client = signed_in(clerk)
    began = time.time()
    for minutes in (60, 300, 599):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: began + minutes * 60)
        assert is_in(client), minutes
    monkeypatch.setattr(time, "time", lambda: began + 601 * 60)
    assert not is_in(client)
    cache.delete(f"session:{digest_of(key_of(client))}")
    assert not is_in(client), "nor from the database"


def test_neither_the_database_nor_the_cache_has_a_key(clerk: Any) -> None:
    key = key_of(signed_in(clerk))
    assert StoredSession.objects.filter(session_key=digest_of(key)).exists()
    assert not StoredSession.objects.filter(session_key=key).exists()
    assert not [name for name in tries.server().scan_iter() if key.encode() in name]


def test_the_digest_is_no_key(clerk: Any) -> None:
    """Whoever reads the table signs in with nothing that stands there."""
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = digest_of(key_of(signed_in(clerk)))
    assert not is_in(thief)


def test_the_list_says_where_one_is_signed_in(clerk: Any, approver: Any) -> None:
    here = signed_in(clerk, HTTP_USER_AGENT=EDGE)
    signed_in(clerk, REMOTE_ADDR="192.0.2.5")
    signed_in(approver, REMOTE_ADDR="192.0.2.6")
    page = here.get(PAGE).content.decode()
    assert "Windows上的Edge" in page and "192.0.2.5" in page and "192.0.2.6" not in page
    assert page.count("本次登录") == 1


def test_one_session_is_ended_and_the_others_go_on(clerk: Any) -> None:
    here, elsewhere, third = (signed_in(clerk) for _ in range(3))
    here.post(f"{PAGE}end/", {"session": digest_of(key_of(elsewhere))})
    assert [is_in(client) for client in (here, elsewhere, third)] == [True, False, True]
    here.post(f"{PAGE}end-others/")
    assert [is_in(client) for client in (here, elsewhere, third)] == [True, False, False]
    assert Entry.objects.filter(action="account.session_end", actor=clerk).count() == 2


def test_nobody_ends_anothers(clerk: Any, approver: Any) -> None:
    victim, attacker = signed_in(clerk), signed_in(approver)
    for named in (digest_of(key_of(victim)), key_of(victim), "", "x" * 500):
        attacker.post(f"{PAGE}end/", {"session": named})
    assert is_in(victim)


@pytest.mark.parametrize("how", ["ended on the list", "signed out"])
def test_a_request_on_its_way_brings_no_ended_session_back(clerk: Any, how: str) -> None:
    """Given a request that read the session before it was ended, when it saves afterwards, then nobody is in."""
    client = signed_in(clerk)
    on_its_way = SessionStore(key_of(client))
    assert on_its_way.get("_auth_user_id")
    if how == "signed out":
        client.post("/accounts/logout/")
    else:
        sessions.end(clerk, on_its_way.digest)
    on_its_way["late"] = True
    with pytest.raises(UpdateError):
        on_its_way.save()
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = on_its_way.session_key
    assert not is_in(thief)


def test_not_even_between_the_database_and_the_cache(clerk: Any) -> None:
    """Given a request that has written the row, when the session is ended before it writes the cache, then what it
    writes there opens nothing.
    """
    client = signed_in(clerk)
    on_its_way = SessionStore(key_of(client))
    content = dict(on_its_way.items())
    sessions.end(clerk, on_its_way.digest)
    cache.set(f"session:{on_its_way.digest}", content, 600)
    assert not is_in(client)


def test_a_session_survives_a_cache_that_forgot_it_and_an_ended_one_does_not(clerk: Any) -> None:
    client, ended = signed_in(clerk), signed_in(clerk)
    sessions.end(clerk, digest_of(key_of(ended)))
    for one in (client, ended):
        cache.delete_many([f"{kind}:{digest_of(key_of(one))}" for kind in ("session", "session-over")])
    assert is_in(client) and not is_in(ended)


def test_the_last_use_is_written_down_once_a_minute(clerk: Any, monkeypatch: Any) -> None:
    client = signed_in(clerk)
    assert is_in(client)
    row = StoredSession.objects.filter(session_key=digest_of(key_of(client)))
    first, began = row.get().last_used, time.time()
    for seconds, again in ((30, False), (61, True)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: began + seconds)
        with CaptureQueriesContext(connection) as queries:
            assert is_in(client)
        written = [query for query in queries if query["sql"].startswith("UPDATE")]
        assert bool(written) == again, seconds
    assert row.get().last_used > first


def test_old_ones_are_cleared_by_the_clock(clerk: Any) -> None:
    old, fresh = signed_in(clerk), signed_in(clerk)
    digest = digest_of(key_of(old))
    StoredSession.objects.filter(session_key=digest).update(expire_date=timezone.now() - timedelta(hours=1))
    forget(digest)
    tasks.clear()
    assert list(StoredSession.objects.filter(user=clerk).values_list("session_key", flat=True)) == [
        digest_of(key_of(fresh))
    ]
    assert "accounts.clear" in {entry["task"] for entry in tasks.SCHEDULE.values()}
