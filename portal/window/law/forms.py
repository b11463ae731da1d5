"""The form in which a value of the law is entered: plain fields that fit the parameter's kind, and the
source.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.pages.filters import ALL, FilterForm
from portal.policy.models import Clause, Kind, Parameter, ParameterValue
from portal.policy.values import BadValue, canonical_value
from portal.window.law.figures import cell_label, in_order, unit_of, word
from portal.workforce.models.honours import HonourCategory, HonourType

Problems = list[tuple[str, str]]  # what is wrong, by field
ANY_NUMBER = "*"  # in a parameter's cells: rows that are numbers
NEW_ROWS = 2
_FIRST_DAY, _LAST_DAY = date(1949, 10, 1), date(2099, 12, 31)
_GROUPED = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?")
_POSTED_ROW = re.compile(r"cell-([1-9]\d{0,3})(?:-|$)")


class LawFilter(FilterForm):
    on = forms.DateField(
        label="取值日期",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "日期不存在，请按“2026-11-22”的样子填写。"},
    )
    clause = forms.ChoiceField(label="条款", required=False)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[ALL, ("waiting", "有待复核取值"), ("without", "依据细则待补")]
    )

    def offer(self) -> None:
        super().offer()
        clauses = Clause.objects.filter(parameters__isnull=False).distinct().order_by("document", "order")
        choices = [(clause.number, f"第{clause.number}条 {clause.title}") for clause in clauses]
        self.fields["clause"].choices = [ALL, *choices, ("none", "办理规定（不属于条款）")]  # type: ignore[attr-defined]


def _day(label: str, help_text: str = "", *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(
            format="%Y-%m-%d",
            attrs={"type": "date", "min": _FIRST_DAY.isoformat(), "max": _LAST_DAY.isoformat()},
        ),
    )


class FigureForm(forms.Form):
    """The value of a parameter, in fields that fit its kind. `value` is what actions take; None: no value.

    The fields of the value come first; `standing` is the value with which tables, lists and steps begin.
    """

    nothing = forms.BooleanField(label="没有取值", required=False, help_text="勾选后上面填写的取值不予采用。")

    def __init__(
        self,
        data: Any = None,
        *,
        parameter: Parameter,
        standing: ParameterValue | None,
        names: Mapping[str, str],
    ) -> None:
        super().__init__(data)
        self.value: Any = None
        self.parameter = parameter
        current = standing.value if standing else None
        self.editor = _EDITORS[parameter.kind](parameter, current, names, self.data if self.is_bound else {})
        own = dict(self.editor.fields())
        self.value_fields = list(own)
        self.fields = {**own, **self.fields}

    @property
    def begins_filled(self) -> bool:
        """Whether the fields begin with the value in force: where it has many parts."""
        return not isinstance(self.editor, _One)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of the value as the page sets them out: (heading, fields)."""
        return [(heading, [self[name] for name in names]) for heading, names in self.editor.groups()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("nothing"):
            problems: Problems = []
            try:
                self.value = self.editor.read(given, problems)
                if not problems:
                    canonical_value(self.parameter.kind, self.value)
            except BadValue as bad:
                problems.append((self.editor.field_at(bad.path), f"{bad}。"))
            for name, text in problems:
                self.add_error(name, text)
        return given

    def refuse(self, refusal: ValidationError) -> None:
        """What the action or the database found, beside the field it is about."""
        for name, texts in _by_field(refusal):
            self.add_error(
                name if name in self.fields else self.value_fields[0] if name == "value" else None, texts
            )


class ValueForm(FigureForm):
    """A dated value of a parameter with its source. `standing` is the value in force; no value means none
    from that day on.
    """

    nothing = forms.BooleanField(
        label="自起始日期起没有取值",
        required=False,
        help_text="文件失效而没有新标准时勾选；上面填写的取值不予采用，原来的取值也不再执行。",
    )
    since = _day("起始日期", "从这一天起执行。早于今天的，对过去日期的查询也按新取值。", required=True)
    until = _day("截止日期", "文件写明有效期的填写；截止以后没有取值，不会恢复原来的取值。")
    document = forms.CharField(
        label="来源文件",
        max_length=160,
        help_text="文号，没有文号的写全称，如：内人社发〔2026〕9号",
        error_messages={"required": "请填写来源文件；没有来源的取值不能录入。"},
    )
    article = forms.CharField(label="条款", max_length=80, required=False, help_text="如：第四条")
    caveat = forms.CharField(
        label="提示",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="与取值一起向公众显示，如文件到期而延续未明确。没有的不填。",
    )
    caveat_since = _day("提示起始日期", "从某一天起才提示的填写；不填为一直提示。")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._check_days(given)
        return given

    def _check_days(self, given: dict[str, Any]) -> None:
        for name in ("since", "until", "caveat_since"):
            day = given.get(name)
            if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
                self.add_error(name, f"日期应在{_FIRST_DAY}至{_LAST_DAY}之间。")
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "截止日期不能早于起始日期。")
        if given.get("caveat_since") and not given.get("caveat"):
            self.add_error("caveat", "填写了提示起始日期，请写明提示的内容。")


