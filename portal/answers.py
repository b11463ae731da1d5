"""What holds for every answer, whoever gives it: nothing personal is kept on the way, and no other site comes near."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control

# What no page of ours asks of a browser.
PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)


def is_personal(request: HttpRequest) -> bool:
    """Whether it was asked by somebody who said who they are, by session or by token."""
    user = getattr(request, "user", None)
    if (user is not None and user.is_authenticated) or "HTTP_AUTHORIZATION" in request.META:
        return True
    # Where tokens are the rule a view may have put the session aside.
    return request.path.startswith("/api/") and settings.SESSION_COOKIE_NAME in request.COOKIES


class Answers:
    """Middleware, before all others: what is said to somebody who is known is kept by nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.sign_out = ""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if is_personal(request):
            patch_cache_control(answer, private=True, no_store=True)
        answer.headers.setdefault("Permissions-Policy", PERMISSIONS)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.method == "POST" and request.path == self._sign_out_address():
            answer.headers["Cache-Control"] = "no-store, private"
            if not settings.PLAIN_HTTP:
                answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def _sign_out_address(self) -> str:
        self.sign_out = self.sign_out or reverse("accounts:logout")
        return self.sign_out
