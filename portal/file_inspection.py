"""What a file handed in really is: decided by opening it, not by its name or by what the browser
says of it.
"""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from dataclasses import dataclass, field
from typing import Any

import pikepdf
import pikepdf.settings
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageFile, UnidentifiedImageError

from portal import file_formats as formats
from portal.formats import size_cn

# What is offered by file choosers; the content decides.
ACCEPT = ".pdf,.jpg,.jpeg,.png"
ACCEPTED = "PDF、JPG、PNG"
# More pixels than any phone's camera gives, and what a server still decodes without trouble.
_MOST_PIXELS = 60_000_000
_MOST_OBJECTS = 200_000
# Keys and kinds of objects by which a PDF acts, or carries other files past this check.
_ACTING = {"/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF"}
_ACTING_KINDS = {"/JavaScript", "/Launch", "/ImportData", "/RichMedia", "/EmbeddedFile", "/FileAttachment"}
# A small file must not unpack to gigabytes. For the whole process; what the portal itself writes stays far
# below.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=256 << 20, png_max_memory=256 << 20, run_length_max_memory=256 << 20
)
_STRICTLY = threading.Lock()


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
    if kind == formats.PDF:
        _check_pdf(name, content)
    else:
        _check_picture(name, content, "JPEG" if kind == formats.JPEG else "PNG")
    return Inspected(formats.named_after(kind, name), kind, hashlib.sha256(content).hexdigest(), content)


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


def _check_picture(name: str, content: bytes, kind: str) -> None:
    try:
        with warnings.catch_warnings():
            # Pillow only warns where we refuse.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise FileRefused(
                        f"“{name}”的尺寸过大（{picture.width}×{picture.height}），请缩小后再上传。"
                    )
                # Of a JPEG an eighth of the size is decoded: the whole file is read all the same.
                picture.draft("RGB", (max(picture.width // 8, 1), max(picture.height // 8, 1)))
                _load(picture)
    except FileRefused:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise FileRefused(f"“{name}”已损坏，无法打开，请重新扫描或拍照后上传。") from error


def _load(picture: Image.Image) -> None:
    """Decode it, and refuse one that ends early: what lays out letters tells Pillow, for the whole process,
    to put up with that.
    """
    with _STRICTLY:
        usual = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            picture.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = usual


def _check_pdf(name: str, content: bytes) -> None:
    """Whatever opens without a password is read, also when its owner has one against changes."""
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if len(pdf.pages) == 0:
                raise FileRefused(f"“{name}”没有内容，请重新生成后上传。")
            _check_passive(name, pdf)
    except pikepdf.PasswordError as error:
        raise FileRefused(f"“{name}”已加密，打开时要输入密码。请取消打开密码后再上传。") from error
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, MemoryError) as error:
        raise FileRefused(f"“{name}”已损坏，无法打开，请重新生成后上传。") from error


def _check_passive(name: str, pdf: pikepdf.Pdf) -> None:
    """Refuse a document that acts or carries other files: every object of it, with what stands directly in
    it.
    """
    to_check: list[Any] = [pdf.trailer, *pdf.objects]
    if len(to_check) > _MOST_OBJECTS:
        raise FileRefused(f"“{name}”过于复杂，请打印后重新扫描上传。")
    while to_check:
        part = to_check.pop()
        if isinstance(part, pikepdf.Array):
            to_check.extend(item for item in part if _holds_more(item))
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            for key, value in part.items():
                if _acts(key, value):
                    raise FileRefused(
                        f"“{name}”含有脚本、动态表单或附带的其他文件，不能接收。请打印为普通PDF或扫描后上传。"
                    )
                if _holds_more(value):
                    to_check.append(value)


def _acts(key: str, value: Any) -> bool:
    """Whether an entry of an object makes the document act, or carries another file."""
    if key in _ACTING:
        return True
    names_a_kind = key in {"/S", "/Subtype", "/Type"} and isinstance(value, pikepdf.Name)
    return names_a_kind and str(value) in _ACTING_KINDS


def _holds_more(value: Any) -> bool:
    """Direct containers only: whatever is indirect is among the objects already."""
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect
