"""Fields of forms for days and numbers: what people type is read kindly, whatever input method they use.

A day is understood as 2026-05-10, 2026.5.10, 2026/5/10, 20260510 and 2026年5月10日; it is typed, or picked from a
calendar that portal.js adds. Digits, points and signs may be full-width. Every form takes its days and numbers
from here (tests/guards/test_typed_fields.py).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

HOW_TO_WRITE_A_DAY = "请写作 2026-05-10、2026.5.10、20260510 或 2026年5月10日。"
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?|(\d{4})(\d{2})(\d{2})", re.ASCII)
# What input methods give for a hyphen, and for a point where a number stands.
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_POINTS = str.maketrans({"。": ".", "．": ".", "､": ",", "、": ","})


def narrow(text: str) -> str:
    """Full-width digits and signs as plain ones, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split())


def narrow_number(text: str) -> str:
    """A number as it would be typed with a plain keyboard."""
    return narrow(text).translate(_POINTS)


def read_day(text: str) -> date:
    """The day that a text names. ValueError, with words for the person, when it names none."""
    match = _DAY.fullmatch(narrow_number(text))
    if match is None:
        raise ValueError(f"看不懂这个日期，{HOW_TO_WRITE_A_DAY}")
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"没有{year}年{month}月{day}日这一天，请核对。") from error


class DayInput(forms.DateInput):
    """Something to type in, to which portal.js adds a calendar."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        usual = {"data-day": True, "autocomplete": "off", "maxlength": 20}
        super().__init__(attrs={**usual, **(attrs or {})}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day, typed or picked."""

    widget = DayInput

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        if not narrow(value):
            return None
        try:
            return read_day(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


class _Typed:
    """A number that is typed: a browser's own field for numbers takes no full-width digits."""

    # Of the on-screen keyboard.
    inputmode: str

    def to_python(self, value: Any) -> Any:
        plain = narrow_number(value) if isinstance(value, str) else value
        return super().to_python(plain)  # type: ignore[misc]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)  # type: ignore[misc]
        if isinstance(widget, forms.TextInput) and not widget.is_hidden:
            attrs = {**attrs, "inputmode": self.inputmode, "autocomplete": "off"}
        return attrs


class WholeNumberField(_Typed, forms.IntegerField):
    """A whole number."""

    widget = forms.TextInput
    inputmode = "numeric"


class NumberField(_Typed, forms.DecimalField):
    """A number with decimals."""

    widget = forms.TextInput
    inputmode = "decimal"


def form_class_of(kind: str) -> type[forms.Field] | None:
    """The field of a form for a field of a model of this internal type; None where Django's own will do."""
    if kind == "DateField":
        return DayField
    if kind == "DecimalField":
        return NumberField
    return WholeNumberField if kind.endswith("IntegerField") else None
