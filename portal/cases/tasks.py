"""What Celery finds of cases: the removal of evidence files that belong to nobody."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal.cases.evidence import files

SCHEDULE = {"cases.sweep_evidence": {"task": "cases.sweep_evidence", "schedule": crontab(hour=3, minute=40)}}


@shared_task(name="cases.sweep_evidence", ignore_result=True)
def sweep_evidence() -> int:
    """Files whose upload was never completed, or whose evidence was removed.

    Returns how many were deleted.
    """
    return files.sweep_files()
