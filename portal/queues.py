"""The queues of what is done in the background, and which task goes to which.

A queue stands for how long its tasks may be waited for: what a person waits for never stands behind long work. Which
workers take from which queue is said by portal/run/stack.py and docker-compose.yml.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Short tasks: what follows a commit, and what sees that nothing is forgotten.
DEFAULT = "default"
# Files of letters: somebody may stand at the window for them.
LETTERS = "letters"
# What leaves the house: a server outside may be slow.
MESSAGES = "messages"
# Imports, matching, selection, print files, everything that goes over the whole register.
BULK = "bulk"
ALL = (DEFAULT, LETTERS, MESSAGES, BULK)

# The tasks of the portal that are not for the queue of short tasks.
BY_TASK: Mapping[str, str] = {
    "letters.build": LETTERS,
    "letters.sweep": LETTERS,
    "letters.prepare_fonts": BULK,
    "letters.clear_print_files": BULK,
    "outgoing.send": MESSAGES,
    "outgoing.sweep": MESSAGES,
    "lists.clear_files": BULK,
    "jobs.run": BULK,
    "entitlements.match": BULK,
    "cases.sweep_evidence": BULK,
    "cases.copy_evidence": BULK,
    "cases.scan_evidence": BULK,
    "workforce.sweep_roster_files": BULK,
    "workforce.sweep_documents": BULK,
    "workforce.copy_documents": BULK,
    "workforce.scan_documents": BULK,
}


@lru_cache(maxsize=1)
def by_task() -> dict[str, str]:
    """Every task that does not go to the queue of short tasks, with its queue: the portal's, then the long ones
    that programmes name in their config. ValueError when a task is named twice.
    """
    from portal.programmes import joined, programmes

    return joined([BY_TASK, *(dict.fromkeys(programme.long_tasks, BULK) for programme in programmes())])


def queue_of(task: str) -> str:
    """The queue to which a task goes by its name."""
    return by_task().get(task, DEFAULT)


def route(name: str, *_: Any, **__: Any) -> dict[str, str]:
    """What Celery asks for every task that is sent."""
    return {"queue": queue_of(name)}
