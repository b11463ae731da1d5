"""The worker's consumer, made to survive the loss of its broker while tasks run."""

from __future__ import annotations

import logging

from celery.exceptions import WorkerTerminate
from celery.platforms import EX_FAILURE
from celery.worker import consumer, state

logger = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Ends the worker when the broker goes away while it holds messages; whoever supervises it starts a fresh
    one.

    With Redis, Celery 5.7 cannot acknowledge or put back a message through a connection that is gone: it
    tries, meets an AttributeError it takes for unrecoverable, stops consuming, and lingers until the running
    tasks are done. Our tasks are idempotent and found again by the sweepers, so ending at once is both safe
    and sooner well. A worker that holds no message reconnects by itself.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        held = len(state.reserved_requests)
        if held:
            logger.error(
                "the broker is gone (%s) while %d tasks are held; this worker ends and is started again",
                exc,
                held,
            )
            if self.connection is not None:
                for channel in self.connection.transport.channels:
                    channel.do_restore = False  # there is nothing to put them back into
            raise WorkerTerminate(EX_FAILURE)
        super().on_connection_error_after_connected(exc)
