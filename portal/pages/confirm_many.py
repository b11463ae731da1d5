"""The page that confirms many at once: who was ticked, what is asked of all of them, and who is left out and
why.

The list sends the ticked rows; the page repeats them and sends them again with `sure`; only then is anything
done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from portal.pages.action_page import ActionPage, Done, act_on, show_action

# As long as a number of the database is.
_LONGEST_ID = 18


@dataclass(frozen=True)
class LeftOut:
    """One of the chosen who is not dealt with now, and why."""

    name: str
    number: str
    reason: str


def chosen_ids(request: HttpRequest) -> list[int]:
    """The ticked rows, each once, in the order of the page."""
    values = dict.fromkeys(request.POST.getlist("chosen"))
    return [
        int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID
    ]


def confirmed(request: HttpRequest) -> Any:
    """What the form is bound to: nothing, until the page itself was sent."""
    return request.POST if "sure" in request.POST else None


def confirm_many(
    request: HttpRequest,
    page: ActionPage,
    people: Sequence[Any],
    form: forms.Form,
    act: Callable[[dict[str, Any]], Done | None],
    *,
    template: str,
    left_out: Sequence[LeftOut] = (),
    **shown: Any,
) -> HttpResponse:
    """Act on all of them when the page was sent; else show who they are and ask."""
    answer = act_on(request, form, act) if people else None
    return answer or show_action(
        request, page, form, template=template, people=people, left_out=left_out, **shown
    )
