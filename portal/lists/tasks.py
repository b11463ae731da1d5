"""What Celery finds of the lists."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from portal.lists.files import clear_old


@shared_task(name="lists.clear_files", ignore_result=True)
def clear_list_files() -> int:
    """Clear away printed lists that were asked for some days ago."""
    return clear_old()


SCHEDULE = {
    "lists.clear_files": {"task": "lists.clear_files", "schedule": crontab(hour=4, minute=40)},
}
