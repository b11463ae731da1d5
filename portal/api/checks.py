"""The eligibility check over HTTP: from facts alone, without an account, and nothing is stored.

Many ask it, so it goes without what it does not need: no session, no serializers, no content negotiation. The
facts are checked by the validator made from the fact model, and every refusal has the shape of the whole API
(portal.api.errors) and names every field that is wrong.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from portal.api.check_schema import described
from portal.api.errors import error
from portal.audit.middleware import client_address
from portal.policy.benefits import BY_CODE
from portal.policy.explain import Verdicts, policy_version_under, requested_benefits
from portal.policy.facts import FACTS, choices_of
from portal.policy.fast_answers.json import all_verdicts, following_json, results_json
from portal.policy.fast_answers.templates import compact_json
from portal.policy.following import concerning, what_follows
from portal.policy.intake import FactsRefused, validate_facts
from portal.throttle import Limit

# Of a limit in the thousands, for a program that asks for many, every fiftieth asks the cache.
LIMIT = Limit("eligibility-check", settings.CHECKS_PER_MINUTE, seconds=60, step=50)
KEYS = ("on", "facts", "benefits")
MOST_BYTES = 16 * 1024
_METHODS = ["OPTIONS", "POST"]
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
# More than there are facts: who sends more wrong names than that is not helped by all of them.
_MOST_NAMED = 100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_JSON = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?', re.ASCII | re.IGNORECASE)


class Refused(Exception):
    """The request cannot be answered, for reasons that are the caller's: a status and the errors to send."""

    def __init__(self, status: int, *errors: dict[str, Any]) -> None:
        super().__init__(status)
        self.status, self.errors = status, errors


