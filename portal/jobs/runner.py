"""Starts jobs, keeps their progress, and starts again what was killed.

A kind of job is a function `work(run: Run) -> None` registered with `@job_kind`. It must be safe to start
again from the beginning: it finds in the database what is done already. `run.progress` records how far it is
and stops it when cancelled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.jobs.models import Job, JobItem, JobState

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)
MOST_ATTEMPTS = 5


class Cancelled(Exception):
    """The person asked to stop; what is done stays done."""


class JobRefused(Exception):
    """The work cannot be done as asked; the message is for the person who asked."""


class Run:
    """What a job's function is given."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.params: dict[str, Any] = job.params

    def progress(
        self, done: int, *, total: int | None = None, refused: int | None = None, step: str | None = None
    ) -> None:
        """Note how far the work is, and in words what it does now. Raises Cancelled when the person has asked
        to stop.
        """
        changes: dict[str, Any] = {"done": done, "beat_at": timezone.now()}
        if total is not None:
            changes["total"] = total
        if refused is not None:
            changes["refused"] = refused
        if step is not None:
            changes["message"] = step
        if not Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING).update(**changes):
            raise Cancelled

    def item(self, key: Any, ok: bool, message: str = "") -> None:
        """Note what came of one item."""
        JobItem.objects.update_or_create(
            job=self.job, key=str(key), defaults={"ok": ok, "message": message[:300]}
        )

    def items(self, results: Iterable[tuple[Any, bool, str]]) -> None:
        """Note what came of many items that have no result yet."""
        JobItem.objects.bulk_create(
            [
                JobItem(job=self.job, key=str(key), ok=ok, message=message[:300])
                for key, ok, message in results
            ]
        )


Work = Callable[[Run], dict[str, Any] | None]
_KINDS: dict[str, Work] = {}


def job_kind(kind: str) -> Callable[[Work], Work]:
    """Registers the function that does the jobs of this kind."""

    def register(work: Work) -> Work:
        _KINDS[kind] = work
        return work

    return register


def start(kind: str, *, title: str, by: Any, params: dict[str, Any] | None = None, total: int = 0) -> Job:
    """Create a job and hand it to the worker once the transaction has committed."""
    if kind not in _KINDS:
        raise ValueError(f"no such kind of job: {kind}")
    job = Job.objects.create(
        kind=kind, title=title, by=by, params=params or {}, total=total, beat_at=timezone.now()
    )
    audit.record("job.start", by=by, obj=job, detail={"kind": kind})
    transaction.on_commit(lambda: run_job.delay(job.pk))
    return job


def cancel(job_id: int, *, by: Any) -> Job:
    """Stop a job after the item it is at. Only who started it may; a finished job stays as it is."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id, by=by)
        if not job.finished:
            job.state = JobState.CANCELLED
            job.finished_at = timezone.now()
            job.message = "已由发起人取消，已完成的部分保留。"
            job.save(update_fields=["state", "finished_at", "message"])
            audit.record("job.cancel", by=by, obj=job)
    return job


def _claim(job_id: int) -> Job | None:
    """Take a waiting job, or one whose worker was killed. Two deliveries of one message take it once."""
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id).first()
        if job is None or job.finished:
            return None
        if _is_alive(job):
            return None
        now = timezone.now()
        if job.attempts >= MOST_ATTEMPTS:
            job.state = JobState.FAILED
            job.finished_at = now
            job.message = f"任务已中断{MOST_ATTEMPTS}次，不再自动重试。{_whom_to_ask(job)}"
        else:
            job.state = JobState.RUNNING
            job.beat_at = now
            job.started_at = job.started_at or now
            job.attempts += 1
        job.save()
        return job if job.state == JobState.RUNNING else None


def _is_alive(job: Job) -> bool:
    """Whether somebody works on it: it runs, and has moved within STALE_AFTER."""
    if job.state != JobState.RUNNING or job.beat_at is None:
        return False
    return job.beat_at > timezone.now() - STALE_AFTER


def _whom_to_ask(job: Job) -> str:
    """What nobody in particular has asked for may be read by strangers, who know no system administrator."""
    if job.by_id is None:
        return f"请过一会儿重新办理；仍不成功的，请向服务窗口反映，并告知任务编号{job.pk}。"
    return f"请联系系统管理员，并告知任务编号{job.pk}。"


def _finish(job: Job, state: JobState, message: str = "", result: dict[str, Any] | None = None) -> None:
    changes: dict[str, Any] = {"state": state, "finished_at": timezone.now(), "message": message[:300]}
    if result is not None:
        changes["result"] = result
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(**changes)


@shared_task(name="jobs.run", ignore_result=True)
def run_job(job_id: int) -> None:
    """Do the work of a job. Safe to deliver twice."""
    job = _claim(job_id)
    if job is None:
        return
    try:
        result = _KINDS[job.kind](Run(job))
    except Cancelled:
        log.info("job %s cancelled", job_id)
    except JobRefused as refused:
        _finish(job, JobState.FAILED, str(refused))
    except Exception:
        # The person learns that it failed and whom to ask; what happened is in the log, without their data.
        log.exception("job %s failed", job_id)
        _finish(job, JobState.FAILED, f"任务出错，未完成的部分没有写入。{_whom_to_ask(job)}")
    else:
        _finish(job, JobState.DONE, result=result or {})


@shared_task(name="jobs.sweep", ignore_result=True)
def sweep_jobs() -> int:
    """Start again what nobody is working on: a killed worker, or a message lost with the broker."""
    still = Job.objects.unfinished().filter(beat_at__lt=timezone.now() - STALE_AFTER)
    job_ids = list(still.values_list("pk", flat=True))
    for job_id in job_ids:
        run_job.delay(job_id)
    return len(job_ids)
