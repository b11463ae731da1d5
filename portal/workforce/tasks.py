"""What Celery finds of the workforce: the removal of files and talks whose time is over or that belong to nobody."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal import scanner
from portal.workforce.actions import contacts
from portal.workforce.actions.documents import STORE, make_copies, scan_waiting
from portal.workforce.extracts import retention as extract_retention
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
    "workforce.erase_contacts": {
        "task": "workforce.erase_contacts",
        "schedule": crontab(hour=4, minute=5),
    },
    "workforce.copy_documents": {"task": "workforce.copy_documents", "schedule": crontab(minute="*/30")},
    "workforce.scan_documents": {"task": "workforce.scan_documents", "schedule": crontab(minute="*/5")},
}


@shared_task(name="workforce.sweep_roster_files", ignore_result=True)
def sweep_roster_files() -> int:
    """Uploaded rosters and extracts after seven days, refused rows after thirty. Returns how many had files to
    delete.
    """
    return retention.sweep_files() + extract_retention.sweep_files()


@shared_task(name="workforce.sweep_documents", ignore_result=True)
def sweep_documents() -> int:
    """Documents whose upload was never completed, or that were removed. Returns how many were deleted."""
    return STORE.sweep()


@shared_task(name="workforce.copy_documents", ignore_result=True)
def copy_documents() -> int:
    """What is shown of documents that earlier releases took in. Returns how many copies were made."""
    return make_copies()


@shared_task(name="workforce.scan_documents", ignore_result=True)
def scan_documents() -> int:
    """Documents that came while the scanner did not answer. Returns in how many something was found."""
    return scan_waiting() if scanner.is_on() else 0


@shared_task(name="workforce.erase_contacts", ignore_result=True)
def erase_contacts() -> int:
    """What was written down of talks with people, after its last day. Returns how many were erased."""
    return contacts.erase_old()
