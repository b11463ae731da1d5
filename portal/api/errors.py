"""One shape for every refusal of the API: which field, what is wrong with it, what is allowed.

{"errors": [{"field": "level", "problem": "“master”不是有效值。", "allowed": ["junior", "senior"]}]}
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as Improper
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.accounts.access import NotNow
from portal.cases.reviews import Stale
from portal.file_inspection import FileRefused
from portal.spreadsheets.header import FileRefused as SpreadsheetRefused


class BadField(exceptions.ValidationError):
    """A value that cannot be used; `allowed` lists or describes what can."""

    def __init__(self, field: str, problem: str, allowed: Any = None) -> None:
        super().__init__({field: [problem]})
        self.errors = [error(field, problem, allowed)]


class Conflict(exceptions.APIException):
    """What is asked cannot be done now; of what was read before, it is said what has changed since."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, refusal: NotNow) -> None:
        super().__init__(str(refusal))
        self.field = "version" if isinstance(refusal, Stale) else None


def error(field: str | None, problem: str, allowed: Iterable[str] | str | None = None) -> dict[str, Any]:
    """One error; what is allowed is always a list: of the values there are, or of one sentence."""
    entry: dict[str, Any] = {"field": field, "problem": problem}
    if allowed is not None:
        entry["allowed"] = [allowed] if isinstance(allowed, str) else list(allowed)
    return entry


def errors_of(
    detail: Any, field: str | None = None, allowed: Iterable[str] | str | None = None
) -> Iterator[dict[str, Any]]:
    """One error for each problem of a serializer, however deep its field is nested."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # What is wrong with an object as a whole is wrong with the field that it stands in.
            whole = field if name == "non_field_errors" else f"{field}.{name}"
            yield from errors_of(inner, str(name) if field is None else whole, allowed)
    elif isinstance(detail, list):
        for inner in detail:
            yield from errors_of(inner, field, allowed)
    else:
        yield error(None if field == "non_field_errors" else field, str(detail), allowed)


def _understood(exc: Exception) -> Exception:
    """The refusals of the portal's own actions as those of the framework."""
    if isinstance(exc, Http404):
        return exceptions.NotFound("没有这条记录，或您无权查看。")
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or "您没有此项权限。")
    if isinstance(exc, NotNow):
        return Conflict(exc)
    if isinstance(exc, FileRefused | SpreadsheetRefused):
        return BadField("file", str(exc))
    if isinstance(exc, Improper):
        return exceptions.ValidationError(getattr(exc, "message_dict", None) or exc.messages)
    return exc


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """What settings.REST_FRAMEWORK names. An error that is not the caller's stays an error, and is logged."""
    exc = _understood(exc)
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = {"errors": _errors_of(exc, response, context)}
    return response


def _errors_of(exc: Exception, response: Response, context: dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(exc, BadField):
        return exc.errors
    if isinstance(exc, Conflict):
        return [error(exc.field, str(exc))]
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
    return list(errors_of(detail))
