"""The scheme of a year's selection as an officer types it into the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from talent_registry.selection.scheme import (
    CRITERIA,
    RANGE,
    TABLES,
    Problems,
    Scheme,
    SchemeRefused,
    codes_of,
    points_of,
    read,
)


class _FormNumbers:
    """Points as typed into the form: an empty number is 0, what is no number becomes a problem."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: Problems = []

    def named(self, name: str) -> int:
        return self.read(name, self.values.get(name, ""))

    def read(self, name: str, text: str) -> int:
        text = text.strip()
        if not text:
            return 0
        points = points_of(text)
        if points is None:
            self.problems.append((name, f"“{text[:20]}”不是分值", RANGE))
        return points or 0


def from_form(
    values: Mapping[str, str], panel: Iterable[tuple[str, str]], honours: Mapping[str, str]
) -> Scheme:
    """The scheme as typed into the form. Raises `SchemeRefused` naming the fields.

    `values` are {`Field.name`: points as people write them}, `panel` (label, points) of each criterion.
    """
    numbers = _FormNumbers(values)
    data: dict[str, Any] = {"most": {code: numbers.named(f"most.{code}") for code in CRITERIA}}
    for table in TABLES:
        points_by_code = {code: numbers.named(f"{table}.{code}") for code in codes_of(table, honours)}
        data[table] = {code: points for code, points in points_by_code.items() if points}
    data["front_line_year"] = numbers.named("front_line_year")
    data["panel"] = _panel_rows(panel, numbers)
    if numbers.problems:
        raise SchemeRefused(numbers.problems)
    return read(data, honours)


def _panel_rows(panel: Iterable[tuple[str, str]], numbers: _FormNumbers) -> list[dict[str, Any]]:
    """The criteria of the panel that were filled in; rows left empty are passed over."""
    rows: list[dict[str, Any]] = []
    for label, text in panel:
        label = label.strip()
        if not label and not text.strip():
            continue
        place = len(rows)
        most = numbers.read(f"panel.{place}.most", text)
        rows.append({"code": f"criterion-{place + 1}", "label": label, "most": most})
    return rows
