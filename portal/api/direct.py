"""The short way in, for what many programs ask and what needs neither session, account nor form token."""
from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.api.checks import check_over_http

DIRECT = {"/api/eligibility-checks/": check_over_http}
# Nothing of such an answer is ever a page: stricter than what pages get from the middleware behind this one.
_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY"}


class Direct:
    """Answers the addresses of DIRECT before the middleware that reads sessions and accounts. Behind SecurityMiddleware.

    What the passed-over middleware does for such an answer is done here: the host is checked, the length and the headers are set.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = DIRECT.get(request.path_info)
        if view is None:
            return self.get_response(request)
        request.get_host()
        response = view(request)
        for name, value in _HEADERS.items():
            response[name] = value
        response["Content-Length"] = str(len(response.content))
        return response
