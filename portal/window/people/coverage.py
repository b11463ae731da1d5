"""What is known of earlier claims, place by place and fund by fund; and since when all are decided here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import scope
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, posted, show_action
from portal.policy.benefits import FUNDS
from portal.reasons import ReasonField
from portal.regions.models import Region
from portal.typed_fields import DayField
from portal.window.people.extracts import place_choices
from portal.workforce.actions.coverage import (
    confirm_decided_here,
    end_decided_here,
    state_decided_here,
    take_back_decided_here,
)
from portal.workforce.covered_places import covered_places, last_day
from portal.workforce.figure_age import age_in_force
from portal.workforce.models import Aging, DecidedHere
from portal.workforce.models.extracts import PERMISSION


@staff(PERMISSION)
def coverage(request: HttpRequest) -> HttpResponse:
    """The places of the user: leagues for whoever works for the whole region, else the league with its banners."""
    today = timezone.localdate()
    where = scope(request.user, PERMISSION)
    places = Region.objects.leagues() if where.whole else Region.objects.all()
    mine = [place for place in places.select_related("parent") if where.covers(place.code)]
    statements = DecidedHere.objects.visible_to(request.user).select_related(
        "place__parent", "stated_by", "confirmed_by", "ended_by"
    )
    context = {
        "title": "以往补贴覆盖情况",
        "crumbs": [*_crumbs(), ("以往补贴覆盖情况", "")],
        "places": covered_places(mine, today),
        "funds": FUNDS.values(),
        "last": last_day(today),
        "ages": [(what.label, age_in_force(what, today)) for what in Aging],
        "statements": [
            (one, one.confirmed_at is None, one.stated_by_id == request.user.pk) for one in statements
        ],
    }
    return render(request, "window/coverage.html", context)


def _crumbs() -> list[tuple[str, str]]:
    return [("登记库摘录", reverse("window:extracts"))]


class StatementForm(forms.Form):
    place = forms.ChoiceField(label="地区")
    fund = forms.ChoiceField(label="资金", choices=FUNDS.items())
    since = DayField(label="起始日", help_text="从这一天起，该地区、该资金的补贴全部在本系统办理")
    basis = ReasonField(label="依据", max_length=160, help_text="例如启用通知的文号")

    def __init__(self, *args: Any, user: Any) -> None:
        super().__init__(*args)
        self.fields["place"].choices = place_choices(user)  # type: ignore[attr-defined]


@staff(PERMISSION, "GET", "HEAD", "POST")
def coverage_new(request: HttpRequest) -> HttpResponse:
    """Say since when everything of a place is decided here; another officer confirms it."""
    form = StatementForm(posted(request), user=request.user)
    back = reverse("window:coverage")

    def act(said: dict[str, Any]) -> Done | None:
        try:
            state_decided_here(**said, by=request.user, on=timezone.localdate())
        except ValidationError as wrong:
            form.add_error(None, wrong)
            return None
        return Done("已提出声明，由另一人确认后生效。", back)

    page = ActionPage(
        title="声明已全部在本系统办理",
        crumbs=[*_crumbs(), ("以往补贴覆盖情况", back), ("声明", "")],
        consequence="起始日以前的补贴仍须由登记库摘录说明。由另一人确认后生效。",
        submit="提出声明",
        back=back,
    )
    return act_on(request, form, act) or show_action(request, page, form)


def _statement(request: HttpRequest, pk: int) -> DecidedHere:
    return get_object_or_404(DecidedHere.objects.visible_to(request.user), pk=pk)


@staff(PERMISSION, "POST")
def coverage_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to what somebody else has stated."""
    statement = _statement(request, pk)

    def act() -> Done:
        confirm_decided_here(statement.pk, by=request.user)
        return Done("已确认，声明生效。", reverse("window:coverage"))

    return act_at_once(request, act, otherwise=reverse("window:coverage"))


@staff(PERMISSION, "POST")
def coverage_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody has confirmed it: it is gone."""
    statement = _statement(request, pk)

    def act() -> Done:
        take_back_decided_here(statement.pk, by=request.user)
        return Done("已撤回。", reverse("window:coverage"))

    return act_at_once(request, act, otherwise=reverse("window:coverage"))


class EndForm(forms.Form):
    until = DayField(label="截止日", help_text="最后一个全部在本系统办理的日子")


@staff(PERMISSION, "GET", "HEAD", "POST")
def coverage_end(request: HttpRequest, pk: int) -> HttpResponse:
    """From the day after, claims are decided elsewhere too."""
    statement = _statement(request, pk)
    form = EndForm(posted(request))
    back = reverse("window:coverage")

    def act(said: dict[str, Any]) -> Done | None:
        try:
            end_decided_here(statement.pk, until=said["until"], by=request.user)
        except ValidationError as wrong:
            form.add_error(None, wrong)
            return None
        return Done("已写明截止日。", back)

    page = ActionPage(
        title="终止声明",
        crumbs=[*_crumbs(), ("以往补贴覆盖情况", back), ("终止声明", "")],
        consequence=f"{statement}：截止日以后的补贴须由登记库摘录说明。",
        submit="写明截止日",
        kind="danger",
        back=back,
    )
    return act_on(request, form, act) or show_action(request, page, form)
