"""`python -m portal.run probe web|beat|NAME`: exit 0 when that process of this machine works; NAME is that of a
worker (`bulk` of bulk@host). For health checks.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Sequence

import redis

from portal import environment, heartbeats
from portal.run.address import Address
from portal.run.messages import complain
from portal.run.workers import WORKERS


def run(arguments: Sequence[str]) -> int:
    """0 when the process named by the argument works, 1 when it does not, 2 for an unknown name."""
    if list(arguments) == ["web"]:
        return _web()
    if len(arguments) == 1 and arguments[0] in (heartbeats.BEAT, *WORKERS):
        return _heartbeat(arguments[0])
    complain(f"usage: probe web|beat|{'|'.join(WORKERS)}")
    return 2


def _web() -> int:
    try:
        with urllib.request.urlopen(f"{Address.from_environment().url}/healthz", timeout=5) as answer:  # noqa: S310 - http
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        complain(f"the web server does not answer: {error}")
        return 1


def _heartbeat(kind: str) -> int:
    try:
        with redis.Redis.from_url(
            environment.text("REDIS_URL"), socket_timeout=3, socket_connect_timeout=3
        ) as client:
            alive = client.exists(heartbeats.key(kind, socket.gethostname()))
    except redis.RedisError as error:
        complain(f"the broker does not answer: {error}")
        return 1
    if not alive:
        complain(f"the {kind} of this machine has sent no heartbeat for {heartbeats.KEPT_SECONDS} s")
    return 0 if alive else 1
