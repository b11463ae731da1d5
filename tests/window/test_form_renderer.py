"""Lists of choices are drawn in one go, and say what Django's own templates say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer

from portal.form_renderer import FormRenderer

_GAPS = re.compile(r">\s+<")

CHOICES: list[Any] = [
    ("", "全部"),
    ("plain", "普通"),
    ("<b>", 'Tom & "Jerry" \'s'),
    ("鄂尔多斯市", [("150600", "鄂尔多斯市（全部）"), ("150624", "鄂托克旗")]),
    (7, "七"),
]


def drawn_by(renderer: Any, field: forms.Field, value: Any, **attributes: Any) -> str:
    html = field.widget.render("filter<", value, attrs={"id": "filter_a", **attributes}, renderer=renderer)
    return _GAPS.sub("><", html.strip())


def test_forms_are_drawn_by_it() -> None:
    assert isinstance(get_default_renderer(), FormRenderer)


@pytest.mark.parametrize("value", ["", "plain", "<b>", "150624", 7, "nothing of the kind", None])
@pytest.mark.parametrize("attributes", [{}, {"required": True, "aria-describedby": 'a"b', "hidden": False}])
def test_one_choice_is_what_django_draws(value: Any, attributes: dict[str, Any]) -> None:
    """The chosen one included, in groups, and with what must be escaped."""
    field = forms.ChoiceField(choices=CHOICES)
    theirs = drawn_by(DjangoTemplates(), field, value, **attributes)
    assert drawn_by(FormRenderer(), field, value, **attributes) == theirs


def test_several_choices_are_what_django_draws() -> None:
    field = forms.MultipleChoiceField(choices=CHOICES)
    theirs = drawn_by(DjangoTemplates(), field, ["plain", "150624"])
    assert theirs.count("selected") == 2
    assert drawn_by(FormRenderer(), field, ["plain", "150624"]) == theirs


def test_other_widgets_are_drawn_by_django() -> None:
    field = forms.CharField(max_length=20)
    assert drawn_by(FormRenderer(), field, "王") == drawn_by(DjangoTemplates(), field, "王")
