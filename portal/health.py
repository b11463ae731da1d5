"""Probes: /healthz says that the web server is alive, /readyz what of the portal can do its work.

Both answer to anybody: they tell states, never names, versions or numbers.
"""

from __future__ import annotations

import logging
from typing import Literal

import redis
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import heartbeats, queues

State = Literal["ready", "preparing", "missing"]
# Without these nothing can be done; fonts and the subsetter only decide how fast letters are made, and `audit` whether
# the heads of its chain are noted outside the database.
NEEDED = ("database", "broker", "worker", "beat")

logger = logging.getLogger(__name__)
_migrated: set[str] = set()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers. Touches nothing, so that a slow database does not get the server
    restarted.
    """
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The state of each part; 200 when database, broker, worker and beat are ready, 503 otherwise."""
    states = parts()
    can_work = all(states[name] == "ready" for name in NEEDED)
    return JsonResponse(states, status=200 if can_work else 503)


def parts() -> dict[str, State]:
    """The parts of the portal and their states."""
    from portal.audit import heads
    from portal.letters import fonts

    return {
        "database": _database(),
        **_broker(),
        "fonts": fonts.status(),
        "subsetter": fonts.subsetter_status(),
        "audit": heads.status(),
    }


def _database() -> State:
    """`preparing` while migrations of this release are still to come."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        name = str(connection.settings_dict["NAME"])
        if name not in _migrated:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "preparing"
            # The code of a running process does not change.
            _migrated.add(name)
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        connection.close()
        return "missing"
    return "ready"


def _broker() -> dict[str, State]:
    """The broker, and beat and the workers as their heartbeats in it tell: `worker` is ready when every queue is
    consumed somewhere.
    """
    client = heartbeats.client()
    consumed = [heartbeats.key(heartbeats.queue(name)) for name in queues.ALL]
    try:
        beat, *workers = client.mget(heartbeats.key(heartbeats.BEAT), *consumed)
    except redis.RedisError as error:
        logger.warning("the broker does not answer: %s", error)
        return {"broker": "missing", "worker": "missing", "beat": "missing"}
    if silent := [name for name, alive in zip(queues.ALL, workers, strict=True) if not alive]:
        logger.warning("no worker consumes %s", ", ".join(silent))
    return {
        "broker": "ready",
        "worker": "missing" if silent else "ready",
        "beat": "ready" if beat else "missing",
    }
