"""Servers for one test run or one benchmark, in a folder that is removed afterwards."""
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.run.address import Address, web_variables
from portal.run.keys import application
from portal.run.layout import ROOT, Folders
from portal.run.postgres import Postgres
from portal.run.processes import spawn
from portal.run.supervisor import Child, Supervisor
from portal.run.valkey import Valkey

# A person's own servers and settings must not leak into what is thrown away.
OTHERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "JHT_SECRET_KEY", "JHT_DATA_KEYS", "JHT_INDEX_KEY")


def _clean() -> dict[str, str]:
    foreign = {variable for name in OTHERS for variable in (name, f"{name}_FILE")}
    return {name: value for name, value in os.environ.items() if name not in foreign}


@contextmanager
def servers(supervisor: Supervisor, *, durable: bool) -> Iterator[tuple[Folders, dict[str, str]]]:
    """Folders and environment of fresh servers, stopped and removed at the end. `durable` keeps fsync, as in production."""
    for name in set(os.environ) - set(_clean()):
        del os.environ[name]
    base = Path(tempfile.mkdtemp(prefix="jht-"))
    base.chmod(0o711)  # PostgreSQL may run as another account and must be able to pass
    folders = Folders(base / "var")
    try:
        folders.make()
        services = [Postgres(folders, throwaway=not durable), Valkey(folders, throwaway=not durable)]
        supervisor.up([
            Child(each.name, each.start, each.prepare, each.ready, stop_signal=each.stop_signal, stop_seconds=each.stop_seconds)
            for each in services
        ])  # fmt: skip
        env = {**os.environ, "JHT_VAR": str(folders.var), "DJANGO_SETTINGS_MODULE": "portal.settings", "PYTHONPATH": str(ROOT)}
        env |= application(folders.secrets) | web_variables(Address("127.0.0.1", 8000))
        for each in services:
            env |= each.variables()
        yield folders, env
    finally:
        supervisor.down()
        shutil.rmtree(base, ignore_errors=True)


def call(supervisor: Supervisor, command: Sequence[str], env: Mapping[str, str]) -> int:
    """Runs a command on the terminal and returns its exit status; Interrupted when asked to stop meanwhile."""
    process = spawn(command, env=env, cwd=ROOT, output=None)
    return supervisor.finish(process)
