"""Files that people hand in, encrypted (SM4-GCM) under random names outside the web root.

Whoever keeps them has a `Store` of its own: a folder, and who knows which of its files are still somebody's. A file is
written before its row is committed, and swept when the row never came: a row always has its file.
"""

from __future__ import annotations

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
# Files looked up at once.
_BATCH = 1000


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
        self._write(stored_as, content)
        return stored_as

    def read(self, stored_as: uuid.UUID) -> bytes:
        """The content. Raises portal.crypto.Undecipherable."""
        return crypto.decrypt_bytes(self.path_of(stored_as).read_bytes(), bound_to=stored_as.bytes)

    def delete(self, stored_as: uuid.UUID) -> None:
        self.path_of(stored_as).unlink(missing_ok=True)

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
            if path.suffix:
                continue
            with path.open("rb") as file:
                first_byte = file.read(1)
            if first_byte and first_byte[0] != current_key:
                stored_as = uuid.UUID(path.name)
                self._write(stored_as, self.read(stored_as))
                rewritten += 1
        return rewritten

    def _files(self) -> Iterator[Path]:
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path for path in folder.iterdir() if path.is_file())

    def _write(self, stored_as: uuid.UUID, content: bytes) -> None:
        """Whole or not at all, readable by the portal's account only."""
        path = self.path_of(stored_as)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(crypto.encrypt_bytes(content, bound_to=stored_as.bytes))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def _delete_orphans(self, paths: list[Path]) -> int:
        """Delete those of the files that belong to no row still there; how many."""
        names = {path.name for path in paths if not path.suffix}
        in_use = {stored_as.hex for stored_as in self.in_use(names)}
        orphans = [path for path in paths if path.name not in in_use]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)
