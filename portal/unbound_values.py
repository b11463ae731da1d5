"""Values and files of earlier releases: encrypted with the data key itself and bound to no place, or not encrypted at all.

They are read until `./jht manage reencrypt` has written everything anew. Its end leaves a mark in the database, which the
application may not write, and one beside the files; where either stands, or JHT_BOUND_VALUES_ONLY says so, they are
refused: whoever can write to the database or the disk has no way back to values that fit anywhere.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from portal import crypto

NAME = "BOUND_VALUES_ONLY"
_TEXT = """\
Everything encrypted in this data folder is bound to its place (./jht manage reencrypt). What is not is refused.
本目录中的加密内容均已绑定所在位置；未绑定的内容一律不予读取。请勿删除本文件。
"""
_ASK = "SELECT EXISTS (SELECT FROM audit_boundvaluesonly)"
# As long as there is no mark, it is looked for again after so many seconds.
_AGAIN = 10.0
# When it was last found missing, by the name of the database; for good once it was found.
_looked: dict[str, float] = {}
_read_again = False


class Refused(crypto.Undecipherable):
    """A value of the form of before, where such values are read no more."""


@contextlib.contextmanager
def read_again() -> Iterator[None]:
    """Read them whatever the marks say: of a backup that was made before. By the owner of the tables, who asked for it."""
    global _read_again  # noqa: PLW0603 - a command's process
    _read_again = True
    try:
        yield
    finally:
        _read_again = False


def are_refused() -> bool:
    """Whether they are read no more."""
    if _read_again:
        return False
    if settings.BOUND_VALUES_ONLY:
        return True
    database = str(connection.settings_dict["NAME"])
    looked = _looked.get(database, 0.0)
    if time.monotonic() < looked:
        return looked == float("inf")
    found = is_marked()
    _looked[database] = float("inf") if found else time.monotonic() + _AGAIN
    return found


def is_marked() -> bool:
    """Whether either mark stands. Asks anew."""
    if _path().exists():
        return True
    with connection.cursor() as cursor:
        cursor.execute(_ASK)
        return bool(cursor.fetchone()[0])


def mark() -> None:
    """From now on they are refused. By the owner of the tables; a mark that is there stays as it is."""
    from portal.audit.models import BoundValuesOnly

    BoundValuesOnly.objects.get_or_create(pk=BoundValuesOnly.ONLY)
    _path().parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(_path(), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_TEXT)
    _looked.clear()


def opened(value: bytes, *, bound_to: bytes = b"") -> bytes:
    """The content of a value of an earlier release. Raises Undecipherable, and Refused once they are read no more."""
    require_read()
    return crypto.decrypt_unbound(value, bound_to=bound_to)


def require_read() -> None:
    """Raises Refused once values of before are read no more."""
    if are_refused():
        raise Refused(
            "the value is not bound to its place; such values are refused since everything was bound"
        )


def _path() -> Path:
    return Path(settings.MEDIA_ROOT) / NAME
