"""A whole list as one file for the printer."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import sealed_files
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.letters import actions, building
from portal.letters.models import LetterFile, PrintFile
from tests.cast import KUNDULUN, make_worker
from tests.letters import pdfs

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(issue):
    return [issue(make_worker(name), addressee=name) for name in ("甲某", "乙某", "丙某")]


@pytest.fixture
def ask(clerk, monkeypatch):
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)

    def one(letters, **options) -> PrintFile:
        print_file = actions.request_print(letter_ids=[letter.pk for letter in letters], by=clerk, **options)
        runner.run_job(print_file.job_id)
        print_file.refresh_from_db()
        print_file.job.refresh_from_db()
        return print_file

    return one


def test_the_file_follows_the_list_and_builds_what_is_missing(letters, ask, settings) -> None:
    wanted = [letters[2], letters[0], letters[1]]
    building.build([letters[0].pk])
    print_file = ask(wanted)
    assert (print_file.job.state, print_file.job.done, print_file.pages) == (JobState.DONE, 3, 6)
    words = pdfs.text(sealed_files.read(print_file.path))
    places = [words.index(f"{letter.addressee}：") for letter in wanted]
    assert places == sorted(places)


def test_starting_again_after_a_kill_repeats_nothing_that_is_built(letters, ask) -> None:
    print_file = ask(letters)
    before = dict(LetterFile.objects.values_list("letter_id", "built_at"))
    Job.objects.filter(pk=print_file.job_id).update(state=JobState.RUNNING, beat_at=None)
    runner.run_job(print_file.job_id)
    assert Job.objects.get(pk=print_file.job_id).state == JobState.DONE
    assert dict(LetterFile.objects.values_list("letter_id", "built_at")) == before


def test_a_file_lost_from_the_disk_is_built_again(letters, ask, settings) -> None:
    building.build([letter.pk for letter in letters])
    (Path(settings.MEDIA_ROOT) / LetterFile.objects.get(letter=letters[1]).path).unlink()
    assert ask(letters).job.state == JobState.DONE


def test_a_letter_that_cannot_be_built_is_named_and_nothing_is_printed(
    letters, issue, ask, monkeypatch
) -> None:
    from portal.letters import fonts

    monkeypatch.setattr(fonts, "_machine_family", lambda character: None)
    bad = issue(letters[0].worker, addressee="王\U000323af")
    print_file = ask([*letters, bad])
    assert print_file.job.state == JobState.FAILED and bad.number_text in print_file.job.message
    assert print_file.path == ""


def test_a_letter_of_another_region_cannot_be_slipped_in(letters, issue, clerk) -> None:
    other = issue(make_worker("李四", region=KUNDULUN))
    with pytest.raises(actions.BadLetter):
        actions.request_print(letter_ids=[letters[0].pk, other.pk], by=clerk)


def test_the_pages_show_progress_and_hand_out_the_file_to_who_asked(
    letters, clerk, cast, as_user, monkeypatch
) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    client = as_user(clerk)
    answer = client.post(
        "/letters/print/", {"letter": [letter.pk for letter in letters], "double_sided": "1"}
    )
    print_file = PrintFile.objects.get()
    assert answer["Location"] == f"/letters/print/{print_file.pk}/" and print_file.double_sided
    assert "hx-get" in client.get(answer["Location"]).content.decode()
    assert client.get(f"/letters/print/{print_file.pk}/progress/").status_code == 200
    assert client.get(f"/letters/print/{print_file.pk}/pdf/").status_code == 302

    runner.run_job(print_file.job_id)
    assert client.get(f"/letters/print/{print_file.pk}/progress/").status_code == 286
    page = client.get(answer["Location"]).content.decode()
    assert "下载打印文件" in page
    assert b"".join(client.get(f"/letters/print/{print_file.pk}/pdf/").streaming_content).startswith(b"%PDF")
    assert as_user(cast("reviewer")).get(f"/letters/print/{print_file.pk}/pdf/").status_code == 404


def test_what_cannot_be_printed_is_said_on_the_page_it_came_from(letters, clerk, as_user) -> None:
    client = as_user(clerk)
    page = "http://testserver/window/letters/?year=2026"
    for given, said in (
        ({}, "没有选择信函"),
        ({"letter": ["x"]}, "编号无效"),
        ({"letter": ["99999999"]}, "请重新选择"),
    ):
        answer = client.post("/letters/print/", given, headers={"referer": page}, follow=True)
        assert answer.redirect_chain == [(page, 302)] and said in answer.text
    for elsewhere in ("", "https://elsewhere.example/window/", "//elsewhere.example/"):
        answer = client.post("/letters/print/", {}, headers={"referer": elsewhere})
        assert answer["Location"] == "/window/letters/"
