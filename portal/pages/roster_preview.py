"""A roster before it is read in: what was recognised, what will be ignored, and how it may be read otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from portal.regions.models import Region
from portal.spreadsheets.layout import Layout, Reading
from portal.workforce.models import RosterImport
from portal.workforce.roster.cells import Wrong
from portal.workforce.roster.columns import COLUMNS
from portal.workforce.roster.places import PlaceNames
from portal.workforce.roster.previewing import Preview, kept, name_of_column, shown

_ROWS_SHOWN = 8
_EXAMPLES = 2
_LABELS = {column.key: column.label for column in COLUMNS}
# Above a column of the preview, and beside a cell of it on a phone.
_SHORT = _LABELS | {"region": "工作地", "code": "信用代码", "months": "失业保险月数"}
_CHOICES = [("", "不读入"), *((column.key, column.label) for column in COLUMNS)]
# What may be the same for a whole roster, and often stands in no column of it.
_FIXED = {
    "region": "填写区划代码或地区名称，例如150624或鄂尔多斯市鄂托克旗。",
    "employer": "填写单位全称。",
    "code": "18位。",
}
_HIDDEN = [("leave", "不读入，列在“未通过的行”中"), ("take", "与其他行一样读入")]


class LayoutForm(forms.Form):
    """How a roster is read: where its header is, what each column holds, what is the same in all rows."""

    def __init__(
        self, preview: Preview, reading: Reading, layout: Layout, data: Any = None, *, of_unit: bool = False
    ) -> None:
        super().__init__(data)
        self.preview, self.reading, self.layout = preview, reading, layout
        # Of a unit's roster nobody says where its people work: there.
        self.asked = ("region",) if of_unit else tuple(_FIXED)
        self._add_line()
        self._add_columns()
        self._add_fixed()
        self._add_hidden(*preview.hidden_below(reading.line))

    def _add_line(self) -> None:
        lines = [(str(line), f"第{line}行：{_in_short(cells)}") for line, cells in self.preview.top]
        self.fields["line"] = forms.ChoiceField(
            label="表头所在的行", choices=lines, initial=str(self.reading.line), help_text="上方的行不读入。"
        )

    def _add_columns(self) -> None:
        key_at = {index: key for key, index in self.reading.at.items()}
        examples = _examples(self.preview, self.reading)
        for index in range(len(self.reading.labels)):
            said = "、".join(examples.get(index, []))
            self.fields[f"column_{self.reading.first + index}"] = forms.ChoiceField(
                label=name_of_column(self.reading, index),
                choices=_CHOICES,
                required=False,
                initial=key_at.get(index, ""),
                help_text=f"内容如：{said}" if said else "没有内容",
            )

    def _add_fixed(self) -> None:
        for key in self.asked:
            hint = _FIXED[key]
            if key not in self.reading.at:
                self.fields[f"fixed_{key}"] = forms.CharField(
                    label=f"全部人员的{_LABELS[key]}",
                    max_length=120,
                    required=False,
                    initial=self.layout.fixed.get(key, ""),
                    help_text=f"表中没有这一列，全部人员相同的在此填写。{hint}",
                )

    def _add_hidden(self, hidden: int, first: list[int]) -> None:
        if not hidden:
            return
        lines = "、".join(map(str, first))
        more = "等" if hidden > len(first) else ""
        self.fields["hidden"] = forms.ChoiceField(
            label=f"工作表中有{hidden:,}行是隐藏的，或被筛选掉了（第{lines}行{more}）",
            choices=_HIDDEN,
            widget=forms.RadioSelect,
            initial="take" if self.layout.take_hidden else None,
            error_messages={"required": "请选择这些行是否读入。"},
        )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("fixed_") or name == "hidden"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen: dict[str, str] = {}
        for name, key in list(given.items()):
            if name.startswith("column_") and key:
                if key in chosen:
                    self.add_error(name, f"“{_LABELS[key]}”已对应另一列，每项只能对应一列。")
                chosen.setdefault(key, name)
        if region := given.get("fixed_region", "").strip():
            try:
                given["fixed_region"] = PlaceNames().code_of(region)
            except Wrong as wrong:
                self.add_error("fixed_region", f"{wrong}。")
        return given

    def chosen(self) -> Layout:
        """What was chosen. Another line of the header has other columns: these are found anew."""
        given = self.cleaned_data
        line = int(given["line"])
        columns = None
        if line == self.reading.line:
            columns = {
                int(name.removeprefix("column_")): key
                for name, key in given.items()
                if name.startswith("column_") and key
            }
        fixed = {key: text for key, text in self.layout.fixed.items() if key not in self.asked}
        for key in self.asked:
            if given.get(f"fixed_{key}", "").strip() and key not in (columns or {}).values():
                fixed[key] = given[f"fixed_{key}"].strip()
        take_hidden = given.get("hidden") == "take"
        return Layout(
            sheet=self.preview.sheet,
            line=line,
            columns=columns,
            named=self.layout.named,
            fixed=fixed,
            take_hidden=take_hidden,
        )


def _in_short(cells: Iterable[str]) -> str:
    filled = [shown(cell)[:12] for cell in cells if cell.strip()]
    return "、".join(filled[:6]) + ("……" if len(filled) > 6 else "")


def _below(preview: Preview, reading: Reading) -> list[tuple[int, list[str]]]:
    """The rows below the header that are shown."""
    return [(line, cells) for line, cells in preview.top if line > reading.line]


def _examples(preview: Preview, reading: Reading) -> dict[int, list[str]]:
    """{column: what stands in it in the first rows}"""
    examples: dict[int, list[str]] = {}
    for _, cells in _below(preview, reading):
        for index, cell in enumerate(cells):
            said = examples.setdefault(index, [])
            if cell.strip() and len(said) < _EXAMPLES and shown(cell) not in said:
                said.append(shown(cell))
    return examples


def preview_context(record: RosterImport, form: LayoutForm | None = None) -> dict[str, Any]:
    """What the page of a roster shows that waits to be confirmed. Raises Unreadable when its file is gone."""
    preview = kept(record)
    layout = Layout.from_json(record.layout)
    reading = preview.is_read_by_hand(layout)
    form = form or form_of(record)
    above = [line for line, _ in preview.top if line < reading.line]
    read = [key for key in _LABELS if key in reading.at]
    rows = [
        (line, [{"label": _SHORT[key], "text": _cell(cells, reading.at[key])} for key in read])
        for line, cells in _below(preview, reading)[:_ROWS_SHOWN]
    ]
    count, is_counted = preview.rows_below(reading.line)
    return {
        "preview": preview,
        "count": count,
        "is_counted": is_counted,
        "hidden": preview.hidden_below(reading.line)[0],
        "reading": reading,
        "layout_form": form,
        "is_found": preview.read_as(layout) is not None,
        "recognised": [(_LABELS[key], name_of_column(reading, reading.at[key])) for key in read],
        "same": [
            (_LABELS[key], _same(key, text)) for key, text in layout.fixed.items() if key not in reading.at
        ],
        "unread": [name_of_column_of(letters, label) for letters, label in reading.unread],
        "above": above,
        "read_labels": [_SHORT[key] for key in read],
        "preview_rows": rows,
        "take_hidden": layout.take_hidden,
        "can_be_read": not reading.problems and preview.read_as(layout) is not None,
    }


def _same(key: str, text: str) -> str:
    """What is the same for everybody; a place by its name too."""
    place = Region.objects.select_related("parent").filter(code=text).first() if key == "region" else None
    return f"{place.full_name}（{text}）" if place is not None else text


def name_of_column_of(letters: str, label: str) -> str:
    """A column that is not read."""
    return f"“{label}”（{letters}列）" if label else f"{letters}列（没有列名）"


def _cell(cells: list[str], index: int) -> str:
    return shown(cells[index]) if index < len(cells) else ""


def form_of(record: RosterImport, data: Any = None) -> LayoutForm:
    """How a roster is read that waits to be confirmed. Raises Unreadable when its file is gone."""
    preview, layout = kept(record), Layout.from_json(record.layout)
    reading = preview.is_read_by_hand(layout)
    return LayoutForm(preview, reading, layout, data, of_unit=record.unit_id is not None)


def chosen_in(form: LayoutForm, *, only_look: bool) -> Layout | None:
    """What was chosen; None when something is wrong. Whoever only wants to see it has not decided on hidden rows yet."""
    if only_look and form.errors.get("hidden"):
        del form.errors["hidden"]
    return None if form.errors else form.chosen()
