"""How a programme learns that something it decides upon has changed, without the shared ground knowing the
programme.

The registry asks to be told when a recognition of a worker becomes valid. It is told inside the transaction
of the change, with ids, and in sets: what it does must be quick or put off until after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Listener = Callable[[Collection[int]], Any]
_recognition_listeners: list[Listener] = []
_refutation_listeners: list[Listener] = []
_person_listeners: list[Listener] = []
_import_listeners: list[Callable[[int], Any]] = []
_undo_listeners: list[Listener] = []


def listen_for_recognition(listener: Listener) -> Listener:
    """Ask to be told of workers for whom an honour, a special allowance or a recognition was verified."""
    if listener not in _recognition_listeners:
        _recognition_listeners.append(listener)
    return listener


def recognition_verified(worker_ids: Collection[int]) -> None:
    """Called by the actions that verify, and by the import."""
    if worker_ids:
        for listener in _recognition_listeners:
            listener(worker_ids)


def listen_for_refutation(listener: Listener) -> Listener:
    """Ask to be told of workers of whom a verified recognition was refuted."""
    if listener not in _refutation_listeners:
        _refutation_listeners.append(listener)
    return listener


def recognition_fallen(worker_ids: Collection[int]) -> None:
    """Called by the action that refutes what had been verified."""
    if worker_ids:
        for listener in _refutation_listeners:
            listener(worker_ids)


def listen_for_person(listener: Listener) -> Listener:
    """Ask to be told of workers of whom something was written down, changed, taken away or judged."""
    if listener not in _person_listeners:
        _person_listeners.append(listener)
    return listener


def person_saved(worker_ids: Collection[int]) -> None:
    """Called by the actions of one person, not by imports."""
    if worker_ids:
        for listener in _person_listeners:
            listener(worker_ids)


def listen_for_import(listener: Callable[[int], Any]) -> Callable[[int], Any]:
    """Ask to be told, with the number of its record, of a roster that was imported."""
    if listener not in _import_listeners:
        _import_listeners.append(listener)
    return listener


def roster_imported(record_id: int) -> None:
    """Called by the import, inside its transaction."""
    for listener in _import_listeners:
        listener(record_id)


def listen_for_undoing(listener: Listener) -> Listener:
    """Ask to be told of workers who are taken out of the register again, before it is looked what rests on them: what
    machines have drawn from their records, and nobody has acted upon, is to go.
    """
    if listener not in _undo_listeners:
        _undo_listeners.append(listener)
    return listener


def import_taken_back(worker_ids: Collection[int]) -> None:
    """Called by the undoing of an import, inside its transaction."""
    if worker_ids:
        for listener in _undo_listeners:
            listener(worker_ids)
