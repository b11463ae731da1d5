"""A whole portal as a person starts it, for tests that end parts of it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

import psycopg2
import redis
from celery import Celery

from tests.live import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
# What would make it use somebody else's servers, secrets or addresses.
FOREIGN = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"}


def own_environment(**variables: str) -> dict[str, str]:
    """The environment of a person who has set nothing but `variables`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.startswith(("JHT_", "PYTEST", "DJANGO_"))
    }
    return kept | {"PYTHONPATH": str(ROOT)} | variables


def leave_fonts_alone(var: Path) -> IO[str]:
    """Keeps portals on this data folder from converting the shipped fonts, for as long as the file that comes
    back is open.

    Two minutes of CPU that no test waits for: they believe that another process is at it.
    tests/letters/test_fonts.py converts.
    """
    cache = var / "fonts-cache"
    cache.mkdir(parents=True, mode=0o700)
    lock = (cache / ".lock").open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


class Portal:
    """`./jht run` behind its bootstrap, on a data folder and a port of its own."""

    def __init__(self, folder: Path, *, command: list[str] | None = None, **variables: str) -> None:
        self.var = folder / "var"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output.txt"
        self.command = command or [sys.executable, "-P", "-m", "portal.run"]
        self.env = own_environment(
            JHT_VAR=str(self.var), JHT_LISTEN=f"127.0.0.1:{self.port}", JHT_DEMO="0", **variables
        )
        self.process: subprocess.Popen | None = None
        self.fonts = leave_fonts_alone(self.var)

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*self.command, "run"],
                env=self.env,
                cwd=self.output.parent,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_ready(self, seconds: float = 90) -> None:
        def ready() -> bool:
            assert self.process
            assert self.process.poll() is None, self.said()
            return "READY " in self.said()

        wait_until(ready, seconds=seconds, says=f"READY\n{self.said()}")

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Another `./jht …` of the same person."""
        return subprocess.run(
            [*self.command, *arguments],
            env=self.env | variables,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def stop(self, how: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(60)

    def readyz(self) -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 - loopback
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except (urllib.error.URLError, OSError):
            return 0, {}

    def number(self, name: str) -> int:
        """The process number last announced for `name`."""
        return int(re.findall(rf"{name} is up(?: again)?, process (\d+)", self.said())[-1])

    def everything(self) -> set[int]:
        """Every living process that has anything to do with our data folder, found by other means than the
        portal's own.
        """
        mine = os.fsencode(self.var)
        found = set()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                seen = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                seen += os.fsencode((entry / "cwd").readlink())
            except OSError:
                continue
            if mine in seen:
                found.add(int(entry.name))
        return found

    def staying(self) -> set[int]:
        """Everything of ours but what the database server begins and ends by itself: a process for a
        connection, another that tidies tables.
        """
        return {number for number in self.everything() if not self._came_from_the_database(number)}

    def _came_from_the_database(self, number: int) -> bool:
        try:
            parent = (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()[1]
            return (Path("/proc") / parent / "comm").read_text().strip() == "postgres"
        except OSError:  # it has ended since it was found
            return True

    def wait_gone(self, seconds: float = 60) -> None:
        wait_until(lambda: not self.everything(), seconds=seconds, says="the end of every process")

    def database(self):
        """A connection as the application's role."""
        password = (self.var / "secrets" / "jht_app_password").read_text()
        connection = psycopg2.connect(
            host=str(self.var / "run" / "pg"), user="jht_app", password=password, dbname="jht"
        )
        connection.autocommit = True
        return connection

    def task_runs(self, worker: str = "worker", queue: str = "default", *, seconds: float = 60) -> None:
        """Puts a task that Celery brings along into a queue that this worker alone takes from, and waits for its log
        to say that it was done.
        """
        app = Celery(
            broker=f"redis+socket://{self.var / 'run' / 'redis.sock'}?virtual_host=0", set_as_current=False
        )
        number = app.send_task("celery.accumulate", args=[1, 2], queue=queue, retry=False).id
        app.close()
        log = self.var / "log" / f"{worker}.log"
        done = f"celery.accumulate[{number}] succeeded"
        try:
            wait_until(
                lambda: done in log.read_text(encoding="utf-8"), seconds=seconds, says=f"task {number}"
            )
        except AssertionError as late:
            # Where the message is, and what the worker did meanwhile, are gone with the folder.
            told = [str(late), *self._messages(queue), self.said(), log.read_text(encoding="utf-8")]
            raise AssertionError("\n".join(told)) from late

    def _messages(self, queue: str) -> list[str]:
        """What the broker holds: messages that wait, and those that a worker has taken and not answered for."""
        with redis.Redis(unix_socket_path=str(self.var / "run" / "redis.sock"), socket_timeout=2) as client:
            waiting, taken = client.lrange(queue, 0, -1), client.hgetall("unacked")
        return [f"waiting: {waiting}", f"taken: {taken}"]

    def heals(self, seconds: float = 60) -> None:
        wait_until(lambda: self.readyz()[0] == 200, seconds=seconds, says=f"recovery\n{self.said()}")
        self.task_runs()
        self.task_runs("bulk", "bulk")
