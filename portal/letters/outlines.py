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
_NO_INSTRUCTIONS = (
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
)

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


def _moved_outwards(corners: list[Point], by: float) -> list[Point]:
    """The closed polygon with every corner moved outwards by `by` (fill lies on the left, as in PostScript
    outlines).
    """
    moved = []
    for index, corner in enumerate(corners):
        arriving = _edge(corners, index, step=-1)
        leaving = _edge(corners, index, step=1)
        if arriving is None or leaving is None:
            moved.append(corner)
        else:
            moved.append(_moved_corner(corner, arriving, leaving, by))
    return moved


def _edge(corners: list[Point], index: int, *, step: int) -> Point | None:
    """The edge that arrives at a corner (step -1) or leaves it (step 1); None when all points are
    the same.
    """
    x, y = corners[index]
    for distance in range(1, len(corners)):
        other_x, other_y = corners[(index + step * distance) % len(corners)]
        if (other_x, other_y) != (x, y):
            return (other_x - x) * step, (other_y - y) * step
    return None


def _moved_corner(corner: Point, arriving: Point, leaving: Point, by: float) -> Point:
    """The corner between two edges, moved along the sum of their outward normals."""
    arriving_length = math.hypot(*arriving)
    leaving_length = math.hypot(*leaving)
    ax, ay = arriving[0] / arriving_length, arriving[1] / arriving_length
    lx, ly = leaving[0] / leaving_length, leaving[1] / leaving_length
    scale = 1 + ax * lx + ay * ly
    if scale <= 0.25:
        return corner
    # The outward normal of an edge (dx, dy) is (dy, -dx).
    normal_x, normal_y = ay + ly, -(ax + lx)
    normal_length = math.sqrt(normal_x * normal_x + normal_y * normal_y)
    # Sharp points would shoot out: they move no further than twice the distance, nor than the edges are long.
    shorter_edge = min(arriving_length, leaving_length)
    distance = min(by * normal_length / scale, by * 2, max(shorter_edge, by))
    unit = normal_length or 1
    return corner[0] + normal_x / unit * distance, corner[1] + normal_y / unit * distance


def _draw_heavier(pen: Any, contours: list[tuple[Point, list[Segment]]], by: float) -> None:
    for start, segments in contours:
        points = [start]
        for segment in segments:
            points.extend(segment)
        # A contour that ends where it began holds that point twice.
        is_closed = len(points) > 1 and points[-1] == points[0]
        moved = _moved_outwards(points[:-1] if is_closed else points, by)
        if is_closed:
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
    _put_outlines(font, _quadratic_glyphs(font, heavier))
    for tag in _UNUSED:
        if tag in font:
            del font[tag]
    _name(font, family)
    font.sfntVersion = "\000\001\000\000"
    font.save(target, reorderTables=False)


def _quadratic_glyphs(font: TTFont, heavier: int) -> dict[str, Any]:
    glyphs = font.getGlyphSet()
    drawn: dict[str, Any] = {}
    for name in font.getGlyphOrder():
        glyph_pen = TTGlyphPen(None)
        pen = Cu2QuPen(glyph_pen, MAX_ERROR, reverse_direction=True)
        if heavier:
            contours = _Contours(glyphs)
            glyphs[name].draw(contours)
            _draw_heavier(pen, contours.contours, heavier / 2)
        else:
            glyphs[name].draw(pen)
        drawn[name] = glyph_pen.glyph()
    return drawn


def _put_outlines(font: TTFont, drawn: dict[str, Any]) -> None:
    """Put the glyphs into the tables that TrueType outlines have."""
    order = font.getGlyphOrder()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder = order
    glyf.glyphs = drawn
    glyf.compile(font)
    metrics = font["hmtx"].metrics
    for name, (advance, _) in metrics.items():
        metrics[name] = (advance, getattr(drawn[name], "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    maxp.maxZones = 1
    for field in _NO_INSTRUCTIONS:
        setattr(maxp, field, 0)
    font["head"].glyphDataFormat = 0
    font["post"].formatType = 3.0


def _name(font: TTFont, family: str) -> None:
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = family
        elif record.nameID == 6:
            record.string = family.replace(" ", "")
