"""A process killed while it takes an extract in, again and again, then left alone: all of it is written once, or nothing."""

from __future__ import annotations

import os
import signal
import time
from datetime import date, timedelta
from typing import Any

import pytest

from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.workforce import coverage
from portal.workforce.extracts import actions
from portal.workforce.models import BenefitClaim, RegisterExtract, Worker
from tests import copies
from tests.cast import OTOG, id_number
from tests.workforce.extracting import ON, counts, extract_file, stated

pytestmark = pytest.mark.kill
PEOPLE = 1500


def people() -> list[Worker]:
    """So many, each with a number of their own."""
    made = []
    for place in range(PEOPLE):
        worker = Worker(name="王建国", work_region_id=OTOG, source="合成数据")
        worker.set_id_number(id_number(born=date(1985, 1, 1) + timedelta(days=place), serial=place))
        made.append(worker)
    return Worker.objects.bulk_create(made)


def test_killed_at_any_moment_and_begun_again(
    committed: str, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    monkeypatch.setattr(runner, "STALE_AFTER", timedelta(0))
    monkeypatch.setattr(runner, "MOST_ATTEMPTS", 99)
    reviewer = cast("reviewer")
    rows = [
        {
            "number": worker.id_number,
            "kind": "技能提升补贴",
            "occupation": "焊工",
            "level": "高级工",
            "claimed_on": "2025-06-01",
        }
        for worker in people()
    ]
    extract = actions.give_in(extract_file("claims", *rows), stated("claims"), by=reviewer, on=ON)
    runner.run_job(extract.job_id)
    extract = actions.confirm(extract.pk, by=reviewer)
    seen: set[bool] = set()
    for kills in range(32):
        process = copies.begin(lambda: runner.run_job(extract.job_id))
        # A quarter later each time, until one came through, however busy the machine.
        time.sleep(0.05 * 1.25**kills)
        came_through = os.waitpid(process, os.WNOHANG)[0] != 0
        if not came_through:
            os.killpg(process, signal.SIGKILL)
            copies.ended(process)
        # Asked once: what was killed may just be committing.
        written = BenefitClaim.objects.count()
        assert written in (0, PEOPLE)
        seen.add(written == PEOPLE)
        if came_through:
            break
    assert seen == {False, True}, "the kills came too early or too late to mean anything"
    job = Job.objects.get(pk=extract.job_id)
    if job.state != JobState.DONE:
        runner.run_job(job.pk)
    extract.refresh_from_db()
    assert counts(extract) == (PEOPLE, 0, 0, 0) and extract.phase == "done" and extract.covers
    assert BenefitClaim.objects.count() == PEOPLE and RegisterExtract.objects.count() == 1
    # Everybody was there before: what it covers is known of each.
    assert extract.people_until >= Worker.objects.latest("created_at").created_at
    assert extract.fund == coverage.UPGRADE_FUND
