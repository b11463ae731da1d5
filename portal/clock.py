"""The scheduler of beat: what every app lists in its `tasks.SCHEDULE`, and a heartbeat with every tick.

SCHEDULE maps a name to what Celery calls a beat entry:

    {"catch-up": {"task": "…", "schedule": crontab(hour=2, minute=10)}}
"""

from __future__ import annotations

import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery.beat import PersistentScheduler

from portal import heartbeats


class DuplicateEntry(Exception):
    """Two apps use the same name for what they run by the clock."""


def schedule() -> dict[str, dict[str, Any]]:
    """The entries of all installed apps. DuplicateEntry when a name is used twice."""
    from django.apps import apps

    entries: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.tasks") is None:
            continue
        tasks = import_module(f"{config.name}.tasks")
        for name, entry in getattr(tasks, "SCHEDULE", {}).items():
            if name in entries:
                raise DuplicateEntry(f"{name} of {config.name} is already used by another app")
            entries[name] = entry
    return entries


class Scheduler(PersistentScheduler):
    """Keeps the time of the last runs in a file, so that a restart neither repeats nor forgets them."""

    _last_heartbeat = 0.0

    def setup_schedule(self) -> None:
        self.app.conf.beat_schedule = schedule()
        super().setup_schedule()

    def tick(self, *arguments: Any, **options: Any) -> float:
        wait = super().tick(*arguments, **options)
        now = time.monotonic()
        if now - self._last_heartbeat >= heartbeats.EVERY_SECONDS:
            heartbeats.send(heartbeats.BEAT)
            self._last_heartbeat = now
        return min(wait, heartbeats.EVERY_SECONDS)
