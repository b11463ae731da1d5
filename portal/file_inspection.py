"""What a file handed in really is: decided by opening it, not by its name or by what the browser
says of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from portal import file_formats as formats
from portal.formats import size_cn

# What is offered by file choosers; the content decides.
ACCEPT = ".pdf,.jpg,.jpeg,.png"
ACCEPTED = "PDF、JPG、PNG"


class FileRefused(Exception):
    """The file is not taken; the message says why and what to do. Nothing was kept."""


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept."""

    name: str
    content_type: str
    digest: str
    content: bytes = field(repr=False)


def inspect(upload: UploadedFile) -> Inspected:
    """Read and open what was uploaded. Raises FileRefused."""
    name = plain_name(upload.name or "")
    if (upload.size or 0) > settings.EVIDENCE_MAX_BYTES:
        raise FileRefused(
            f"“{name}”超过{size_cn(settings.EVIDENCE_MAX_BYTES)}，请压缩或分成几个文件后再上传。"
        )
    content = b"".join(upload.chunks())
    if not content:
        raise FileRefused(f"“{name}”是空文件，请重新选择。")
    kind = formats.kind_of(content)
    if kind is None:
        raise FileRefused(_not_taken(name, content))
    _check(name, kind, content)
    return Inspected(formats.named_after(kind, name), kind, hashlib.sha256(content).hexdigest(), content)


def _check(name: str, kind: str, content: bytes) -> None:
    # What opens files is loaded by the first that is handed in: most programs are handed none.
    if kind == formats.PDF:
        from portal.pdf_inspection import check_pdf

        check_pdf(name, content)
    else:
        from portal.picture_inspection import check_picture

        check_picture(name, content, "JPEG" if kind == formats.JPEG else "PNG")


def _not_taken(name: str, content: bytes) -> str:
    """What is said of a file of another kind: which kind it is, and how it becomes one that is taken."""
    refused = formats.refused_in_words(content)
    if refused is None:
        return f"“{name}”不是{ACCEPTED}文件。请扫描或拍照后上传，仅修改文件后缀名无效。"
    called, remedy = refused
    return f"“{name}”是{called}，不是{ACCEPTED}文件。{remedy}。仅修改文件后缀名无效。"


def plain_name(name: str) -> str:
    """A file's name for people and records: no path, no control characters, at most 80 characters."""
    last_part = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in last_part if character.isprintable()).strip()
    if len(name) > 80:
        name = f"{name[:70]}…{name[-9:]}"
    return name or "未命名文件"
