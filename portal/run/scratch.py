"""Servers for one test run or one benchmark, in a folder that is removed afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.run.address import Address, web_variables
from portal.run.foreign import forget_foreign_variables
from portal.run.keys import application
from portal.run.layout import ROOT, Folders
from portal.run.processes import end_group, spawn
from portal.run.services import Service, child, embedded
from portal.run.supervisor import Supervisor


def variables(folders: Folders, services: Sequence[Service]) -> dict[str, str]:
    """What a portal or a test reads from its environment about these folders and servers."""
    settings = {
        "JHT_VAR": str(folders.var),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PYTHONPATH": str(ROOT),
    }
    settings |= application(folders.secrets) | web_variables(Address("127.0.0.1", 8000))
    for service in services:
        settings |= service.variables()
    return settings


@contextmanager
def servers(supervisor: Supervisor, *, durable: bool) -> Iterator[tuple[Folders, dict[str, str]]]:
    """Folders and environment of fresh servers, stopped and removed at the end. `durable` keeps fsync, as in
    production.
    """
    forget_foreign_variables()
    base = Path(tempfile.mkdtemp(prefix="jht-"))
    base.chmod(0o711)  # PostgreSQL may run as another account and must be able to pass
    folders = Folders(base / "var")
    try:
        folders.make()
        services = embedded(folders, throwaway=not durable)
        supervisor.up([child(service) for service in services])
        env = {**os.environ, **variables(folders, services)}
        yield folders, env
    finally:
        supervisor.down()
        shutil.rmtree(base, ignore_errors=True)


def call(supervisor: Supervisor, command: Sequence[str], env: Mapping[str, str]) -> int:
    """Runs a command on the terminal and returns its exit status; Interrupted when asked to stop meanwhile.

    It is stopped as by Ctrl-C: pytest then ends what its tests have started.
    """
    process = spawn(command, env=env, cwd=ROOT, output=None)
    return supervisor.finish(process, stop_signal=signal.SIGINT)


def call_side_by_side(
    supervisor: Supervisor, commands: Mapping[str, Sequence[str]], env: Mapping[str, str]
) -> Generator[tuple[str, int, float]]:
    """Runs commands at the same time. Of one after the other, in their order, shows what it printed, and
    yields its name, its exit status and the seconds until it was waited for to the end. All begin when the first
    is asked for; closed early, it ends those that still run.

    Interrupted, with all of them ended, when asked to stop meanwhile.
    """
    began = time.monotonic()
    with contextlib.ExitStack() as open_files:
        outputs = {name: open_files.enter_context(tempfile.TemporaryFile()) for name in commands}
        processes = {
            name: spawn(command, env=env, cwd=ROOT, output=outputs[name])
            for name, command in commands.items()
        }
        try:
            for name, process in processes.items():
                status = supervisor.finish(process, stop_signal=signal.SIGINT)
                outputs[name].seek(0)
                shutil.copyfileobj(outputs[name], sys.stdout.buffer)
                sys.stdout.flush()
                yield name, status, time.monotonic() - began
        finally:
            for process in processes.values():
                if process.poll() is None:
                    end_group(process.pid)
                    process.wait()
