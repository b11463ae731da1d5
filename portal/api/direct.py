"""The short way in, for what many programs ask and what needs neither session, account nor form token."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from portal.api.checks import check_over_http

DIRECT = {"/api/eligibility-checks/": check_over_http}
# Nothing of such an answer is ever a page: stricter than what pages get from the middleware passed over.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Direct:
    """A WSGI application that answers the addresses of DIRECT itself and leaves all others to the portal.

    Signals, middleware and the search for an address cost more than a check does. What of it matters to such
    an answer is done here: connections that are too old are closed, the host is checked, https is insisted
    on, headers and length are set, and an exception becomes the response that it becomes everywhere.
    """

    def __init__(self, portal: Application) -> None:
        self._portal = portal

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") not in DIRECT or environ.get("SCRIPT_NAME"):
            return self._portal(environ, start_response)
        response = answered(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        # Not the response itself: closing it would send the signals of a request's end.
        return [response.content]


def answered(environ: dict[str, Any]) -> HttpResponse:
    """The response of an address of DIRECT."""
    close_old_connections()
    response = _secured(WSGIRequest(environ))
    for name, value in _HEADERS.items():
        response[name] = value
    response["Content-Length"] = str(len(response.content))
    return response


@convert_exception_to_response
def _call_view(request: HttpRequest) -> HttpResponse:
    request.get_host()
    return DIRECT[request.path_info](request)


def secured() -> Callable[[HttpRequest], HttpResponse]:
    """The view behind what the settings ask for of every address."""
    answer: Callable[[HttpRequest], Any] = convert_exception_to_response(SecurityMiddleware(_call_view))
    return answer


_secured = secured()
