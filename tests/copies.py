"""Copies of the test's own process, to be killed: they begin at once, where a new program would first import
everything.
"""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connections


def begin(act: Callable[[], Any]) -> int:
    """Start `act` in a copy of this process, with database connections of its own, in a process group of its
    own; its number.

    It ends with 0, with 1 when `act` raised, or as it was killed (`ended`).
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
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ended(process: int) -> int:
    """Waits for it; its exit status, or the negative number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
