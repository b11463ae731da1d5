"""Programs of our own that open what strangers sent: each in a process with limits, without our secrets.

A parser that loops, asks for a hundred gigabytes or falls over takes only that process with it. The two talk through
pipes in pieces: a length, then JSON or bytes.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_BASE = Path(__file__).resolve().parent.parent
_LENGTH = struct.Struct(">I")
_PARENT_DEATH = 1
# `portal` stands in for the package: imported as such it would bring Celery and Django along.
_START = (
    "import sys, types; sys.path.insert(0, sys.argv[1]); portal = types.ModuleType('portal'); "
    "portal.__path__ = [sys.argv[1] + '/portal']; sys.modules['portal'] = portal; "
    "from portal import confined; confined.run(*sys.argv[2:])"
)
# Of our environment nothing but where programs and libraries are.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Limits:
    """Bytes of memory, seconds of a processor, and seconds to wait for an answer."""

    memory: int
    processor: int
    patience: float


class Ended(Exception):
    """The process ended, or was ended, before it had answered."""


class TooMuchMemory(Ended):
    """It asked for more memory than it may have."""


class TooSlow(Ended):
    """It took longer than it may."""


class Confined:
    """One process that runs `main(receive, send)` of a module. Ended with `close`, and with this object."""

    def __init__(self, module: str, limits: Limits, *, files: Collection[IO[bytes]] = ()) -> None:
        """`files` are open there too, under the same numbers."""
        self.limits = limits
        command = [sys.executable, "-P", "-c", _START, str(_BASE), module]
        command += [str(limits.memory), str(limits.processor), str(os.getpid())]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # The program is our own.
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            pass_fds=[file.fileno() for file in files],
            env=environment | {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        )
        self._end = weakref.finalize(self, _end, self._process)

    @property
    def running(self) -> bool:
        return self._end.alive and self._process.poll() is None

    def send(self, content: bytes) -> None:
        """Hand over a piece. Raises Ended."""
        assert self._process.stdin  # noqa: S101
        try:
            _write(self._process.stdin, content)
        except (BrokenPipeError, ValueError) as error:
            raise self._why() from error

    def receive(self) -> bytes:
        """The next piece. Raises Ended; the process is gone then."""
        until = time.monotonic() + self.limits.patience
        length = _LENGTH.unpack(self._read(_LENGTH.size, until))[0]
        return self._read(length, until)

    def receive_json(self) -> Any:
        return json.loads(self.receive())

    def close(self) -> None:
        """End it, whatever it is doing."""
        self._end()

    def _read(self, size: int, until: float) -> bytes:
        assert self._process.stdout  # noqa: S101
        descriptor = self._process.stdout.fileno()
        parts = []
        while size:
            waiting = select.poll()
            waiting.register(descriptor, select.POLLIN)
            if not waiting.poll(max(until - time.monotonic(), 0) * 1000):
                self.close()
                raise TooSlow
            part = os.read(descriptor, min(size, 1 << 20))
            if not part:
                raise self._why()
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _why(self) -> Ended:
        """What it ended of, once it has."""
        if self._end.alive:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self.close()
        # Rust and C end a process whose memory is refused by SIGABRT; `run` ends it with MEMORY.
        if self._process.returncode in {MEMORY, -signal.SIGABRT}:
            return TooMuchMemory()
        return TooSlow() if self._process.returncode == -signal.SIGXCPU else Ended()


MEMORY = 99


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and let go of it."""
    if process.poll() is None:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                # What was still to be written is of no use to anybody.
                continue
    process.wait()


def _write(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


class Conversation:
    """The other end, inside the process."""

    def receive(self) -> bytes | None:
        """The next piece; None when nobody asks any more."""
        head = sys.stdin.buffer.read(_LENGTH.size)
        return sys.stdin.buffer.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else None

    def send(self, content: bytes) -> None:
        _write(sys.stdout.buffer, content)

    def send_json(self, value: Any) -> None:
        self.send(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def run(module: str, memory: str, processor: str, parent: str) -> None:
    """The process: takes its limits on, then does its work."""
    import importlib

    # It ends with whoever started it, also by kill -9.
    ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != int(parent):
        os._exit(1)
    work = importlib.import_module(module).main
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(processor), int(processor) + 1))
    try:
        work(Conversation())
    except MemoryError:
        os._exit(MEMORY)
    except BrokenPipeError:
        os._exit(0)
