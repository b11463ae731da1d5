"""Long texts that are being typed are kept for whoever types them, until they are sent: a session that ends, a browser that
closes, a refused form lose nothing. Kept are texts of office pages, encrypted, for a few days, and nobody else reads them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse

from portal import crypto
from portal.pages.access import staff
from portal.throttle import Limit

# Over a weekend.
KEPT_FOR = 3 * 86_400
BY_ACCOUNT = Limit("drafts", 1200)
_LONGEST = 5000
_MOST_FIELDS = 20
_PATH = re.compile(r"/[A-Za-z0-9_./%\-]{0,300}")
_FIELD = re.compile(r"[A-Za-z0-9_\-]{1,60}")


def _name(user: Any, path: str) -> str:
    """The name under which what one person types on one page is kept."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{user.pk}\0{path}".encode(), hashlib.sha256)
    return f"draft:{digest.hexdigest()[:40]}"


def kept(user: Any, path: str) -> dict[str, str]:
    """What the person had typed on this page, by field; nothing when it does not open any more."""
    name = _name(user, path)
    sealed = cache.get(name)
    if sealed is None:
        return {}
    try:
        return dict(
            json.loads(crypto.decrypt(sealed, purpose=crypto.Purpose.ANSWERS, bound_to=name.encode()))
        )
    except crypto.Undecipherable:
        return {}


def keep(user: Any, path: str, texts: dict[str, str]) -> None:
    """Keep these texts in the place of what was kept of the page; without any, nothing is kept."""
    name = _name(user, path)
    typed = {field: text[:_LONGEST] for field, text in texts.items() if text.strip()}
    if not typed:
        cache.delete(name)
        return
    sealed = crypto.encrypt(json.dumps(typed), purpose=crypto.Purpose.ANSWERS, bound_to=name.encode())
    cache.set(name, sealed, KEPT_FOR)


@staff("window.use", "GET", "HEAD", "POST")
def draft(request: HttpRequest) -> HttpResponse:
    """What was typed on the page that `path` names: GET gives it, POST keeps what stands in the fields now."""
    # Reading it is asked by the page; keeping it is somebody at work.
    request.asked_by_page = request.method != "POST"  # type: ignore[attr-defined]
    asked = request.POST if request.method == "POST" else request.GET
    path = asked.get("path", "")
    if not _PATH.fullmatch(path):
        problem = {"errors": [{"field": "path", "problem": "不是本系统的页面地址。"}]}
        return JsonResponse(problem, status=400, json_dumps_params={"ensure_ascii": False})
    if request.method != "POST":
        return JsonResponse({"texts": kept(request.user, path)})
    if BY_ACCOUNT.wait(str(request.user.pk)):
        return HttpResponse(status=429)
    typed = [name for name in request.POST if name.startswith("text-") and _FIELD.fullmatch(name[5:])]
    keep(request.user, path, {name[5:]: request.POST[name] for name in typed[:_MOST_FIELDS]})
    return HttpResponse(status=204)
