"""The ways in, in front of everything else: whoever is to be refused is refused here, before sessions, accounts and
pages, so that a flood costs the portal next to nothing.

Nothing is decided here that is not decided behind it. A try is counted once, by the limits that hold anyway, and the
view goes on with what was counted; what no view has looked at is given back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse

from portal.accounts import failures, refusals, tries
from portal.accounts.activation import TRIES_BY_ADDRESS
from portal.accounts.forms import LoginForm
from portal.accounts.names import name_digest
from portal.accounts.releases import WRONG_BY_ADDRESS
from portal.accounts.second_factor.tries import OF_ADDRESS
from portal.audit import address_now, refused
from portal.audit.middleware import client_address
from portal.throttle import Limit

Way = Callable[[HttpRequest], HttpResponse | None]


class Gate:
    """Middleware, before all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._form_token = _FormToken(lambda _: HttpResponse())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = _ways().get(request.path_info, "") if request.method == "POST" else ""
        if not name or not _comes_as_it_should(request):
            return self.get_response(request)
        token = address_now.set(client_address(request))
        try:
            refusal = self._refusal(request, name)
        finally:
            address_now.reset(token)
        if refusal is not None:
            return refusals.in_front(request, refusal)
        answer = self.get_response(request)
        tries.give_back(request)
        return answer

    def _refusal(self, request: HttpRequest, name: str) -> HttpResponse | None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > refusals.LARGEST_KB * 1024:
            return _noted(name, refusals.answer(request, refusals.TOO_LARGE))
        try:
            if self._form_token.is_missing(request):
                return _without_token(request, name)
            return WAYS[name](request)
        except (SuspiciousOperation, MultiPartParserError):
            # No form of ours: the portal says so.
            return None


class _FormToken(CsrfViewMiddleware):
    """Whether a form carries the token of the browser's cookie, by Django's own check."""

    def is_missing(self, request: HttpRequest) -> bool:
        self.process_request(request)
        return self.process_view(request, HttpResponse, (), {}) is not None

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def _comes_as_it_should(request: HttpRequest) -> bool:
    """By https where that is wanted, under a name of ours; what does not is sent elsewhere by others."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdigit() and (request.is_secure() or not settings.SECURE_SSL_REDIRECT)


def _noted(name: str, refusal: HttpResponse) -> HttpResponse:
    """The refusal, counted where all refused access is."""
    refused.note_in_front(f"POST {name}", refusal.status_code)
    return refusal


def _without_token(request: HttpRequest, name: str) -> HttpResponse | None:
    if name != "accounts:login" and settings.SESSION_COOKIE_NAME in request.COOKIES:
        # Whoever is signed in sees the page as theirs.
        request.csrf_processing_done = False  # type: ignore[attr-defined]
        return None
    return _noted(name, refusals.answer(request, refusals.EXPIRED))


def _password(request: HttpRequest) -> HttpResponse | None:
    """A name and a password: counted, unless the form says itself what is missing."""
    fields: Any = LoginForm.base_fields
    try:
        typed, _ = [fields[name].clean(request.POST.get(name)) for name in ("username", "password")]
    except ValidationError:
        return None
    try:
        tries.count_ahead(request, name_digest(typed))
    except tries.TooOften as often:
        failures.refused(typed, tries.place_of(request))
        return refusals.of_password(request, often)
    return None


def _codes(limit: Limit, kind: refusals.Kind, name: str) -> Way:
    """A page that takes codes: closed for addresses that have tried too many."""

    def way(request: HttpRequest) -> HttpResponse | None:
        wait = limit.wait_if_spent(tries.place_of(request))
        return _noted(name, refusals.answer(request, kind, wait)) if wait else None

    return way


def _factor(name: str) -> Way:
    """A page of the second factor: without a session nobody is asked for one. Whoever is asked pays for no question
    to the cache: the page counts, and this process remembers what it was told.
    """

    def way(request: HttpRequest) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            away = HttpResponseRedirect(reverse("accounts:login"))
            away["Cache-Control"] = refusals.NOT_KEPT
            return away
        wait = OF_ADDRESS.wait_if_told(tries.place_of(request))
        return _noted(name, refusals.answer(request, refusals.FACTOR, wait)) if wait else None

    return way


_FACTOR_PAGES = (
    "factor",
    "factor_passkey",
    "factor_recovery",
    "factor_lost",
    "factor_enrol",
    "factor_enrol_app",
)
WAYS: dict[str, Way] = {
    "accounts:login": _password,
    "accounts:activate": _codes(TRIES_BY_ADDRESS, refusals.ACTIVATION, "accounts:activate"),
    "accounts:set_password": _codes(WRONG_BY_ADDRESS, refusals.PAPER_CODE, "accounts:set_password"),
    **{f"accounts:{page}": _factor(f"accounts:{page}") for page in _FACTOR_PAGES},
}


@lru_cache(maxsize=1)
def _ways() -> dict[str, str]:
    """The name of each way in, by its address."""
    return {reverse(name): name for name in WAYS}
