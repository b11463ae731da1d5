"""Shows that an import lives while one statement may run for longer than a job may be silent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import structlog
from django.db import OperationalError, connection

from portal.jobs.runner import Cancelled
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase

log = structlog.get_logger(__name__)
_EVERY_SECONDS = 4
_QUERY_CANCELLED = "57014"


class Heartbeat:
    """Progress of one import, of a roster or of another file of many people.

    While rows are read it is noted between pieces, on the import's own connection; while the one transaction
    runs, another thread notes it on a connection of its own, and ends the running statement when the person
    cancels.
    """

    def __init__(self, given: Any, progress: Callable[..., None], *, expected: int) -> None:
        self.given, self.progress, self.expected = given, progress, expected
        self._done = self._refused = 0
        self._step = ""
        self._cancelled, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._driver: Any = None

    def read(self, done: int, refused: int) -> None:
        """Rows read so far. Raises Cancelled."""
        self._done, self._refused, self.expected = done, refused, max(self.expected, done)
        self.progress(done, total=self.expected, refused=refused, step=Phase.READING.label)

    def merging(self, step: str) -> None:
        """What the transaction does now. Raises Cancelled."""
        self._step, self.expected = step, self._done
        if self._cancelled.is_set():
            raise Cancelled
        if self._thread is None:
            self._driver = connection.connection
            self._thread = threading.Thread(target=self._run, name="roster-heartbeat", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        shown = False
        try:
            while True:
                shown = shown or self._show_merging()
                self.progress(self._done, total=self.expected, refused=self._refused, step=self._step)
                if self._stop.wait(_EVERY_SECONDS):
                    return
        except Cancelled:
            self._cancelled.set()
            self._driver.cancel()
        except Exception:
            # The import goes on: without a heartbeat it may be started a second time, which waits its turn
            # and finds it done.
            log.exception("roster heartbeat stopped")
        finally:
            connection.close()

    def _show_merging(self) -> bool:
        """Lets the record say that the transaction runs; whether it does."""
        reading = RosterImport.objects.filter(pk=self.given.pk, phase=Phase.READING)
        return bool(reading.update(phase=Phase.MERGING))

    def __enter__(self) -> Heartbeat:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._cancelled.is_set() and _was_ended(error):
            raise Cancelled from error


def _was_ended(error: BaseException | None) -> bool:
    """Whether the error is that of a statement which another connection ended."""
    return (
        isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) == _QUERY_CANCELLED
    )
