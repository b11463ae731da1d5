"""Where the stack keeps what, and the lock that lets one stack at a time use it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
# The path of a socket may have 107 bytes; ours end in at most "/pg/.s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 80
LARGEST_LOG = 20 * 1024 * 1024
# Older pieces of each log.
KEPT_LOGS = 9


class InUse(Exception):
    """Someone else holds the folder. The text says who."""


@dataclass(frozen=True)
class Folders:
    """The folders under JHT_VAR. Secrets, logs and sockets are for their owner alone."""

    var: Path

    @classmethod
    def from_environment(cls) -> Folders:
        return cls(Path(os.environ.get("JHT_VAR") or ROOT / "var").absolute())

    def make(self) -> None:
        self.var.mkdir(mode=0o755, parents=True, exist_ok=True)
        for folder in (self.secrets, self.logs, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.sockets.is_symlink() or self.sockets.stat().st_uid != os.getuid():
            raise InUse(
                f"{self.sockets} belongs to another user; give the portal a folder of its own with JHT_VAR."
            )

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def sockets(self) -> Path:
        folder = self.var / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"jht-{os.getuid()}-{name}"

    def log(self, name: str) -> IO[bytes]:
        """The log of one process, opened for appending, for its owner alone."""
        number = os.open(
            self.logs / f"{name}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        os.fchmod(number, 0o600)
        return os.fdopen(number, "ab")

    def rotate_logs(self) -> None:
        """What has grown large becomes `name`.log.1, that one .2 and so on. Whoever writes goes on in the same file,
        which is emptied: all of them append.
        """
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > LARGEST_LOG:
                for number in range(KEPT_LOGS - 1, 0, -1):
                    older = path.with_suffix(f".log.{number}")
                    if older.exists():
                        older.replace(path.with_suffix(f".log.{number + 1}"))
                copy = path.with_suffix(".log.1")
                shutil.copyfile(path, copy)
                copy.chmod(0o600)
                os.truncate(path, 0)

    def lock(self, note: str) -> IO[str]:
        """Holds the folder until the file is closed or the process ends, however it ends. `note` tells others
        who has it.
        """
        file = (self.var / ".lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            held_by = file.read().strip() or "another process"
            file.close()
            raise InUse(
                f"{self.var} is in use by {held_by}. It was left alone; use JHT_VAR for a second portal."
            ) from error
        file.truncate(0)
        file.write(note)
        file.flush()
        return file
