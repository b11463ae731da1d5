"""Signs of life of worker and beat: keys in Redis that expire unless they are renewed.

They tell apart "the process exists" from "it does its work": the worker's key is renewed by its event loop
while it consumes its queues, the beat's by every tick of its clock. /readyz, the health checks and the
supervisor read them.
"""

from __future__ import annotations

import logging
import socket
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from celery import bootsteps

if TYPE_CHECKING:
    import redis

WORKER, BEAT = "worker", "beat"
# The worker for long work alone.
BULK = "bulk"
EVERY_SECONDS = 3
# Longer than a worker may be busy between two turns of its loop, short enough that /readyz notices a death
# soon.
KEPT_SECONDS = 15

logger = logging.getLogger(__name__)


def key(kind: str, node: str = "") -> str:
    """The key of one kind of process: on the machine `node`, or, without, on any machine."""
    return f"jht:heartbeat:{kind}:{node}" if node else f"jht:heartbeat:{kind}"


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """A client that gives up within a second: neither a probe nor an event loop may hang on a dead broker."""
    import redis
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def queue(name: str) -> str:
    """The kind of whatever consumes a queue."""
    return f"queue-{name}"


def send(*kinds: str) -> None:
    """Renews the keys of this process. A broker that does not answer is logged: the missing key is the signal
    then.
    """
    # Loaded by who beats alone: it takes a seventh of the start of every command.
    import redis

    try:
        with client().pipeline(transaction=False) as pipeline:
            for kind in kinds:
                pipeline.set(key(kind), "1", ex=KEPT_SECONDS)
                pipeline.set(key(kind, socket.gethostname()), "1", ex=KEPT_SECONDS)
            pipeline.execute()
    except redis.RedisError as error:
        logger.warning("heartbeat of %s could not be sent: %s", kinds[0], error)


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Part of the worker's consumer: starts once it consumes, stops while it has lost the broker.

    It beats under the worker's own name (`bulk` of bulk@host), and for each of the queues that it consumes.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self.timer: Any = None
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        name = consumer.hostname.partition("@")[0]
        kinds = (name, *(queue(consumed) for consumed in consumer.app.amqp.queues.consume_from))
        send(*kinds)
        self.timer = consumer.timer.call_repeatedly(EVERY_SECONDS, send, kinds)

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    terminate = stop
