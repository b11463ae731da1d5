"""The variables and processes of one portal: with embedded services, or on the servers that the environment
names.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import redis

from portal.heartbeats import BEAT, key
from portal.run import keys, workers
from portal.run.address import Address, on_own_servers, refuse_bad_settings, web_variables
from portal.run.layout import ROOT, Folders
from portal.run.messages import say
from portal.run.processes import MARK, end, marked, spawn, wait_for
from portal.run.services import Service, embedded
from portal.run.supervisor import Child

# Written when somebody asks for it (--access-logfile): never what stands behind the question mark, or where from.
ACCESS_LOG = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(D)s'


class Stack:
    """The variables and processes of one portal."""

    def __init__(self, folders: Folders, address: Address) -> None:
        self.folders, self.address = folders, address
        self.services: list[Service] = []
        self.env = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "JHT_VAR": str(folders.var)}
        self.own_servers = on_own_servers()
        if self.own_servers:
            refuse_bad_settings()
        if not self.own_servers:
            self.services = embedded(folders)
            self.env |= keys.application(folders.secrets) | web_variables(address)
            for service in self.services:
                self.env |= service.variables()

    def _launcher(
        self, name: str, command: Sequence[str], *, on_orphaned: int = signal.SIGTERM
    ) -> Callable[[], subprocess.Popen]:
        env = {**self.env, MARK: str(self.folders.var), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

        def launch() -> subprocess.Popen:
            with self.folders.log(name) as output:
                return spawn(
                    [sys.executable, "-m", *command],
                    env=env,
                    cwd=ROOT,
                    output=output,
                    on_orphaned=on_orphaned,
                )

        return launch

    def application_children(self) -> list[Child]:
        web = Child("web", self._launcher("web", web_command(self.address.bind)), stop_seconds=15)
        working = [self._worker(name, command) for name, command in workers.commands().items()]
        beat = Child(BEAT, self._launcher(BEAT, beat_command(self.folders.var)), stop_seconds=10)
        web.ready = lambda stopping: wait_for(
            self._web_answers, name="web", seconds=60, process=web.process, stopping=stopping
        )
        for child in (*working, beat):
            self._follow_heartbeat(child, child.name)
        return [web, *working, beat]

    def _worker(self, name: str, command: Sequence[str]) -> Child:
        """A short task is finished; a long one is put back into the queue (SIGQUIT), to be done again after the next
        start. Orphaned, it has no broker to put anything back into, and would wait for one.
        """
        launch = self._launcher(name, command, on_orphaned=signal.SIGKILL)
        return Child(name, launch, hurry_signal=signal.SIGQUIT, stop_seconds=24)

    def _follow_heartbeat(self, child: Child, node: str) -> None:
        client = redis.Redis.from_url(self._redis_url(), socket_timeout=2, socket_connect_timeout=2)

        def beats() -> bool:
            return bool(client.exists(key(node, socket.gethostname())))

        def alive() -> bool:
            try:
                return beats()
            except redis.RedisError:
                return True  # it is the broker that does not answer: restarting this process would not help

        def prepare() -> None:
            try:
                client.delete(
                    key(node, socket.gethostname())
                )  # the heartbeat of the one before it proves nothing
            except redis.RedisError as error:
                say(f"{child.name}: the broker does not answer yet ({error})")

        child.prepare, child.alive = prepare, alive
        child.ready = lambda stopping: wait_for(
            beats, name=child.name, seconds=60, process=child.process, stopping=stopping
        )

    def _redis_url(self) -> str:
        path = self.env.get("REDIS_URL_FILE")
        return Path(path).read_text(encoding="utf-8").strip() if path else self.env["REDIS_URL"]

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address.url}/healthz", timeout=3) as answer:  # noqa: S310 - always http
                return answer.status == 200
        except urllib.error.HTTPError as error:
            # Hosts other than the public one are refused, rightly; the server is up all the same.
            return error.code == 400

    def clear(self) -> None:
        """Ends what outlived a killed supervisor. The caller holds the lock, so nobody else's processes are
        meant.
        """
        count = end(lambda: marked(str(self.folders.var)), politely=signal.SIGTERM, seconds=10)
        if count:
            say(f"ended {count} processes left by a start that was killed")


def web_command(bind: str) -> list[str]:
    workers = os.environ.get("JHT_WEB_WORKERS") or "2"
    return [
        "gunicorn",
        "portal.wsgi",
        "--bind",
        bind,
        "--worker-class",
        "portal.web_server.Worker",
        "--workers",
        workers,
        "--threads",
        "4",
        "--preload",
        "--graceful-timeout",
        "10",
        "--no-control-socket",
        "--access-logformat",
        ACCESS_LOG,
    ]


def beat_command(var: Path) -> list[str]:
    return [
        "celery",
        "-A",
        "portal",
        "beat",
        "--loglevel",
        "INFO",
        "--pidfile=",
        "--schedule",
        str(var / "beat-schedule"),
    ]
