"""One field for everything: a name or a part of it, an ID number, the number of a case or a letter,
a code.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from portal.accounts.access import can
from portal.pages.access import staff
from portal.pages.view_log import name_asked, record_list
from portal.window.people import searching
from portal.workforce.models import Worker
from portal.workforce.occupations import unlisted


@staff("worker.view")
def search(request: HttpRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:60]
    groups: list[dict[str, Any]] = []
    people: list[Worker] = []
    message = ""
    if text:
        hit, message = searching.exact(text, request.user)
        if hit is not None:
            searching.remember(request, hit.remembered_as, hit.href)
            return redirect(hit.href)
        if not message:
            groups = searching.by_name(text, request.user)
            people = [person for group in groups if group["kind"] == "workers" for person in group["rows"]]
            record_list(people, by=request.user, asked=[name_asked(text)])
            if groups:
                searching.remember(request, text, f"{reverse('window:search')}?{urlencode({'q': text})}")
        if not groups and not message and searching.tail_is_too_common(text, request.user):
            message = searching.ADD_A_NAME
    if text and not groups:
        searching.remember_not_found(request, text)
    context = {
        "title": "查找",
        "search_text": text,
        "groups": groups,
        "unlisted": unlisted(person.occupation for person in people),
        "message": message,
        "searches": searching.last_searches(request),
        "may_register": can(request.user, "worker.edit"),
    }
    return render(request, "window/search.html", context)
