"""Files that people hand in, encrypted (SM4-GCM) under random names outside the web root.

Whoever keeps them has a `Store` of its own: a folder, and who knows which of its files are still somebody's. A file is
written before its row is committed, and swept when the row never came: a row always has its file.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import sealed_files
from portal.sealed_files import DRAFT, Unreadable

# A transaction that is still open after so long has failed: its file may go.
_ORPHAN_AFTER = 3600
# Files looked up at once.
_BATCH = 1000

__all__ = ["Store", "Unreadable"]


@dataclass(frozen=True)
class Store:
    """`in_use` gives, of names of files, those that belong to a row that is still there."""

    name: str
    in_use: Callable[[set[str]], set[uuid.UUID]]

    @property
    def folder(self) -> Path:
        return sealed_files.path_of(self.name)

    def path_of(self, stored_as: uuid.UUID) -> Path:
        """Where the encrypted file lies."""
        return sealed_files.path_of(self._name_of(stored_as))

    def _name_of(self, stored_as: uuid.UUID, what: str = "") -> str:
        """Of a file, or of what lies beside it: 256 folders, so that none grows too long."""
        behind = f".{what}" if what else ""
        return f"{self.name}/{stored_as.hex[:2]}/{stored_as.hex}{behind}"

    def keep(self, content: bytes) -> uuid.UUID:
        """Write a new file; the name under which it lies."""
        stored_as = uuid.uuid4()
        sealed_files.keep(self._name_of(stored_as), content)
        return stored_as

    def read(self, stored_as: uuid.UUID, *, digest: str) -> bytes:
        """The content, whose SHA-256 is `digest`. Raises Unreadable."""
        content = sealed_files.read(self._name_of(stored_as), before=stored_as.bytes)
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
        return sealed_files.path_of(self._name_of(stored_as, what))

    def keep_beside(self, stored_as: uuid.UUID, what: str, content: bytes) -> None:
        sealed_files.keep(self._name_of(stored_as, what), content)

    def read_beside(self, stored_as: uuid.UUID, what: str) -> bytes | None:
        """None when there is none. Raises Unreadable when the file itself is gone."""
        if not self.path_of(stored_as).exists():
            raise Unreadable("missing")
        if not self.beside(stored_as, what).exists():
            return None
        return sealed_files.read(self._name_of(stored_as, what), before=stored_as.bytes + what.encode())

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

    def names(self) -> Iterator[tuple[str, bytes]]:
        """Of every file, with what an earlier release bound it to."""
        for path in self._files():
            if path.suffix != DRAFT:
                stored_as, what = uuid.UUID(path.stem), path.suffix.removeprefix(".")
                yield self._name_of(stored_as, what), stored_as.bytes + what.encode()

    def _files(self) -> Iterator[Path]:
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path for path in folder.iterdir() if path.is_file())

    def _delete_orphans(self, paths: list[Path]) -> int:
        """Delete those of the files that belong to no row still there; how many."""
        names = {path.stem for path in paths if path.suffix != DRAFT}
        in_use = {stored_as.hex for stored_as in self.in_use(names)}
        orphans = [path for path in paths if path.stem not in in_use or path.suffix == DRAFT]
        for path in orphans:
            path.unlink(missing_ok=True)
        return sum(not path.suffix or path.suffix == DRAFT for path in orphans)
