"""Rules of a session that hold on every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts import devices
from portal.accounts.second_factor.required import is_enough


class Sessions(SessionMiddleware):
    """Every request of a person puts off the end of their session; what their page asks by itself
    (portal.accounts.polling) does not.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        devices.write(request, response)
        session: Any = request.session
        asked_by_page = getattr(request, "asked_by_page", False)
        if session.accessed and not session.is_empty() and not asked_by_page and session.is_due:
            session.modified = True
        return super().process_response(request, response)


class SecondFactor:
    """A session of a real portal's staff that began without a second factor is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not is_enough(request):
            audit.record("factor.missing", by=request.user, obj=request.user)
            auth.logout(request)
        return self.get_response(request)


class SessionRules:
    """A first or outdated password is changed before anything else is done; who was away too long
    is told so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and self._password_is_due(user) and not self._may_pass(request):
            return redirect(f"{reverse('accounts:password')}?due=1")
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.user.is_authenticated:
            self._say_why(response)
        return response

    @staticmethod
    def _say_why(response: HttpResponse) -> None:
        """A browser that still has the cookie of a session that is over, on its way to the login: add the
        reason.
        """
        if response.status_code != 302:
            return
        target = urlsplit(response["Location"])
        # Only who was sent away from a page; signing out leads there without a page to come back to.
        if target.path == reverse("accounts:login") and target.query:
            response["Location"] = target._replace(query=f"{target.query}&timeout=1").geturl()

    @staticmethod
    def _password_is_due(user) -> bool:
        age = timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
        return user.must_change_password or user.password_changed_at < timezone.now() - age

    @staticmethod
    def _may_pass(request: HttpRequest) -> bool:
        static = f"/{settings.STATIC_URL.lstrip('/')}"
        if request.path.startswith((static, "/healthz", "/readyz")):
            return True
        return request.path in {reverse("accounts:password"), reverse("accounts:logout")}
