"""What is sent to the API: as strict about names and types as its description says.

Declare the fields of a `Body`; `Body.read(request)` gives the values, or refuses with everything that is wrong and
what is allowed instead.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers
from rest_framework.request import Request

from portal.api.errors import BadField, errors_of
from portal.api.queries import allowed_values

# In JSON Schema: anything but the zero byte, and that with something in it besides spaces.
ANYTHING, SOMETHING = r"^[^\u0000]*$", r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_UNKNOWN = "没有这个字段。"
_MONEY = r"^(0|[1-9][0-9]{0,9})\.[0-9]{2}$"


class Body(serializers.Serializer):
    """The object that an address takes."""

    def to_internal_value(self, data: Any) -> Any:
        """Fields that there are not are refused, here and in objects inside."""
        unknown = [name for name in data if name not in self.fields] if isinstance(data, dict) else []
        wrong: dict[str, Any] = {str(name)[:60]: [_UNKNOWN] for name in unknown}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as more:
            told = more.detail if isinstance(more.detail, dict) else {"non_field_errors": more.detail}
            raise serializers.ValidationError(wrong | told) from more
        if wrong:
            raise serializers.ValidationError(wrong)
        return values

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The values that were sent. Raises BadField with every error."""
        body = cls(data=request.data)
        if body.is_valid():
            return dict(body.validated_data)
        errors: list[dict[str, Any]] = []
        for name, problems in body.errors.items():
            field = body.fields.get(name)
            allowed = allowed_values(field) if field else sorted(body.fields)
            errors += errors_of(problems, None if name == "non_field_errors" else name, allowed)
        refused = BadField(errors[0]["field"] or "", errors[0]["problem"])
        refused.errors = errors
        raise refused


class OnlyWhatThereIs(OpenApiSerializerExtension):
    """The description says that an object takes no other fields."""

    target_class = Body
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class Text(serializers.CharField):
    """Text of at most so many characters; a number is none."""

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(max_length=most, **options)
        pattern = ANYTHING if self.allow_blank else SOMETHING
        schema = {"type": "string", "maxLength": most, "pattern": pattern}
        set_override(self, "field", schema if self.allow_blank else schema | {"minLength": 1})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text


class Named(serializers.RegexField):
    """The name of something that there is, such as a case: what it looks like, and what the description calls it."""

    def __init__(self, pattern: str, *, called: str, **options: Any) -> None:
        super().__init__(re.compile(rf"{pattern}\Z", re.ASCII), **options)
        set_override(self, "field", {"type": "string", "format": called, "pattern": f"^{pattern}$"})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Choice(serializers.ChoiceField):
    """One of the values there are, as text."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number; text is none."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class YesNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Money(serializers.Field):
    """Yuan as text with two decimals, as the figures of the law have them."""

    default_error_messages = {"invalid": "应为形如 1500.00 的金额。"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        set_override(self, "field", {"type": "string", "pattern": _MONEY, "maxLength": 13})

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(_MONEY.strip("^$"), data, re.ASCII):
            self.fail("invalid")
        return Decimal(data)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"
