"""Starting processes that never outlive their supervisor, waiting for them, and finding what an earlier one
left behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
# Carried by every process of the application, so that the next start finds what outlived a killed supervisor.
MARK = "JHT_STACK"
_libc = ctypes.CDLL(None, use_errno=True)


class StartFailed(Exception):
    """A process did not come up. The text says which, and why as far as is known."""


class Interrupted(Exception):
    """Someone asked the stack to stop while it was starting."""


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | Path,
    output: IO[bytes] | None,
    on_orphaned: int = signal.SIGTERM,
    account: tuple[int, int] | None = None,
) -> subprocess.Popen:
    """Starts `command` in its own session. The kernel sends it `on_orphaned` when the supervisor dies, even
    by kill -9.

    `account` is the user and group to become. `output` takes standard output and error; None keeps the
    terminal.
    """
    supervisor = os.getpid()

    def before_exec() -> None:
        os.setsid()  # Ctrl-C reaches the supervisor only, which stops the children in order
        if account is not None:
            os.setgroups([])
            os.setgid(account[1])
            os.setuid(account[0])
        # After the change of account, which clears it.
        if _libc.prctl(PR_SET_PDEATHSIG, on_orphaned) != 0:
            os._exit(120)
        if os.getppid() != supervisor:  # it died before the line above
            os._exit(121)

    return subprocess.Popen(
        list(command),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        preexec_fn=before_exec,  # noqa: PLW1509 - the supervisor has one thread
    )


def wait_for(
    works: Callable[[], bool],
    *,
    name: str,
    seconds: float,
    process: subprocess.Popen | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Returns once `works()` is true. StartFailed when `process` ends or the time is over, Interrupted when
    stopping.
    """
    deadline = time.monotonic() + seconds
    reason = ""
    while time.monotonic() < deadline:
        if stopping():
            raise Interrupted
        if process is not None and process.poll() is not None:
            raise StartFailed(f"{name} ended with {process.returncode} instead of starting; see its log")
        try:
            if works():
                return
        except Exception as error:  # noqa: BLE001 - whatever it is, it is "not yet", and told when the time is over
            reason = f" ({error})".replace("\n", " ")
        time.sleep(0.05)
    raise StartFailed(f"{name} was not ready within {seconds:.0f} s{reason}")


def _process_numbers() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield int(entry.name)


def marked(value: str) -> list[int]:
    """Processes that carry MARK=`value` in the environment they were started with, as far as we may see them."""
    wanted = f"{MARK}={value}".encode()
    found = []
    for number in _process_numbers():
        try:
            if wanted in Path(f"/proc/{number}/environ").read_bytes().split(b"\0"):
                found.append(number)
        except OSError:
            continue  # ended meanwhile, or another person's
    return found


def working_in(folder: Path) -> list[int]:
    """Processes whose working folder is `folder`. A PostgreSQL server and all its backends work in their data
    folder, which tells them from an unrelated process that was given the number in an old postmaster.pid.
    """
    wanted = str(folder.resolve())
    found = []
    for number in _process_numbers():
        try:
            if str(Path(f"/proc/{number}/cwd").readlink()) == wanted:
                found.append(number)
        except OSError:
            continue
    return found


def send(numbers: Sequence[int], which: int) -> None:
    for number in numbers:
        try:
            os.kill(number, which)
        except ProcessLookupError:
            continue


def end(find: Callable[[], list[int]], *, politely: int, seconds: float) -> int:
    """Ends what `find` finds: `politely` first, SIGKILL after `seconds`. Returns how many there were."""
    first = find()
    if not first:
        return 0
    send(first, politely)
    deadline = time.monotonic() + seconds
    while find():
        if time.monotonic() > deadline:
            send(find(), signal.SIGKILL)
            deadline += seconds
        time.sleep(0.05)
    return len(first)


def end_group(leader: int) -> None:
    """Kills what a dead leader left in its group, such as the pool of a killed worker."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
