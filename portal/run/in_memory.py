"""Where tests put what they throw away: in memory, where there is plenty.

A database is more than a thousand small files. To make and remove one costs a disk's file system ten times the work
that it costs memory, and tests do it all the time.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

FOLDER = Path("/dev/shm")  # noqa: S108  the file system in memory that every Linux has
# What the tests of a whole run keep there at once is less than half of it.
NEEDED_BYTES = 6 << 30
_CHOSEN_BY_A_PERSON = ("TMPDIR", "TEMP", "TMP")


def work_there() -> None:
    """Temporary files of this process, and of what it starts, are in memory; unless a person chose a place for them, or
    there is too little.
    """
    if any(os.environ.get(name) for name in _CHOSEN_BY_A_PERSON) or not _is_roomy(FOLDER):
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(FOLDER)


def _is_roomy(folder: Path) -> bool:
    """Whether programs may lie there, and enough is free of its own and of the machine's memory."""
    try:
        facts = os.statvfs(folder)
        free = _free_memory()
    except OSError:
        return False
    runs_programs = not facts.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK)
    return runs_programs and min(facts.f_bavail * facts.f_frsize, free) >= NEEDED_BYTES


def _free_memory() -> int:
    """What the machine can give without taking it from anybody; of a container, what its limit leaves."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    facts = dict(line.split(":", 1) for line in lines)
    free = int(facts["MemAvailable"].split()[0]) << 10
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (most := limit.read_text(encoding="ascii").strip()).isdigit():
        used = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
        free = min(free, int(most) - used)
    return free
