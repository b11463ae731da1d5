"""A set action for each of many: by chunks, a failing chunk item by item, killed, cancelled, done twice at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection, connections

from portal.accounts.access import NotNow
from portal.cases.actions import transition_many
from portal.cases.models import Case, CaseEvent
from portal.jobs import runner
from portal.jobs.each import Result, do_in_chunks
from portal.jobs.models import Job, JobItem, JobState
from portal.jobs.runner import Run, cancel, job_kind, run_job, start
from tests.cases.test_life_of_a_case import MONDAY, opened
from tests.cast import make_worker
from tests.databases import ROOT
from tests.live import wait_until

KIND = "test.decline-many"
# Of the cases of a job: what happens when the set contains one of them.
EFFECTS: dict[int, Callable[[], None]] = {}


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    monkeypatch.setattr(runner, "_KINDS", dict(runner._KINDS))
    EFFECTS.clear()
    register()


def register() -> None:
    job_kind(KIND)(decline_all)


def decline_all(run: Run) -> dict[str, Any]:
    asked: list[list[int]] = []

    def decline(ids: Sequence[int]) -> dict[int, Result]:
        asked.append(list(ids))
        with transition_many(ids, "decline", by=run.job.by, on=MONDAY, reason="不属于技术工人") as moving:
            for case in moving.cases:
                EFFECTS.get(case.pk, lambda: None)()
        return {case.pk: f"{case.number}不予纳入" for case in moving.cases} | moving.refused

    counts = do_in_chunks(run, run.params["cases"], decline, size=run.params.get("size", 3))
    return {"done": counts.done, "refused": counts.refused, "asked": asked}


def job_for(cases: Sequence[Case], by: Any, **params: Any) -> Job:
    ids = [case.pk for case in cases]
    return start(KIND, title="批量不予纳入", by=by, total=len(ids), params={"cases": ids} | params)


def done(job: Job) -> Job:
    run_job(job.pk)
    job.refresh_from_db()
    return job


def results(job: Job) -> dict[int, tuple[bool, str]]:
    return {int(item.key): (item.ok, item.message) for item in job.items.all()}


def some_cases(number: int) -> list[Case]:
    worker = make_worker()
    return [opened(worker) for _ in range(number)]


def test_every_item_has_its_result_and_chunks_share_their_statements(registry_officer: Any) -> None:
    cases = some_cases(7)
    with transition_many([cases[4].pk], "withdraw", by=None, on=MONDAY, reason="荣誉不成立"):
        pass
    job = done(job_for(cases, registry_officer))
    assert (job.state, job.done, job.refused) == (JobState.DONE, 7, 1)
    assert [len(ids) for ids in job.result["asked"]] == [3, 3, 1]
    noted = results(job)
    assert set(noted) == {case.pk for case in cases}
    assert [pk for pk, (ok, _) in noted.items() if not ok] == [cases[4].pk]
    assert "当前状态为“已撤回”，不能再“不予纳入”" in noted[cases[4].pk][1]
    assert noted[cases[0].pk] == (True, f"{cases[0].number}不予纳入")


def broken() -> None:
    raise RuntimeError("no paper")


def not_now() -> None:
    raise NotNow("该人员的材料正在核查，暂不能办理。")


@pytest.mark.parametrize(
    ("effect", "said"), [(broken, "办理时出错，该项没有办理"), (not_now, "该人员的材料正在核查")]
)
def test_a_chunk_that_fails_is_done_again_item_by_item(
    registry_officer: Any, effect: Callable[[], None], said: str
) -> None:
    cases = some_cases(8)
    failing = cases[4]
    EFFECTS[failing.pk] = effect
    job = done(job_for(cases, registry_officer))
    assert (job.state, job.done, job.refused) == (JobState.DONE, 8, 1)
    # The chunk with the failing one was tried once as a whole; the others were not taken apart.
    assert [len(ids) for ids in job.result["asked"]] == [3, 3, 1, 1, 1, 2]
    noted = results(job)
    assert set(noted) == {case.pk for case in cases}
    assert said in noted[failing.pk][1] and not noted[failing.pk][0]
    assert all(ok for pk, (ok, _) in noted.items() if pk != failing.pk)
    failing.refresh_from_db()
    assert (failing.state, failing.version, failing.events.count()) == ("proposed", 1, 1)
    assert Case.objects.filter(state="declined").count() == 7
    assert CaseEvent.objects.filter(action="decline").count() == 7


def test_what_has_a_result_is_not_done_again(registry_officer: Any) -> None:
    cases = some_cases(5)
    job = job_for(cases, registry_officer)
    JobItem.objects.create(job=job, key=str(cases[1].pk), ok=True, message="已办理")
    job = done(job)
    assert job.result == {
        "done": 5,
        "refused": 0,
        "asked": [[cases[0].pk, cases[2].pk], [cases[3].pk, cases[4].pk]],
    }
    cases[1].refresh_from_db()
    assert cases[1].state == "proposed"


def test_a_cancelled_job_keeps_the_chunks_that_are_done(registry_officer: Any) -> None:
    cases = some_cases(7)
    job = job_for(cases, registry_officer)
    EFFECTS[cases[4].pk] = lambda: cancel(job.pk, by=registry_officer) and None
    job = done(job)
    assert job.state == JobState.CANCELLED
    assert job.items.count() == Case.objects.filter(state="declined").count() == 6


def test_two_who_do_the_same_job_do_every_item_once(committed: str, cast: Any) -> None:
    """A worker that was slow is taken for dead, and a second one begins."""
    cases = some_cases(12)
    job = job_for(cases, cast("registry_officer"))
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    errors: list[BaseException] = []
    both = threading.Barrier(2)

    def work() -> None:
        try:
            both.wait(30)
            decline_all(Run(Job.objects.select_related("by").get(pk=job.pk)))
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert all(ok for ok, _ in results(job).values()) and job.items.count() == 12
    assert CaseEvent.objects.filter(action="decline").count() == 12


def alone() -> bool:
    """Whether nobody else is connected to the database of the test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() == (0,)


@pytest.mark.kill
def test_killed_between_chunks_it_goes_on_without_doubles(
    committed: str, command_environment: dict[str, str], cast: Any
) -> None:
    cases = some_cases(24)
    job = job_for(cases, cast("registry_officer"), size=2)
    # The other process is slow where a chunk is done, so that the kill comes in between.
    code = (
        "import time, django; django.setup()\n"
        "from portal.jobs import runner\n"
        "from tests.jobs import test_chunks\n"
        "test_chunks.register()\n"
        "progress = runner.Run.progress\n"
        "def slowly(run, *given, **more):\n"
        "    progress(run, *given, **more)\n"
        "    time.sleep(1)\n"
        "runner.Run.progress = slowly\n"
        f"runner.run_job({job.pk})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=command_environment | {"PYTHONPATH": str(ROOT)}
    )
    wait_until(lambda: job.items.count() >= 4, seconds=60, says="the first chunks")
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(alone, seconds=60, says="the end of what the killed process had begun")
    begun = job.items.count()
    assert begun < 24, "killed too late to show anything"
    assert Case.objects.filter(state="declined").count() == begun, "a result without its case, or the reverse"
    Job.objects.filter(pk=job.pk).update(beat_at="2026-01-01T00:00:00Z")
    job = done(job)
    assert job.state == JobState.DONE and (job.result["done"], job.result["refused"]) == (24, 0)
    assert sum(len(ids) for ids in job.result["asked"]) == 24 - begun
    assert CaseEvent.objects.filter(action="decline").count() == 24
    assert Case.objects.filter(state="declined", version=2).count() == 24
