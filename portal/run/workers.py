"""Which workers there are, and from which queues each takes."""

from __future__ import annotations

import os
from collections.abc import Sequence

from portal.heartbeats import BULK, WORKER
from portal.queues import BULK as LONG_WORK
from portal.queues import DEFAULT, LETTERS, MESSAGES
from portal.run.processes import StartFailed

# Of `./jht run`: one process that never does long work, so that a letter waits for none; and the processes for long
# work, which help with letters while there is nothing long to do.
TOGETHER = {WORKER: (DEFAULT, LETTERS, MESSAGES), BULK: (LONG_WORK, LETTERS)}
# On servers of one's own: one for each queue, each scaled by itself.
APART = {WORKER: (DEFAULT,), LETTERS: (LETTERS,), MESSAGES: (MESSAGES,), BULK: (LONG_WORK,)}
WORKERS = tuple(APART)


def command(name: str, queues: Sequence[str], processes: int) -> list[str]:
    """What starts a worker. By its name its heartbeat is told from those of others on the same machine."""
    return [
        "celery",
        "-A",
        "portal",
        "worker",
        "--hostname",
        f"{name}@%h",
        "--queues",
        ",".join(queues),
        "--concurrency",
        str(processes),
        "--loglevel",
        "INFO",
        "--without-mingle",
        "--without-gossip",
    ]


def commands() -> dict[str, list[str]]:
    """The workers of `./jht run`, by their names: JHT_WORKERS processes in all, of which one never does long work."""
    given = os.environ.get("JHT_WORKERS") or "2"
    if not given.isdigit():
        raise StartFailed(f"JHT_WORKERS={given} is not a whole number")
    long_work = max(int(given) - 1, 1)
    return {
        WORKER: command(WORKER, TOGETHER[WORKER], 1),
        BULK: command(BULK, TOGETHER[BULK], long_work),
    }
