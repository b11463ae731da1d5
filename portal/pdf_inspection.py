"""Whether a PDF handed in can be read and is nothing but a document."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pikepdf.settings

from portal.file_inspection import FileRefused

_MOST_OBJECTS = 200_000
# Keys and kinds of objects by which a PDF acts, or carries other files past this check.
_ACTING = {"/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF"}
_ACTING_KINDS = {"/JavaScript", "/Launch", "/ImportData", "/RichMedia", "/EmbeddedFile", "/FileAttachment"}
# A small file must not unpack to gigabytes. For the whole process; what the portal itself writes stays far
# below.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=256 << 20, png_max_memory=256 << 20, run_length_max_memory=256 << 20
)


def check_pdf(name: str, content: bytes) -> None:
    """Whatever opens without a password is read, also when its owner has one against changes. Raises FileRefused."""
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
