"""What a virus scanner said of a stored file, sealed beside it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from portal import scanner
from portal.stored_files import Store, Unreadable

_SCANNED = "scanned"


def note(store: Store, stored_as: uuid.UUID, found: str) -> None:
    """Write down what was found; nothing is an empty text."""
    said = {"found": found, "at": datetime.now(UTC).isoformat()}
    store.keep_beside(stored_as, _SCANNED, json.dumps(said).encode())


def found_in(store: Store, stored_as: uuid.UUID) -> str | None:
    """What was found in a file; None as long as nobody has looked. Raises Unreadable."""
    said = store.read_beside(stored_as, _SCANNED)
    return None if said is None else str(json.loads(said)["found"])


def scan_now(store: Store, stored_as: uuid.UUID, digest: str) -> str:
    """Scan a stored file and write down what was found. Raises scanner.Down, Unreadable."""
    found = scanner.scan(store.read(stored_as, digest=digest))
    note(store, stored_as, found)
    return found


def scan_waiting(store: Store, files: Iterable[Any], *, most: int = 500) -> list[tuple[Any, str]]:
    """Scan those of `files` (rows) that were not, as many as `most`; what was found in which. Ends when the scanner does
    not answer.
    """
    infected = []
    for file in files:
        if store.beside(file.stored_as, _SCANNED).exists():
            continue
        if most == 0:
            break
        most -= 1
        try:
            if found := scan_now(store, file.stored_as, file.digest):
                infected.append((file, found))
        except scanner.Down:
            break
        except Unreadable:
            # Said to whoever opens it.
            continue
    return infected
