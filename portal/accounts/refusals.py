"""The pages on which a way in is closed for a while. A flood gets many of them: each is drawn once, none is kept or
logged, and a program gets the sentence alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render
from django.urls import reverse

from portal.accounts.tries import Busy, TooOften
from portal.answers import Answers
from portal.display import DISPLAY_COOKIE, ELDER
from portal.shown_once import once

NOT_KEPT = "max-age=0, no-cache, no-store, must-revalidate, private"
LARGEST_KB = 64


@dataclass(frozen=True)
class Kind:
    """`seconds` are those of the unit in which the page says how long to wait, under the name `waits`."""

    title: str
    template: str
    problem: str
    waits: str = ""
    seconds: int = 1
    status: int = 429


LOCKED = Kind(
    "登录已暂时锁定", "accounts/locked.html", "密码连续输错次数过多，请在{}分钟后再试。", "minutes", 60
)
BUSY = Kind(
    "请稍后再登录", "accounts/busy.html", "现在登录的人较多，没有计入输错次数，请在{}秒后再试。", "seconds"
)
FACTOR = Kind(
    "尝试次数过多",
    "accounts/second_factor/too_many.html",
    "验证次数过多，请在{}分钟后再试。",
    "minutes",
    60,
)
ACTIVATION = Kind(
    "尝试次数过多",
    "accounts/activate_later.html",
    "激活码尝试次数过多，请在{}小时后再试。",
    "hours",
    3600,
)
PAPER_CODE = Kind(
    "尝试次数过多",
    "accounts/set_password_later.html",
    "从这里输错代码的次数过多，请在{}分钟后再试。",
    "minutes",
    60,
)
EXPIRED = Kind(
    "页面已过期",
    "errors/403_csrf.html",
    "页面打开时间过长，或者没有保存 Cookie，没有接收这次提交。",
    status=403,
)
TOO_LARGE = Kind(
    "没有接收",
    "errors/413.html",
    f"发送的内容超过{LARGEST_KB}KB，没有接收。请返回上一页，重新填写后提交。",
    status=413,
)


def of_password(request: HttpRequest, often: TooOften) -> HttpResponse:
    """Too many passwords were tried, or too many people try at this moment."""
    return answer(request, BUSY if isinstance(often, Busy) else LOCKED, often.seconds)


def answer(request: HttpRequest, kind: Kind, wait: int = 0) -> HttpResponse:
    """What happened, when to try again and what else to do."""
    amount = -(-wait // kind.seconds)
    if _is_program(request):
        problem = {
            "field": None,
            "problem": kind.problem.format(amount),
        }
        response: HttpResponse = JsonResponse(
            {"errors": [problem]}, status=kind.status, json_dumps_params={"ensure_ascii": False}
        )
    else:
        page = _page(kind, amount, request.COOKIES.get(DISPLAY_COOKIE) == ELDER)
        response = once(HttpResponse(page, status=kind.status))
    response["Cache-Control"] = NOT_KEPT
    if wait:
        response["Retry-After"] = str(wait)
    # It is in the audit.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def in_front(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with what the middleware passed over would have put on it."""
    for name, value in _headers(request.is_secure()):
        response.headers.setdefault(name, value)
    response["Content-Length"] = str(len(response.content))
    return response


def _is_program(request: HttpRequest) -> bool:
    accepted = request.META.get("HTTP_ACCEPT", "")
    return "application/json" in accepted and "text/html" not in accepted


@lru_cache(maxsize=256)
def _page(kind: Kind, amount: int, elder: bool) -> bytes:
    """The page as it is for everybody who is not signed in."""
    context: dict[str, Any] = {
        "title": kind.title,
        "reason": kind.problem,
        "limit": settings.LOGIN_FAILURES,
    }
    if kind.waits:
        context[kind.waits] = amount
    return render(_anybody(elder), kind.template, context).content


class _Asked(HttpRequest):
    secure = False

    def _get_scheme(self) -> str:
        return "https" if self.secure else "http"


def _anybody(elder: bool = False, *, secure: bool = False) -> HttpRequest:
    request = _Asked()
    request.secure = secure
    request.method = "GET"
    request.path = request.path_info = reverse("accounts:login")
    request.COOKIES[DISPLAY_COOKIE] = ELDER if elder else ""
    request.META |= {
        "HTTP_HOST": settings.ALLOWED_HOSTS[0].lstrip("."),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
    }
    request.user = AnonymousUser()
    return request


@lru_cache(maxsize=2)
def _headers(secure: bool) -> tuple[tuple[str, str], ...]:
    """What those that stand in front of every page put on an answer."""
    empty = HttpResponse()
    own = {name for name, _ in empty.items()}
    framed: Any = XFrameOptionsMiddleware(lambda _: empty)
    guarded: Any = SecurityMiddleware(CSPMiddleware(framed))
    full = Answers(guarded)(_anybody(secure=secure))
    return tuple((name, value) for name, value in full.items() if name not in own)
