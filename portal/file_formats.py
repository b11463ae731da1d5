"""Which kind of file a content is, by how it begins: those that are taken, and those that are named when they are
refused.
"""

from __future__ import annotations

import io
import re
import zipfile

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
# The endings a file of each kind may have; the first one where it has another.
ENDINGS = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",)}
_BY_FIRST_BYTES = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
# Scanners and portals leave line ends or a mark of the encoding before the header of a PDF.
_BEFORE_A_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]{0,1024}%PDF-")
_ENDING = re.compile(r"\.(?=[0-9]{0,4}[A-Za-z])[A-Za-z0-9]{1,5}$")

_AS_PDF = "请用能打开它的软件“另存为”或“打印为”PDF后上传"
_PHONE = "请在手机“设置—相机—格式”中选“兼容性最佳”后重拍，或将照片导出为JPG后上传"
_AS_PICTURE = "请用看图软件“另存为”JPG或PNG后上传"
_UNPACK = "请解压后上传其中的PDF、JPG或PNG文件"
_OFD = "OFD版式文件", "请在OFD阅读器中“导出”或“打印为”PDF后上传，电子证照也可在出证网站下载PDF"
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
    b"heic": ("HEIC图片（苹果手机默认的照片格式）", _PHONE),
    b"avif": ("AVIF图片", _AS_PICTURE),
    b"": ("视频或录音", "请上传材料的扫描件或照片"),
}
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
# What an archive is, by a file or a folder in it.
_IN_ARCHIVE = (
    ("OFD.xml", *_OFD),
    ("word/", *_WORD),
    ("xl/", "Excel表格", _AS_PDF),
    ("ppt/", "PowerPoint演示文稿", _AS_PDF),
    ("", "ZIP压缩包", _UNPACK),
)
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
    return None


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


def _of_media(content: bytes) -> tuple[str, str]:
    """Of a file in boxes, as telephones write photographs and films: by its brands."""
    length = min(int.from_bytes(content[:4], "big"), 256)
    brands = [content[8:12], *(content[at : at + 4] for at in range(16, length, 4))]
    if b"avif" in brands or b"avis" in brands:
        return _OF_MEDIA[b"avif"]
    return _OF_MEDIA[b"heic" if any(brand in _HEIC for brand in brands) else b""]


def _of_archive(content: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name.lstrip("/") for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        # Damaged, or packed in a way that zipfile does not know (which it says with the last of these): still an
        # archive, of which nothing else can be told.
        names = []
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
