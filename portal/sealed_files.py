"""Files below MEDIA_ROOT, encrypted (SM4-GCM) and each bound to its name: in another's place it does not open.

A file is there whole or not at all, readable by the portal's account only. What is read of it in the clear stands in
memory alone, also for a process that opens it (`opened`).
"""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from django.conf import settings

from portal import crypto, memory_files, unbound_values

DRAFT = ".part"
_PIECE = 1 << 20


class Unreadable(Exception):
    """A stored file is not what was kept: `missing`, or `changed`. Told in words by `portal.pages.files`."""


def path_of(name: str) -> Path:
    """Where the file lies that is called `name`: its path below MEDIA_ROOT. Raises Unreadable for a name that leads
    elsewhere.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise Unreadable("changed")
    return Path(settings.MEDIA_ROOT) / path


def keep(name: str, content: bytes | Iterable[bytes], *, made: bool = False) -> None:
    """Write a file, in place of one that is there. What was `made` of records can be made again: a machine that fails
    at this moment may lose it, and nobody waits for the disk.
    """
    with writing(name, made=made) as file:
        for piece in [content] if isinstance(content, bytes) else content:
            file.write(piece)


class _Sealing(io.RawIOBase):
    """What is written to it is encrypted on the way to the disk."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        head, self._encryptor = crypto.sealing(crypto.Purpose.FILES, _bound_to(name))
        file.write(head)

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._file.write(self._encryptor.update(content))
        return len(content)

    def finish(self) -> None:
        self._file.write(self._encryptor.finalize() + self._encryptor.tag)


@contextmanager
def writing(name: str, *, made: bool = False) -> Iterator[BinaryIO]:
    """A new file to write to, from its beginning to its end. It appears under its name when all is written."""
    path = path_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name.replace('.', '-')}-{os.getpid()}-{uuid.uuid4().hex[:8]}{DRAFT}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            sealing = _Sealing(file, name)
            yield cast(BinaryIO, sealing)
            sealing.finish()
            file.flush()
            if not made:
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read(name: str, *, before: bytes | None = None) -> bytes:
    """The content. `before` is what an earlier release bound it to; None where that did not encrypt it.
    Raises Unreadable.
    """
    path = path_of(name)
    try:
        value = path.read_bytes()
        if crypto.is_bound(value):
            return crypto.decrypt_bytes(value, purpose=crypto.Purpose.FILES, bound_to=_bound_to(name))
        if before is not None:
            return unbound_values.opened(value, bound_to=before)
        unbound_values.require_read()
        return value
    except FileNotFoundError as error:
        raise Unreadable("missing") from error
    except (crypto.Undecipherable, OSError) as error:
        raise Unreadable("changed") from error


def opened(name: str) -> io.BufferedRandom:
    """The content as a file in memory, which nobody changes any more; for large ones, and to hand on. Raises Unreadable."""
    clear = memory_files.new()
    try:
        with path_of(name).open("rb") as file:
            _decrypt(file, name, clear)
    except FileNotFoundError as error:
        raise Unreadable("missing") from error
    except (crypto.Undecipherable, InvalidTag, OSError) as error:
        raise Unreadable("changed") from error
    return memory_files.closed_to_writing(clear)


def clear_drafts(folders: str) -> None:
    """Remove from the folders below MEDIA_ROOT (a pattern) what a killed process was writing. Nobody writes for an hour."""
    long_ago = time.time() - 3600
    for draft in Path(settings.MEDIA_ROOT).glob(f"{folders}/*{DRAFT}"):
        with suppress(FileNotFoundError):
            if draft.stat().st_mtime < long_ago:
                draft.unlink()


def size_of(name: str) -> int:
    """How long the content is."""
    return path_of(name).stat().st_size - crypto.HEAD - crypto.TAG


def is_current(path: Path) -> bool:
    """Whether the first key wrote the file, in the form of now."""
    head = crypto.current_head()
    with path.open("rb") as file:
        return file.read(len(head)) == head


def is_bound(path: Path) -> bool:
    """Whether the file is of the form of now, whichever key wrote it."""
    with path.open("rb") as file:
        return crypto.is_bound(file.read(crypto.HEAD))


def seal_anew(name: str, *, before: bytes | None) -> None:
    """Write a file anew with the first key. Raises Unreadable."""
    if before is not None:
        keep(name, read(name, before=before))
        return
    with opened(name) as clear:
        keep(name, iter(lambda: clear.read(_PIECE), b""))


def _decrypt(file: IO[bytes], name: str, clear: IO[bytes]) -> None:
    head = file.read(crypto.HEAD)
    if not crypto.is_bound(head):
        unbound_values.require_read()
        file.seek(0)
        while piece := file.read(_PIECE):
            clear.write(piece)
        return
    decryptor = crypto.opening(head, crypto.Purpose.FILES, _bound_to(name))
    # The tag stands behind everything: so much is always held back.
    held = b""
    while piece := file.read(_PIECE):
        held += piece
        clear.write(decryptor.update(held[: -crypto.TAG]))
        held = held[-crypto.TAG :]
    if len(held) < crypto.TAG:
        raise crypto.Undecipherable("the stored file is too short")
    clear.write(decryptor.finalize_with_tag(held))


def _bound_to(name: str) -> bytes:
    return f"file:{name}".encode()
