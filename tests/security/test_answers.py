"""What holds for every answer: headers, addresses to go back to, what the log says of it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from portal import answers, logs
from portal.api import docs
from tests.stack.running import ROOT, own_environment

BARE_WORDS = [
    "id",
    "accounts:login",
    "window:home",
    "login",
    "a b",
    "javascript:alert(1)",
    "//evil.example",
    "\\\\evil",
]


def simple_pages() -> list[str]:
    """Every address that takes nothing, in whatever package."""
    found: list[str] = []

    def walk(patterns: Any, above: str) -> None:
        for pattern in patterns:
            address = above + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, address)
            elif "<" not in address and "(" not in address:
                found.append("/" + address)

    walk(get_resolver().url_patterns, "")
    return found


def test_whatever_somebody_who_signed_in_is_shown_is_kept_by_nobody(
    as_user: Any, registry_officer: Any
) -> None:
    client = as_user(registry_officer)
    pages = simple_pages()
    assert len(pages) > 60
    lax = {}
    for page in pages:
        answer = client.get(page)
        said = answer.headers.get("Cache-Control", "")
        if "no-store" not in said or "private" not in said or "public" in said.split(", "):
            lax[page] = said
    assert not lax


def test_a_program_with_a_token_is_told_to_keep_nothing_either(client: Client, db: None) -> None:
    answer = client.get("/api/workers/", headers={"authorization": "Token none"})
    assert answer.status_code == 401 and "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("page", ["/", "/api/", "/no-such-page/", "/accounts/login/"])
def test_every_answer_keeps_other_sites_away(client: Client, db: None, page: str) -> None:
    headers = client.get(page).headers
    assert headers["Permissions-Policy"] == answers.PERMISSIONS and "camera=()" in answers.PERMISSIONS
    assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"


def test_signing_out_clears_what_the_browser_kept(as_user: Any, clerk: Any, settings: Any) -> None:
    for plain in (True, False):
        settings.PLAIN_HTTP = plain
        client = as_user(clerk)
        answer = client.post(reverse("accounts:logout"))
        assert answer.headers.get("Clear-Site-Data") == (None if plain else '"cache", "storage"')
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("word", BARE_WORDS)
def test_a_word_is_no_address_to_go_back_to(as_user: Any, clerk: Any, word: str) -> None:
    client = as_user(clerk)
    assert client.get("/display/elder/", {"next": word})["Location"] == "/"
    answer = client.get(reverse("accounts:login"), {"next": word})
    assert answer.status_code == 302 and answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


def test_a_page_of_ours_is_gone_back_to(client: Client, db: None) -> None:
    assert client.get("/display/elder/", {"next": "/policy/?a=1"})["Location"] == "/policy/?a=1"


@pytest.mark.parametrize("address", ["/api/tokens/", "/api/eligibility-checks/"])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_nested_without_end_is_refused(client: Client, db: None, address: str, opening: str) -> None:
    answer = client.post(address, opening * 100_000, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert "errors" in json.loads(answer.content)


def test_the_description_of_the_api_is_made_once_however_many_ask(client: Client, db: None) -> None:
    docs._made.cache_clear()
    came: list[Any] = []
    asking = [threading.Thread(target=lambda: came.append(docs.schema())) for _ in range(6)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(came) == 6 and len({id(one) for one in came}) == 1
    assert client.get("/api/schema/").status_code == 200


def test_robots_and_security_txt(client: Client, db: None, settings: Any) -> None:
    assert "Disallow: /window/" in client.get("/robots.txt").content.decode()
    settings.SECURITY_CONTACTS = ["mailto:security@example.gov.cn"]
    said = client.get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:security@example.gov.cn\n" in said and "\nExpires: 2" in said


def test_a_refusal_is_one_line_in_the_log() -> None:
    refused, failed = (
        logging.makeLogRecord({"status_code": status, "exc_info": (ValueError, ValueError("x"), None)})
        for status in (403, 500)
    )
    assert logs.WithoutTraceback().filter(refused) and refused.exc_info is None
    assert logs.WithoutTraceback().filter(failed) and failed.exc_info is not None


@pytest.mark.program
def test_the_deployed_settings_pass_every_check_and_prefix_the_cookies() -> None:
    key = "9f83b1c2d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f5061728394a5b6c7d8e9f0a1b2c3"
    env = own_environment(
        DJANGO_SETTINGS_MODULE="portal.settings",
        JHT_SECRET_KEY=key,
        JHT_DATA_KEYS=f"1:{key[:32]}",
        JHT_INDEX_KEY=key[8:56],
        JHT_AUDIT_KEY=key[4:68],
        DATABASE_URL="postgresql://jht_app:x@127.0.0.1/jht",
        REDIS_URL="redis://127.0.0.1",
        JHT_BEHIND_PROXY="1",
        JHT_PUBLIC_URL="https://jht.example.gov.cn",
        JHT_ALLOWED_HOSTS="jht.example.gov.cn",
    )
    # As manage.py would call it, without the portal's own addresses of a database that is not there.
    code = (
        "import django; django.setup(); from django.conf import settings as s; from django.core.management import"
        " call_command; call_command('check', deploy=True, fail_level='WARNING');"
        " print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert done.stdout.splitlines()[-1] == "__Host-sessionid __Host-csrftoken / None"
