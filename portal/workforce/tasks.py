"""What Celery finds of the workforce: the removal of files whose time is over or that belong to nobody."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal.workforce.actions.documents import STORE
from portal.workforce.roster import retention

SCHEDULE = {
    "workforce.sweep_roster_files": {
        "task": "workforce.sweep_roster_files",
        "schedule": crontab(hour=3, minute=20),
    },
    "workforce.sweep_documents": {
        "task": "workforce.sweep_documents",
        "schedule": crontab(hour=3, minute=50),
    },
}


@shared_task(name="workforce.sweep_roster_files", ignore_result=True)
def sweep_roster_files() -> int:
    """Uploaded rosters after seven days, refused rows after thirty. Returns how many imports had files to
    delete.
    """
    return retention.sweep_files()


@shared_task(name="workforce.sweep_documents", ignore_result=True)
def sweep_documents() -> int:
    """Documents whose upload was never completed, or that were removed. Returns how many were deleted."""
    return STORE.sweep()
