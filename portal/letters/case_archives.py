"""The file of a case as a zip: its PDF, each piece of evidence as it was handed in, each letter, and a manifest.

It is written while it is sent, one file of it in memory at a time. Written twice it is the same to the bit: so its digest is
known, and noted in the audit, before the first byte leaves.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from portal import audit, opened_files
from portal.cases.evidence.files import STORE
from portal.cases.models import Case, Evidence
from portal.file_inspection import sha256, sm3
from portal.formats import time_iso
from portal.letters import building, case_files
from portal.letters.models import Letter
from portal.opened_files import NotShown

MANIFEST = "manifest.json"
_PIECE = 1 << 20
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
# So much of what a file is called stands in its name.
_LONGEST = 60


@dataclass(frozen=True)
class Entry:
    """One file of the zip: what it is called there, what it is, and how its content is had. Raises NotShown."""

    name: str
    what: str
    read: Callable[[], bytes] = field(repr=False)


class _Sent(io.RawIOBase):
    """Takes what a zip writes, from its beginning to its end, and hands it on piece by piece."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._held += content
        return len(content)

    def taken(self) -> bytes:
        piece = bytes(self._held)
        self._held.clear()
        return piece


@dataclass(frozen=True)
class CaseArchive:
    """What goes into the zip of a case for somebody who may see everything of it."""

    case: Case
    pdf: bytes = field(repr=False)
    by: Any

    def entries(self) -> list[Entry]:
        found = [Entry("案卷.pdf", "案卷", lambda: self.pdf)]
        for number, evidence in enumerate(case_files.evidence_of(self.case), start=1):
            name = f"佐证材料/{number:02}-{_plain(evidence.label)}-{_plain(evidence.download_name)}"
            found.append(Entry(name, evidence.label, self._original(evidence)))
        for number, letter in enumerate(case_files.letters_of(self.case), start=1):
            name = f"信函/{number:02}-{_plain(letter.number_text)}.pdf"
            found.append(Entry(name, letter.title, self._letter(letter)))
        return found

    def _original(self, evidence: Evidence) -> Callable[[], bytes]:
        def read() -> bytes:
            return opened_files.open_original(STORE, evidence, by=self.by, note=_silently).content

        return read

    def _letter(self, letter: Letter) -> Callable[[], bytes]:
        def read() -> bytes:
            content = building.read(letter.file)
            if content is None:
                raise NotShown("信函文件尚未生成，请稍后重新取出案卷。")
            return content

        return read

    # -- written -------------------------------------------------------------------------------------------
    def pieces(self) -> Iterator[bytes]:
        """The zip from its first byte to its last. What cannot be given out is left out, and the manifest says why."""
        sent, listed, left_out = _Sent(), [], []
        with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:
            for entry in self.entries():
                try:
                    content = entry.read()
                except NotShown as why:
                    left_out.append({"name": entry.name, "what": entry.what, "problem": str(why)})
                    continue
                listed.append(_said_of(entry, content))
                yield from self._added(archive, sent, entry.name, content)
            manifest = self._manifest(listed, left_out)
            yield from self._added(archive, sent, MANIFEST, manifest)
        yield sent.taken()

    def _added(self, archive: zipfile.ZipFile, sent: _Sent, name: str, content: bytes) -> Iterator[bytes]:
        moment = timezone.localtime(self.case.closed_at)
        info = zipfile.ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0))
        info.external_attr = 0o600 << 16
        with archive.open(info, "w") as file:
            for start in range(0, len(content), _PIECE):
                file.write(content[start : start + _PIECE])
                yield sent.taken()

    def _manifest(self, listed: list[dict[str, Any]], left_out: list[dict[str, Any]]) -> bytes:
        said = {
            "case": self.case.number,
            "kind": self.case.kind_label,
            "state": self.case.state_label,
            "closed_at": time_iso(self.case.closed_at),
            "files": listed,
            "left_out": left_out,
        }
        return json.dumps(said, ensure_ascii=False, indent=2).encode()

    def measured(self) -> Measured:
        """Its length and digest, by writing it once without keeping it."""
        digest, size = hashlib.sha256(), 0
        for piece in self.pieces():
            digest.update(piece)
            size += len(piece)
        return Measured(digest.hexdigest(), size)


@dataclass(frozen=True)
class Measured:
    sha256: str
    size: int


def _silently(what: str, **detail: Any) -> None:
    """That the whole file of the case was taken out is one entry of the audit, not one for each part."""


def _said_of(entry: Entry, content: bytes) -> dict[str, Any]:
    return {
        "name": entry.name,
        "what": entry.what,
        "size": len(content),
        "sha256": sha256(content),
        "sm3": sm3(content),
    }


def _plain(text: str) -> str:
    """As a name of a file that every system takes."""
    plain = _NOT_IN_NAMES.sub("_", text).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 5:
        return f"{stem[:_LONGEST]}.{ending}"
    return plain[:_LONGEST] or "_"


# -- given out -----------------------------------------------------------------------------------------------
def give_out(case: Case, pdf: bytes, *, by: Any) -> tuple[CaseArchive, Measured]:
    """The zip for somebody who may see everything; noted in the audit with its digest. Raises Http404, Refused."""
    case_files.require_all(case, by)
    archive = CaseArchive(case, pdf, by)
    measured = archive.measured()
    note(case, "zip", measured.sha256, by=by)
    return archive, measured


def note(case: Case, kind: str, digest: str, *, by: Any) -> None:
    """That the file of the case was taken out, as what, and its digest."""
    audit.record(
        "case.file",
        by=by,
        obj=case,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": case.number, "form": kind, "sha256": digest},
    )
