"""What a page asks by itself keeps nobody signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from portal.accounts import session_store
from portal.accounts.models import StoredSession
from portal.accounts.session_store import digest_of
from portal.jobs.models import Job

pytestmark = pytest.mark.django_db


def _ends(client: Any) -> Any:
    return StoredSession.objects.get(
        pk=digest_of(client.cookies[settings.SESSION_COOKIE_NAME].value)
    ).expire_date


@pytest.fixture
def nearly_over(cast, as_user, monkeypatch) -> Any:
    """The clerk, whose session ends in five minutes and was last stored long ago, beside a running job of theirs."""
    monkeypatch.setattr(session_store, "STORED_AGAIN", 0)
    client = as_user(cast("clerk"))
    client.get("/window/")
    StoredSession.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
    client.job = Job.objects.create(
        kind="roster.import", title="导入花名册", by=cast("clerk"), state="running"
    )
    return client


def test_asking_how_far_a_job_is_does_not_put_off_the_end_of_the_session(nearly_over) -> None:
    before = _ends(nearly_over)
    for _ in range(3):
        answer = nearly_over.get(
            f"/window/jobs/{nearly_over.job.pk}/progress/", headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200 and settings.SESSION_COOKIE_NAME not in answer.cookies
    assert _ends(nearly_over) == before
    nearly_over.get(f"/window/jobs/{nearly_over.job.pk}/")
    assert _ends(nearly_over) > before + timedelta(minutes=5), "opening the page does"


def test_once_the_session_is_over_the_page_loads_itself_again(nearly_over) -> None:
    address = f"/window/jobs/{nearly_over.job.pk}/progress/"
    nearly_over.cookies[settings.SESSION_COOKIE_NAME] = "over"
    answer = nearly_over.get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (200, "true", b"")
    assert nearly_over.get(address).status_code == 302, "without htmx: the login"
    page = nearly_over.get(f"/window/jobs/{nearly_over.job.pk}/")
    assert page["Location"] == f"/accounts/login/?next=/window/jobs/{nearly_over.job.pk}/&timeout=1"


def test_every_address_that_pages_ask_by_themselves_is_marked() -> None:
    """A new progress page that forgets it would keep its reader signed in for ever."""
    from django.urls import get_resolver

    def views(patterns: Any) -> Any:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from views(pattern.url_patterns)
            else:
                yield pattern

    asked = {
        p.name: p.callback
        for p in views(get_resolver().url_patterns)
        if p.name and p.name.endswith("progress")
    }
    assert {
        "job_progress",
        "roster_progress",
        "print_progress",
        "progress",
        "list_file_progress",
    } <= asked.keys()
    unmarked = [name for name, view in asked.items() if not getattr(view, "polled", False)]
    assert not unmarked
