"""Queries with a number of a person in them: the address has a key instead, which is of use to one session for a while.

An address is kept by browsers, proxies and logs; an ID number, a phone number or an account must not stand in it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.response import HttpResponseBase

from portal import crypto

PARAMETER = "asked"
# Sent by forms that look for something: answered with an address that can be opened again.
FORM = "look-for"
_LARGEST = 64 * 1024
# ID numbers of 18 and 15, accounts of 15 to 19 digits, phones of 11.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{15,19}|\d{17}[Xx]|1[3-9]\d{9})(?![0-9A-Za-z])", re.ASCII)
_BETWEEN = re.compile(r"(?<=\d)[\s\-·.]+(?=[\dXx])")
_NOT_IN_AN_ADDRESS = (
    "证件号码、手机号码、账号不能写在网址中。按证件号码查询，请向 /api/workers/by-number/ 发送 POST 请求。"
)


def holds_number(text: str) -> bool:
    """Whether an ID number, a phone number or an account can be read in it, however it was typed."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_NUMBER.search(plain) or _NUMBER.search(_BETWEEN.sub("", plain)))


def _has_number(query: QueryDict) -> bool:
    return any(holds_number(value) for _, values in query.lists() for value in values)


def _name_of(key: str) -> str:
    return f"asked:{key[:40]}"


def keep(text: str, session_key: str) -> str:
    """The key of a query. The same one in the same session has the same key."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{session_key}\0{text}".encode(), hashlib.sha256)
    key = digest.hexdigest()[:40]
    sealed = crypto.encrypt(text, purpose=crypto.Purpose.QUERIES, bound_to=f"asked:{session_key}".encode())
    cache.set(_name_of(key), sealed, settings.SESSION_COOKIE_AGE)
    return key


def kept(key: str, session_key: str) -> str | None:
    """The query; None when it is over, or was another session's."""
    sealed = cache.get(_name_of(key))
    if sealed is None:
        return None
    try:
        bound_to = f"asked:{session_key}".encode()
        return crypto.decrypt(sealed, purpose=crypto.Purpose.QUERIES, bound_to=bound_to)
    except crypto.Undecipherable:
        return None


class KeptQuery(QueryDict):
    """A query as any other; written out, for a link of the page, it is its key."""

    session_key = ""

    @classmethod
    def of(cls, text: str, session_key: str) -> KeptQuery:
        query = cls(text, mutable=True)
        query.session_key = session_key
        query._mutable = False
        return query

    def __deepcopy__(self, memo: MutableMapping[int, Any]) -> KeptQuery:
        copied = super().__deepcopy__(memo)
        copied.session_key = self.session_key
        return copied

    def urlencode(self, safe: str | None = None) -> str:
        plain = super().urlencode(safe)
        return f"{PARAMETER}={keep(plain, self.session_key)}" if _has_number(self) else plain


class KeptQueries:
    """Middleware, behind that of sessions and accounts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.META.get("QUERY_STRING") and (answer := self._sent_on(request)) is not None:
            return answer
        answer = self.get_response(request)
        target = answer.headers.get("Location", "") if answer.status_code == 302 else ""
        if "?" in target and (other := _without_number(request, target)) is not None:
            answer.headers["Location"] = other
        return answer

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        """A form that looks for something; its token was looked at before. A large body is none, and is not read here."""
        if request.method != "POST" or int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST:
            return None
        if FORM not in request.POST:
            return None
        query = request.POST.copy()
        for name in (FORM, "csrfmiddlewaretoken"):
            query.pop(name, None)
        return _to(request, query)

    @staticmethod
    def _sent_on(request: HttpRequest) -> HttpResponseBase | None:
        if key := request.GET.get(PARAMETER):
            text = kept(key, _session_key(request))
            more = request.GET.copy()
            more.pop(PARAMETER)
            if text is None:
                return _to(request, more)
            query = QueryDict(text, mutable=True)
            for name, values in more.lists():
                query.setlist(name, values)
            request.GET = KeptQuery.of(query.urlencode(), _session_key(request))  # type: ignore[assignment]
            return None
        if not _has_number(request.GET):
            return None
        if request.path.startswith("/api/"):
            problem = {"errors": [{"field": None, "problem": _NOT_IN_AN_ADDRESS}]}
            return JsonResponse(problem, status=400, json_dumps_params={"ensure_ascii": False})
        if request.method not in {"GET", "HEAD"}:
            return None
        return _to(request, request.GET.copy())


def _session_key(request: HttpRequest) -> str:
    return (request.session.session_key or "") if request.user.is_authenticated else ""


def _written(request: HttpRequest, query: QueryDict) -> str:
    """A query as it may stand in an address. What a stranger typed is left out: nothing of ours is found by it."""
    if not _has_number(query):
        return query.urlencode()
    session_key = _session_key(request)
    if session_key:
        return f"{PARAMETER}={keep(query.urlencode(), session_key)}"
    for name, values in list(query.lists()):
        if any(holds_number(value) for value in values):
            del query[name]
    return query.urlencode()


def _to(request: HttpRequest, query: QueryDict) -> HttpResponseBase:
    text = _written(request, query)
    return HttpResponseRedirect(f"{request.path}?{text}" if text else request.path)


def _without_number(request: HttpRequest, target: str) -> str | None:
    """An address we send somebody to, without the number in it; None when there is none."""
    parts = urlsplit(target)
    query = QueryDict(parts.query, mutable=True)
    if not _has_number(query):
        return None
    return parts._replace(query=_written(request, query)).geturl()
