"""A process killed while it puts a unit's list forward, again and again, then left alone: each row once, each person told
once.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from typing import Any

import pytest

from portal.cases.models import Case
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outgoing.models import Message
from subsidies.by_unit import actions, jobs
from subsidies.by_unit.models import Proposal
from tests import copies
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import given_in, line_of, staff_of

pytestmark = pytest.mark.kill
PEOPLE = 60


def test_killed_at_any_moment_and_begun_again(
    committed: str, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    monkeypatch.setattr(runner, "STALE_AFTER", timedelta(0))
    monkeypatch.setattr(runner, "MOST_ATTEMPTS", 99)
    monkeypatch.setattr(jobs, "CHUNK", 3)
    agent = cast("employer_agent")
    unit = make_employer("鄂托克焦化有限责任公司", agents=(agent,))
    lines = [line_of(one.credentials.get()) for one in staff_of(unit, PEOPLE)]
    given = actions.confirm(given_in(unit, *lines, by=agent).pk, by=agent)
    seen: set[int] = set()
    for kills in range(32):
        process = copies.begin(lambda: runner.run_job(given.job_id))
        # A quarter later each time, until one came through, however busy the machine.
        time.sleep(0.05 * 1.25**kills)
        came_through = os.waitpid(process, os.WNOHANG)[0] != 0
        if not came_through:
            os.killpg(process, signal.SIGKILL)
            copies.ended(process)
        written = Proposal.objects.count()
        assert written == Message.objects.count() == Case.objects.filter(kind="subsidies.proposal").count()
        assert written % 3 == 0, "a chunk is written whole or not at all"
        seen.add(written)
        if came_through:
            break
    assert len(seen) > 1, "the kills came too early or too late to mean anything"
    if Job.objects.get(pk=given.job_id).state != JobState.DONE:
        runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "done" and Proposal.objects.count() == Message.objects.count() == PEOPLE
    assert given.job.items.count() == PEOPLE
    assert Proposal.objects.values("credential").distinct().count() == PEOPLE
