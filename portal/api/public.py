"""What everybody may read: kept for some minutes, asked anew by its mark, and read from pages of any site."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# Law, windows and lists change by the day; within these seconds nobody asks twice.
KEPT_SECONDS = 300
_READING = "GET, HEAD, OPTIONS"
_A_DAY = "86400"


class PublicData(APIView):
    """A view of public data. Whoever says who they are is answered the same, which nobody then keeps
    (portal.answers); nothing here is read with the account of a person who visits another site.
    """

    permission_classes = [AllowAny]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        _open_to_all_sites(final)
        if request.method == "OPTIONS":
            final.headers["Access-Control-Allow-Methods"] = _READING
            final.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
            final.headers["Access-Control-Max-Age"] = _A_DAY
        if request.method in ("GET", "HEAD") and final.status_code == 200:
            patch_cache_control(final, public=True, max_age=KEPT_SECONDS)
            final.add_post_render_callback(partial(_if_changed, request._request))
        return final


def _open_to_all_sites(response: HttpResponseBase) -> None:
    """Refusals too: a program reads what is wrong with its question."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"


def _if_changed(request: HttpRequest, response: Any) -> Any:
    """The answer with its mark; for whoever has it already, that nothing has changed (RFC 9110, 13)."""
    marked = set_response_etag(response)
    conditional: Any = get_conditional_response(request, etag=marked.headers["ETag"], response=marked)
    if conditional is not marked:
        _open_to_all_sites(conditional)
    return conditional
