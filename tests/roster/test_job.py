"""The import as a job: given in, carried out, interrupted at every point, cancelled, cleaned up after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal import sealed_files
from portal.accounts.access import NotNow, Refused
from portal.accounts.models import RoleAssignment
from portal.jobs import runner
from portal.jobs.models import Job
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.layout import Layout
from portal.workforce.models import (
    Employer,
    Employment,
    Honour,
    RosterImport,
    SkillCredential,
    UnemploymentInsurance,
    Worker,
)
from portal.workforce.roster import actions, importing, merging, receiving, records, retention
from tests.roster.conftest import csv_bytes, given_in, row, xlsx_bytes

ALL = (Worker, Employer, Employment, SkillCredential, Honour, UnemploymentInsurance)


@pytest.fixture
def handed_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that were given to the worker."""
    jobs: list[int] = []
    monkeypatch.setattr(runner.run_job, "delay", jobs.append)
    return jobs


@pytest.fixture
def given(committed: str, cast: Callable[[str], Any], handed_out: list[int]) -> RosterImport:
    content = csv_bytes([row(荣誉="北疆工匠@2021"), row(手机号="1"), row()])
    return given_in(SimpleUploadedFile("鄂托克旗.csv", content), by=cast("clerk"))


def reload(given: RosterImport) -> RosterImport:
    given.refresh_from_db()
    return given


def test_a_file_is_kept_for_the_job_alone(given: RosterImport, handed_out: list[int]) -> None:
    assert handed_out == [given.job_id]
    assert given.source_path.stat().st_mode & 0o777 == 0o600
    assert given.folder.stat().st_mode & 0o777 == 0o700
    assert (given.file_name, given.suffix, given.job.total) == ("鄂托克旗.csv", ".csv", 3)


def test_the_job_imports_and_the_file_is_gone(given: RosterImport) -> None:
    runner.run_job(given.job_id)
    reload(given)
    assert (given.phase, given.rows_read, given.added, given.refused) == ("done", 3, 2, 1)
    assert (given.job.state, given.job.done, given.job.refused) == ("done", 3, 1)
    assert given.job.result == {"added": 2, "changed": 0, "proposed": 0, "unchanged": 0, "refused": 1}
    assert not given.source_path.exists()
    assert given.source_deleted_at
    assert given.refused_path.stat().st_mode & 0o777 == 0o600
    runner.run_job(given.job_id)
    assert Worker.objects.count() == 2


def test_a_second_click_is_the_first_one(given: RosterImport) -> None:
    again = SimpleUploadedFile("noch einmal.csv", sealed_files.read(given.source_file))
    assert receiving.receive(again, by=given.by) == given
    runner.run_job(given.job_id)
    content = csv_bytes([row()])
    assert receiving.receive(SimpleUploadedFile("x.csv", content), by=given.by) != given


def test_a_name_with_a_path_in_it_is_only_a_name(
    committed: str, cast: Callable[[str], Any], handed_out: list[int]
) -> None:
    given = receiving.receive(SimpleUploadedFile("x", csv_bytes([row()])), by=cast("clerk"))
    assert actions.plain_name("..\\..\\etc/passwd\x07.csv") == "passwd.csv"
    assert actions.plain_name("\x07/") == "花名册"
    assert len(actions.plain_name("长" * 300 + ".xlsx")) <= 80
    assert given.source_path.parent == given.folder


def test_what_is_no_roster_is_refused_at_once_and_not_kept(
    committed: str, cast: Callable[[str], Any], settings: Any
) -> None:
    with pytest.raises(FileRefused, match="PDF"):
        receiving.receive(SimpleUploadedFile("x.csv", b"%PDF-1.7"), by=cast("clerk"))
    assert not RosterImport.objects.exists()
    assert not Job.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))
    with pytest.raises(Refused):
        receiving.receive(SimpleUploadedFile("x.csv", csv_bytes([row()])), by=cast("auditor"))


def test_the_permission_counts_when_the_job_runs(given: RosterImport) -> None:
    RoleAssignment.objects.filter(user=given.by).update(
        until=timezone.localdate() - timedelta(days=1), since="2020-01-01"
    )
    runner.run_job(given.job_id)
    assert reload(given).phase == "failed"
    assert "没有“导入花名册”的权限" in given.job.message
    assert not Worker.objects.exists()


