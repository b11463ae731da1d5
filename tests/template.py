"""Makes the template database, and tells of what: `python -m tests.template` prints it as JSON.

Written down is what the making really read: every module of this checkout that was imported, every other file
of it that was opened, and what stands in the folders of migrations and data. While all of it is unchanged,
the template is what a new one would be.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# What is installed beside our own code, and this file with its caller.
ALWAYS = ("requirements-dev.lock", "tests/template.py", "tests/databases.py")


def _opened_files() -> set[Path]:
    """A set that grows with every file this process opens from now on."""
    opened: set[Path] = set()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            opened.add(Path(arguments[0]).absolute())

    sys.addaudithook(note)
    return opened


def _is_ours(path: Path) -> bool:
    """Whether a file belongs to the portal or to a programme that is installed."""
    from tests.installed import folders

    inside = any(path.is_relative_to(folder) for folder in folders())
    return inside and "__pycache__" not in path.parts and path.is_file()


def _imported_files() -> set[Path]:
    names = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {Path(name).absolute() for name in names if name}


def _digest(path: Path) -> str:
    """Of a file's content, or of the names in a folder; empty when it is gone."""
    if path.is_dir():
        names = sorted(entry.name for entry in path.iterdir() if entry.name != "__pycache__")
        return hashlib.sha256("\n".join(names).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _folders(files: Iterable[Path]) -> set[Path]:
    """Where a file that is added would be read too: folders of migrations and of data."""
    return {file.parent for file in files if file.suffix != ".py" or file.parent.name == "migrations"}


def made_of(files: Iterable[Path]) -> dict[str, str]:
    """Digests by path, of `files` and of the folders in which another one would count."""
    ours = {file for file in files if _is_ours(file)}
    paths = ours | _folders(ours) | {ROOT / name for name in ALWAYS}
    return {str(path.relative_to(ROOT)): _digest(path) for path in sorted(paths)}


def is_current(written: dict[str, str]) -> bool:
    """Whether everything that a template was made of is as it was then."""
    return bool(written) and all(_digest(ROOT / name) == digest for name, digest in written.items())


def state_coverage() -> None:
    """In the made-up register of the tests no earlier claim is missing. Who asks what is not covered takes it away."""
    from django.utils import timezone

    from portal.policy.benefits import FUNDS
    from portal.workforce.models import DecidedHere

    statement = {"place_id": "150000", "since": "2000-01-01", "basis": "合成数据，仅供测试"}
    # Also of a database in which it is stated: a test installs one programme more into a clone.
    DecidedHere.objects.bulk_create(
        (DecidedHere(**statement, fund=fund, confirmed_at=timezone.now()) for fund in FUNDS),
        ignore_conflicts=True,
    )


def main() -> None:
    opened = _opened_files()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # As manage.py has it for these commands.
    os.environ["JHT_DATABASE_ROLE"] = "owner"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    call_command("install_database", stdout=sys.stderr)
    state_coverage()
    print(json.dumps(made_of(opened | _imported_files())))


if __name__ == "__main__":
    main()
