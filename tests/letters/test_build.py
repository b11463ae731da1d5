"""Building files: once, whole or not at all, every character drawn, one bad letter holding up no other."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from portal import sealed_files
from portal.letters import building, tasks
from portal.letters.models import Letter, LetterFile
from tests.letters import pdfs
from tests.letters.conftest import CERTIFICATE
from tests.live import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent


def stored(settings) -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


@pytest.mark.django_db
def test_a_built_letter_has_its_file_digest_and_pages(issue, settings) -> None:
    letter = issue()
    assert building.build([letter.pk]) == building.Outcome(built=1, skipped=0, failed=0)

    file = LetterFile.objects.get(letter=letter)
    content = building.read(file)
    assert (file.state, file.pages, file.attempts) == ("built", 2, 1)
    assert file.path == f"letters/2026/{letter.code}.pdf"
    assert content is not None and len(content) == file.size
    assert (Path(settings.MEDIA_ROOT) / file.path).stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_building_twice_makes_one_file(issue, settings) -> None:
    letter = issue()
    tasks.build_letters([letter.pk])
    before = LetterFile.objects.get(letter=letter)
    tasks.build_letters([letter.pk, letter.pk])
    after = LetterFile.objects.get(letter=letter)
    assert (after.built_at, after.sha256, after.attempts) == (before.built_at, before.sha256, 1)
    assert len(stored(settings)) == 1


@pytest.mark.django_db
def test_the_same_letter_gives_the_same_file(issue) -> None:
    letter = issue()
    building.build([letter.pk])
    first = LetterFile.objects.get(letter=letter).sha256
    building.build([letter.pk], again=True)
    again = LetterFile.objects.get(letter=letter)
    assert (again.sha256, again.earlier_sha256) == (first, [])


@pytest.mark.django_db
def test_letters_of_several_kinds_and_lengths_each_get_their_own_pages(issue) -> None:
    long = issue(context={"employer": "内蒙古自治区" * 60, "name": "长文"}, addressee="长文")
    certificate = issue(kind=CERTIFICATE, addressee="赟格日乐")
    short = issue(addressee="王建国")
    building.build([short.pk, certificate.pk, long.pk])
    files = {file.letter_id: file for file in LetterFile.objects.all()}
    assert [files[letter.pk].pages for letter in (long, certificate, short)] == [3, 1, 2]
    for letter in (long, certificate, short):
        content = building.read(files[letter.pk])
        words = pdfs.text(content)
        assert letter.number_text in words and letter.addressee in words and letter.printed_code in words
        others = {long.printed_code, certificate.printed_code, short.printed_code} - {letter.printed_code}
        assert not any(code in words for code in others)
    with pikepdf.open(io.BytesIO(sealed_files.read(files[certificate.pk].path))) as pdf:
        box = [float(value) for value in pdf.pages[0].mediabox]
        assert box[2] > box[3]


@pytest.mark.django_db
def test_every_character_of_rare_names_is_drawn(issue) -> None:
    name = "赟珺喆〇䶮𬱖"
    letter = issue(addressee=name, context={"name": name})
    building.build([letter.pk])
    shown = list(pdfs.drawn(building.read(LetterFile.objects.get(letter=letter))))
    missing = {character for character, outline in shown if not outline and character.strip()}
    assert not missing
    assert set(name) <= {character for character, _ in shown}


@pytest.mark.django_db
def test_a_character_no_font_has_fails_that_letter_alone_and_says_which(issue, monkeypatch) -> None:
    from portal.letters import fonts

    monkeypatch.setattr(fonts, "_machine_family", lambda character: None)
    good, bad = issue(), issue(addressee="王\U000323af")
    outcome = building.build([good.pk, bad.pk])
    assert (outcome.built, outcome.failed) == (1, 1)
    file = LetterFile.objects.get(letter=bad)
    assert file.state == "failed" and "U+323AF" in file.error and "字体" in file.error
    assert Letter.objects.filter(pk=bad.pk).exists()


@pytest.mark.django_db
def test_a_layout_that_fails_for_one_is_tried_for_each(issue, monkeypatch) -> None:
    from portal.letters import render

    real = render.render

    def trips(sheets):
        if any("绊倒" in sheet.html for sheet in sheets):
            raise RuntimeError("layout failed")
        return real(sheets)

    monkeypatch.setattr(render, "render", trips)
    good, bad = issue(), issue(addressee="绊倒")
    assert building.build([good.pk, bad.pk]) == building.Outcome(built=1, skipped=0, failed=1)
    assert "系统管理员" in LetterFile.objects.get(letter=bad).error


def test_a_letter_another_worker_is_building_is_skipped(committed, issue) -> None:
    letter = issue()
    with transaction.atomic():
        LetterFile.objects.select_for_update().get(letter=letter)
        from concurrent.futures import ThreadPoolExecutor

        def elsewhere() -> building.Outcome:
            try:
                return building.build([letter.pk])
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(elsewhere).result() == building.Outcome(built=0, skipped=1, failed=0)
    assert building.build([letter.pk]).built == 1


KILLED = """
import os, signal, django
django.setup()
from pathlib import Path
from portal.letters import building, kinds
from portal.letters.kinds import Kind
kinds.register(Kind("test.notice", "纳入通知", "关于纳入内蒙古自治区高技能领军人才名录的通知", "letters/inclusion.html",
                    needs=("name", "honour"), public=(("honour", "依据荣誉"), ("included_on", "纳入日期"))))
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
building.build([{pk}])
"""


@pytest.mark.kill
def test_a_kill_between_writing_and_renaming_leaves_nothing_broken(
    committed, issue, settings, command_environment
) -> None:
    letter = issue()
    env = command_environment | {"JHT_FILES": str(settings.MEDIA_ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", KILLED.format(pk=letter.pk)], env=env, cwd=ROOT, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()

    file = LetterFile.objects.get(letter=letter)
    assert (file.state, file.attempts) == ("pending", 0)
    assert [path.suffix for path in stored(settings)] == [".part"]
    # The server notices in a moment that nobody is there any more for whom it holds the row.
    wait_until(lambda: building.build([letter.pk]).built == 1, seconds=10, says="building what was left")
    assert [path.name for path in stored(settings) if path.suffix == ".pdf"] == [f"{letter.code}.pdf"]

    (draft,) = (path for path in stored(settings) if path.suffix == ".part")
    os.utime(draft, (0, 0))
    building.sweep()
    assert not draft.exists()


@pytest.mark.django_db
def test_the_sweeper_asks_for_what_waits_too_long_but_not_again_and_again(
    issue, queued, django_capture_on_commit_callbacks
) -> None:
    old, fresh = issue(), issue()
    LetterFile.objects.filter(letter=old).update(queued_at=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        assert building.sweep() == 1
        assert building.sweep() == 0
    assert [old.pk] in queued and [fresh.pk] not in queued


@pytest.mark.django_db
def test_the_sweeper_gives_up_on_what_failed_three_times(issue) -> None:
    letter = issue()
    LetterFile.objects.filter(letter=letter).update(
        attempts=3, state="failed", queued_at=timezone.now() - timedelta(hours=1)
    )
    assert building.sweep() == 0


@pytest.mark.django_db
def test_a_broker_that_is_away_does_not_undo_the_letter(
    issue, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    def away(ids):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.build_letters, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        letter = issue()
    assert Letter.objects.filter(pk=letter.pk, file__state="pending").exists()


@pytest.mark.django_db
def test_building_many_takes_few_statements(issue) -> None:
    from django.test.utils import CaptureQueriesContext

    ids = [issue().pk for _ in range(12)]
    with CaptureQueriesContext(connection) as queries:
        building.build(ids)
    assert len(queries) <= 5
