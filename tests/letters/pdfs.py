"""Reads what a PDF really draws: the glyphs of its content streams, looked up in the fonts it embeds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cached_property, lru_cache

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


class _Program:
    """The outlines of an embedded font."""

    def __init__(self, program: bytes) -> None:
        self.font = TTFont(io.BytesIO(program))
        self.glyphs = self.font.getGlyphSet()
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


# Reading a font takes half a second, and a process meets the same few again and again.
_program = lru_cache(maxsize=8)(_Program)


class _Embedded:
    """An embedded font: what its glyphs mean and whether they have an outline."""

    def __init__(self, font: pikepdf.Object) -> None:
        descriptor = font.DescendantFonts[0].FontDescriptor
        self.program = descriptor.get("/FontFile2") or descriptor.get("/FontFile3")
        self.meaning = _to_unicode(font)

    @cached_property
    def outlines(self) -> _Program:
        return _program(self.program.read_bytes())


def drawn(pdf: bytes) -> Iterator[tuple[str, bool]]:
    """(character, whether an outline is drawn for it) for every glyph shown on every page."""
    for font, glyph in _shown(pdf):
        yield font.meaning.get(glyph, "\0"), font.outlines.has_outline(glyph)


def text(pdf: bytes) -> str:
    """The characters in the order they are drawn."""
    return "".join(font.meaning.get(glyph, "\0") for font, glyph in _shown(pdf))


def _shown(pdf: bytes) -> Iterator[tuple[_Embedded, int]]:
    """Every glyph on every page, with its font."""
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
                                yield current, glyph
