"""The worker that moves many claims is killed twice in the middle of it: at the end nothing is missing, and nothing is
there twice.

Where it dies is certain: the test holds a row that the worker waits for.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.db.models import Count

from portal.audit.chain import verify
from portal.audit.models import Entry
from portal.cases.models import Case, CaseDuty, CaseEvent
from portal.celery import app
from portal.jobs import each, runner
from portal.jobs.models import Job, JobState
from portal.letters.models import Letter
from portal.outgoing.models import Message
from portal.policy.models import Determination
from portal.queues import queue_of
from portal.workforce.models import BenefitClaim
from subsidies import jobs
from subsidies.models import Claim, ClaimKey
from tests import copies, databases
from tests.live import broker_of_its_own, wait_until
from tests.subsidies.test_bulk import FRIDAY, claims_of, moved, versions, written

pytestmark = pytest.mark.kill
CLAIMS, CHUNK = 6, 2


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker from which nobody else takes; jobs of this test are sent there."""
    with broker_of_its_own() as found:
        # As Celery takes it (portal/settings.py).
        address = found.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")

        def send(job_id: int) -> None:
            with app.connection_for_write(address) as to:
                runner.run_job.apply_async([job_id], connection=to, queue=queue_of("jobs.run"))

        monkeypatch.setattr(runner.run_job, "delay", send)
        yield address


def celery_worker(address: str) -> int:
    """A worker with one process in its pool, for long work, that goes by small chunks."""

    def work() -> None:
        assert each.do_in_chunks.__kwdefaults__ is not None
        each.do_in_chunks.__kwdefaults__["size"] = CHUNK
        app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = address
        app.worker_main(
            ["worker", "--queues", queue_of("jobs.run"), "--concurrency", "1", "--loglevel", "ERROR"]
            + ["--without-mingle", "--without-gossip", "--without-heartbeat"]
        )

    return copies.begin(work)


def others(condition: str) -> int:
    """How many other connections to the database of the test there are that this is true of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            f" AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND {condition}"
        )
        return int(cursor.fetchone()[0])


@contextmanager
def at_work(address: str) -> Iterator[int]:
    """A worker, killed with all that it has begun when this ends."""
    worker = celery_worker(address)
    try:
        yield worker
    finally:
        os.killpg(worker, signal.SIGKILL)
        assert copies.ended(worker) == -signal.SIGKILL


@contextmanager
def killed_where(database: str, held: str, given: list[Any], address: str) -> Iterator[None]:
    """A worker takes the job up, comes to what somebody else has written or holds (`held`), and is killed there."""
    somebody = psycopg2.connect(databases.renamed(os.environ["DATABASE_URL"], database))
    with closing(somebody), somebody.cursor() as cursor:
        cursor.execute(held, given)
        with at_work(address):
            wait_until(
                lambda: others("cardinality(pg_blocking_pids(pid)) > 0") == 1,
                seconds=60,
                says="it comes so far",
            )
    wait_until(lambda: others("true") == 0, seconds=60, says="what it had begun is undone")
    yield


def states(claims: list[Claim]) -> list[str]:
    return list(
        Case.objects.filter(pk__in=[one.pk for one in claims]).order_by("pk").values_list("state", flat=True)
    )


def again(job: Job) -> None:
    """The sweeper finds that nobody works on it, and sends it once more."""
    Job.objects.filter(pk=job.pk).update(beat_at=job.beat_at - timedelta(days=1))
    assert runner.sweep_jobs() == 1


def assert_each_once(claims: list[Claim]) -> None:
    """What an approval writes stands once for each of them, and the numbers of the letters have no gap."""
    ids = [one.pk for one in claims]
    credentials = [one.credential_id for one in claims]
    approval = {"case__in": ids, "action": "approve"}
    of_each = [
        CaseEvent.objects.filter(**approval).values("case"),
        CaseDuty.objects.filter(case__in=ids, duty="approve").values("case"),
        Letter.objects.filter(case__in=ids, kind="subsidies.approval").values("case"),
        Message.objects.filter(case__in=ids, kind="decision").values("case"),
        Entry.objects.filter(object_ref__in=map(str, ids), action="case.approve").values("object_ref"),
        BenefitClaim.objects.filter(decided_here__in=ids).values("worker"),
        # Of the hand-in, of the review and of the approval; of what was undone none.
        Determination.objects.filter(subject_type="certificate", subject_id__in=credentials).values(
            "subject_id"
        ),
        ClaimKey.objects.held().filter(claim__in=ids).values("claim"),
    ]
    counted = [list(rows.annotate(times=Count("pk")).values_list("times", flat=True)) for rows in of_each]
    assert counted == [[1] * CLAIMS] * 6 + [[3] * CLAIMS] * 2
    numbers = Letter.objects.order_by("issuer", "sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_killed_twice_in_the_middle(committed: str, cast: Any, broker: str) -> None:
    claims = claims_of(cast, CLAIMS)
    alike = claims_of(cast, 1, of="b")
    for action, by in (("accept", "clerk"), ("review", "reviewer")):
        results = moved(action, [*claims, *alike], cast(by))
        assert all(ok for ok, _ in results.values())
    job = jobs.start_moving("approve", versions(claims), by=cast("approver"), on=FRIDAY)

    # All of the second chunk is written, and its results are about to be.
    result = "INSERT INTO jobs_jobitem (job_id, key, ok, message) VALUES (%s, %s, true, '')"
    with killed_where(committed, result, [job.pk, str(claims[3].pk)], broker):
        assert states(claims) == ["approved"] * 2 + ["reviewed"] * 4
        assert job.items.count() == 2 and Letter.objects.filter(kind="subsidies.approval").count() == 2
    again(job)
    # The letters of the next chunk are about to be numbered: its cases have moved.
    with killed_where(committed, "SELECT FROM letters_letterseries FOR UPDATE", [], broker):
        assert states(claims) == ["approved"] * 2 + ["reviewed"] * 4
    again(job)
    with at_work(broker):
        wait_until(lambda: Job.objects.get(pk=job.pk).finished, seconds=60, says="the job is done")

    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == (JobState.DONE, 3, {"done": CLAIMS, "refused": 0})
    assert_each_once(claims)
    moved("approve", alike, cast("approver"), FRIDAY)
    assert written(claims) == written(alike) * CLAIMS
    assert verify().holds
