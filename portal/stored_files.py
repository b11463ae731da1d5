"""Files that people hand in, encrypted (SM4-GCM) under random names outside the web root.

Whoever keeps them has a `Store` of its own: a folder, and who knows which of its files are still somebody's. A file is
written before its row is committed, and swept when the row never came: a row always has its file.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from portal import crypto

# A transaction that is still open after so long has failed: its file may go.
_ORPHAN_AFTER = 3600
_DRAFT = ".part"
# Files looked up at once.
_BATCH = 1000


class Unreadable(Exception):
    """A stored file is not what was handed in: `missing`, or `changed`. Told in words by `portal.pages.files`."""


@dataclass(frozen=True)
class Store:
    """`in_use` gives, of names of files, those that belong to a row that is still there."""

    name: str
    in_use: Callable[[set[str]], set[uuid.UUID]]

    @property
    def folder(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.name

    def path_of(self, stored_as: uuid.UUID) -> Path:
        """Where the encrypted file lies: 256 folders, so that none grows too long."""
        return self.folder / stored_as.hex[:2] / stored_as.hex

    def keep(self, content: bytes) -> uuid.UUID:
        """Write a new file; the name under which it lies."""
        stored_as = uuid.uuid4()
        _write(self.path_of(stored_as), content, stored_as.bytes)
        return stored_as

    def read(self, stored_as: uuid.UUID, *, digest: str) -> bytes:
        """The content, whose SHA-256 is `digest`. Raises Unreadable."""
        content = _opened(self.path_of(stored_as), stored_as.bytes)
        if hashlib.sha256(content).hexdigest() != digest:
            raise Unreadable("changed")
        return content

    def delete(self, stored_as: uuid.UUID) -> None:
        """The file, and what lies beside it."""
        path = self.path_of(stored_as)
        path.unlink(missing_ok=True)
        for beside in path.parent.glob(f"{path.name}.*"):
            beside.unlink(missing_ok=True)

    # What was made of a file or found out about it lies beside it, sealed like it, and goes with it.
    def beside(self, stored_as: uuid.UUID, what: str) -> Path:
        return self.path_of(stored_as).with_suffix(f".{what}")

    def keep_beside(self, stored_as: uuid.UUID, what: str, content: bytes) -> None:
        _write(self.beside(stored_as, what), content, stored_as.bytes + what.encode())

    def read_beside(self, stored_as: uuid.UUID, what: str) -> bytes | None:
        """None when there is none. Raises Unreadable when the file itself is gone."""
        if not self.path_of(stored_as).exists():
            raise Unreadable("missing")
        path = self.beside(stored_as, what)
        return _opened(path, stored_as.bytes + what.encode()) if path.exists() else None

    def sweep(self, *, now: float | None = None) -> int:
        """Delete files whose row never came or was removed; how many. Safe at any time, and twice."""
        moment = time.time() if now is None else now
        deleted = 0
        batch: list[Path] = []
        for path in self._files():
            if path.stat().st_mtime < moment - _ORPHAN_AFTER:
                batch.append(path)
            if len(batch) == _BATCH:
                deleted += self._delete_orphans(batch)
                batch = []
        return deleted + self._delete_orphans(batch)

    def reencrypt(self) -> int:
        """Write files of older data keys anew with the first one; how many.

        It may be interrupted and repeated.
        """
        rewritten = 0
        current_key = crypto.current_key_version()
        for path in self._files():
            if path.suffix == _DRAFT:
                continue
            with path.open("rb") as file:
                first_byte = file.read(1)
            if first_byte and first_byte[0] != current_key:
                bound_to = uuid.UUID(path.stem).bytes + path.suffix.removeprefix(".").encode()
                _write(path, _opened(path, bound_to), bound_to)
                rewritten += not path.suffix
        return rewritten

    def _files(self) -> Iterator[Path]:
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path for path in folder.iterdir() if path.is_file())

    def _delete_orphans(self, paths: list[Path]) -> int:
        """Delete those of the files that belong to no row still there; how many."""
        names = {path.stem for path in paths if path.suffix != _DRAFT}
        in_use = {stored_as.hex for stored_as in self.in_use(names)}
        orphans = [path for path in paths if path.stem not in in_use or path.suffix == _DRAFT]
        for path in orphans:
            path.unlink(missing_ok=True)
        return sum(not path.suffix or path.suffix == _DRAFT for path in orphans)


def _write(path: Path, content: bytes, bound_to: bytes) -> None:
    """Whole or not at all, readable by the portal's account only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name.replace('.', '-')}-{os.getpid()}-{uuid.uuid4().hex[:8]}{_DRAFT}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(crypto.encrypt_bytes(content, bound_to=bound_to))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _opened(path: Path, bound_to: bytes) -> bytes:
    try:
        return crypto.decrypt_bytes(path.read_bytes(), bound_to=bound_to)
    except FileNotFoundError as error:
        raise Unreadable("missing") from error
    except (crypto.Undecipherable, OSError) as error:
        raise Unreadable("changed") from error
