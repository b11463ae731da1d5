"""The page of one action: it repeats whom and what it is about, asks what is needed, acts, and says what
happened.

A view makes the form, hands over what is done with it, and shows the page when nothing was done yet:

    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.accounts.access import NotNow, Refused

# Words and address of each page above this one; of this one without an address.
Crumbs = list[tuple[str, str]]


@dataclass(frozen=True)
class Done:
    """What was done, in words, and the address that is shown next."""

    words: str
    address: str
    # What was left undone, and why.
    left_undone: str = ""


@dataclass(frozen=True)
class ActionPage:
    """What the page of an action says around its form."""

    title: str
    crumbs: Crumbs
    submit: str
    back: str
    consequence: str = ""
    # Stands over the form.
    heading: str = ""
    # Of the button: primary, secondary, danger.
    kind: str = "primary"
    base: str = "base_staff.html"


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: nothing, until it was sent."""
    return request.POST if request.method == "POST" else None


def act_on(
    request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], Done | None]
) -> HttpResponse | None:
    """Act when a valid form was sent, say what was done and go on; None when the page is to be shown.

    A refusal stands over the form. An action that gives None has written what is wrong beside a field itself.
    """
    if not form.is_valid():
        return None
    try:
        done = act(form.cleaned_data)
    except (NotNow, Refused) as refusal:
        form.add_error(None, str(refusal))
        return None
    if done is None:
        return None
    if done.words:
        messages.success(request, done.words)
    if done.left_undone:
        messages.warning(request, done.left_undone)
    return redirect(done.address)


def stopped(request: HttpRequest, check: Callable[[], Any], *, otherwise: str) -> HttpResponse | None:
    """On opening the page of an action: what this user cannot do now is not asked for.

    Says why on the page `otherwise`; None when it can be done, or was sent: then the action says so itself.
    """
    if request.method == "POST":
        return None
    try:
        check()
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect(otherwise)
    return None


def act_at_once(request: HttpRequest, act: Callable[[], Done], *, otherwise: str) -> HttpResponse:
    """Of a button without a page of its own: act and say what was done, or say why not on the page
    `otherwise`.
    """
    try:
        done = act()
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect(otherwise)
    messages.success(request, done.words)
    return redirect(done.address)


def show_action(
    request: HttpRequest,
    page: ActionPage,
    form: forms.Form,
    *,
    template: str = "pages/action.html",
    **shown: Any,
) -> HttpResponse:
    """The page with its form; `shown` is what the template shows besides, of whom and what it is about."""
    context = {
        "page": page,
        "title": page.title,
        "crumbs": page.crumbs,
        "form": form,
        **shown,
    }
    return render(request, template, context, status=409 if form.non_field_errors() else 200)
