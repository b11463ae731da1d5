"""A running portal and a real browser, for journeys."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
import redis

from portal.run import testing
from portal.run.preparation import static_fingerprint
from tests import databases

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = testing.browser()
# Without these Chromium looks for hosts of its own maker at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason=f"no Chromium here; install it with: {testing.INSTALL_CHROMIUM}"
)


@dataclass
class Live:
    """A portal on a database of its own, with a worker of its own."""

    url: str
    database: str
    environment: dict[str, str]

    def manage(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what: Callable[[], bool], *, seconds: float, says: str) -> None:
    """Poll with a deadline; the only waiting a test does."""
    pause, end = 0.05, time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(pause)
    raise AssertionError(f"{says} did not happen within {seconds} s")


def _answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200  # noqa: S310  loopback
    except (urllib.error.URLError, OSError):
        return False


def _shared() -> Path:
    """A folder of all portals on these servers."""
    shared = Path(os.environ["JHT_VAR"]) / "of-journeys"
    shared.mkdir(parents=True, exist_ok=True)
    return shared


def _static_files(env: dict[str, str]) -> Path:
    """The collected static files, the same for all portals: whoever is first collects them, others wait.

    Where servers are kept, files of older code are collected again.
    """
    shared, wanted = _shared(), static_fingerprint()
    sign = shared / ".collected"
    with (shared / ".collecting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not sign.exists() or sign.read_text() != wanted:
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
            subprocess.run(command, cwd=ROOT, env=env | {"JHT_VAR": str(shared)}, check=True)
            sign.write_text(wanted)
    return shared / "static"


@contextlib.contextmanager
def broker_of_its_own() -> Iterator[str]:
    """The address of an empty database of the broker that no other portal uses: none does another's work."""
    # Database 0 is the tests' own, 14 that of tests/stack/test_compose.py.
    for number in range(1, 14):
        with (_shared() / f".broker-{number}").open("w") as lock:
            if not _hold(lock):
                continue
            address = os.environ["REDIS_URL"].split("?")[0] + f"?db={number}"
            with redis.Redis.from_url(address) as client:
                client.flushdb()
            yield address
            return
    raise AssertionError("every database of the broker is in use")


def _hold(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _commands(port: int) -> dict[str, list[str]]:
    web = [
        "gunicorn",
        "portal.wsgi",
        "-b",
        f"127.0.0.1:{port}",
        "-k",
        "portal.web_server.Worker",
        "--threads",
        "4",
    ]
    worker = ["celery", "-A", "portal", "worker", "-c", "1", "-l", "WARNING"]
    return {
        "web": [*web, "--no-control-socket"],
        "worker": [*worker, "--without-mingle", "--without-gossip"],
    }


def _environment(folder: Path, database: str, broker: str, url: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": databases.renamed(os.environ["DATABASE_URL"], database),
        "DATABASE_OWNER_URL": databases.renamed(os.environ["DATABASE_OWNER_URL"], database),
        "REDIS_URL": broker,
        "JHT_VAR": str(folder),
        "JHT_FILES": str(folder / "files"),
        "JHT_PUBLIC_URL": url,
        "JHT_API_RATE_ANONYMOUS": "6000/min",
        "JHT_PLAIN_HTTP": "1",
        "PYTHONPATH": str(ROOT),
    }


@contextlib.contextmanager
def _running(commands: dict[str, list[str]], folder: Path, env: dict[str, str]) -> Iterator[None]:
    """These programs of the environment, each with a log of its name; ended afterwards."""
    programs = Path(sys.executable).parent
    processes: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as logs:
        try:
            for what, (program, *arguments) in commands.items():
                log = logs.enter_context((folder / f"{what}.log").open("wb"))
                command = [str(programs / program), *arguments]
                processes.append(
                    subprocess.Popen(
                        command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
                    )
                )
            yield
        finally:
            _end(processes)


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def live(
    request: pytest.FixtureRequest,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: Any,
) -> Iterator[Live]:
    """The portal itself: gunicorn and a Celery worker, on a fresh clone. One for each module of journeys.

    A module that says WITHOUT_WORKER waits for nothing that is done in the background, and gets no worker. It is a
    demonstration; where a module says REAL, a portal whose staff need a second factor.
    """
    from django.db import connection, connections

    folder = tmp_path_factory.mktemp("live")
    name = f"jht_live_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    databases.clone(template_database, name)
    if not getattr(request.module, "REAL", False):
        databases.mark_as_demonstration(name)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    commands = _commands(port)
    if getattr(request.module, "WITHOUT_WORKER", False):
        del commands["worker"]
    with broker_of_its_own() as broker:
        env = _environment(folder, name, broker, url)
        (folder / "static").symlink_to(_static_files(env))
        with _running(commands, folder, env):
            wait_until(
                lambda: _answers(f"{url}/healthz"), seconds=40, says=f"start of the portal (see {folder})"
            )
            before = connection.settings_dict["NAME"]
            with django_db_blocker.unblock():
                connection.close()
                connection.settings_dict["NAME"] = name
                yield Live(url, name, env)
                connections.close_all()
                connection.settings_dict["NAME"] = before
    databases.drop(name)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip(f"no Chromium here; install it with: {testing.INSTALL_CHROMIUM}")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, and Django refuses the database beside one unless told.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`browser_page(width=390)` opens a page in a context of its own; what fails on it fails the test."""
    contexts, failures = [], []

    def open_page(width: int = 1280, height: int = 900, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on(
            "response",
            lambda answer: failures.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )
        page.on(
            "console",
            lambda message: (
                failures.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not failures, failures
