"""Servers for tests that stay between the calls of `./jht test --keep`.

A keeper, a process of its own, holds a folder of this checkout in the system's folder for temporary files. It
starts with an empty data folder and throws everything away when it ends: when it is asked to, or when nobody
has used the servers for an hour. What a killed keeper or a reboot left is recognised by the lock that nobody
holds any more.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from portal.run.layout import ROOT, InUse
from portal.run.processes import StartFailed, end, working_in

IDLE_SECONDS = 3600.0
START_SECONDS = 90.0
# Modules of this package that decide how servers are started.
MADE_BY = ("accounts", "keys", "kept", "postgres", "services", "valkey")
STOP_SECONDS = 90.0


@dataclass(frozen=True)
class Kept:
    """The folder of the kept servers of one checkout and one environment, private to the user."""

    base: Path

    @classmethod
    def of_this_checkout(cls) -> Kept:
        name = hashlib.sha256(os.fsencode(ROOT) + b"\0" + os.fsencode(sys.prefix)).hexdigest()[:10]
        return cls(Path(tempfile.gettempdir()) / f"jht-tests-{os.getuid()}-{name}")

    def make(self) -> None:
        # PostgreSQL may run as another account and must be able to pass; what is inside is closed.
        self.base.mkdir(mode=0o711, exist_ok=True)
        facts = self.base.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
            raise InUse(f"{self.base} belongs to another user; remove it, or set TMPDIR to another folder")

    @property
    def var(self) -> Path:
        return self.base / "var"

    @property
    def servers_file(self) -> Path:
        """What the keeper says about its servers, once they can be used."""
        return self.base / "servers.json"

    def open(self, name: str) -> IO[str]:
        handle = os.open(self.base / name, os.O_RDWR | os.O_CREAT, 0o600)
        return os.fdopen(handle, "r+", encoding="utf-8")

    def used(self) -> IO[str]:
        """Held shared by whoever uses the servers, whole by a keeper that is about to end."""
        return self.open("used")

    def keeper(self) -> IO[str]:
        """Held by the keeper for as long as it lives."""
        return self.open("keeper")


def _try(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign() -> str:
    """Of what servers are started with: after a change of it the old ones do not serve any more."""
    files = [ROOT / "requirements-dev.lock", *(ROOT / "portal" / "run" / f"{name}.py" for name in MADE_BY)]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


# -- for a test run ------------------------------------------------------------------------------------------
def use() -> tuple[dict[str, str], IO[str]]:
    """The variables of running servers, and an open file: until it is closed the servers stay."""
    kept = Kept.of_this_checkout()
    kept.make()
    used = kept.used()
    fcntl.flock(used, fcntl.LOCK_SH)
    os.utime(used.fileno())
    servers = _running(kept) or _start(kept)
    if servers["started by"] != _sign():
        used.close()
        stop()
        return use()
    return servers["variables"], used


def _running(kept: Kept) -> dict[str, Any] | None:
    """What the keeper wrote; None when there is no keeper, whatever an earlier one has left."""
    with kept.keeper() as file:
        if _try(file, fcntl.LOCK_EX) or not kept.servers_file.exists():
            return None
    return json.loads(kept.servers_file.read_text(encoding="utf-8"))


def _start(kept: Kept) -> dict[str, Any]:
    log = kept.base / "keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-P", "-m", "portal.run.kept", str(kept.base)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if keeper.poll() not in (None, 0):  # 0: another call's keeper was first
            raise StartFailed(f"the servers did not start:\n{log.read_text(encoding='utf-8')}")
        servers = _running(kept)
        if servers is not None:
            return servers
        time.sleep(0.05)
    raise StartFailed(f"the servers were not ready within {START_SECONDS:.0f} s, see {log}")


def stop() -> bool:
    """Ends the keeper, which throws its servers away. False when there was none; InUse while tests run."""
    kept = Kept.of_this_checkout()
    if not kept.base.exists():
        return False
    kept.make()
    with kept.used() as used, kept.keeper() as keeper:
        if not _try(used, fcntl.LOCK_EX):
            raise InUse("tests are running on the kept servers; nothing was stopped")
        if _try(keeper, fcntl.LOCK_EX):
            return False
        number = json.loads(kept.servers_file.read_text(encoding="utf-8"))["keeper"]
        os.kill(number, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not _try(keeper, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise InUse(f"the servers in {kept.base} have not ended within {STOP_SECONDS:.0f} s")
            time.sleep(0.05)
    return True


# -- the keeper ----------------------------------------------------------------------------------------------
def main() -> int:
    """Keeps servers in the folder that is named, until it is asked to stop or nobody uses them."""
    from portal.run import scratch
    from portal.run.layout import Folders
    from portal.run.processes import Interrupted
    from portal.run.services import child, embedded
    from portal.run.supervisor import Supervisor

    kept = Kept(Path(sys.argv[1]))
    servers: dict[str, Any] = {"keeper": os.getpid(), "started by": _sign()}
    with kept.keeper() as lock, kept.used() as used:
        if not _is_first(lock):
            return 0
        kept.servers_file.unlink(missing_ok=True)
        _throw_away(kept)
        supervisor = Supervisor()
        try:
            folders = Folders(kept.var)
            folders.make()
            services = embedded(folders, throwaway=True)
            supervisor.up([child(service) for service in services])
            _write(kept, servers | {"variables": scratch.variables(folders, services)})
            return supervisor.watch(until=lambda: _is_idle(used))
        except Interrupted:
            return 0
        finally:
            kept.servers_file.unlink(missing_ok=True)
            supervisor.down()
            _throw_away(kept)


def _is_first(lock: IO[str]) -> bool:
    """Whether no other keeper holds the lock. Who only looks whether there is one holds it for a moment too."""
    for _ in range(40):
        if _try(lock, fcntl.LOCK_EX):
            return True
        time.sleep(0.05)
    return False


def _throw_away(kept: Kept) -> None:
    """The data, which was written without waiting for the disk, and what still runs in it."""
    home = (kept.var / "pg").resolve()  # may lie elsewhere, see portal/run/accounts.py
    folders = (home / "data", kept.var / "valkey")
    end(lambda: [n for folder in folders for n in working_in(folder)], politely=signal.SIGKILL, seconds=10)
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(kept.var, ignore_errors=True)


def _write(kept: Kept, servers: dict[str, Any]) -> None:
    draft = kept.base / "servers.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(servers), encoding="utf-8")
    draft.replace(kept.servers_file)


def _is_idle(used: IO[str]) -> bool:
    """True once nobody has used the servers for an hour; from then on nobody can begin to."""
    if time.time() - os.fstat(used.fileno()).st_mtime < IDLE_SECONDS:
        return False
    return _try(used, fcntl.LOCK_EX)


if __name__ == "__main__":
    sys.exit(main())
