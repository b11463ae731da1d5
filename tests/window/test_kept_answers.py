"""Reloading an answer, or coming back to it, sends nothing again: for every page that takes what is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Release
from portal.pages import kept_answers
from portal.workforce.models import Employer, Worker
from tests.cast import make_worker

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def clerk(cast, as_user) -> Any:
    """A clerk before a browser that keeps cookies."""
    client = as_user(cast("clerk"))
    client.get(reverse("window:worker_new"))
    return client


def _send(client: Client, address: str, entered: dict[str, Any]) -> Any:
    return client.post(address, entered, headers=BROWSER)


def test_what_was_refused_is_a_page_with_an_address_of_its_own(clerk) -> None:
    address = reverse("window:worker_new")
    sent = _send(clerk, address, {"name": "那日松", "id_number": "15000019900101"})
    assert sent.status_code == 303 and sent["Location"].startswith(f"{address}?answer=")
    for _ in range(2):
        page = clerk.get(sent["Location"])
        assert page.status_code == 200 and 'value="那日松"' in page.text and "field--error" in page.text
    assert "no-cache" in page["Cache-Control"] and "private" in page["Cache-Control"]
    # Sent from there once more: nothing of the first answer stays in the address.
    again = _send(clerk, sent["Location"], {"name": "那日苏"})
    assert again["Location"].count("answer=") == 1 and again["Location"] != sent["Location"]


def test_after_it_was_put_right_going_back_shows_it_and_sends_nothing(clerk) -> None:
    address = reverse("window:employer_new")
    refused = _send(clerk, address, {"name": "赛罕饲料厂", "region": "150624"})["Location"]
    done = _send(clerk, refused, {"name": "赛罕饲料厂", "region": "150624", "source": "单位报送", "kind": ""})
    assert done.status_code == 302 and Employer.objects.filter(name="赛罕饲料厂").count() == 1
    assert "field--error" in clerk.get(refused).text
    assert Employer.objects.filter(name="赛罕饲料厂").count() == 1


def test_it_is_seen_by_whom_it_was_made_for_and_by_nobody_after_them(clerk, cast, as_user) -> None:
    sent = _send(clerk, reverse("window:worker_new"), {"name": "敖登格日勒"})["Location"]
    other = as_user(cast("reviewer"))
    other.get(reverse("window:home"))
    assert "敖登格日勒" not in other.get(sent, follow=True).text
    assert "敖登格日勒" not in Client().get(sent, follow=True).text
    # Another page does not take it either.
    elsewhere = clerk.get(sent.replace("workers/new", "employers/new"))
    assert elsewhere.status_code == 302 and "answer" not in elsewhere["Location"]
    clerk.post(reverse("accounts:logout"))
    assert "敖登格日勒" not in clerk.get(sent, follow=True).text


def test_what_is_kept_is_not_read_where_it_lies(clerk) -> None:
    token = _send(clerk, reverse("window:worker_new"), {"name": "乌日娜"})["Location"].split("answer=")[1]
    kept = cache.get(f"answer:{token}")
    assert "乌日娜".encode() not in kept and b"<html" not in kept
    cache.delete(f"answer:{token}")
    gone = clerk.get(f"{reverse('window:worker_new')}?answer={token}")
    assert gone.status_code == 302 and gone["Location"] == reverse("window:worker_new")


def test_what_is_shown_once_is_not_kept(clerk, cast, as_user) -> None:
    worker = make_worker("斯琴")
    unmasked = _send(
        clerk,
        reverse("window:worker_unmask", args=[worker.pk]),
        {"what": "id_number", "purpose": "identity", "note": "本人到窗口办理"},
    )
    assert unmasked.status_code == 200 and worker.id_number in unmasked.text
    sheet = _send(clerk, reverse("window:activation", args=[worker.pk]), {"id_card_seen": "on", "sheet": "a"})
    assert sheet.status_code == 200 and "激活码" in sheet.text
    manager = as_user(cast("system_admin"))
    manager.get(reverse("accounts:user_new"))
    _send(manager, reverse("accounts:user_new"), {"username": "naran", "display_name": "娜仁"})
    waiting = Release.objects.get(user__username="naran")
    releasing = as_user(cast("security_admin"))
    releasing.get(reverse("accounts:releases"))
    code = _send(releasing, reverse("accounts:release", args=[waiting.pk]), {"sheet": "b"})
    assert code.status_code == 200 and "代码只显示这一次" in code.text
    token = _send(clerk, reverse("accounts:tokens"), {"name": "统计程序"})
    assert token.status_code == 200 and "令牌只显示这一次" in token.text


def test_the_public_side_too(db, client) -> None:
    for address, entered in (
        (reverse("accounts:login"), {"username": "nobody", "password": "wrong"}),
        (reverse("accounts:activate"), {"code": "1"}),
        (reverse("public:case_status"), {"number": "x", "proof": "1"}),
    ):
        client.get(address)
        sent = _send(client, address, entered)
        assert sent.status_code == 303, address
        assert "error" in client.get(sent["Location"]).text, address


def test_programs_and_parts_of_pages_are_answered_at_once(clerk) -> None:
    address = reverse("window:worker_new")
    assert clerk.post(address, {"name": "包"}).status_code == 200
    assert clerk.post(address, {"name": "包"}, headers={**BROWSER, "hx-request": "true"}).status_code == 200


def test_so_many_an_hour_and_then_at_once(clerk, monkeypatch) -> None:
    monkeypatch.setattr(kept_answers, "BY_ADDRESS", kept_answers.Limit("kept-answers-of-a-test", 1))
    address = reverse("window:worker_new")
    assert _send(clerk, address, {"name": "包"}).status_code == 303
    assert _send(clerk, address, {"name": "包"}).status_code == 200
    assert not Worker.objects.filter(name="包").exists()
