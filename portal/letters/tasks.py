"""What Celery does for letters. Every task may be delivered twice or be killed in the middle."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal.letters import building, case_files, fonts, printing
from portal.letters.building import build_letters

__all__ = ["SCHEDULE", "build_letters", "clear_print_files", "prepare_fonts", "sweep_unbuilt"]


@shared_task(name="letters.sweep", ignore_result=True, expires=60)
def sweep_unbuilt() -> int:
    """Ask again for letters left unbuilt."""
    return building.sweep()


@shared_task(name="letters.prepare_fonts", ignore_result=True, expires=60)
def prepare_fonts() -> None:
    """Convert the shipped fonts, once; nothing when that is done or another process does it."""
    if fonts.status() == "preparing":
        fonts.prepare()


@shared_task(name="letters.clear_print_files", ignore_result=True)
def clear_print_files() -> int:
    """Delete files for the printer, and files of cases, that were made some days ago."""
    return printing.clear_old() + case_files.clear_old()


SCHEDULE = {
    "letters.clear_print_files": {
        "task": "letters.clear_print_files",
        "schedule": crontab(hour=4, minute=50),
    },
    "letters.sweep": {"task": "letters.sweep", "schedule": 60.0},
    # The first minutes after the first start; a look at three file names ever after.
    "letters.prepare_fonts": {"task": "letters.prepare_fonts", "schedule": 20.0},
}
