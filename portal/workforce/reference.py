"""Loads the kinds of honours and their other names, and samples of how old figures may be. What the office has added
is left alone.
"""

from __future__ import annotations

import csv
from pathlib import Path

from portal.workforce.models import FigureAge, HonourAlias, HonourType

DATA = Path(__file__).parent / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load_honour_types() -> None:
    HonourType.objects.bulk_create(
        [HonourType(**row) for row in _rows("honour_types.csv")],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "category", "grade", "note"],
    )
    HonourAlias.objects.bulk_create(
        [
            HonourAlias(
                type_id=row["type"], name=row["name"], since=row["since"] or None, until=row["until"] or None
            )
            for row in _rows("honour_aliases.csv")
        ],
        ignore_conflicts=True,
    )


def load_figure_ages() -> None:
    """Samples, until the office writes down its own."""
    rows = [FigureAge(**row, is_sample=True) for row in _rows("figure_ages.csv")]
    FigureAge.objects.bulk_create(rows, ignore_conflicts=True)
