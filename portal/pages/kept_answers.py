"""The page that answers something sent is kept for a while under an address of its own: reloading it, or coming
back to it, asks for that page and sends nothing again.

Without this the browser's history holds what was sent, and asks whether to send it once more; JavaScript mends
it (portal.js), but not every browser runs it. Kept are pages only: files, and what is shown once, are answered
as they are.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from portal import crypto
from portal.accounts.access import assignments
from portal.audit import refused
from portal.audit.middleware import client_address
from portal.throttle import Limit

PARAMETER = "answer"
# So many are kept for one address in an hour, which may be that of a whole office.
BY_ADDRESS = Limit("kept-answers", 1200)
_LARGEST = 512 * 1024


class KeptAnswers:
    """Middleware: whatever page answers a POST of a browser is kept, and the browser sent to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/api/"):
            return self.get_response(request)
        token = _without_parameter(request)
        if token and request.method in {"GET", "HEAD"}:
            return _read(request, token) or HttpResponseRedirect(request.get_full_path())
        if not _goes_there(request):
            return self.get_response(request)
        # Before the view: signing in or out gives the browser another session.
        owner = _owner(request)
        answer = self.get_response(request)
        if not _is_to_keep(answer) or owner != _owner(request) or BY_ADDRESS.wait(client_address(request)):
            return answer
        return _keep(request, cast(HttpResponse, answer))


def _goes_there(request: HttpRequest) -> bool:
    """Whether a browser sends something and shows the answer as a page; programs and parts of pages do not."""
    return (
        request.method == "POST"
        and "text/html" in request.headers.get("Accept", "")
        and "HX-Request" not in request.headers
        and settings.CSRF_COOKIE_NAME in request.COOKIES
    )


def _without_parameter(request: HttpRequest) -> str:
    """The token in the address, which is taken out of it: no view and no link sees it."""
    if PARAMETER not in request.GET:
        return ""
    query = request.GET.copy()
    token = query.pop(PARAMETER)[-1]
    request.META["QUERY_STRING"] = query.urlencode()
    request.GET = cast(Any, QueryDict(request.META["QUERY_STRING"]))
    return str(token)


def _is_to_keep(answer: HttpResponseBase) -> bool:
    is_page = not answer.streaming and answer.get("Content-Type", "").startswith("text/html")
    is_result = answer.status_code < 500 and not 300 <= answer.status_code < 400
    return is_page and is_result and not getattr(answer, "shown_once", False)


def _owner(request: HttpRequest) -> bytes:
    """Whose page it is: this browser's, in this session, with these roles. Whoever signs out leaves nothing behind,
    and whose role has ended does not come back to what it showed.
    """
    session: Any = request.session
    key = session.session_key if request.user.is_authenticated else ""
    held = " ".join(f"{role}@{region}" for role, region in assignments(request.user))
    return f"{request.COOKIES.get(settings.CSRF_COOKIE_NAME, '')} {key} {held}".encode()


def _keep(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    content = zlib.compress(answer.content)
    if len(content) > _LARGEST:
        return answer
    token = secrets.token_urlsafe(16)
    head = json.dumps([answer.status_code, request.path]).encode()
    answered = head + b"\n" + content
    kept = crypto.encrypt_bytes(answered, purpose=crypto.Purpose.ANSWERS, bound_to=_owner(request))
    cache.set(f"answer:{token}", kept, timeout=settings.SESSION_COOKIE_AGE)
    query = request.GET.copy()
    query[PARAMETER] = token
    sent_on = HttpResponseRedirect(f"{request.path}?{query.urlencode()}", status=303)
    sent_on.cookies = answer.cookies
    refused.count_as(sent_on, answer.status_code)
    return sent_on


def _read(request: HttpRequest, token: str) -> HttpResponse | None:
    """The page again; None when it is gone, or was somebody else's."""
    kept = cache.get(f"answer:{token[:40]}")
    if kept is None:
        return None
    try:
        answered = crypto.decrypt_bytes(kept, purpose=crypto.Purpose.ANSWERS, bound_to=_owner(request))
        head, content = answered.split(b"\n", 1)
    except crypto.Undecipherable:
        return None
    status, path = json.loads(head)
    if path != request.path:
        return None
    page = HttpResponse(zlib.decompress(content), status=status)
    patch_cache_control(page, private=True, no_cache=True)
    # What was refused was counted when it was sent.
    refused.count_as(page, 200)
    return page
