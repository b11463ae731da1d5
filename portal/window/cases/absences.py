"""Who is away: noted by oneself or by whoever distributes the work, with a deputy; ended when somebody is back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.accounts.models import User
from portal.cases.absences import end_absence, people_distributed_by, record_absence
from portal.cases.models import Absence
from portal.cases.models.absences import DISTRIBUTE
from portal.formats import date_cn
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, posted, show_action
from portal.paging import page_asked
from portal.typed_fields import DayField
from portal.window.cases.distributing import colleagues_of


class AbsenceForm(forms.Form):
    person = forms.TypedChoiceField(
        label="缺勤人员",
        coerce=int,
        error_messages={"required": "请选择缺勤人员。", "invalid_choice": "请从名单中选择。"},
    )
    since = DayField(label="自", error_messages={"required": "请填写起始日期。"})
    until = DayField(label="至", error_messages={"required": "请填写截止日期。"})
    deputy = forms.TypedChoiceField(
        label="代办人员",
        coerce=int,
        help_text="须能查看缺勤人员负责地区的办件。代办人员在工作台的“代办”中看到其名下办件。",
        error_messages={"required": "请选择代办人员。", "invalid_choice": "请从名单中选择。"},
    )

    def __init__(self, data: Any, people: list[User], deputies: list[tuple[User, Any]]) -> None:
        super().__init__(data)
        of_people = [(str(person.pk), str(person)) for person in people]
        of_deputies = [(str(person.pk), f"{person}（{load}）") for person, load in deputies]
        self.fields["person"].choices = of_people  # type: ignore[attr-defined]
        self.fields["deputy"].choices = [("", "请选择"), *of_deputies]  # type: ignore[attr-defined]


@staff("case.assign", "GET", "HEAD", "POST")
def absences(request: HttpRequest) -> HttpResponse:
    """The absences that concern the user, the latest first, and a form for another one."""
    user, today = request.user, timezone.localdate()
    people = people_distributed_by(user)
    form = AbsenceForm(posted(request), people, colleagues_of(user, people))

    def act(given: dict[str, Any]) -> Done:
        made = record_absence(
            given["person"],
            since=given["since"],
            until=given["until"],
            deputy_id=given["deputy"],
            by=user,
            on=today,
        )
        words = (
            f"已登记{made.person}自{date_cn(made.since)}至{date_cn(made.until)}缺勤，由{made.deputy}代办。"
        )
        return Done(words, reverse("window:absences"))

    if answer := act_on(request, form, act):
        return answer
    seen = Absence.objects.visible_to(user).select_related("person", "deputy", "by", "ended_by")
    listed = page_asked(seen, request.GET, order=("-since", "-id"))
    page = ActionPage(
        title="缺勤登记",
        crumbs=[("工作台", reverse("window:home")), ("缺勤登记", "")],
        consequence="缺勤期间不向本人分派办件，名下办件由代办人员在其工作台中看到并跟进。",
        submit="登记缺勤",
        heading="登记缺勤",
        back=reverse("window:home"),
    )
    return show_action(
        request,
        page,
        form,
        template="window/absences.html",
        listed=listed,
        rows=[{"absence": absence, "may_end": _may_end(absence, user, today)} for absence in listed.rows],
        today=today,
    )


def _may_end(absence: Absence, user: Any, today: Any) -> bool:
    """Whether the button is shown; the action asks once more, in every place of the person."""
    is_over = absence.ended_at is not None or absence.until < today
    return not is_over and (absence.person_id == user.pk or can(user, DISTRIBUTE))


@staff("case.assign", "POST")
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence.objects.visible_to(request.user), pk=pk)
    there = reverse("window:absences")

    def act() -> Done:
        ended = end_absence(absence.pk, by=request.user, on=timezone.localdate())
        return Done(f"{ended.person}的缺勤已结束，可以重新分派办件。", there)

    return act_at_once(request, act, otherwise=there)
