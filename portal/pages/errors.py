"""Pages for what went wrong: each says what happened in plain words and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse

from portal import audit
from portal.accounts import refusals
from portal.accounts.access import Refused, can
from portal.accounts.demonstration import is_demonstration
from portal.accounts.ended_roles import ended_lately
from portal.accounts.homes import homes
from portal.fields import AlteredValue
from portal.paging import BadCursor

_ALTERED = (
    "此处的加密内容与写入时不一致，可能已被改动，或由其他记录移来。为安全起见不予显示，并已记入审计。"
    "请联系系统管理员，并告知打开的页面。"
)


def told_to_program(request: HttpRequest, status: int, problem: str) -> JsonResponse | None:
    """Below /api/ the answer has the shape of the API's own refusals (portal.api.errors)."""
    if not request.path.startswith("/api/"):
        return None
    body = {"errors": [{"field": None, "problem": problem}]}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if answer := told_to_program(request, 400, "请求内容有误。"):
        return answer
    # Of a list whose place in the address is of no use, the first page under the same filters.
    first = ""
    if isinstance(exception, BadCursor):
        query = request.GET.copy()
        for cursor in ("after", "before"):
            query.pop(cursor, None)
        first = f"{request.path}{'?' if query else ''}{query.urlencode()}"
    context = {
        "title": "请求内容有误",
        "reason": str(exception) if first else "",
        "first": first,
    }
    return render(request, "errors/400.html", context, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Why not, when the code that refused says so in words meant for people; else the general sentence."""
    reason = str(exception) if isinstance(exception, Refused) else ""
    user = getattr(request, "user", None)
    if reason and user is not None and user.is_authenticated and not can(user, "window.use"):
        # Which office does what is of no use to who works in none of them.
        reason = "这是工作人员办理业务的页面，您的账号不能打开。"
    context = {
        "title": "您不能查看或办理此内容",
        "reason": reason,
        **_of_who_asked(request),
    }
    return render(request, "errors/403.html", context, status=403)


def _of_who_asked(request: HttpRequest) -> dict[str, Any]:
    """That a role of theirs has ended meanwhile, and that nothing of what they sent was stored."""
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    return {
        "ended": ended_lately(user),
        "not_stored": known and request.method == "POST",
    }


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the browser keeps no cookies. `reason` is Django's English and is for
    the log only. For strangers it is drawn once.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return refusals.answer(request, refusals.EXPIRED)
    return render(request, "errors/403_csrf.html", {"title": "页面已过期"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if answer := told_to_program(request, 404, "没有这个地址。全部地址见 /api/ 。"):
        return answer
    context: dict[str, Any] = {"title": "没有找到这个页面"}
    if request.resolver_match is not None:
        # There is such an address; what it names may be theirs no longer.
        context |= _of_who_asked(request)
    return render(request, "errors/404.html", context, status=404)


class AlteredValues:
    """Middleware: an encrypted value that was changed or moved is not shown. The audit says where it stands, and whoever
    asked is told whom to turn to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AlteredValue):
            return None
        by = request.user if request.user.is_authenticated else None
        audit.record("data.refused", by=by, detail={"place": exception.place, "path": request.path})
        if answer := told_to_program(request, 409, _ALTERED):
            return answer
        context = {
            "title": "内容异常，不能显示",
            "reason": _ALTERED,
        }
        return render(request, "errors/altered.html", context, status=409)


class NotToBeOpened:
    """Middleware: whoever opens an address that only takes what is sent is told so, and where to go instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        opened = answer.status_code == 405 and request.method == "GET"
        if not opened or request.path.startswith("/api/"):
            return answer
        page = render(request, "errors/405.html", _where_to_go(request), status=405)
        page["Allow"] = answer["Allow"]
        return page


def _where_to_go(request: HttpRequest) -> dict[str, Any]:
    label, name = homes(request.user)[0] if request.user.is_authenticated else ("首页", "public:home")
    return {
        "title": "这个网址不能直接打开",
        "above": _page_above(request.path),
        "home": {"label": label, "href": reverse(name)},
    }


def _page_above(path: str) -> str:
    """The nearest address above this one that is one; empty when there is none but the first page."""
    parts = path.strip("/").split("/")
    while len(parts) > 1:
        parts.pop()
        above = f"/{'/'.join(parts)}/"
        try:
            resolve(above)
        except Resolver404:
            continue
        return above
    return ""


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request and the navigation: session, database or an address may be what failed."""
    if answer := told_to_program(request, 500, "系统暂时无法处理，请稍后重试。"):
        return answer
    context: dict[str, Any] = {
        "title": "系统暂时无法办理",
        "demonstration": is_demonstration,
    }
    return HttpResponse(render_to_string("errors/500.html", context), status=500)