class Killed(BaseException):
    """As if the process had been killed here: nothing catches it on the way out but the database's own
    rollback.
    """


# Every statement of the merge, and the moments around it.
STATEMENTS = [
    statement for _, statements in (*merging._REFUSING, *merging._WRITING) for statement in statements
]
MOMENTS = [records.INSERT_WORKERS, records.EMPLOYMENT[0], records.CREDENTIALS[-1], records.KNOWN_WORKERS[-1]]


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_interrupted_in_the_merge_nothing_is_half_done(
    given: RosterImport, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    def interrupt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if MOMENTS[moment].strip() in sql:
            raise Killed
        return done

    with connection.execute_wrapper(interrupt), pytest.raises(Killed):
        runner.run_job(given.job_id)
    assert not any(model.objects.exists() for model in ALL)
    assert not given.refused_path.exists()
    assert reload(given).merged_at is None
    _goes_on(given)


def test_interrupted_after_the_commit_it_only_tidies_up(
    given: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(retention, "delete_source", killed)
        with pytest.raises(Killed):
            runner.run_job(given.job_id)
    assert Worker.objects.count() == 2
    _goes_on(given)


def _goes_on(given: RosterImport) -> None:
    """The sweeper finds that the job has stopped moving; the worker that takes it up ends where an
    undisturbed one would.
    """
    Job.objects.filter(pk=given.job_id).update(beat_at=timezone.now() - 2 * runner.STALE_AFTER)
    runner.run_job(given.job_id)
    reload(given)
    assert (given.job.state, given.job.attempts) == ("done", 2)
    assert (given.rows_read, given.added, given.changed, given.unchanged, given.refused) == (3, 2, 0, 0, 1)
    assert [model.objects.count() for model in ALL] == [2, 1, 2, 2, 1, 2]
    assert given.refused_path.exists()


def test_two_workers_with_the_same_job_import_once(given: RosterImport) -> None:
    """The heartbeat of a worker that lives was late, and a second one began."""
    from django.db import connection

    ended: list[Any] = []

    def work() -> None:
        try:
            ended.append(
                importing.import_received(
                    RosterImport.objects.get(pk=given.pk), progress=lambda *a, **k: None
                )
            )
        except Exception as error:  # the test shows it
            ended.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.added for one in ended] == [2, 2]
    assert [model.objects.count() for model in ALL] == [2, 1, 2, 2, 1, 2]


def test_cancelled_while_reading_nothing_is_written(given: RosterImport) -> None:
    def cancelled(*args: Any, **kwargs: Any) -> None:
        raise runner.Cancelled

    with pytest.raises(runner.Cancelled):
        importing.import_received(given, progress=cancelled)
    assert (reload(given).phase, given.message) == ("failed", "已由导入人停止，没有写入任何内容。")
    assert not Worker.objects.exists()


def test_cancelled_while_a_statement_runs_it_is_ended(
    given: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement would take a minute; the heartbeat's thread learns of the cancellation and ends it."""
    monkeypatch.setattr("portal.workforce.roster.heartbeat._EVERY_SECONDS", 0.2)
    slow = (*records.EMPLOYMENT, "SELECT pg_sleep(60)")
    writing = tuple(
        (step, slow if statements is records.EMPLOYMENT else statements)
        for step, statements in merging._WRITING
    )
    monkeypatch.setattr(merging, "_WRITING", writing)
    thread = threading.Timer(1.5, lambda: _cancel(given))
    thread.start()
    began = timezone.now()
    runner.run_job(given.job_id)
    thread.join()
    assert timezone.now() - began < timedelta(seconds=30)
    assert reload(given).job.state == "cancelled"
    assert given.phase == "failed"
    assert not any(model.objects.exists() for model in ALL)


def _cancel(given: RosterImport) -> None:
    from django.db import connection

    runner.cancel(given.job_id, by=given.by)
    connection.close()


def test_a_person_registered_meanwhile_is_not_registered_twice(
    given: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clerk registers somebody of the file between the look-up and the writing."""
    from django.db import connection

    from tests.cast import make_worker

    number = None
    for line in sealed_files.read(given.source_file).decode("utf-8-sig").splitlines()[1:2]:
        number = line.split(",")[1]
    done = threading.Event()

    def clerk() -> None:
        make_worker("王建国", number=number)
        connection.close()

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "CREATE TEMPORARY TABLE roster_person" in sql and not done.is_set():
            done.set()
            thread = threading.Thread(target=clerk)
            thread.start()
            thread.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        runner.run_job(given.job_id)
    assert done.is_set()
    assert (reload(given).added, given.changed, given.job.state) == (1, 1, "done")
    assert Worker.objects.count() == 2


def test_a_workbook_too(committed: str, cast: Callable[[str], Any], handed_out: list[int]) -> None:
    given = given_in(
        SimpleUploadedFile("花名册.xlsx", xlsx_bytes([row(), row(手机号="1")])), by=cast("clerk")
    )
    runner.run_job(given.job_id)
    assert reload(given).added == 1
    assert given.refused_path.suffix == ".xlsx"


def test_files_go_when_their_time_is_over(given: RosterImport) -> None:
    from portal.workforce.tasks import sweep_roster_files

    assert sweep_roster_files() == 0
    assert given.source_path.exists()
    RosterImport.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert sweep_roster_files() == 0  # its job is still to come
    Job.objects.update(state="failed")
    assert sweep_roster_files() == 1
    assert not given.source_path.exists()
    Job.objects.update(state="waiting")
    runner.run_job(given.job_id)
    assert "已超过保存期限" in reload(given).message


def test_refused_rows_go_after_thirty_days(given: RosterImport) -> None:
    runner.run_job(given.job_id)
    assert retention.sweep_files() == 0
    RosterImport.objects.update(merged_at=timezone.now() - timedelta(days=31))
    assert retention.sweep_files() == 1
    assert not given.folder.exists()
    assert not reload(given).has_refused_file


def test_the_page_is_told_what_the_job_does(given: RosterImport) -> None:
    told: list[dict[str, Any]] = []
    importing.import_received(given, progress=lambda done, **changes: told.append({"done": done} | changes))
    assert told[0] == {"done": 0, "total": 3, "refused": 0, "step": "逐行核对"}
    assert {"done": 3, "total": 3, "refused": 1, "step": "逐行核对"} in told
    assert told[-1]["step"] not in {"", "逐行核对"}


def test_a_large_workbook_is_opened_by_the_job(
    committed: str, cast: Callable[[str], Any], handed_out: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_OPENED_AT_ONCE", 1)
    content = xlsx_bytes([row()], lambda workbook, sheet: sheet.write_string(0, 0, "何人"))
    given = receiving.receive(SimpleUploadedFile("x.xlsx", content), by=cast("clerk"))
    assert reload(given).phase == "looking"
    runner.run_job(given.job_id)
    assert reload(given).phase == "previewed"
    with pytest.raises(NotNow, match="缺少列：姓名"):
        receiving.confirm(given.pk, by=given.by)
    layout = replace(Layout.from_json(given.layout), named={"何人": "name"})
    receiving.confirm(given.pk, by=given.by, layout=layout)
    runner.run_job(reload(given).job_id)
    assert reload(given).added == 1


def test_a_large_file_that_is_no_table_says_so(
    committed: str, cast: Callable[[str], Any], handed_out: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_OPENED_AT_ONCE", 1)
    given = receiving.receive(SimpleUploadedFile("x.xlsx", b"PK\x03\x04 no archive"), by=cast("clerk"))
    runner.run_job(given.job_id)
    assert reload(given).phase == "failed"
    assert "不是Excel工作簿" in given.message
    assert "不是Excel工作簿" in given.job.message


def test_what_nobody_confirms_goes(committed: str, cast: Callable[[str], Any], handed_out: list[int]) -> None:
    given = receiving.receive(SimpleUploadedFile("x.csv", csv_bytes([row()])), by=cast("clerk"))
    assert handed_out == []
    RosterImport.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert retention.sweep_files() == 1
    assert (reload(given).phase, given.source_path.exists()) == ("failed", False)
    with pytest.raises(NotNow):
        receiving.confirm(given.pk, by=given.by)
    assert not Worker.objects.exists()
