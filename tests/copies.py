"""Copies of the test's own process, to be killed or to end with a status: they begin at once, where a new
program would first import everything.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connections


def begin(act: Callable[[], Any]) -> int:
    """Start `act` in a copy of this process, with database connections of its own, in a process group of its
    own; its number.

    It ends with 0, with 1 when `act` raised, as `act` exits, or as it was killed (`ended`).
    """
    child = os.fork()
    if child:
        # Both say it: whoever goes on first, the group is there.
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(child, child)
        return child
    status = 1
    try:
        os.setpgid(0, 0)
        # The parent's connections are neither used nor closed here: closing them would end them for both.
        kept = [one.connection for one in connections.all()]
        for one in connections.all():
            one.connection = None
        act()
        status = 0
        del kept
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ended(process: int) -> int:
    """Waits for it; its exit status, or the negative number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


class Ended(NamedTuple):
    status: int
    printed: str
    complained: str


def manage(*arguments: str) -> Ended:
    """`manage.py` with these arguments, on the database that is used now. The settings are those of this
    process: what depends on its environment needs a program of its own.
    """
    import manage as program

    def act() -> None:
        sys.argv = ["manage.py", *arguments]
        program.main()

    return told(act)


def told(act: Callable[[], Any]) -> Ended:
    """What a copy of this process that does `act` prints, and how it ends."""
    with tempfile.TemporaryDirectory() as folder:
        out, errors = Path(folder, "out"), Path(folder, "errors")

        def tell() -> None:
            sys.stdout, sys.stderr = _written(out), _written(errors)
            try:
                act()
            except Exception:
                traceback.print_exc()
                sys.exit(1)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()

        status = ended(begin(tell))
        return Ended(status, out.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8"))


def _written(path: Path) -> io.TextIOWrapper:
    return path.open("w", encoding="utf-8")
