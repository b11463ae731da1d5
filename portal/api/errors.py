"""One shape for every refusal of the API: which field, what is wrong with it, what is allowed.

{"errors": [{"field": "level", "problem": "“master”不是有效值。", "allowed": ["junior", "senior"]}]}
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler


class BadField(exceptions.ValidationError):
    """A value that cannot be used; `allowed` lists or describes what can."""

    def __init__(self, field: str, problem: str, allowed: Any = None) -> None:
        super().__init__({field: [problem]})
        self.errors = [error(field, problem, allowed)]


def error(field: str | None, problem: str, allowed: Iterable[str] | str | None = None) -> dict[str, Any]:
    """One error; what is allowed is always a list: of the values there are, or of one sentence."""
    entry: dict[str, Any] = {"field": field, "problem": problem}
    if allowed is not None:
        entry["allowed"] = [allowed] if isinstance(allowed, str) else list(allowed)
    return entry


def _flatten_errors(detail: Any, field: str | None = None) -> Iterator[dict[str, Any]]:
    """One error for each problem of a serializer, however deep its field is nested."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flatten_errors(inner, name if field is None else f"{field}.{name}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flatten_errors(inner, field)
    else:
        yield error(None if field == "non_field_errors" else field, str(detail))


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """What settings.REST_FRAMEWORK names. An error that is not the caller's stays an error, and is logged."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound("没有这条记录，或您无权查看。")
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied(str(exc) or "您没有此项权限。")
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = {"errors": _errors_of(exc, response, context)}
    return response


def _errors_of(exc: Exception, response: Response, context: dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(exc, BadField):
        return exc.errors
    if isinstance(exc, exceptions.Throttled):
        wait = math.ceil(getattr(exc, "wait", None) or 0)
        return [error(None, f"请求过于频繁，请在 {wait} 秒后重试。")]
    if isinstance(exc, exceptions.ParseError):
        return [error(None, "请求内容不是有效的 JSON。", "Content-Type: application/json")]
    if isinstance(exc, exceptions.NotAuthenticated):
        return [error(None, "请先登录，或在请求头中提供访问令牌。", "Authorization: Token <令牌>")]
    if isinstance(exc, exceptions.AuthenticationFailed):
        return [error(None, "访问令牌无效或已过期，请重新获取。")]
    if response.status_code == status.HTTP_405_METHOD_NOT_ALLOWED:
        return [error(None, "该地址不支持这种请求方法。", sorted(context["view"].allowed_methods))]
    detail = exc.detail if isinstance(exc, exceptions.APIException) else response.data
    return list(_flatten_errors(detail))
