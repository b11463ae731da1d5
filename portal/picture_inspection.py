"""Whether a picture handed in is whole: decided by decoding it."""

from __future__ import annotations

import io
import threading
import warnings

from PIL import Image, ImageFile, UnidentifiedImageError

from portal.file_inspection import FileRefused

# More pixels than any phone's camera gives, and what a server still decodes without trouble.
_MOST_PIXELS = 60_000_000
_STRICTLY = threading.Lock()


def check_picture(name: str, content: bytes, kind: str) -> None:
    """Decode a picture of this kind, as Pillow calls it. Raises FileRefused."""
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
