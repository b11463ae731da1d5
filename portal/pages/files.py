"""A stored file as an answer: no browser guesses its kind, runs anything of it, or keeps it; and the page that says why
there is none.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from portal.accounts.access import NotNow
from portal.opened_files import NotShown, Opened

# A file that a browser opens by itself can do nothing there, whatever it holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'none'; sandbox"


def file_answer(request: HttpRequest, opening: Callable[[], Opened], *, save: bool) -> HttpResponse:
    """What `opening` hands out: to look at, or with `save` to keep; or why there is nothing."""
    try:
        opened = opening()
    except (NotShown, NotNow) as why:
        context = {
            "title": "这份材料不能查看",
            "reason": str(why),
        }
        return render(request, "errors/file.html", context, status=getattr(why, "status", 409))
    saved = save or opened.only_saved
    answer = HttpResponse(opened.content, content_type=opened.kind)
    answer["Content-Disposition"] = content_disposition_header(saved, opened.name) or "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    if saved:
        # What stands in a frame of ours keeps the policy of our pages: a sandbox would not show a PDF.
        answer["Content-Security-Policy"] = _POLICY
    return answer