def _by_field(refusal: ValidationError) -> Iterator[tuple[str, list[str]]]:
    if hasattr(refusal, "error_dict"):
        for name, texts in refusal.message_dict.items():
            # That another value waits is a matter of the day it begins on.
            yield "since" if any("正在等待复核" in text for text in texts) else name, texts
    else:
        yield "", refusal.messages


# -- what is filled in, by kind ------------------------------------------------------------------------------
_MISSING = "请填写取值；没有取值的，请勾选“没有取值”一项。"


def _number(text: str, kind: str) -> Any:
    """What was typed as the kind's own type; what cannot be one stays text, for `canonical_value` to say what
    is allowed.
    """
    plain = text.strip()
    if _GROUPED.fullmatch(plain):
        plain = re.sub("[,，]", "", plain)
    if kind == Kind.INTEGER:
        return int(plain) if re.fullmatch(r"[0-9]{1,15}", plain) else plain
    try:
        return str(Decimal(plain)) if re.fullmatch(r"[0-9.]{1,20}", plain) else plain
    except InvalidOperation:
        return plain


class _Editor(ABC):
    """Fields for one kind of value. `read` gives the value, and puts what is wrong, by field, into
    `problems`.
    """

    hint = ""

    def __init__(
        self, parameter: Parameter, current: Any, names: Mapping[str, str], posted: Mapping[str, Any]
    ) -> None:
        self.parameter, self.current, self.names, self.posted = parameter, current, names, posted

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

    def _text(self, label: str, kind: str, initial: Any = None, unit: str = "") -> forms.CharField:
        attrs = {"inputmode": "numeric" if kind == Kind.INTEGER else "decimal", "autocomplete": "off"}
        shown = f"{label}（{unit}）" if unit else label
        return forms.CharField(
            label=shown, required=False, max_length=24, initial=initial, widget=forms.TextInput(attrs=attrs)
        )

    def _filled(self, text: str, name: str, kind: str, problems: Problems) -> Any:
        try:
            return canonical_value(kind, _number(text, kind))
        except BadValue as bad:
            problems.append((name, f"{bad}。"))
            return None


class _One(_Editor):
    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        yield "value", self._text("取值", self.parameter.kind, unit=self.parameter.unit)

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        if not given.get("value"):
            problems.append(("value", _MISSING))
            return None
        return self._filled(given["value"], "value", self.parameter.kind, problems)


class _Codes(_Editor):
    @cached_property
    def _choices(self) -> list[tuple[str, str]]:
        """The codes the parameter names, or else the kinds of honours; what is in force already is always
        among them.
        """
        honours = HonourType.objects.filter(category=HonourCategory.HONOUR).values_list("code", flat=True)
        codes = dict.fromkeys([*(self.parameter.cells or honours), *(self.current or [])])
        return [(code, word(code, self.names)) for code in codes]

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


