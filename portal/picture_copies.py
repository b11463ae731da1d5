"""A picture as it is shown: its pixels drawn anew, upright and in the colours of screens, without what cameras note of
place and time. Only `portal.file_opening` opens one.
"""

from __future__ import annotations

import io

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from portal import file_formats as formats
from portal.file_faults import Fault

# More pixels than any phone's camera gives, and what a server still decodes without trouble.
_MOST_PIXELS = 60_000_000
# A sheet of paper at 300 points an inch has nine million.
_MOST_SHOWN = 16_000_000
# Told in words by our own limit.
Image.MAX_IMAGE_PIXELS = None
_READ_AS = {formats.JPEG: "JPEG", formats.PNG: "PNG", formats.HEIC: "HEIF"}


def copy_of(content: bytes, kind: str) -> tuple[str, bytes]:
    """(what it is, the copy that is shown). Raises Fault."""
    if kind == formats.HEIC:
        import pillow_heif  # of telephones alone, and large

        pillow_heif.register_heif_opener()
    try:
        with Image.open(io.BytesIO(content), formats=[_READ_AS[kind]]) as picture:
            return _drawn_anew(picture, kind)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Fault("已损坏，无法打开，请重新扫描或拍照后上传。") from error


def _drawn_anew(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    width, height = picture.size
    if width * height > _MOST_PIXELS:
        raise Fault(f"的尺寸过大（{width}×{height}），请缩小后再上传。")
    share = min(1.0, (_MOST_SHOWN / (width * height)) ** 0.5)
    shown = max(int(width * share), 1), max(int(height * share), 1)
    # A JPEG can be decoded to less than its size; the whole file is read all the same.
    picture.draft("RGB", shown)
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.size[0] * upright.size[1] > _MOST_SHOWN:
        upright.thumbnail((max(shown), max(shown)))
    clean = _in_colours_of_screens(upright, picture.info.get("icc_profile"))
    clean.info = {}
    out = io.BytesIO()
    if kind == formats.PNG:
        clean.save(out, "PNG", compress_level=4)
        return formats.PNG, out.getvalue()
    clean.convert("L" if clean.mode == "L" else "RGB").save(out, "JPEG", quality=88)
    return formats.JPEG, out.getvalue()


def _in_colours_of_screens(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB or shades of grey; with what is transparent, when there is such."""
    if profile and picture.mode in {"RGB", "CMYK"}:
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, described, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A profile that is damaged describes nothing.
            converted = None
        if converted is not None:
            return converted
    if picture.mode in {"L", "RGB", "RGBA", "LA"}:
        return picture.copy()
    if picture.mode in {"1", "I;16", "I", "F"}:
        return picture.convert("L")
    return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
