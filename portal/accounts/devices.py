"""Browsers in which somebody has signed in before: a signed cookie that names the accounts, and opens nothing.

Whoever holds it has tries of their own, which strangers cannot use up (portal.accounts.tries).
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "jht_device"
SALT = "portal.accounts.devices"
VALID_SECONDS = 180 * 86400
# So many accounts of one browser are remembered, the latest first.
_ACCOUNTS = 8
_LENGTH = 20


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """(number of the browser, digests of the names signed in with); empty without a cookie of ours."""
    try:
        content: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=VALID_SECONDS)
        return str(content["d"]), [str(name) for name in content["n"]]
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return "", []


def known_device(request: HttpRequest, name_digest: str) -> str:
    """The number of this browser when the name has signed in here before; otherwise nothing."""
    if COOKIE not in request.COOKIES:
        return ""
    device, names = _read(request)
    return device if name_digest[:_LENGTH] in names else ""


def remember(request: HttpRequest, name_digests: list[str]) -> None:
    """The names have signed in in this browser: the answer will say so."""
    device, names = _read(request)
    mine = [digest[:_LENGTH] for digest in name_digests]
    names = [*mine, *(name for name in names if name not in mine)][:_ACCOUNTS]
    content = {"d": device or secrets.token_hex(12), "n": names}
    request.device_cookie = signing.dumps(content, salt=SALT)  # type: ignore[attr-defined]


def write(request: HttpRequest, response: HttpResponse) -> None:
    """Put the cookie on the answer, if somebody has just signed in."""
    cookie = getattr(request, "device_cookie", "")
    if cookie:
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=VALID_SECONDS,
            path="/accounts/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
