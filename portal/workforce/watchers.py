"""How a programme learns that something it decides upon has changed, without the shared ground knowing the
programme.

The registry asks to be told when a recognition of a worker becomes valid. It is told inside the transaction
of the change, with ids, and in sets: what it does must be quick or put off until after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Told = Callable[[Collection[int]], Any]
_told_of_recognition: list[Told] = []
_told_of_fall: list[Told] = []
_told_of_import: list[Callable[[int], Any]] = []


def tell_of_recognition(told: Told) -> Told:
    """Ask to be told of workers for whom an honour, a special allowance or a recognition was verified."""
    if told not in _told_of_recognition:
        _told_of_recognition.append(told)
    return told


def recognition_verified(worker_ids: Collection[int]) -> None:
    """Called by the actions that verify, and by the import."""
    if worker_ids:
        for told in _told_of_recognition:
            told(worker_ids)


def tell_of_fall(told: Told) -> Told:
    """Ask to be told of workers of whom a verified recognition was refuted."""
    if told not in _told_of_fall:
        _told_of_fall.append(told)
    return told


def recognition_fallen(worker_ids: Collection[int]) -> None:
    """Called by the action that refutes what had been verified."""
    if worker_ids:
        for told in _told_of_fall:
            told(worker_ids)


def tell_of_import(told: Callable[[int], Any]) -> Callable[[int], Any]:
    """Ask to be told, with the number of its record, of a roster that was imported."""
    if told not in _told_of_import:
        _told_of_import.append(told)
    return told


def roster_imported(record_id: int) -> None:
    """Called by the import, inside its transaction."""
    for told in _told_of_import:
        told(record_id)
