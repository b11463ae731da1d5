"""The doors of pages behind the login: who may come in, by which method, and that nothing of it stays in a
shared browser's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts.access import require

View = Callable[..., HttpResponseBase]


def staff(permission: str = "window.use", *methods: str) -> Callable[[View], View]:
    """For those who hold `permission` anywhere; others are told so (403). What is shown starts with
    visible_to(user) (404).

    Methods are GET (with HEAD) unless others are named.
    """

    def door(view: View) -> View:
        @wraps(view)
        @signed_in(*methods)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(request.user, permission)
            return view(request, *args, **kwargs)

        return inside

    return door


def signed_in(*methods: str) -> Callable[[View], View]:
    """For everybody with an account, staff or not: what they see starts with visible_to(user).

    Methods are GET (with HEAD) unless others are named.
    """

    def door(view: View) -> View:
        @wraps(view)
        @never_cache
        @login_required
        @require_http_methods(list(methods) or ["GET", "HEAD"])
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        return inside

    return door
