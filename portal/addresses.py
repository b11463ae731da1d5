"""What is no address at all, and which one is ours."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme


def own(request: HttpRequest, wanted: str) -> str:
    """`wanted` if it leads to a page of this site; otherwise nothing.

    A path or a whole address: a bare word would be taken for the name of a view by redirect().
    """
    leads_here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    whole = wanted.startswith(("/", "http://", "https://"))
    return wanted if leads_here and whole and wanted.isprintable() else ""


class PlainAddress:
    """An address with a NUL in it names nothing: the database would refuse to be asked for it, which is no
    fault of ours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
