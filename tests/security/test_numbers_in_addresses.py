"""No ID number, phone number or account stands in an address: not typed, not linked, not sent on to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from portal.kept_queries import FORM, PARAMETER, holds_number
from tests.cast import make_worker

PHONE, ACCOUNT = "13847712345", "6222600810001234567"
WHERE = [
    "window:search",
    "window:workers",
    "window:cases",
    "window:honours",
    "window:letters",
    "window:records",
]


@pytest.mark.parametrize(
    "text",
    [
        "15062419850615001X",
        "150624198506150011",
        "150624850615001",
        "150624 19850615 001x",
        "１５０６２４１９８５０６１５００１１",
        "6222 6008 1000 1234 567",
        "138-4771-2345",
        f"王 {PHONE}",
        f"/window/search/?q={PHONE}",
    ],
)
def test_numbers_are_seen_however_they_are_typed(text: str) -> None:
    assert holds_number(text)


@pytest.mark.parametrize(
    "text",
    ["王建国", "ZJ-2026-000001", "内人社匠〔2026〕1号", "2026-11-30", "", "91150100MA0N4XYZ1T"],
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert not holds_number(text)


@pytest.mark.parametrize("name", WHERE)
def test_a_number_that_is_opened_becomes_a_key(as_user: Any, clerk: Any, name: str) -> None:
    client = as_user(clerk)
    for number in (PHONE, ACCOUNT, "150624198506150011"):
        answer = client.get(reverse(name), {"q": number, "name": number, "state": ""})
        assert answer.status_code == 302
        assert re.fullmatch(rf"{reverse(name)}\?{PARAMETER}=[0-9a-f]{{40}}", answer["Location"])


def test_a_form_that_looks_for_a_person_sends_the_number_and_finds_them(as_user: Any, clerk: Any) -> None:
    worker = make_worker()
    client = as_user(clerk)
    there = reverse("window:search")
    answer = client.post(there, {"q": worker.id_number, FORM: "1"})
    assert answer.status_code == 302 and worker.id_number not in answer["Location"]
    assert client.get(answer["Location"])["Location"] == reverse("window:worker", args=[worker.pk])
    # What is no number stays readable, and can be opened again.
    answer = client.post(there, {"q": "王建国", FORM: "1", "csrfmiddlewaretoken": "x"})
    assert answer["Location"] == f"{there}?q={quote('王建国')}"


def test_the_links_of_a_page_that_was_asked_for_by_number_have_its_key(as_user: Any, clerk: Any) -> None:
    client = as_user(clerk)
    sent_on = client.post(reverse("window:workers"), {"name": "王", "employer": ACCOUNT, FORM: "1"})
    page = client.get(sent_on["Location"])
    assert page.status_code == 200
    text = page.content.decode()
    assert f'value="{ACCOUNT}"' in text
    links = re.findall(r'(?:href|action)="([^"]*)"', text)
    assert not [link for link in links if holds_number(link)]
    assert any(f"{PARAMETER}=" in link for link in links)


def test_a_key_is_of_use_to_its_session_alone(as_user: Any, clerk: Any, second_clerk: Any) -> None:
    client = as_user(clerk)
    address = client.get(reverse("window:workers"), {"employer": ACCOUNT})["Location"]
    assert client.get(address).status_code == 200
    answer = as_user(second_clerk).get(address)
    assert answer.status_code == 302 and answer["Location"] == reverse("window:workers")
    client.logout()
    client = as_user(clerk)
    assert client.get(address)["Location"] == reverse("window:workers")


def test_a_stranger_s_number_is_left_out(client: Client, db: None) -> None:
    answer = client.get("/registry/", {"name": PHONE, "league": "150600"})
    assert answer["Location"] == "/registry/?league=150600"
    # Nor is it carried on through the login.
    answer = client.get(reverse("accounts:login"), {"next": f"/window/search/?q={PHONE}"})
    assert answer.status_code == 302 and not holds_number(answer["Location"])


def test_the_forms_of_the_desk_post(as_user: Any, clerk: Any) -> None:
    client = as_user(clerk)
    for name in WHERE:
        text = client.get(reverse(name)).content.decode()
        forms = re.findall(r"<form[^>]*>", text)
        assert forms and not [form for form in forms if 'method="get"' in form], name


def test_a_form_needs_its_token(as_user: Any, clerk: Any) -> None:
    strict = as_user(clerk)
    strict.handler.enforce_csrf_checks = True
    assert strict.post(reverse("window:search"), {"q": "王", FORM: "1"}).status_code == 403


def test_the_api_takes_a_number_in_the_body_only(as_user: Any, clerk: Any, baotou_clerk: Any) -> None:
    worker = make_worker()
    desk = as_user(clerk)
    refused = desk.get("/api/workers/", {"id_number": worker.id_number})
    assert refused.status_code == 400 and worker.id_number not in refused.content.decode()
    asked = {"id_number": worker.id_number}
    found = desk.post("/api/workers/by-number/", asked, content_type="application/json").json()
    assert [one["id"] for one in found["results"]] == [worker.pk]
    elsewhere = as_user(baotou_clerk).post("/api/workers/by-number/", asked, content_type="application/json")
    assert elsewhere.json() == {"results": []}
