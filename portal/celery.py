"""The Celery application. What runs by the clock is listed by each app in its `tasks.SCHEDULE`
(portal/clock.py).
"""

import ctypes
import gc
import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from portal.heartbeats import WorkerHeartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(WorkerHeartbeat)


@setup_logging.connect
def keep_masked_logs(**_: Any) -> None:
    """Leaves the logs as settings.LOGGING makes them: Celery's own format would not mask personal data."""


@worker_process_init.connect
def look_for_garbage_in_what_is_new(**_: Any) -> None:
    """What was loaded stays: searching it again and again would take a fifth of a task that makes many
    objects.
    """
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """The kernel ends this process of the pool when the worker dies, even by kill -9: otherwise it would
    finish its task beside the fresh worker that does it again.
    """
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
