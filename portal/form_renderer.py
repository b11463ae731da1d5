"""How form fields are drawn: as Django draws them, but a list of choices in one go.

Django reads two templates for every single choice. A filter by region has 115 of them: drawing it took a third of the
time of a whole page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

_SELECT = "django/forms/widgets/select.html"


class FormRenderer(DjangoTemplates):
    """Draws widgets by Django's templates, a list of choices without any."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name == _SELECT:
            return SafeString("".join(_select(context["widget"])))
        return super().render(template_name, context, request)


def _select(widget: Mapping[str, Any]) -> Iterator[str]:
    yield f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    for group, options, _ in widget["optgroups"]:
        if group:
            yield f'<optgroup label="{conditional_escape(group)}">'
        for option in options:
            value = conditional_escape(str(option["value"]))
            label = conditional_escape(option["label"])
            yield f'<option value="{value}"{_attributes(option["attrs"])}>{label}</option>'
        if group:
            yield "</optgroup>"
    yield "</select>"


def _attributes(attributes: Mapping[str, Any]) -> str:
    """The attributes of an element: True stands for one without a value, False for none."""
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in attributes.items()
        if value is not False
    )
