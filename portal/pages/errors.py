"""Pages for what went wrong: each says what happened in plain words and what to do next."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.accounts.access import Refused, can
from portal.paging import BadCursor


def _told_to_program(request: HttpRequest, status: int, problem: str) -> JsonResponse | None:
    """Below /api/ the answer has the shape of the API's own refusals (portal.api.errors)."""
    if not request.path.startswith("/api/"):
        return None
    body = {"errors": [{"field": None, "problem": problem}]}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if answer := _told_to_program(request, 400, "请求内容有误。"):
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
    return render(
        request,
        "errors/403.html",
        {
            "title": "您不能查看或办理此内容",
            "reason": reason,
        },
        status=403,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the browser keeps no cookies. `reason` is Django's English and is for
    the log only.
    """
    return render(request, "errors/403_csrf.html", {"title": "页面已过期"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if answer := _told_to_program(request, 404, "没有这个地址。全部地址见 /api/ 。"):
        return answer
    return render(request, "errors/404.html", {"title": "没有找到这个页面"}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request and the navigation: session, database or an address may be what failed."""
    if answer := _told_to_program(request, 500, "系统暂时无法处理，请稍后重试。"):
        return answer
    context: dict[str, Any] = {"title": "系统暂时无法办理"}
    return HttpResponse(render_to_string("errors/500.html", context), status=500)
