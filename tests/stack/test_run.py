"""The whole stack, started as a person starts it and ended in every way a machine knows."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.run.preparation import database_fingerprint
from tests.live import wait_until
from tests.stack.running import Portal

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own folder: its parents are closed to other accounts, and the embedded PostgreSQL of root
    # is one.
    path = Path(tempfile.mkdtemp(prefix="jht-kill-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def _portal(folder: Path) -> Iterator[Portal]:
    """An ordinary user's, also where the tests are root's: the tests of kept folders are root's then."""
    portal = Portal(folder)
    if os.geteuid() == 0:
        portal.command = ordinary_command()
        portal.env["HOME"] = str(folder)
        hand_over(folder)
    yield portal
    if portal.process and portal.process.poll() is None:
        portal.stop()
    for number in portal.everything():
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


@pytest.fixture
def portal(_portal: Portal) -> Portal:
    """The same portal for all tests, running: whatever the test before it did to it."""
    if _portal.process is None or _portal.process.poll() is not None:
        _portal.start()
        _portal.wait_ready()
    return _portal


def ordinary_command() -> list[str]:
    """How root starts Python as `nobody`. Where that account may not even enter the folder of Python's own
    files (root's home), it gets the one right to do so, and no other: it may write and signal no more than
    before.

    Asked is whether it comes to the same Python: one that cannot reach its own library may find the system's,
    of another version, and would miss what was installed for this one.
    """
    nobody = pwd.getpwnam("nobody")
    become = [
        "setpriv",
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        "--no-new-privs",
    ]
    python = [sys.executable, "-P"]
    same = f"import portal.run.commands, sys; sys.exit((sys.version, sys.base_prefix) != {(sys.version, sys.base_prefix)!r})"
    if subprocess.run([*become, *python, "-c", same], capture_output=True, check=False).returncode:
        become += [
            f"--{which}=-all,+dac_read_search" for which in ("inh-caps", "ambient-caps", "bounding-set")
        ]
    return [*become, *python, "-m", "portal.run"]


def hand_over(folder: Path) -> None:
    """Gives a folder with all that is in it to `nobody`."""
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def write_sessions(portal: Portal, kept: list[str], stop: threading.Event) -> None:
    """Commits rows one by one and notes each that the database acknowledged, until it is gone."""
    connection = portal.database()
    with connection.cursor() as cursor:
        number = 0
        while not stop.is_set():
            key = f"kill{len(kept):06d}{number:06d}"
            try:
                cursor.execute(
                    "INSERT INTO accounts_storedsession (session_key, session_data, expire_date, last_used, address, browser)"
                    " VALUES (%s, '', now(), now(), '', '')",
                    [key],
                )
            except psycopg2.Error:
                return
            kept.append(key)
            number += 1


