"""A kept data folder: the database as pg_dump writes it, beside the files and keys of the folder, in one
archive.

It is put back as docs/OPERATING.md tells it under "Restore". So it outlives new versions of PostgreSQL and
other processors, and it carries the schema as it was, not as today's migrations would make it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from portal.run.layout import Folders
from portal.run.postgres import DATABASE, OWNER, Postgres
from portal.run.processes import StartFailed

FOLDERS = Path(__file__).with_name("folders")
# What a start makes again.
LEFT_OUT = {
    "pg",
    "valkey",
    "static",
    ".static-collected",
    "log",
    "run",
    "fonts-cache",
    ".lock",
    "beat-schedule",
}
DUMP, FACTS = "database.dump", "facts.json"


def _database_program(server: Postgres, name: str, *options: str, given: bytes | None = None) -> bytes:
    """Runs pg_dump or pg_restore as the owner of the tables; what it writes."""
    command = [str(server.programs / name), f"--host={server.socket}", f"--username={OWNER}", *options]
    password = (server.folders.secrets / f"{OWNER}_password").read_text(encoding="utf-8")
    env = {**os.environ, "PGPASSWORD": password}
    done = subprocess.run(command, env=env, input=given, capture_output=True, check=False)
    if done.returncode:
        raise StartFailed(f"{name}: {done.stderr.decode()}")
    return done.stdout


def pack(folders: Folders, server: Postgres, facts: dict[str, Any], archive: Path) -> None:
    """Writes the archive of a folder whose database server runs."""
    dump = _database_program(server, "pg_dump", "--format=custom", "--compress=none", DATABASE)
    parts = {DUMP: dump, FACTS: json.dumps(facts, ensure_ascii=False, indent=1).encode()}
    for path in sorted(folders.var.rglob("*")):
        inside = path.relative_to(folders.var)
        if path.is_file() and inside.parts[0] not in LEFT_OUT:
            parts[str(inside)] = path.read_bytes()
    archive.parent.mkdir(exist_ok=True)
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, io.BytesIO(content))


def unpack(archive: Path, folders: Folders) -> dict[str, Any]:
    """Makes a data folder of it, with a stopped database; the facts that were noted about it."""
    folders.make()
    parts: dict[str, bytes] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            parts[member.name] = content.read()
    dump, facts = parts.pop(DUMP), json.loads(parts.pop(FACTS))
    for name, content in parts.items():
        path = folders.var / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
    server = Postgres(folders, throwaway=True)
    server.prepare()
    process = server.start()
    try:
        server.ready(lambda: False)
        restore = ("--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={DATABASE}")
        _database_program(server, "pg_restore", *restore, given=dump)
    finally:
        process.send_signal(server.stop_signal)
        process.wait(server.stop_seconds)
    return facts
