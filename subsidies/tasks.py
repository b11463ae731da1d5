"""What Celery finds of the training subsidies: the removal of what trials left behind."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from subsidies.trials.jobs import sweep_files

SCHEDULE = {
    "subsidies.sweep_trials": {"task": "subsidies.sweep_trials", "schedule": crontab(hour=4, minute=10)},
}


@shared_task(name="subsidies.sweep_trials", ignore_result=True)
def sweep_trials() -> int:
    """Results of trials after seven days, lists that no job waits for. Returns how many trials had some."""
    return sweep_files()
