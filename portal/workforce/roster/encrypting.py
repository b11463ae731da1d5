"""Encrypts in a process of its own while the import checks the next rows: a second processor does half of
the work.

The two talk through pipes, in pieces: a length, then texts, each with what
it is bound to, or ciphertexts (both hexadecimal) divided by line ends.
The process ends when its input does, so it cannot outlive the import however that ends.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO

from django.conf import settings

from portal import crypto

_LENGTH = struct.Struct(">I")
# Fewer are encrypted sooner than a process starts.
_WORTH_A_PROCESS = 4000


def _send(pipe: IO[bytes], texts: list[str]) -> None:
    data = "\n".join(texts).encode("ascii")
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> list[str] | None:
    """The next piece; None at the end."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return pipe.read(_LENGTH.unpack(head)[0]).decode("ascii").split("\n")


def _encrypted(encrypt: Callable[[str, bytes], bytes], numbers: list[str]) -> list[str]:
    pairs = (number.split(" ") for number in numbers)
    return [encrypt(number, bytes.fromhex(bound_to)).hex() for number, bound_to in pairs]


class Encrypting:
    """`begin(numbers)` gives at once what will be their ciphertexts, in hexadecimal. A number is ASCII without
    spaces; behind it, after a space, stands what it is bound to, in hexadecimal.
    """

    def __init__(self) -> None:
        self._here = crypto.encrypter(crypto.Purpose.COLUMNS)
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="roster-encrypting")

    def begin(self, numbers: list[str]) -> Future[list[str]]:
        """What will be the ciphertexts; few numbers are encrypted here and now."""
        if self._process is None and len(numbers) < _WORTH_A_PROCESS:
            done: Future[list[str]] = Future()
            done.set_result(_encrypted(self._here, numbers))
            return done
        return self._thread.submit(self._elsewhere, numbers)

    def _elsewhere(self, numbers: list[str]) -> list[str]:
        if not numbers:
            return []
        if self._process is None:
            self._process = self._start()
        # Both are pipes: _start asks for them.
        assert self._process.stdin and self._process.stdout  # noqa: S101
        _send(self._process.stdin, numbers)
        ciphertexts = _receive(self._process.stdout)
        if ciphertexts is None or len(ciphertexts) != len(numbers):
            raise RuntimeError(f"the encrypting process ended with {self._process.wait()}")
        return ciphertexts

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        """The keys go through the pipe, not through the environment or the command line, where others could
        read them.
        """
        command = [sys.executable, "-P", "-m", "portal.workforce.roster.encrypting"]
        env = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR)}
        pipe = subprocess.PIPE
        # The program is our own.
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=env)  # noqa: S603
        assert process.stdin  # noqa: S101
        _send(process.stdin, [settings.DATA_KEYS])
        return process

    def __enter__(self) -> Encrypting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if self._process is not None:
            self._process.communicate()


def main() -> None:
    """The process: the first piece is the keys, each further one is numbers."""
    keys = _receive(sys.stdin.buffer)
    if keys is None:
        return
    encrypt = crypto.encrypter(crypto.Purpose.COLUMNS, keys[0])
    while (numbers := _receive(sys.stdin.buffer)) is not None:
        _send(sys.stdout.buffer, _encrypted(encrypt, numbers))


if __name__ == "__main__":
    main()
