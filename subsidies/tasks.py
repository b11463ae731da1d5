"""What Celery finds of the training subsidies: letters that waited for a figure, what lapses by the calendar, and what is
left behind.
"""

from __future__ import annotations

from collections.abc import Collection

from celery import shared_task
from celery.schedules import crontab
from django.db import transaction
from django.utils import timezone

from portal.letters.remedies import FIGURES
from subsidies import adverse_letters, last_days
from subsidies.by_unit import consent_sheets, consenting, retention
from subsidies.on_notice import announcing
from subsidies.trials.jobs import sweep_files

SCHEDULE = {
    # Before the matching of the night: an offer that is open was one to the end of the day.
    "subsidies.look_ahead": {"task": "subsidies.look_ahead", "schedule": crontab(hour=0, minute=20)},
    # A figure may begin on a later day than it was confirmed.
    "subsidies.issue_waiting": {"task": "subsidies.issue_waiting", "schedule": crontab(hour=0, minute=20)},
    # After midnight the last day of a notice is over.
    "subsidies.end_notices": {"task": "subsidies.end_notices", "schedule": crontab(hour=0, minute=10)},
    "subsidies.lapse_proposals": {
        "task": "subsidies.lapse_proposals",
        "schedule": crontab(hour=0, minute=40),
    },
    "subsidies.sweep_claim_files": {
        "task": "subsidies.sweep_claim_files",
        "schedule": crontab(hour=4, minute=20),
    },
    "subsidies.sweep_trials": {"task": "subsidies.sweep_trials", "schedule": crontab(hour=4, minute=10)},
}


@shared_task(name="subsidies.sweep_trials", ignore_result=True)
def sweep_trials() -> int:
    """Results of trials after seven days, lists that no job waits for. Returns how many trials had some."""
    return sweep_files()


@shared_task(name="subsidies.issue_waiting", ignore_result=True)
def issue_waiting() -> int:
    """The letters of decisions that waited for a body, a time or a court. Returns how many were issued."""
    return adverse_letters.issue_waiting(on=timezone.localdate())


@shared_task(name="subsidies.end_notices", ignore_result=True)
def end_notices() -> int:
    """Claims whose public notice is over, with nothing open against them. Returns how many can be approved now."""
    return announcing.end_due(timezone.localdate())


def law_changed(codes: Collection[str]) -> None:
    """A figure that letters wait for was confirmed: they are issued as soon as it is in force. If the broker is away the
    night's run does it.
    """
    if FIGURES.intersection(codes):
        transaction.on_commit(lambda: issue_waiting.delay(), robust=True)


@shared_task(name="subsidies.lapse_proposals", ignore_result=True)
def lapse_proposals() -> int:
    """What a unit put forward and nobody answered until the last day. Returns how many lapsed."""
    return consenting.lapse_due(timezone.localdate())


@shared_task(name="subsidies.sweep_claim_files", ignore_result=True)
def sweep_claim_files() -> int:
    """Files of units that nobody confirmed, rows that came back long ago, and sheets of consent. Returns of how many
    something went.
    """
    return retention.sweep_files() + consent_sheets.clear_old()


@shared_task(name="subsidies.look_ahead", ignore_result=True)
def look_ahead() -> tuple[int, int]:
    """What ended unclaimed, and whom to warn of a last day. Returns how many of each."""
    night = last_days.look_ahead(timezone.localdate())
    return night.missed, night.warned
