"""What a file handed in really is: decided by opening it in a process with limits, not by its name or by what the
browser says of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from portal import audit, scanner
from portal import file_formats as formats
from portal.confined import Confined, Ended, Limits, TooSlow
from portal.formats import size_cn

# What is offered by file choosers; the content decides.
# `image/*` lets a telephone offer its camera.
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.heif,.ofd,image/*"
ACCEPTED = "PDF、JPG、PNG、HEIC、OFD"
_OPENS = "portal.file_opening"
# Sixty million pixels are half a gigabyte while they are turned.
_WITHIN = Limits(memory=2 << 30, processor=30, patience=45)


class FileRefused(Exception):
    """The file is not taken; the message says why and what to do. Nothing was kept."""


@dataclass(frozen=True)
class Shown:
    """What is shown of a file: another one, made of it. `kind` is empty when nothing can be shown."""

    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept."""

    name: str
    content_type: str
    digest: str
    content: bytes = field(repr=False)
    shown: Shown = field(repr=False)
    # Whether a scanner has seen it and found nothing.
    scanned: bool = False


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
    shown = shown_of(content, kind, name=name)
    name, scanned = formats.named_after(kind, name), _scanned(name, content)
    return Inspected(name, kind, sha256(content), content, shown, scanned)


def _scanned(name: str, content: bytes) -> bool:
    """Whether a scanner has seen it; False when there is none or it does not answer. Raises FileRefused, and writes it
    down, when something was found.
    """
    if not scanner.is_on():
        return False
    try:
        found = scanner.scan(content)
    except scanner.Down:
        return False
    if found:
        audit.record("file.infected", by=None, detail={"found": found, "digest": sha256(content)})
        raise FileRefused(
            f"“{name}”经病毒扫描发现含有恶意程序，没有保存。请用杀毒软件检查后，提交另一份文件。"
        )
    return True


def shown_of(content: bytes, kind: str, *, name: str, check: bool = True) -> Shown:
    """What is shown of a file. With `check`, one that runs programs or carries other files is refused; without, that
    is only left out. Raises FileRefused.
    """
    opening = Confined(_OPENS, _WITHIN)
    try:
        opening.send(json.dumps({"kind": kind, "check": check}).encode())
        opening.send(content)
        said = opening.receive_json()
        if "fault" in said:
            raise FileRefused(f"“{name}”{said['fault']}")
        return Shown(said["kind"], opening.receive())
    except TooSlow as error:
        raise FileRefused(f"“{name}”过于复杂，无法打开，请打印后重新扫描上传。") from error
    except (Ended, ValueError) as error:
        raise FileRefused(f"“{name}”过于复杂或已损坏，无法打开，请重新生成后上传。") from error
    finally:
        opening.close()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sm3(content: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def _not_taken(name: str, content: bytes) -> str:
    """What is said of a file of another kind: which kind it is, and how it becomes one that is taken."""
    refused = formats.refused_in_words(content)
    if formats.begins_late(content):
        called = f"是{refused[0]}，其中夹带PDF" if refused else "在PDF内容之前夹有其他内容"
        return f"“{name}”{called}，不是规范的PDF文件。请用能打开它的软件重新“另存为”或“打印为”PDF后上传。"
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
