"""What is filled in for a value of the law, by kind: a field for a number, a cell of a table, a step."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django import forms

from portal.policy.models import Kind, Parameter
from portal.policy.values import LONGEST_NAME, BadValue, canonical_value
from portal.window.law.figures import cell_label, code_label, sort_keys, unit_for
from portal.workforce.models.honours import HonourCategory, HonourType

# What is wrong, by field.
Problems = list[tuple[str, str]]
# In a parameter's cells: rows that are numbers.
ANY_NUMBER = "*"
NEW_ROWS = 2
_GROUPED = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?")
_POSTED_ROW = re.compile(r"cell-([1-9]\d{0,3})(?:-|$)")
_MISSING = "请填写取值；没有取值的，请勾选“没有取值”一项。"


def _typed_number(text: str, kind: str) -> Any:
    """What was typed as the kind's own type; other text stays, for `canonical_value` to refuse."""
    plain = text.strip()
    if _GROUPED.fullmatch(plain):
        plain = re.sub("[,，]", "", plain)
    if kind == Kind.INTEGER:
        return int(plain) if re.fullmatch(r"[0-9]{1,15}", plain) else plain
    try:
        return str(Decimal(plain)) if re.fullmatch(r"[0-9.]{1,20}", plain) else plain
    except InvalidOperation:
        return plain


class ValueEditor(ABC):
    """Fields for one kind of value; `read` puts what is wrong with it, by field, into `problems`."""

    hint = ""
    # Whether the fields are for numbers, which are short.
    is_short = True

    def __init__(
        self, parameter: Parameter, current: Any, names: Mapping[str, str], posted: Mapping[str, Any]
    ) -> None:
        self.parameter = parameter
        self.current = current
        self.names = names
        self.posted = posted

    @abstractmethod
    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        """The fields to fill in, by name."""

    @abstractmethod
    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        """The value that was filled in."""

    def groups(self) -> list[tuple[str, list[str]]]:
        return [("", [name for name, _ in self.fields()])]

    def field_at(self, path: tuple[str | int, ...]) -> str:
        """The field that a place inside the value was read from."""
        return next(name for name, _ in self.fields())

    def _number_field(self, label: str, kind: str, initial: Any = None, unit: str = "") -> forms.CharField:
        attrs = {"inputmode": "numeric" if kind == Kind.INTEGER else "decimal", "autocomplete": "off"}
        return forms.CharField(
            label=f"{label}（{unit}）" if unit else label,
            required=False,
            max_length=24,
            initial=initial,
            widget=forms.TextInput(attrs=attrs),
        )

    def _read_typed(self, text: str, name: str, kind: str, problems: Problems) -> Any:
        try:
            return canonical_value(kind, _typed_number(text, kind))
        except BadValue as bad:
            problems.append((name, f"{bad}。"))
            return None


class SingleEditor(ValueEditor):
    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        yield "value", self._number_field("取值", self.parameter.kind, unit=self.parameter.unit)

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        if not given.get("value"):
            problems.append(("value", _MISSING))
            return None
        return self._read_typed(given["value"], "value", self.parameter.kind, problems)


class CodesEditor(ValueEditor):
    @cached_property
    def _choices(self) -> list[tuple[str, str]]:
        """The codes the parameter names, or else the kinds of honours; always also what is in force."""
        honours = HonourType.objects.filter(category=HonourCategory.HONOUR).values_list("code", flat=True)
        codes = dict.fromkeys([*(self.parameter.cells or honours), *(self.current or [])])
        return [(code, code_label(code, self.names)) for code in codes]

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        choices = self._choices
        yield (
            "value",
            forms.MultipleChoiceField(
                label="列入的项目",
                choices=choices,
                required=False,
                initial=self.current,
                widget=forms.CheckboxSelectMultiple,
                help_text="勾选的全部列入，未勾选的不列入。",
            ),
        )

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        if not given.get("value"):
            problems.append(("value", "请至少勾选一项；没有取值的，请勾选“没有取值”一项。"))
        return given.get("value")


class StepsEditor(ValueEditor):
    """Steps from a bound of years on; some rows stay free for more."""

    hint = "由低到高，每段从起点起、到下一段的起点之前；不用的段留空。"

    def _row_count(self) -> int:
        count = len(self.current or []) + NEW_ROWS
        for name in self.posted:
            if re.fullmatch(r"from-\d{1,2}", name):
                count = max(count, int(name.removeprefix("from-")) + 1)
        return count

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        steps = list(self.current or [])
        for row in range(self._row_count()):
            start, result = steps[row] if row < len(steps) else (None, None)
            yield f"from-{row}", self._number_field(f"第{row + 1}段 起点", Kind.NUMBER, start, "满年数")
            yield (
                f"value-{row}",
                self._number_field(f"第{row + 1}段 取值", Kind.INTEGER, result, self.parameter.unit),
            )

    def groups(self) -> list[tuple[str, list[str]]]:
        return [("", [f"from-{row}", f"value-{row}"]) for row in range(self._row_count())]

    def _rows_in_use(self, given: Mapping[str, Any]) -> list[int]:
        return [
            row for row in range(self._row_count()) if given.get(f"from-{row}") or given.get(f"value-{row}")
        ]

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        self.used = self._rows_in_use(given)
        if not self.used:
            problems.append(("from-0", _MISSING))
        steps = []
        for row in self.used:
            start = self._read_half(f"from-{row}", Kind.NUMBER, given, problems)
            value = self._read_half(f"value-{row}", Kind.INTEGER, given, problems)
            steps.append([start, value])
        return steps

    def _read_half(self, name: str, kind: str, given: Mapping[str, Any], problems: Problems) -> Any:
        if not given.get(name):
            problems.append((name, "起点和取值须成对填写。"))
            return None
        return self._read_typed(given[name], name, kind, problems)

    def field_at(self, path: tuple[str | int, ...]) -> str:
        if len(path) == 2 and isinstance(path[0], int):
            return f"{'value' if path[1] else 'from'}-{self.used[path[0]]}"
        return "from-0"


