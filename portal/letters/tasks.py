"""What Celery does for letters. Every task may be delivered twice or be killed in the middle."""

from __future__ import annotations

from collections.abc import Collection

from celery import shared_task
from celery.schedules import crontab
from django.db import transaction
from django.utils import timezone

from portal.letters import building, case_files, fonts, printing, waiting
from portal.letters.building import build_letters
from portal.letters.remedies import FIGURES

__all__ = [
    "SCHEDULE",
    "build_letters",
    "clear_print_files",
    "issue_waiting",
    "law_changed",
    "prepare_fonts",
    "sweep_unbuilt",
]


@shared_task(name="letters.sweep", ignore_result=True, expires=60)
def sweep_unbuilt() -> int:
    """Ask again for letters left unbuilt."""
    return building.sweep()


@shared_task(name="letters.prepare_fonts", ignore_result=True, expires=60)
def prepare_fonts() -> None:
    """Convert the shipped fonts, once; nothing when that is done or another process does it."""
    if fonts.status() == "preparing":
        fonts.prepare()


@shared_task(name="letters.issue_waiting", ignore_result=True)
def issue_waiting() -> int:
    """The letters of decisions that waited for a body, a time or a court. Returns how many were issued."""
    return waiting.issue_due(timezone.localdate())


def law_changed(codes: Collection[str]) -> None:
    """A figure that letters wait for was confirmed: they are issued as soon as it is in force. If the broker is away the
    night's run does it.
    """
    if FIGURES.intersection(codes):
        transaction.on_commit(lambda: issue_waiting.delay(), robust=True)


@shared_task(name="letters.clear_print_files", ignore_result=True)
def clear_print_files() -> int:
    """Delete files for the printer, and files of cases, that were made some days ago."""
    return printing.clear_old() + case_files.clear_old()


SCHEDULE = {
    "letters.clear_print_files": {
        "task": "letters.clear_print_files",
        "schedule": crontab(hour=4, minute=50),
    },
    # A figure may begin on a later day than it was confirmed.
    "letters.issue_waiting": {"task": "letters.issue_waiting", "schedule": crontab(hour=0, minute=25)},
    "letters.sweep": {"task": "letters.sweep", "schedule": 60.0},
    # The first minutes after the first start; a look at three file names ever after.
    "letters.prepare_fonts": {"task": "letters.prepare_fonts", "schedule": 20.0},
}
