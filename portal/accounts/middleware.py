"""Rules of a session that hold on every page."""
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone


class SessionRules:
    """A first or outdated password is changed before anything else is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and self._password_is_due(user) and not self._may_pass(request):
            return redirect(f"{reverse('accounts:password')}?due=1")
        return self.get_response(request)

    @staticmethod
    def _password_is_due(user) -> bool:
        age = timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
        return user.must_change_password or user.password_changed_at < timezone.now() - age

    @staticmethod
    def _may_pass(request: HttpRequest) -> bool:
        if request.path.startswith((f"/{settings.STATIC_URL.lstrip('/')}", "/healthz", "/readyz")):
            return True
        return request.path in {reverse("accounts:password"), reverse("accounts:logout")}
