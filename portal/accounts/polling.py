"""Pages that ask by themselves how far a job is.

A browser left alone keeps asking: that is nobody at work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]
# htmx stops asking when it is answered with this.
STOP_POLLING = 286


def polled(view: View) -> View:
    """For an address that a page asks by itself: the question does not put off the end of the session.

    Once the session is over the page is told to load itself again, which leads to the login and back;
    otherwise the login would appear inside it. Stands outside of whatever asks for a login.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.asked_by_page = True  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        if response.status_code == 302 and request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response

    asked.polled = True  # type: ignore[attr-defined]
    return asked
