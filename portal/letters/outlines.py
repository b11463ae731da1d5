"""Conversion of an OpenType (cubic) font into a TrueType (quadratic) one, optionally heavier.

A font with TrueType outlines is subset many times faster. The heavier version serves headings where the
official 小标宋 is not at hand: every outline is moved outwards by half the added weight, as font engines
embolden.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

# Largest distance between the cubic and the quadratic outline, in font units (1000 to the em).
MAX_ERROR = 1.0
# Chinese text set in lines needs no substitution or vertical metrics; without these tables shaping is faster.
_UNUSED = ("CFF ", "VORG", "GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "DSIG")

Point = tuple[float, float]
Segment = tuple[Point, ...]


class _Contours(BasePen):
    """Collects closed contours as lists of segments (a line has one point, a curve three), each after its
    start point.
    """

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.contours: list[tuple[Point, list[Segment]]] = []

    def _moveTo(self, pt: Point) -> None:
        self.contours.append((pt, []))

    def _lineTo(self, pt: Point) -> None:
        self.contours[-1][1].append((pt,))

    def _curveToOne(self, pt1: Point, pt2: Point, pt3: Point) -> None:
        self.contours[-1][1].append((pt1, pt2, pt3))


def _moved(points: list[Point], by: float) -> list[Point]:
    """The closed polygon with every corner moved outwards by `by` (fill lies on the left, as in PostScript
    outlines).
    """
    count = len(points)
    result = []
    for index, (x, y) in enumerate(points):
        before = after = None
        for step in range(1, count):
            px, py = points[(index - step) % count]
            if (px, py) != (x, y):
                before = (x - px, y - py)
                break
        for step in range(1, count):
            nx, ny = points[(index + step) % count]
            if (nx, ny) != (x, y):
                after = (nx - x, ny - y)
                break
        if before is None or after is None:
            result.append((x, y))
            continue
        bl, al = math.hypot(*before), math.hypot(*after)
        bx, by_, ax, ay = before[0] / bl, before[1] / bl, after[0] / al, after[1] / al
        # The outward normal of an edge (dx, dy) is (dy, -dx); the corner moves along the sum of both.
        mx, my, scale = by_ + ay, -(bx + ax), 1 + bx * ax + by_ * ay
        # Sharp points would shoot out: they move no further than twice the distance, nor than the edges are
        # long.
        if scale > 0.25:
            length = min(by * math.sqrt(mx * mx + my * my) / scale, by * 2, max(min(bl, al), by))
            size = math.sqrt(mx * mx + my * my) or 1
            result.append((x + mx / size * length, y + my / size * length))
        else:
            result.append((x, y))
    return result


def _draw_heavier(pen: Any, contours: list[tuple[Point, list[Segment]]], by: float) -> None:
    for start, segments in contours:
        points = [start, *(point for segment in segments for point in segment)]
        # A contour that ends where it began holds that point twice.
        closed = len(points) > 1 and points[-1] == points[0]
        moved = _moved(points[:-1] if closed else points, by)
        if closed:
            moved.append(moved[0])
        pen.moveTo(moved[0])
        position = 1
        for segment in segments:
            part = moved[position : position + len(segment)]
            position += len(segment)
            if len(part) == 1:
                pen.lineTo(part[0])
            else:
                pen.curveTo(*part)
        pen.closePath()


def convert(source: Path, target: Path, *, family: str, heavier: int = 0) -> None:
    """Write `source` (CFF outlines) to `target` with TrueType outlines; strokes are `heavier` font units
    thicker.
    """
    font = TTFont(source, recalcTimestamp=False)
    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder()
    drawn: dict[str, Any] = {}
    for name in order:
        result = TTGlyphPen(None)
        pen = Cu2QuPen(result, MAX_ERROR, reverse_direction=True)
        if heavier:
            contours = _Contours(glyphs)
            glyphs[name].draw(contours)
            _draw_heavier(pen, contours.contours, heavier / 2)
        else:
            glyphs[name].draw(pen)
        drawn[name] = result.glyph()

    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, drawn
    glyf.compile(font)
    for name, (advance, _) in font["hmtx"].metrics.items():
        font["hmtx"].metrics[name] = (advance, getattr(drawn[name], "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    maxp.maxZones = 1
    for field in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(maxp, field, 0)
    font["head"].glyphDataFormat = 0
    post = font["post"]
    post.formatType = 3.0
    for tag in _UNUSED:
        if tag in font:
            del font[tag]
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = family
        elif record.nameID == 6:
            record.string = family.replace(" ", "")
    font.sfntVersion = "\000\001\000\000"
    font.save(target, reorderTables=False)
