"""What people see of a file that was handed in: a copy made of it, sealed beside it with the digests of both.

The original stays as it came. A copy is made when the file comes; of files that came earlier, when somebody first asks
or by the nightly work. Made twice it is the same.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from portal import scanned_files
from portal.file_inspection import FileRefused, Inspected, Shown, sha256, shown_of, sm3
from portal.stored_files import Store, Unreadable

_SHOWN = "shown"


@dataclass(frozen=True)
class Copy:
    """A copy with what was written down when it was made."""

    kind: str
    digests: dict[str, Any]
    content: bytes = field(repr=False)


def keep(store: Store, file: Inspected) -> uuid.UUID:
    """Write a file that was inspected, with what is shown of it; the name under which both lie."""
    stored_as = store.keep(file.content)
    _seal(store, stored_as, file.content, file.shown)
    if file.scanned:
        scanned_files.note(store, stored_as, "")
    return stored_as


def copy_of(store: Store, stored_as: uuid.UUID, *, digest: str, kind: str, name: str) -> Copy:
    """The copy of a file whose content has `digest`. Raises Unreadable when the file or the copy is not what it was,
    FileRefused when nothing can be shown of it.
    """
    sealed = store.read_beside(stored_as, _SHOWN)
    if sealed is None:
        original = store.read(stored_as, digest=digest)
        _seal(store, stored_as, original, shown_of(original, kind, name=name, check=False))
        sealed = store.read_beside(stored_as, _SHOWN) or b""
    copy = _opened(sealed)
    if copy.digests["of"]["sha256"] != digest or copy.digests["sha256"] != sha256(copy.content):
        raise Unreadable("changed")
    return copy


def is_made(store: Store, stored_as: uuid.UUID) -> bool:
    return store.beside(stored_as, _SHOWN).exists()


def make_missing(store: Store, files: Any, *, most: int = 500) -> int:
    """Make the copies that earlier releases did not make, of so many `files` (rows); how many were made."""
    made = 0
    for file in files:
        if made == most:
            break
        if is_made(store, file.stored_as):
            continue
        try:
            copy_of(store, file.stored_as, digest=file.digest, kind=file.content_type, name=file.file_name)
        except (FileRefused, Unreadable):
            # Said to whoever opens it.
            continue
        made += 1
    return made


def _seal(store: Store, stored_as: uuid.UUID, original: bytes, shown: Shown) -> None:
    digests = {
        "kind": shown.kind,
        "sha256": sha256(shown.content),
        "sm3": sm3(shown.content),
        "of": {"sha256": sha256(original), "sm3": sm3(original)},
    }
    store.keep_beside(stored_as, _SHOWN, json.dumps(digests).encode() + b"\n" + shown.content)


def _opened(sealed: bytes) -> Copy:
    head, _, content = sealed.partition(b"\n")
    digests = json.loads(head)
    return Copy(digests["kind"], digests, content)