class TableEditor(ValueEditor):
    """A field for each cell; a cell left empty has no value. Rows that are numbers can be added."""

    hint = "没有标准的项留空。"

    @property
    def kind(self) -> str:
        return Kind.MONEY if self.parameter.unit.startswith("元") else Kind.INTEGER

    def _rows_and_columns(self) -> dict[str, list[str] | None]:
        """Row: its columns (None: the row is a cell itself). New rows of numbers are called new-1, new-2."""
        cells = self.parameter.cells
        rows: dict[str, list[str] | None] = {}
        for row in sort_keys(cells):
            rows[row] = sort_keys(cells[row]) if cells[row] else None
        if ANY_NUMBER in rows:
            columns = rows.pop(ANY_NUMBER)
            rows |= dict.fromkeys(self._numbered_rows(), columns)
            rows |= dict.fromkeys((f"new-{place}" for place in range(1, NEW_ROWS + 1)), columns)
        return rows

    def _numbered_rows(self) -> list[str]:
        numbers = set(self.current or {})
        for name in self.posted:
            if posted_row := _POSTED_ROW.match(name):
                numbers.add(posted_row[1])
        return sorted(numbers, key=lambda number: (len(number), number))

    def _paths(self, row: str, columns: list[str] | None) -> list[tuple[str, ...]]:
        return [(row, column) for column in columns] if columns else [(row,)]

    def _current_cell(self, path: tuple[str, ...]) -> Any:
        value = self.current
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return None if isinstance(value, dict) else value

    def _row_fields(self, row: str, columns: list[str] | None) -> Iterator[tuple[str, forms.Field]]:
        added = f"增加{row[4:]}" if row.startswith("new-") else ""
        if added:
            yield f"row-{row}", self._number_field(f"{added} 届次", Kind.INTEGER)
        for path in self._paths(row, columns):
            label = f"{added} {cell_label(path[1:]) or '取值'}" if added else cell_label(path)
            yield (
                "cell-" + "-".join(path),
                self._number_field(
                    label, self.kind, self._current_cell(path), unit_for(self.parameter, path)
                ),
            )

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        for row, columns in self._rows_and_columns().items():
            yield from self._row_fields(row, columns)

    def groups(self) -> list[tuple[str, list[str]]]:
        shape = self._rows_and_columns()
        alone = [row for row, columns in shape.items() if not columns and not row.startswith("new-")]
        groups = [("", [f"cell-{row}" for row in alone])] if alone else []
        for row, columns in shape.items():
            if row in alone:
                continue
            heading = f"增加{row[4:]}（没有新的届次不填）" if row.startswith("new-") else cell_label([row])
            groups.append((heading, [name for name, _ in self._row_fields(row, columns)]))
        return groups

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        table: dict[str, Any] = {}
        for row, columns in self._rows_and_columns().items():
            cells = {}
            for path in self._paths(row, columns):
                name = "cell-" + "-".join(path)
                if given.get(name):
                    cells[path[-1]] = self._read_typed(given[name], name, self.kind, problems)
            key = self._key_of_row(row, bool(cells), table, given, problems)
            if cells and key:
                table[key] = cells if columns else cells[row]
        if not table and not problems:
            problems.append((next(name for name, _ in self.fields()), _MISSING))
        return table

    def _key_of_row(
        self, row: str, filled: bool, table: Mapping[str, Any], given: Mapping[str, Any], problems: Problems
    ) -> str:
        """The key of a row: of a new one what was given as its number."""
        if not row.startswith("new-"):
            return row
        name = f"row-{row}"
        number = (given.get(name) or "").strip()
        if not number:
            if filled:
                problems.append((name, "请填写届次。"))
        elif not re.fullmatch(r"[1-9][0-9]{0,3}", number):
            problems.append((name, "届次应为不超过四位的整数。"))
        elif number in table:
            problems.append((name, f"第{number}届已在上面，请直接修改。"))
        elif not filled:
            problems.append((name, f"请填写第{number}届的取值。"))
        else:
            return number
        return ""

    def field_at(self, path: tuple[str | int, ...]) -> str:
        name = "cell-" + "-".join(str(key) for key in path)
        names = [field for field, _ in self.fields()]
        return name if name in names else names[0]


class PlacesEditor(ValueEditor):
    """A name for each place; a place left empty has none."""

    hint = "没有依据的地区留空。"
    is_short = False

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        current = self.current or {}
        for place in sorted(self.parameter.cells):
            field = forms.CharField(
                label=code_label(place, self.names),
                required=False,
                max_length=LONGEST_NAME,
                initial=current.get(place),
            )
            yield f"place-{place}", field

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        named = {place: (given.get(f"place-{place}") or "").strip() for place in self.parameter.cells}
        places = {place: name for place, name in named.items() if name}
        if not places:
            problems.append((self.field_at(()), _MISSING))
        return places

    def field_at(self, path: tuple[str | int, ...]) -> str:
        return f"place-{path[0]}" if path else next(name for name, _ in self.fields())


EDITORS: dict[str, type[ValueEditor]] = {
    Kind.INTEGER: SingleEditor,
    Kind.NUMBER: SingleEditor,
    Kind.MONEY: SingleEditor,
    Kind.TABLE: TableEditor,
    Kind.CODES: CodesEditor,
    Kind.STEPS: StepsEditor,
    Kind.PLACES: PlacesEditor,
}
