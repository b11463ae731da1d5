"""What goes into the renderer and what comes out. Light to import: the renderer itself takes seconds and is
only for workers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

# Letters laid out together. Larger runs only put more of other letters' glyphs into each file's fonts.
TOGETHER = 50


@dataclass(frozen=True)
class Sheet:
    """One letter ready to be laid out. `html` is one <section> whose id is `anchor`; `style` names its
    stylesheet.

    Where the section holds an element with the id `<anchor>-qr`, a QR code of `qr` is drawn over it.
    """

    anchor: str
    html: str
    style: str
    title: str
    author: str
    created: datetime
    qr: str = ""


@dataclass(frozen=True)
class Built:
    """A finished file."""

    pdf: bytes
    pages: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest()
