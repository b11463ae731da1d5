"""Who gets which file, and what happens while it is being built."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import sealed_files
from portal.audit.models import Entry
from portal.letters import building
from portal.letters.models import LetterFile
from tests.cast import KUNDULUN, make_worker
from tests.roles import compared

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(issue, worker):
    letter = issue(worker)
    building.build([letter.pk])
    return letter


@pytest.mark.sweep
def test_staff_of_the_region_see_the_letter_and_nobody_else(letter, cast, as_user) -> None:
    may = {"clerk", "reviewer", "registry_officer", "auditor"}
    others = {
        "baotou_clerk",
        "baotou_reviewer",
        "employer_agent",
        "panel_expert",
        "system_admin",
        "security_admin",
        "audit_admin",
    }
    with compared() as expect:
        for person in sorted(may | others):
            client = as_user(cast(person))
            for address in ("", "pdf/", "progress/"):
                status = client.get(f"/letters/{letter.code}/{address}").status_code
                expect(
                    f"{person} {address}",
                    status,
                    404 if person in others else 286 if address == "progress/" else 200,
                )
            expect(
                f"{person} build",
                client.post(f"/letters/{letter.code}/build/").status_code,
                302 if person in may else 404,
            )


def test_a_worker_gets_their_own_letter_and_no_other(letter, issue, worker_user, as_user) -> None:
    client = as_user(worker_user)
    answer = client.get(f"/letters/{letter.code}/pdf/")
    assert answer.content == building.read(LetterFile.objects.get(letter=letter))
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    other = issue(make_worker("李四", region=KUNDULUN))
    assert client.get(f"/letters/{other.code}/pdf/").status_code == 404
    assert client.get(f"/letters/{letter.code}/").status_code == 200


def test_a_stranger_is_asked_to_sign_in(letter, client) -> None:
    for address in ("", "pdf/", "progress/"):
        answer = client.get(f"/letters/{letter.code}/{address}")
        assert answer.status_code == 302 and "/accounts/login" in answer["Location"]


def test_every_download_is_in_the_audit_trail(letter, clerk, as_user) -> None:
    as_user(clerk).get(f"/letters/{letter.code}/pdf/")
    entry = Entry.objects.get(action="letter.download")
    digest = LetterFile.objects.get(letter=letter).sha256
    assert (entry.actor, entry.worker_ref, entry.detail["sha256"]) == (clerk, letter.worker_id, digest)


def test_while_it_is_built_the_page_asks_and_then_becomes_the_link(issue, worker, clerk, as_user) -> None:
    letter = issue(worker)
    client = as_user(clerk)
    page = client.get(f"/letters/{letter.code}/pdf/").content.decode()
    assert "正在生成" in page and f'hx-get="/letters/{letter.code}/progress/"' in page and "立即生成" in page
    assert client.get(f"/letters/{letter.code}/progress/").status_code == 200
    building.build([letter.pk])
    answer = client.get(f"/letters/{letter.code}/progress/")
    assert answer.status_code == 286 and f"/letters/{letter.code}/pdf/" in answer.content.decode()


def test_one_can_have_it_built_now(issue, worker, clerk, as_user) -> None:
    letter = issue(worker)
    answer = as_user(clerk).post(f"/letters/{letter.code}/build/", follow=True)
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-1.7")


def test_a_letter_that_cannot_be_drawn_says_why_and_can_be_tried_again(
    issue, worker, clerk, as_user, monkeypatch
) -> None:
    from portal.letters import fonts

    monkeypatch.setattr(fonts, "_machine_family", lambda character: None)
    letter = issue(worker, addressee="王\U000323af")
    client = as_user(clerk)
    page = client.post(f"/letters/{letter.code}/build/", follow=True).content.decode()
    assert "U+323AF" in page and "重新生成" in page


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_a_lost_or_changed_file_is_built_again(letter, clerk, as_user, settings, harm) -> None:
    file = LetterFile.objects.get(letter=letter)
    path, good = Path(settings.MEDIA_ROOT) / file.path, sealed_files.read(file.path)
    path.unlink() if harm == "lost" else path.write_bytes(path.read_bytes()[:-9])
    assert as_user(clerk).get(f"/letters/{letter.code}/pdf/").content == good
    assert sealed_files.read(file.path) == good
    assert Entry.objects.filter(action="letter.not_shown").count() == (harm == "changed")


def test_the_page_of_a_letter_names_what_replaced_it(letter, issue, worker, clerk, as_user) -> None:
    new = issue(worker, supersedes=letter)
    page = as_user(clerk).get(f"/letters/{letter.code}/").content.decode()
    assert f'href="/letters/{new.code}/"' in page and new.number_text in page
