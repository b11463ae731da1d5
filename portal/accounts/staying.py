"""How long a session still runs, and going on with it: asked by the page itself, before typed text is lost."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts.session_store import SINCE


def seconds_left(request: HttpRequest) -> int:
    """Seconds until the session of this request ends if nobody does anything more: so long after the last page, and at
    the latest so long after the sign-in.
    """
    session: Any = request.session
    whole = session.get(SINCE, int(time.time())) + settings.SESSION_HOURS * 3600 - int(time.time())
    return max(0, min(settings.SESSION_COOKIE_AGE, whole))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stay(request: HttpRequest) -> JsonResponse:
    """POST goes on with the session. GET asks whether there is one, and puts nothing off: a page asks that by itself
    after somebody signed in again, and takes the token with which its form can then be sent.
    """
    request.asked_by_page = request.method != "POST"  # type: ignore[attr-defined]
    answer = {"seconds": seconds_left(request), "whose": str(request.user.pk), "token": get_token(request)}
    return JsonResponse(answer)
