"""Many confirmed in one job: item by item through the same action; killed, cancelled, delivered twice."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.jobs.models import Job, JobState
from portal.jobs.runner import cancel, run_job
from portal.letters.models import Letter
from talent_registry.actions import decline
from talent_registry.jobs import MOST_AT_ONCE, confirm_many
from talent_registry.models import RegistryEntry
from tests.databases import ROOT
from tests.live import wait_until
from tests.registry.conftest import TODAY

HOW = "查验职业技能等级证书"


def test_each_item_has_its_result(proposed, registry_officer) -> None:
    cases = [proposed() for _ in range(3)]
    decline(cases[1].pk, by=registry_officer, on=TODAY, reason="不属于技术工人。")
    job = confirm_many([case.pk for case in cases], by=registry_officer, on=TODAY, how=HOW)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.refused, job.result) == (
        JobState.DONE,
        3,
        1,
        {"confirmed": 2, "refused": 1},
    )
    results = dict(job.items.values_list("key", "message"))
    assert "名录编号LJ-2026-000001" in results[str(cases[0].pk)]
    assert "不予纳入" in results[str(cases[1].pk)]
    assert Letter.objects.filter(kind="registry.inclusion").count() == 2
    run_job(job.pk)
    assert RegistryEntry.objects.count() == 2, "a task run twice"


def test_what_one_may_not_confirm_is_a_result_not_a_failure(proposed, cast, registry_officer) -> None:
    from portal.accounts.models import RoleAssignment

    case = proposed()
    reviewer = cast("reviewer")
    RoleAssignment.objects.create(user=reviewer, role="registry_officer", region_id="150000")
    reviewer = type(reviewer).objects.get(pk=reviewer.pk)
    job = confirm_many([case.pk], by=reviewer, on=TODAY, how=HOW)
    run_job(job.pk)
    assert "须由另一人办理" in job.items.get().message
    assert not RegistryEntry.objects.exists()


def test_what_is_asked_is_checked_first(proposed, registry_officer, clerk) -> None:
    case = proposed()
    with pytest.raises(Refused):
        confirm_many([case.pk], by=clerk, on=TODAY, how=HOW)
    with pytest.raises(NotNow):
        confirm_many([], by=registry_officer, on=TODAY, how=HOW)
    with pytest.raises(NotNow):
        confirm_many(range(MOST_AT_ONCE + 1), by=registry_officer, on=TODAY, how=HOW)
    with pytest.raises(NotNow):
        confirm_many([case.pk], by=registry_officer, on=TODAY, how=" ")
    assert not Job.objects.exists()


def test_a_cancelled_job_keeps_what_is_done(proposed, registry_officer, monkeypatch) -> None:
    cases = [proposed() for _ in range(3)]
    job = confirm_many([case.pk for case in cases], by=registry_officer, on=TODAY, how=HOW)
    from talent_registry import jobs

    real = jobs.confirm

    def confirm_then_cancel(case_id: int, **given):
        entry = real(case_id, **given)
        if case_id == cases[1].pk:
            cancel(job.pk, by=registry_officer)
        return entry

    monkeypatch.setattr(jobs, "confirm", confirm_then_cancel)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert RegistryEntry.objects.count() == 2 and job.items.count() == 2


@pytest.mark.kill
def test_killed_half_way_it_goes_on_without_doubles(
    committed, command_environment, proposed, registry_officer
) -> None:
    cases = [proposed() for _ in range(40)]
    job = confirm_many([case.pk for case in cases], by=registry_officer, on=TODAY, how=HOW)
    code = f"import django; django.setup(); from portal.jobs.runner import run_job; run_job({job.pk})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=command_environment | {"PYTHONPATH": str(ROOT)}
    )
    wait_until(lambda: RegistryEntry.objects.count() >= 5, seconds=60, says="the first confirmations")
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = RegistryEntry.objects.count()
    assert done < 40, "killed too late to show anything"
    Job.objects.filter(pk=job.pk).update(beat_at="2026-01-01T00:00:00Z")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE and job.result == {"confirmed": 40, "refused": 0}
    assert sorted(RegistryEntry.objects.values_list("number", flat=True)) == [
        f"LJ-2026-{n:06d}" for n in range(1, 41)
    ]
    assert Letter.objects.count() == 80 and set(Letter.objects.values_list("sequence", flat=True)) == set(
        range(1, 81)
    )
