"""Of every file the portal asks for, what is taken and how large it may be are said before one is chosen."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.formats import size_cn
from portal.upload_fields import SpreadsheetField, UploadField
from tests.installed import ROOT, python_files


def _forms(base: type) -> Iterator[type]:
    for form in base.__subclasses__():
        yield form
        yield from _forms(form)


def _file_fields() -> dict[str, forms.Field]:
    for path in python_files():
        if "forms" in path.read_text(encoding="utf-8") and "migrations" not in path.parts:
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in _forms(forms.BaseForm)
        if form.__module__.split(".")[0] in {"portal", "talent_registry"}
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.FileField)
    }


def test_every_field_of_a_file_says_what_and_how_large() -> None:
    found = _file_fields()
    assert len(found) > 8
    for name, field in found.items():
        assert isinstance(field, UploadField), name
        assert "可上传" in field.help_text and f"不超过{size_cn(field.most)}。" in field.help_text, name
        assert field.widget.attrs["accept"].startswith("."), name


def test_no_page_draws_a_file_chooser_of_its_own() -> None:
    templates = list((ROOT / "templates").rglob("*.html"))
    assert not [path for path in templates if 'type="file"' in path.read_text(encoding="utf-8")]


def test_what_is_larger_is_refused_with_what_to_do() -> None:
    field = SpreadsheetField(label="表", most=10)
    with pytest.raises(forms.ValidationError, match="文件超过10 字节，请分成几个文件"):
        field.clean(SimpleUploadedFile("a.csv", b"x" * 11))
    assert field.clean(SimpleUploadedFile("a.csv", b"x" * 10)).size == 10
