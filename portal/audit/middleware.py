"""Remembers, for the time of a request, from where it came, and counts those that are refused."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.audit import address_now, refused


def client_address(request: HttpRequest) -> str:
    """The address of who asks. Behind our proxy the last entry of X-Forwarded-For, which the proxy itself
    wrote.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()[:45]
    return request.META.get("REMOTE_ADDR", "")[:45]


class WhoAsks:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = address_now.set(client_address(request))
        try:
            response = self.get_response(request)
            status = refused.counted_as(response)
            if status in refused.STATUSES:
                refused.note(request, status)
            return response
        finally:
            address_now.reset(token)