class _Steps(_Editor):
    """Steps from a bound of years on; some rows stay free for more."""

    def _rows(self) -> int:
        posted = [int(name[5:]) + 1 for name in self.posted if re.fullmatch(r"from-\d{1,2}", name)]
        return max([len(self.current or []) + NEW_ROWS, *posted])

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        steps = list(self.current or [])
        for row in range(self._rows()):
            start, result = steps[row] if row < len(steps) else (None, None)
            yield f"from-{row}", self._text(f"第{row + 1}段 起点", Kind.NUMBER, start, "满年数")
            yield f"value-{row}", self._text(f"第{row + 1}段 取值", Kind.INTEGER, result, self.parameter.unit)

    hint = "由低到高，每段从起点起、到下一段的起点之前；不用的段留空。"

    def groups(self) -> list[tuple[str, list[str]]]:
        return [("", [f"from-{row}", f"value-{row}"]) for row in range(self._rows())]

    def _given(self, given: Mapping[str, Any]) -> list[int]:
        return [row for row in range(self._rows()) if given.get(f"from-{row}") or given.get(f"value-{row}")]

    def read(self, given: Mapping[str, Any], problems: Problems) -> Any:
        self.used = self._given(given)
        steps = []
        for row in self.used:
            step = []
            for name, kind in ((f"from-{row}", Kind.NUMBER), (f"value-{row}", Kind.INTEGER)):
                if not given.get(name):
                    problems.append((name, "起点和取值须成对填写。"))
                step.append(self._filled(given[name], name, kind, problems) if given.get(name) else None)
            steps.append(step)
        if not steps:
            problems.append(("from-0", _MISSING))
        return steps

    def field_at(self, path: tuple[str | int, ...]) -> str:
        if len(path) == 2 and isinstance(path[0], int):
            return f"{'value' if path[1] else 'from'}-{self.used[path[0]]}"
        return "from-0"


class _Table(_Editor):
    """A field for each cell; a cell left empty has no value. Rows that are numbers can be added."""

    hint = "没有标准的项留空。"

    @property
    def kind(self) -> str:
        return Kind.MONEY if self.parameter.unit.startswith("元") else Kind.INTEGER

    def _shape(self) -> dict[str, list[str] | None]:
        """Row: its columns (None: the row is a cell itself). New rows of numbers are called new-1, new-2."""
        given = self.parameter.cells
        cells: dict[str, list[str] | None] = {
            row: in_order(given[row]) if given[row] else None for row in in_order(given)
        }
        if ANY_NUMBER not in cells:
            return cells
        columns = cells.pop(ANY_NUMBER)
        posted = [found[1] for name in self.posted if (found := _POSTED_ROW.match(name))]
        rows = sorted({*(self.current or {}), *posted}, key=lambda row: (len(row), row))
        return {
            **cells,
            **dict.fromkeys([*rows, *(f"new-{place}" for place in range(1, NEW_ROWS + 1))], columns),
        }

    def _paths(self, row: str, columns: list[str] | None) -> list[tuple[str, ...]]:
        return [(row, column) for column in columns] if columns else [(row,)]

    def _current(self, path: tuple[str, ...]) -> Any:
        value = self.current
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return None if isinstance(value, dict) else value

    def _row_fields(self, row: str, columns: list[str] | None) -> Iterator[tuple[str, forms.Field]]:
        added = f"增加{row[4:]}" if row.startswith("new-") else ""
        if added:
            yield f"row-{row}", self._text(f"{added} 届次", Kind.INTEGER)
        for path in self._paths(row, columns):
            label = f"{added} {cell_label(path[1:]) or '取值'}" if added else cell_label(path)
            yield (
                "cell-" + "-".join(path),
                self._text(label, self.kind, self._current(path), unit_of(self.parameter, path)),
            )

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        for row, columns in self._shape().items():
            yield from self._row_fields(row, columns)

    def groups(self) -> list[tuple[str, list[str]]]:
        shape = self._shape()
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
        for row, columns in self._shape().items():
            cells = {}
            for path in self._paths(row, columns):
                name = "cell-" + "-".join(path)
                if given.get(name):
                    cells[path[-1]] = self._filled(given[name], name, self.kind, problems)
            key = self._key(row, bool(cells), table, given, problems)
            if cells and key:
                table[key] = cells if columns else cells[row]
        if not table and not problems:
            problems.append((next(name for name, _ in self.fields()), _MISSING))
        return table

    def _key(
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


_EDITORS: dict[str, type[_Editor]] = {
    Kind.INTEGER: _One,
    Kind.NUMBER: _One,
    Kind.MONEY: _One,
    Kind.TABLE: _Table,
    Kind.CODES: _Codes,
    Kind.STEPS: _Steps,
}


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="撤回原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明撤回原因。"},
    )


class ConfirmForm(forms.Form):
    """Carries what the person saw to be in force, so that they confirm the change they read."""

    replacing = forms.IntegerField(required=False, widget=forms.HiddenInput)
