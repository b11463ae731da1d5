"""Letters and files for the printer lie on the disk encrypted; each opens under its own name only."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal import sealed_files
from portal.audit.models import Entry
from portal.jobs import runner
from portal.jobs.models import Job
from portal.letters import actions, building, tasks
from portal.letters.models import LetterFile, PrintFile
from tests.cast import make_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(issue: Any) -> list[LetterFile]:
    letters = [issue(make_worker(name), addressee=name) for name in ("赛罕塔拉", "苏日娜乌云")]
    building.build([letter.pk for letter in letters])
    return [LetterFile.objects.get(letter=letter) for letter in letters]


@pytest.fixture
def printed(two: list[LetterFile], clerk: Any, monkeypatch: pytest.MonkeyPatch) -> PrintFile:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    print_file = actions.request_print(letter_ids=[file.letter_id for file in two], by=clerk)
    runner.run_job(print_file.job_id)
    print_file.refresh_from_db()
    return print_file


def test_nothing_of_a_letter_lies_in_the_clear(printed: PrintFile, settings: Any) -> None:
    lying = [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(lying) == 3
    clear = sealed_files.read(printed.path)
    assert clear.startswith(b"%PDF")
    assert all(content.startswith(b"\0") and clear[:16] not in content for content in lying)
    assert sealed_files.size_of(printed.path) == printed.size


def test_a_letter_in_the_place_of_another_is_not_handed_out(two: list[LetterFile]) -> None:
    first, second = two
    shutil.copy(sealed_files.path_of(first.path), sealed_files.path_of(second.path))
    assert building.read(second) is None
    entry = Entry.objects.get(action="letter.not_shown")
    assert entry.object_ref == str(second.letter_id) and entry.detail["number"] == second.letter.number_text
    building.build([second.letter_id], again=True)
    second.refresh_from_db()
    assert (building.read(second) or b"").startswith(b"%PDF")


def test_a_print_file_that_was_changed_is_refused_in_words(
    printed: PrintFile, two: list[LetterFile], clerk: Any, as_user: Any
) -> None:
    shutil.copy(sealed_files.path_of(two[0].path), sealed_files.path_of(printed.path))
    page = as_user(clerk).get(f"/letters/print/{printed.pk}/pdf/", follow=True)
    assert "打印文件与生成时不一致" in page.content.decode()
    assert Entry.objects.filter(action="letter.not_shown", object_ref=str(printed.pk)).exists()


def test_print_files_go_after_a_week(printed: PrintFile, clerk: Any, as_user: Any) -> None:
    assert tasks.clear_print_files() == 0
    Job.objects.filter(pk=printed.job_id).update(finished_at=timezone.now() - timedelta(days=8))
    assert (tasks.clear_print_files(), tasks.clear_print_files()) == (1, 0)
    assert not sealed_files.path_of(printed.path).exists()
    page = as_user(clerk).get(f"/letters/print/{printed.pk}/pdf/", follow=True).content.decode()
    assert "打印文件只保存7天" in page
