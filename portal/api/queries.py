"""What a list may be asked for: a wrong parameter is refused with what is allowed, never ignored."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from portal.api.errors import BadField, error

# Belong to the pager and to content negotiation.
COMMON = {"cursor", "page_size", "format"}


# As dates are written, in plain digits; what else can be read as a day is not taken.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def empty(request: Request) -> list[str]:
    """Parameters that were named without a value."""
    return [name for name in request.query_params if not request.query_params[name].strip()]


class Day(serializers.DateField):
    """A day as YYYY-MM-DD and in no other way."""

    def to_internal_value(self, value: Any) -> Any:
        if not _DAY.fullmatch(str(value)):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Query(serializers.Serializer):
    """Declare one optional field per parameter; `Query.read(request)` gives the values that were sent."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        query = cls(data=request.query_params)
        errors = []
        for name in request.query_params:
            if name not in query.fields and name not in COMMON:
                known = sorted(set(query.fields) | COMMON)
                errors.append(error(name, f"没有名为“{name}”的查询参数。", known))
        errors += [error(name, "值不能为空；不需要的参数请不要写。") for name in empty(request)]
        if not query.is_valid():
            for name, problems in query.errors.items():
                allowed = allowed_values(query.fields[name])
                errors += [error(name, str(problem), allowed) for problem in problems]
        if errors:
            refused = BadField(errors[0]["field"], errors[0]["problem"])
            refused.errors = errors
            raise refused
        return dict(query.validated_data)


def allowed_values(field: serializers.Field) -> Any:
    """What a field takes, as far as it can be said: a list, a sentence, or nothing."""
    if isinstance(field, serializers.ChoiceField):
        return list(field.choices)
    if isinstance(field, serializers.IntegerField):
        return f"{field.min_value} 至 {field.max_value}"
    if isinstance(field, serializers.DateField):
        return "YYYY-MM-DD"
    if isinstance(field, serializers.ListField) and field.max_length:
        return f"{field.min_length or 0} 至 {field.max_length} 项"
    if isinstance(field, serializers.CharField):
        return f"{field.min_length or 1} 至 {field.max_length} 个字符"
    return None
