"""What programs look for at fixed addresses of every site."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# What is published may be found by search engines; nothing else is for them.
_ROBOTS = """User-agent: *
Disallow: /accounts/
Disallow: /api/
Disallow: /case-status/
Disallow: /check/
Disallow: /display/
Disallow: /letters/
Disallow: /my/
Disallow: /registry/entries/
Disallow: /window/
"""
_A_DAY = cache_control(public=True, max_age=86_400)


@_A_DAY
@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")


@_A_DAY
@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """RFC 9116: where to tell of a weakness."""
    expires = timezone.now().replace(microsecond=0, second=0, minute=0, hour=0) + timedelta(days=180)
    contacts = settings.SECURITY_CONTACTS or [f"{settings.PUBLIC_URL}/about/"]
    lines = [f"Contact: {contact}" for contact in contacts]
    lines += [
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: zh, en",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
