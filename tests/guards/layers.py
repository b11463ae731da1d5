"""Draws docs/images/layers.svg from the layers that import-linter holds.

python -m tests.guards.layers
"""

from __future__ import annotations

import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "layers.svg"
WIDTH, ROW, GAP, MARGIN = 760, 46, 10, 20


def layers() -> list[list[str]]:
    """The packages side by side in each layer, from the top down; programmes stand above the portal."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    programmes = [name for name in rules["root_packages"] if name != "portal"]
    rows = next(contract["layers"] for contract in rules["contracts"] if contract["type"] == "layers")
    return [programmes, *([name.strip("() ") for name in row.split("|")] for row in rows)]


def _box(name: str, x: float, y: float, width: float, *, programme: bool) -> str:
    fill = "#fbe9d7" if programme else "#e3edf7"
    return (
        f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{ROW}" rx="4" fill="{fill}" stroke="#51657a"/>'
        f'<text x="{x + width / 2:.0f}" y="{y + ROW / 2 + 5:.0f}" text-anchor="middle">{escape(name)}</text>'
    )


def drawing() -> str:
    rows = layers()
    height = MARGIN * 2 + len(rows) * (ROW + GAP) - GAP
    parts = []
    for place, names in enumerate(rows):
        width = (WIDTH - 2 * MARGIN - GAP * (len(names) - 1)) / len(names)
        for column, name in enumerate(names):
            x = MARGIN + column * (width + GAP)
            parts.append(_box(name, x, MARGIN + place * (ROW + GAP), width, programme=place == 0))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="15">\n'
        "<title>The layers of the code: each imports only from those below it</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
