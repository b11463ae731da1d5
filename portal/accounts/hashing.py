"""Passwords as they are stored. A stranger's is computed behind everything else that the machine has to do: half a
second of a processor, of which a flood asks again and again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from portal.accounts.tries import HERE

# How much lower than the others: such a thread gets a tenth of what they get, and all that they leave.
LOWER = 10
_behind: ContextVar[bool] = ContextVar("password_behind_others", default=False)


@contextmanager
def behind_others(stranger: bool) -> Iterator[None]:
    """The time in which a password is looked at, of a stranger or of somebody known."""
    token = _behind.set(stranger)
    try:
        yield
    finally:
        _behind.reset(token)


class Pbkdf2(PBKDF2PasswordHasher):
    """Django's own, computed where it belongs."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        if not _behind.get():
            return super().encode(password, salt, iterations)
        return _threads().submit(super().encode, password, salt, iterations).result()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """As many as strangers may hold; they live as long as the process."""
    return ThreadPoolExecutor(HERE, "behind-others", initializer=_step_back)


def _step_back() -> None:
    # On Linux this is of the thread alone.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + LOWER)
