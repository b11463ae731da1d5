"""Reads what a PDF really draws: the glyphs of its content streams, looked up in the fonts it embeds."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont


def _to_unicode(font: pikepdf.Object) -> dict[int, str]:
    mapping = {}
    inside = False
    for line in font.ToUnicode.read_bytes().decode("latin-1").splitlines():
        if "beginbfchar" in line:
            inside = True
        elif "endbfchar" in line:
            inside = False
        elif inside:
            glyph, text = (part.strip("<>") for part in line.split())
            mapping[int(glyph, 16)] = bytes.fromhex(text).decode("utf-16-be")
    return mapping


class _Embedded:
    """An embedded font: what its glyphs mean and whether they have an outline."""

    def __init__(self, font: pikepdf.Object) -> None:
        descriptor = font.DescendantFonts[0].FontDescriptor
        program = descriptor.get("/FontFile2") or descriptor.get("/FontFile3")
        self.font = TTFont(io.BytesIO(program.read_bytes()))
        self.glyphs = self.font.getGlyphSet()
        self.meaning = _to_unicode(font)
        self.known: dict[int, bool] = {}

    def has_outline(self, glyph: int) -> bool:
        if glyph not in self.known:
            # Glyph 0 is the box drawn for what a font does not have.
            there = 0 < glyph < self.font["maxp"].numGlyphs
            pen = BoundsPen(self.glyphs)
            if there:
                self.glyphs[self.font.getGlyphName(glyph)].draw(pen)
            self.known[glyph] = there and pen.bounds is not None
        return self.known[glyph]


def drawn(pdf: bytes) -> Iterator[tuple[str, bool]]:
    """(character, whether an outline is drawn for it) for every glyph shown on every page."""
    embedded: dict[tuple[int, int], _Embedded] = {}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            current = None
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    font = page.Resources.Font[str(operands[0])]
                    if font.objgen not in embedded:
                        embedded[font.objgen] = _Embedded(font)
                    current = embedded[font.objgen]
                elif str(operator) in {"Tj", "TJ"} and current:
                    for part in operands[0] if str(operator) == "TJ" else operands:
                        if isinstance(part, pikepdf.String):
                            raw = bytes(part)
                            for at in range(0, len(raw), 2):
                                glyph = int.from_bytes(raw[at : at + 2], "big")
                                yield current.meaning.get(glyph, "\0"), current.has_outline(glyph)


def text(pdf: bytes) -> str:
    """The characters in the order they are drawn."""
    return "".join(character for character, _ in drawn(pdf))