def lost(portal: Portal, kept: list[str]) -> list[str]:
    with contextlib.closing(portal.database()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT session_key FROM accounts_storedsession WHERE session_key LIKE 'kill%'")
        stored = {key for (key,) in cursor.fetchall()}
    return [key for key in kept if key not in stored]


def test_ready_means_that_work_can_be_done(portal: Portal) -> None:
    status, parts = portal.readyz()
    assert status == 200
    assert {name: parts[name] for name in ("database", "broker", "worker", "beat")} == dict.fromkeys(
        ("database", "broker", "worker", "beat"), "ready"
    )
    assert set(parts) == {"database", "broker", "worker", "beat", "fonts", "subsetter", "audit"}
    assert f"READY {portal.url}/" in portal.said()
    portal.task_runs()


def test_secrets_and_sockets_are_for_their_owner_alone(portal: Portal) -> None:
    for secret in (portal.var / "secrets").iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600, secret
    for name in ("secrets", "log"):
        assert stat.S_IMODE((portal.var / name).stat().st_mode) == 0o700, name
    assert stat.S_IMODE((portal.var / "run" / "pg").stat().st_mode) == 0o700
    assert stat.S_IMODE((portal.var / "run" / "redis.sock").stat().st_mode) & 0o077 == 0
    # Sockets only: nothing of it listens on the network but the web server.
    assert listening_ports(portal.everything()) == {portal.port}


def test_it_runs_as_whoever_started_it(portal: Portal) -> None:
    owner = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    assert {Path(f"/proc/{number}").stat().st_uid for number in portal.everything()} == {owner}


def listening_ports(numbers: set[int]) -> set[int]:
    """The TCP ports on which these processes listen."""
    held = set()
    for number in numbers:
        for link in Path(f"/proc/{number}/fd").iterdir():
            with contextlib.suppress(OSError):
                held.add(str(link.readlink()))
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, address, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in held:
                ports.add(int(address.rpartition(":")[2], 16))
    return ports


def test_the_application_is_neither_owner_nor_superuser(portal: Portal) -> None:
    with contextlib.closing(portal.database()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE mine (id int)")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("TRUNCATE accounts_storedsession")
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("on",)


def test_a_second_start_says_so_and_leaves_the_first_alone(portal: Portal) -> None:
    before = portal.staying()
    second = portal.run("run")
    assert second.returncode == 1
    assert (
        f"is in use by process {portal.process and portal.process.pid}, which serves {portal.url}/"
        in second.stderr
    )
    assert portal.staying() == before
    assert portal.readyz()[0] == 200


def test_a_taken_port_is_a_clear_message(folder: Path) -> None:
    other = Portal(folder / "other")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", other.port))
        holder.listen()
        result = other.run("run")
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{other.port}: Address already in use" in result.stderr
    assert "JHT_LISTEN=" in result.stderr
    assert not other.everything()


def test_manage_sees_the_running_portal(portal: Portal, folder: Path) -> None:
    shown = portal.run("manage", "showmigrations", "contenttypes")
    assert shown.returncode == 0, shown.stderr
    assert "[X] 0001_initial" in shown.stdout
    absent = portal.run("manage", "showmigrations", JHT_VAR=str(folder / "nothing"))
    assert absent.returncode == 3
    assert "start one with ./jht run" in absent.stderr


@pytest.mark.parametrize("name", ["web", "worker", "bulk", "beat", "valkey", "postgres"])
def test_a_killed_process_comes_back(portal: Portal, name: str) -> None:
    number = portal.number(name)
    os.kill(number, signal.SIGKILL)
    wait_until(lambda: portal.number(name) != number, seconds=40, says=f"restart of {name}\n{portal.said()}")
    portal.heals()


def test_children_of_web_and_worker_come_back(portal: Portal) -> None:
    for parent in (portal.number("web"), portal.number("worker"), portal.number("bulk")):
        children = [
            int(number) for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        ]
        assert children
        for child in children:
            os.kill(child, signal.SIGKILL)
    portal.heals()
    assert portal.number("web") and portal.process and portal.process.poll() is None


def test_nothing_committed_is_lost_when_everything_is_killed(portal: Portal) -> None:
    kept: list[str] = []
    stop = threading.Event()
    writer = threading.Thread(target=write_sessions, args=(portal, kept, stop))
    writer.start()
    wait_until(lambda: len(kept) > 200, seconds=30, says="200 commits")
    for number in portal.everything():
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    stop.set()
    writer.join(30)
    assert portal.process
    portal.process.wait(10)
    portal.start()
    portal.wait_ready()
    assert lost(portal, kept) == []
    portal.heals()


def test_nothing_outlives_a_killed_supervisor(portal: Portal) -> None:
    assert portal.process
    portal.process.kill()
    portal.process.wait(10)
    # Started at once, while the old processes are still on their way out.
    portal.start()
    portal.wait_ready()
    portal.heals()
    portal.process.kill()
    portal.process.wait(10)
    portal.wait_gone()


def prepared_for(portal: Portal) -> str:
    """The code for which the database says that it was prepared."""
    with contextlib.closing(portal.database()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('django_migrations'::regclass)")
        row = cursor.fetchone()
    return row[0].split()[0] if row else ""


def test_a_stop_leaves_nothing_behind_and_a_later_start_prepares_nothing(portal: Portal) -> None:
    code = prepared_for(portal)
    assert portal.stop(signal.SIGTERM) == 0
    assert portal.everything() == set()
    # Whoever edits the code while the tests run gets it prepared again, and rightly.
    unchanged = code == database_fingerprint()
    portal.start()
    portal.wait_ready()
    assert ("preparing the database" in portal.said()) != unchanged
    assert portal.stop(signal.SIGINT) == 0
    assert portal.everything() == set()


def test_a_stop_during_the_start_leaves_nothing_behind(_portal: Portal) -> None:
    assert not _portal.everything()
    _portal.start()
    wait_until(lambda: "postgres is up" in _portal.said(), seconds=30, says="the first service")
    assert _portal.stop(signal.SIGINT) == 0
    assert _portal.everything() == set()
    assert "READY" not in _portal.said()
