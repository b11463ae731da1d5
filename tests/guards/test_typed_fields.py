"""Every form takes its days and numbers from portal.typed_fields: so each is understood however it was typed."""

from __future__ import annotations

import re
from pathlib import Path

from django import forms

from portal.typed_fields import DayField, NumberField, WholeNumberField
from portal.workforce.forms import RECORD_FORMS, HonourForm

ROOT = Path(__file__).parents[2]
# Django's own, which understand one way of writing and nothing full-width.
_OWN = re.compile(
    r"forms\.(DateField|DateInput|IntegerField|DecimalField|FloatField|NumberInput)\b|type=\"date\""
)


def test_no_form_has_a_field_of_its_own() -> None:
    found = []
    for folder in ("portal", "talent_registry", "templates"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if (
                path.suffix not in {".py", ".html"}
                or path.name == "typed_fields.py"
                or "migrations" in path.parts
            ):
                continue
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                # form_errors.py says what is wrong with a field of any kind.
                if _OWN.search(line) and path.name != "form_errors.py":
                    found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()}")
    assert found == []


def test_forms_made_from_models_have_them_too() -> None:
    for form in (*RECORD_FORMS.values(), HonourForm):
        for name, field in form.base_fields.items():
            if isinstance(field, forms.DateField):
                assert isinstance(field, DayField), (form, name)
            if isinstance(field, forms.IntegerField):
                assert isinstance(field, WholeNumberField | NumberField), (form, name)
