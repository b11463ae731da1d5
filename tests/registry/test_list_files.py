"""Long printed lists: made in the background for anybody, once for all who ask for the same, cleared away
after some days.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.jobs.models import Job, JobState
from portal.jobs.runner import run_job
from portal.lists import files as list_files
from portal.lists import limits
from portal.lists.models import ListFile
from portal.lists.tasks import clear_list_files
from portal.throttle import Limit
from talent_registry import exports
from talent_registry.actions import change_status
from talent_registry.models import RegistryEntry, Status
from tests.letters import pdfs

EXPORT = "/registry/export.pdf"


@pytest.fixture(autouse=True)
def short(monkeypatch, settings, tmp_path, request) -> None:
    """A list of three is long here, and parts are of two rows; nobody counts how often these tests ask."""
    monkeypatch.setattr(limits, "MOST_AT_ONCE", 2)
    monkeypatch.setattr("portal.lists.printed._ROWS", 2)
    monkeypatch.setattr("portal.lists.downloads.FILES", Limit(f"list-files-{request.node.name}", 60))
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people(five_people) -> list[RegistryEntry]:
    return five_people


def _made(client: Any, params: dict[str, str] | None = None) -> ListFile:
    """The file of this list, asked for by a stranger and made by the worker."""
    answer = client.get(EXPORT, params or {})
    assert answer.status_code == 302
    code = answer["Location"].split("/")[3]
    file = ListFile.objects.select_related("job").get(code=code)
    run_job(file.job_id)
    return ListFile.objects.select_related("job").get(pk=file.pk)


def test_a_stranger_asks_for_a_long_list_and_downloads_it(people, client) -> None:
    answer = client.get(EXPORT)
    assert answer.status_code == 302 and answer["Location"].startswith("/registry/files/")
    page = client.get(answer["Location"]).text
    assert "等待中" in page and "5条" in page and "王建国" not in page
    assert "htmx" in page, "what asks how far it is has to be loaded on this side of the house too"
    file = _made(client)
    assert (file.job.state, file.job.by, file.rows) == (JobState.DONE, None, 5)
    progress = client.get(f"/registry/files/{file.code}/progress/")
    assert progress.status_code == 286 and f"下载 PDF（{file.pages}页）" in progress.text
    pdf = client.get(f"/registry/files/{file.code}/pdf/")
    content = pdf.getvalue()
    assert "attachment" in pdf["Content-Disposition"] and len(content) == file.size
    words = pdfs.text(content)
    places = [words.index(entry.number) for entry in people]
    assert places == sorted(places, reverse=True), "newest first, nobody missing"
    assert "共5条" in words and words.count("（盖章）") == 1
    assert [f"— {page} —" in words for page in range(1, file.pages + 2)] == [True] * file.pages + [False]
    for entry in people:
        assert entry.worker.id_number not in words


def test_a_short_list_comes_at_once(people, client) -> None:
    answer = client.get(EXPORT, {"league": "150200"})
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert not ListFile.objects.exists()


def test_the_same_list_is_made_once_and_another_one_beside_it(people, client) -> None:
    first = _made(client)
    again = client.get(EXPORT)
    assert again["Location"] == f"/registry/files/{first.code}/pdf/"
    other = client.get(EXPORT, {"league": "150600"})
    assert first.code not in other["Location"]
    assert Job.objects.filter(kind=list_files.JOB_KIND).count() == 2


def test_a_change_of_the_list_asks_for_a_new_file(people, entry, client, registry_officer) -> None:
    first = _made(client)
    change_status(
        people[0].pk,
        Status.SUSPENDED,
        by=registry_officer,
        on=people[0].included_on,
        document="内人社函〔2026〕12号",
        reason="复查。",
    )
    second = _made(client)
    entry("新来的")
    third = _made(client)
    assert len({first.code, second.code, third.code}) == 3
    assert "暂停" in pdfs.text(client.get(f"/registry/files/{second.code}/pdf/").getvalue())
    assert client.get(f"/registry/files/{first.code}/pdf/").status_code == 200, "who has its address keeps it"


def test_the_file_holds_the_filters_that_were_asked_for(people, client) -> None:
    file = _made(client, {"league": "150600", "year": "2026"})
    words = pdfs.text(client.get(f"/registry/files/{file.code}/pdf/").getvalue())
    assert "共4条" in words and people[3].number not in words and "鄂尔多斯市" in words
    page = client.get(f"/registry/files/{file.code}/").text
    assert "查询条件：2026年度；鄂尔多斯市" in page and "/registry/?year=2026&amp;league=150600" in page


def test_a_job_that_was_killed_lays_out_only_what_is_missing(people, client, monkeypatch) -> None:
    from portal.letters import render

    code = client.get(EXPORT)["Location"].split("/")[3]
    file = ListFile.objects.get(code=code)
    lay_out, laid_out = render._part, []

    def killed_at_the_second(html: str, page: int, **more: Any) -> Any:
        if len(laid_out) == 1:
            raise SystemExit
        laid_out.append(page)
        return lay_out(html, page, **more)

    monkeypatch.setattr(render, "_part", killed_at_the_second)
    with pytest.raises(SystemExit):
        run_job(file.job_id)
    monkeypatch.setattr(
        render, "_part", lambda html, page, **more: laid_out.append(page) or lay_out(html, page, **more)
    )
    Job.objects.filter(pk=file.job_id).update(beat_at=timezone.now() - timedelta(minutes=5))
    run_job(file.job_id)
    file = ListFile.objects.select_related("job").get(pk=file.pk)
    assert file.job.state == JobState.DONE and len(laid_out) == 3
    run_job(file.job_id)
    assert len(laid_out) == 3, "a task run twice"


def test_who_is_removed_before_the_file_is_made_is_not_in_it(people, client, registry_officer) -> None:
    """The list is read in one statement when the work begins: rows and their count belong together."""
    code = client.get(EXPORT)["Location"].split("/")[3]
    change_status(
        people[1].pk,
        Status.REMOVED,
        by=registry_officer,
        on=people[1].included_on,
        document="内人社函〔2026〕13号",
        reason="复查。",
    )
    file = ListFile.objects.get(code=code)
    run_job(file.job_id)
    words = pdfs.text(client.get(f"/registry/files/{code}/pdf/").getvalue())
    assert "共4条" in words and people[1].number not in words


def test_strangers_cannot_keep_every_worker_busy(people, client) -> None:
    asked = [
        client.get(EXPORT, params).status_code for params in ({}, {"league": "150600"}, {"year": "2026"}, {})
    ]
    assert asked == [302, 302, 503, 302], "the same list as before needs no further work"
    refused = client.get(EXPORT, {"year": "2026"})
    assert "请过几分钟再试" in refused.text and "/registry/?year=2026" in refused.text


def test_asking_is_throttled_like_other_files(people, client, monkeypatch) -> None:
    monkeypatch.setattr("portal.lists.downloads.FILES", Limit("list-files-few", 2))
    assert [client.get(EXPORT).status_code for _ in range(3)] == [302, 302, 429]


def test_a_failed_one_is_tried_afresh_and_says_what_a_stranger_can_do(people, client, monkeypatch) -> None:
    code = client.get(EXPORT)["Location"].split("/")[3]
    monkeypatch.setattr(exports, "listing", lambda **_: 1 / 0)
    run_job(ListFile.objects.get(code=code).job_id)
    page = client.get(f"/registry/files/{code}/").text
    assert "服务窗口" in page and "系统管理员" not in page and "返回名录" in page
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MOST_AT_ONCE", 2)
    assert client.get(EXPORT)["Location"].split("/")[3] != code


def test_files_are_cleared_away_after_some_days(people, client) -> None:
    old, new = _made(client), _made(client, {"league": "150600"})
    ListFile.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - list_files.KEPT_FOR - timedelta(hours=1)
    )
    path = list_files.path_of(old)
    assert path is not None
    assert clear_list_files() == 1
    assert not path.exists() and list_files.path_of(new) is not None
    answer = client.get(f"/registry/files/{old.code}/pdf/", follow=True)
    assert "文件已清理" in answer.text and "返回名录" in answer.text
    assert clear_list_files() == 0


def test_an_address_nobody_was_given_leads_nowhere(people, client) -> None:
    for end in ("", "progress/", "pdf/"):
        assert client.get(f"/registry/files/abcdefghijklmnop/{end}").status_code == 404