def check_over_http(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _options() if request.method == "OPTIONS" else _wrong_method()
    if wait := LIMIT.wait(client_address(request)):
        response = _refusal(Refused(429, error(None, f"请求过于频繁，请在 {wait} 秒后重试。")))
        response["Retry-After"] = str(wait)
        return response
    try:
        on, facts, benefits = _read_request(_body_of(request))
    except Refused as refused:
        return _refusal(refused)
    return _json_response(_answer(on, facts, benefits))


def _answer(on: dt.date, facts: dict[str, Any], benefits: list[str] | None) -> bytes:
    """The answer as JSON. It repeats the facts as they were understood, never as they were sent."""
    verdicts = _decide(on, facts)
    following = what_follows(verdicts)
    if benefits is not None:
        following = list(concerning(following, benefits))
    head = f'{{"on":"{on.isoformat()}","policy_version":"{policy_version_under(verdicts.law)}","results":'
    foot = f',"following":{following_json(following)}}}'
    return b"".join([head.encode(), results_json(verdicts, benefits), foot.encode()])


def _decide(on: dt.date, facts: dict[str, Any]) -> Verdicts:
    """Decided without a test of the connection: as nothing is written, a dead one is replaced."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.in_atomic_block:
        return all_verdicts(facts, on)
    database.health_check_done = True  # type: ignore[attr-defined]
    try:
        return all_verdicts(facts, on)
    except (OperationalError, InterfaceError):
        database.close()
        return all_verdicts(facts, on)


@described
class EligibilityChecks(APIView):
    """Stands in the API's description; the requests themselves go straight to `check_over_http`."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = csrf_exempt(check_over_http)
        view.cls, view.initkwargs = cls, initkwargs  # type: ignore[attr-defined]
        return view

    def post(self, request: HttpRequest) -> HttpResponse:
        return check_over_http(request)


def _options() -> HttpResponse:
    """Which methods there are; asked by browsers and by tools before they ask."""
    response = _json_response(json.dumps({"name": "Eligibility Checks", "methods": _METHODS}).encode())
    response["Allow"] = ", ".join(_METHODS)
    return response


def _wrong_method() -> HttpResponse:
    response = _refusal(Refused(405, error(None, "该地址不支持这种请求方法。", _METHODS)))
    response["Allow"] = ", ".join(_METHODS)
    return response


def _json_response(content: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(content, content_type="application/json", status=status)


def _refusal(refused: Refused) -> HttpResponse:
    named = list(refused.errors[:_MOST_NAMED])
    if more := len(refused.errors) - len(named):
        named.append(error(None, f"另有 {more} 处错误未列出。"))
    # Half a character, which JSON can carry, may stand in a name that is repeated.
    content = compact_json({"errors": named}).encode(errors="replace")
    return _json_response(content, refused.status)


# -- reading -------------------------------------------------------------------------------------------------


def _body_of(request: HttpRequest) -> bytes:
    """The body as sent, once its type and length are known to be right."""
    if not _JSON.fullmatch(request.META.get("CONTENT_TYPE", "").strip()):
        raise Refused(415, error(None, "请求内容须为 JSON。", "Content-Type: application/json"))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()) or int(length[:12]) > MOST_BYTES:
        raise Refused(413, error(None, "请求内容过大。", f"不超过 {MOST_BYTES} 字节"))
    return request.body


def _read_request(body: bytes) -> tuple[dt.date, dict[str, Any], list[str] | None]:
    """The day, the canonical facts and the benefits asked for; raises Refused with all that is wrong."""
    request, repeated = _read_json(body)
    errors = [error(_cut_short(name), "同一名称出现了两次。", "每个名称只能出现一次") for name in repeated]
    for name in request:
        if name not in KEYS:
            errors.append(error(_cut_short(name), "没有这个字段。", list(KEYS)))
    on, wrong_day = _read_day(request.get("on"))
    errors += wrong_day
    facts: dict[str, Any] = {}
    benefits = None
    try:
        facts = _read_facts(request.get("facts"), on)
    except FactsRefused as refused:
        errors += map(_error_of_fact, refused.problems)
    try:
        benefits = requested_benefits(request.get("benefits"))
    except FactsRefused as refused:
        for problem in refused.problems:
            errors.append(error("benefits", problem["problem"] + "。", list(BY_CODE)))
    if errors:
        raise Refused(400, *errors)
    return on, facts, benefits


def _read_json(body: bytes) -> tuple[dict[str, Any], list[str]]:
    """The object that was sent, and the names that stand in it twice."""
    repeated: list[str] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(name for name in values if names.count(name) > 1)
        return values

    try:
        request = json.loads(body.decode(), object_pairs_hook=build)
    except (ValueError, RecursionError) as unreadable:
        raise Refused(400, error(None, "请求内容不是有效的 JSON。", "UTF-8 编码的 JSON 对象")) from unreadable
    if not isinstance(request, dict):
        raise Refused(400, error(None, "请求内容应为 JSON 对象。", list(KEYS)))
    return request, repeated


def _read_facts(facts: Any, on: dt.date) -> dict[str, Any]:
    if facts is None:
        raise FactsRefused([{"field": "facts", "problem": "须填写", "allowed": "JSON 对象，可以为空"}])
    return validate_facts(facts, on, typed=True)


def _read_day(value: Any) -> tuple[dt.date, list[dict[str, Any]]]:
    """The day of the check, today in Shanghai when none is given, and what is wrong with it."""
    if value is None:
        return timezone.localdate(), []
    wrong = ""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        wrong = "应为日期。"
    else:
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            wrong = "没有这一天。"
        else:
            if EARLIEST <= day <= LATEST:
                return day, []
            wrong = "超出允许的范围。"
    allowed = f"{EARLIEST.isoformat()} 至 {LATEST.isoformat()} 之间形如 2024-01-31 的真实日期"
    # What else is wrong is told as of today.
    return timezone.localdate(), [error("on", wrong, allowed)]


def _cut_short(name: str) -> str:
    return name[:60]


def _error_of_fact(problem: dict[str, str]) -> dict[str, Any]:
    """As the API says it: what is allowed is a list where it is one."""
    field = problem["field"]
    options: list[str] = []
    if field in FACTS:
        options = list(choices_of(field))
    elif field != "facts":
        options = list(FACTS)
    return error(field, problem["problem"] + "。", options or problem["allowed"])
