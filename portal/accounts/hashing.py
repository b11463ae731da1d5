"""Passwords as they are stored. A stranger's is computed behind everything else that the machine has to do: half a
second of a processor, of which a flood asks again and again.
"""

from __future__ import annotations

import base64
import json
import queue
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import IO

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from portal.accounts.tries import HERE

_PROGRAM = Path(__file__).with_name("behind_others.py")
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
        rounds = iterations or self.iterations
        key = _computed_behind(password, salt, rounds, self.digest().name) if _behind.get() else None
        if key is None:
            return str(super().encode(password, salt, rounds))
        return f"{self.algorithm}${rounds}${salt}${base64.b64encode(key).decode('ascii')}"


class _Program:
    """One that is asked by one thread at a time. It ends when this process does."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, asked: str) -> bytes | None:
        """None when it has just gone; the next time it begins anew."""
        try:
            given, answers = self._pipes()
            given.write(asked)
            given.flush()
            return bytes.fromhex(answers.readline()) or None
        except (OSError, ValueError):
            return None

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-S", str(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("no pipes")
        return self._process.stdin, self._process.stdout


def _computed_behind(password: str, salt: str, iterations: int, digest: str) -> bytes | None:
    """The key, or None when no program could be asked: then it is computed here."""
    programs = _programs()
    program = programs.get()
    try:
        return program.ask(json.dumps([password, salt, iterations, digest]) + "\n")
    finally:
        programs.put(program)


@lru_cache(maxsize=1)
def _programs() -> queue.LifoQueue[_Program]:
    """As many as strangers may hold threads; each begins when it is needed first."""
    programs: queue.LifoQueue[_Program] = queue.LifoQueue()
    for _ in range(HERE):
        programs.put(_Program())
    return programs
