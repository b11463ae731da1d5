"""What Celery finds of cases: the removal of evidence files that belong to nobody, and of news seen long ago."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal import scanner
from portal.cases import news
from portal.cases.evidence import files

SCHEDULE = {
    "cases.sweep_evidence": {"task": "cases.sweep_evidence", "schedule": crontab(hour=3, minute=40)},
    "cases.sweep_news": {"task": "cases.sweep_news", "schedule": crontab(hour=3, minute=50)},
    "cases.copy_evidence": {"task": "cases.copy_evidence", "schedule": crontab(minute="*/30")},
    "cases.scan_evidence": {"task": "cases.scan_evidence", "schedule": crontab(minute="*/5")},
}


@shared_task(name="cases.sweep_evidence", ignore_result=True)
def sweep_evidence() -> int:
    """Files whose upload was never completed, or whose evidence was removed.

    Returns how many were deleted.
    """
    return files.sweep_files()


@shared_task(name="cases.copy_evidence", ignore_result=True)
def copy_evidence() -> int:
    """What is shown of files that earlier releases took in. Returns how many copies were made."""
    return files.make_copies()


@shared_task(name="cases.scan_evidence", ignore_result=True)
def scan_evidence() -> int:
    """Files that came while the scanner did not answer. Returns in how many something was found."""
    return files.scan_waiting() if scanner.is_on() else 0


@shared_task(name="cases.sweep_news", ignore_result=True)
def sweep_news() -> int:
    """What officers were told of cases and have seen long ago. Returns how many were taken away."""
    return news.sweep_news()
