"""The process that opens what somebody handed in for `portal.file_inspection`: it says what is wrong with a file, and
makes the copy of it that is shown. Nothing else of ours opens such a file.
"""

from __future__ import annotations

import io
import json
import zipfile

from portal import file_formats as formats
from portal.confined import Conversation
from portal.file_faults import Fault

_MOST_PARTS, _MOST_UNPACKED = 5_000, 256 << 20


def main(talk: Conversation) -> None:
    """Asked for a kind and whether to refuse what acts; then comes the file. Answers with what the copy is and the copy,
    or with what is wrong.
    """
    asked = json.loads(talk.receive() or b"{}")
    content = talk.receive() or b""
    try:
        kind, copy = _copy_of(content, asked["kind"], check=asked["check"])
    except Fault as fault:
        talk.send_json({"fault": str(fault)})
        return
    talk.send_json({"kind": kind})
    talk.send(copy)


def _copy_of(content: bytes, kind: str, *, check: bool) -> tuple[str, bytes]:
    # Either takes a tenth of a second to load.
    if kind == formats.PDF:
        from portal import pdf_copies

        return formats.PDF, pdf_copies.copy_of(content, check=check)
    if kind == formats.OFD:
        _check_ofd(content)
        return "", b""
    from portal import picture_copies

    return picture_copies.copy_of(content, kind)


def _check_ofd(content: bytes) -> None:
    """An archive with the document's beginning in it, of a size that a reader can unpack."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            whole = sum(part.file_size for part in parts)
            if len(parts) > _MOST_PARTS or whole > _MOST_UNPACKED:
                raise Fault("过于复杂，请在OFD阅读器中“导出”或“打印为”PDF后上传。")
            beginning = archive.open("OFD.xml").read(1 << 20)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError) as error:
        raise Fault("已损坏，无法打开，请重新下载后上传。") from error
    if b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
        raise Fault("已损坏，无法打开，请重新下载后上传。")
