"""Which kind of file a content is, by how it begins: those that are taken, and those that are named when they are
refused.
"""

from __future__ import annotations

import io
import re
import zipfile

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
# As telephones write photographs, and as offices issue certificates.
HEIC, OFD = "image/heic", "application/ofd"
# The endings a file of each kind may have; the first one where it has another.
ENDINGS = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    HEIC: (".heic", ".heif"),
    OFD: (".ofd",),
}
_BY_FIRST_BYTES = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
# Scanners and portals leave line ends or a mark of the encoding before the header of a PDF.
_BEFORE_A_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]{0,1024}%PDF-")
_ENDING = re.compile(r"\.(?=[0-9]{0,4}[A-Za-z])[A-Za-z0-9]{1,5}$")

_AS_PDF = "请用能打开它的软件“另存为”或“打印为”PDF后上传"
_AS_PICTURE = "请用看图软件“另存为”JPG或PNG后上传"
_UNPACK = "请解压后上传其中的PDF、JPG或PNG文件"
_WORD = "Word文档", _AS_PDF
# (how the file begins, what it is called, what to do)
_REFUSED = (
    (b"GIF8", "GIF图片", _AS_PICTURE),
    (b"BM", "BMP图片", _AS_PICTURE),
    (b"II*\0", "TIFF图片", _AS_PICTURE),
    (b"MM\0*", "TIFF图片", _AS_PICTURE),
    (b"8BPS", "Photoshop图片", _AS_PICTURE),
    (b"\xd0\xcf\x11\xe0", "旧版Word、Excel或WPS文档", _AS_PDF),
    (b"{\\rtf", *_WORD),
    (b"Rar!", "RAR压缩包", _UNPACK),
    (b"7z\xbc\xaf", "7z压缩包", _UNPACK),
    (b"\x1f\x8b", "压缩包", _UNPACK),
    (b"%!PS", "PostScript文件", _AS_PDF),
    (b"MZ", "可执行程序", "请上传材料的扫描件或照片"),
)  # fmt: skip
_OF_MEDIA = {
    b"avif": ("AVIF图片", _AS_PICTURE),
    b"": ("视频或录音", "请上传材料的扫描件或照片"),
}
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
# What an archive is, by a file or a folder in it.
_IN_ARCHIVE = (
    ("word/", *_WORD),
    ("xl/", "Excel表格", _AS_PDF),
    ("ppt/", "PowerPoint演示文稿", _AS_PDF),
    ("", "ZIP压缩包", _UNPACK),
)
_MOST_PARTS, _LONGEST_LIST = 5_000, 1 << 20
_MARKED_UP = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<!--.*?-->)*<(?:!doctype|html|\?xml|svg|head|body|table|meta)", re.DOTALL | re.I
)


def kind_of(content: bytes) -> str | None:
    """The content type of a file that may be taken; None for every other one."""
    if _BEFORE_A_PDF.match(content):
        return PDF
    for first_bytes, kind in _BY_FIRST_BYTES:
        if content.startswith(first_bytes):
            return kind
    if content[4:8] == b"ftyp" and _is_heic(content):
        return HEIC
    if content.startswith(b"PK") and "OFD.xml" in _names_in(content):
        return OFD
    return None


def begins_late(content: bytes) -> bool:
    """Whether a PDF begins behind something else: readers open it all the same, each in its own way."""
    return b"%PDF-" in content[:1024]


def refused_in_words(content: bytes) -> tuple[str, str] | None:
    """(what a file is called that is not taken, what to do about it); None when nobody can tell."""
    if content[4:8] == b"ftyp":
        return _of_media(content)
    if content.startswith(b"RIFF"):
        return ("WebP图片", _AS_PICTURE) if content[8:12] == b"WEBP" else _OF_MEDIA[b""]
    if content.startswith(b"PK"):
        return _of_archive(content)
    for first_bytes, called, remedy in _REFUSED:
        if content.startswith(first_bytes):
            return called, remedy
    if _MARKED_UP.match(content[:4096]):
        return "网页或XML文件", _AS_PDF
    return None


def _brands(content: bytes) -> list[bytes]:
    """Of a file in boxes, as telephones write photographs and films."""
    length = min(int.from_bytes(content[:4], "big"), 256)
    return [content[8:12], *(content[at : at + 4] for at in range(16, length, 4))]


def _is_heic(content: bytes) -> bool:
    brands = _brands(content)
    return not {b"avif", b"avis"}.intersection(brands) and any(brand in _HEIC for brand in brands)


def _of_media(content: bytes) -> tuple[str, str]:
    return _OF_MEDIA[b"avif" if {b"avif", b"avis"}.intersection(_brands(content)) else b""]


def _names_in(content: bytes) -> list[str]:
    """What is in an archive; nothing of one that is damaged, packed in a way that zipfile does not know (which it says
    with the last of these), or whose list is longer than any document's.
    """
    at = content.rfind(b"PK\5\6")
    if at < 0 or int.from_bytes(content[at + 10 : at + 12], "little") > _MOST_PARTS:
        return []
    if int.from_bytes(content[at + 12 : at + 16], "little") > _LONGEST_LIST:
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [name.lstrip("/") for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return []


def _of_archive(content: bytes) -> tuple[str, str]:
    names = _names_in(content)
    for beginning, called, remedy in _IN_ARCHIVE:
        if any(name.startswith(beginning) for name in names):
            return called, remedy
    return "ZIP压缩包", _UNPACK


def named_after(kind: str, name: str) -> str:
    """The name of a file with the ending of what it is: no other program opens it then than it was checked for."""
    endings = ENDINGS[kind]
    stem = name.rstrip(". ")
    if stem.lower().endswith(endings):
        return stem
    stem = _ENDING.sub("", stem).rstrip(". ") or "未命名文件"
    return stem if stem.lower().endswith(endings) else stem + endings[0]
