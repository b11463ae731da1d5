"""The Celery application. What runs by the clock is listed by each app in its `tasks.SCHEDULE` (portal/clock.py)."""
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from portal.heartbeats import WorkerHeartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(WorkerHeartbeat)


@setup_logging.connect
def keep_masked_logs(**_: Any) -> None:
    """Leaves the logs as settings.LOGGING makes them: Celery's own format would not mask personal data."""
