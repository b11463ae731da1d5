"""Cases are given out in sets: those chosen in a list, or all that somebody has open."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.access import can, scope
from portal.accounts.models import User
from portal.cases.absences import people_distributed_by, regions_of
from portal.cases.assigning import Colleague, Load, colleagues_over, loads_of, may_take
from portal.cases.distributing import MOST_AT_ONCE, Distributed, assign_many, hand_over
from portal.cases.models import Case
from portal.cases.models.absences import DISTRIBUTE
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.confirm_many import LeftOut, chosen_ids, confirm_many, confirmed
from portal.pages.view_log import record_shown

# Of what was left undone so many are named; the rest is counted.
_NAMED = 10


class ToForm(forms.Form):
    to = forms.TypedChoiceField(
        label="分派给",
        coerce=int,
        help_text="名单为有事项可办、今日在岗的工作人员。分派只表示由谁跟进，不改变办理权限。",
        error_messages={"required": "请选择分派给谁。", "invalid_choice": "请从名单中选择。"},
    )

    def __init__(self, data: Any, colleagues: list[Colleague]) -> None:
        super().__init__(data)
        choices = [(str(one.pk), str(one)) for one in colleagues]
        self.fields["to"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]


def left_undone(done: Distributed) -> str:
    """What stays where it is, in a sentence."""
    if not done.refused:
        return ""
    named = [f"{case.number}（{why}）" for case, why in list(done.refused.items())[:_NAMED]]
    more = f"等{len(done.refused)}件" if len(done.refused) > _NAMED else ""
    return f"以下办件没有变动：{'、'.join(named)}{more}。"


def _back(request: HttpRequest) -> str:
    """The list that the cases were chosen in."""
    asked = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours and asked.startswith("/window/") else reverse("window:cases")


@staff("case.assign", "POST")
def cases_assign(request: HttpRequest) -> HttpResponse:
    """First repeats the chosen cases and asks who is to see to them; with that, gives them."""
    back, ids = _back(request), chosen_ids(request)
    if not 0 < len(ids) <= MOST_AT_ONCE:
        messages.error(request, f"请选择1至{MOST_AT_ONCE}件办件。")
        return redirect(back)
    cases, left_out = _that_may_be_given(request.user, ids)
    colleagues = may_take(cases) if cases else []
    people = {one.pk: one.person for one in colleagues}

    def act(given: dict[str, Any]) -> Done:
        to = people[given["to"]]
        done = assign_many([case.pk for case in cases], to=to, by=request.user)
        words = f"已将{len(done.given)}件办件分派给{to}。" if done.given else ""
        return Done(words, back, left_undone(done))

    record_shown([case.worker_id for case in cases], by=request.user, asked=["分派所选办件"])
    title = f"分派办件：{len(cases)}件"
    page = ActionPage(
        title=title,
        crumbs=[("办件", back), (title, "")],
        consequence="所选办件改由一人跟进，对方会收到提醒。办理权限和职责不变。",
        submit="确认分派",
        back=back,
    )
    return confirm_many(
        request,
        page,
        cases,
        ToForm(confirmed(request), colleagues),
        act,
        template="window/cases_assign.html",
        left_out=left_out,
        left_title="以下办件不在本次分派之内",
        back=back,
    )


def _that_may_be_given(user: Any, ids: list[int]) -> tuple[list[Case], list[LeftOut]]:
    """Those of the chosen that the user may give to somebody, and the others with the reason."""
    where = scope(user, "case.assign")
    chosen = Case.objects.visible_to(user).filter(pk__in=ids)
    shown = chosen.select_related("worker", "region__parent", "assigned_to")
    cases, left_out = [], []
    for case in shown.defer("worker__id_number", "worker__phone").by_deadline():
        reason = ""
        if case.closed_at:
            reason = "已办结"
        elif not where.covers(case.region_id):
            reason = "不在您负责的地区"
        if reason:
            left_out.append(LeftOut(case.number, case.kind_label, reason))
        else:
            cases.append(case)
    return cases, left_out


class HandOverForm(forms.Form):
    person = forms.TypedChoiceField(
        label="移交谁名下的办件",
        coerce=int,
        error_messages={"required": "请选择移交谁名下的办件。", "invalid_choice": "请从名单中选择。"},
    )
    to = forms.TypedChoiceField(
        label="移交给",
        coerce=int,
        help_text="对方没有事项可办的、与对方本人有关的办件留在原处，办理后逐件说明。",
        error_messages={"required": "请选择移交给谁。", "invalid_choice": "请从名单中选择。"},
    )

    def __init__(self, data: Any, people: list[tuple[User, Any]], colleagues: list[tuple[User, Any]]) -> None:
        super().__init__(data)
        self._offer("person", people)
        self._offer("to", colleagues)

    def _offer(self, name: str, people: list[tuple[User, Any]]) -> None:
        choices = [(str(person.pk), f"{person}（{load}）") for person, load in people]
        self.fields[name].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("to") and cleaned.get("to") == cleaned.get("person"):
            self.add_error("to", "请选择另一位工作人员。")
        return cleaned


def colleagues_of(user: Any, people: list[User]) -> list[tuple[User, Load]]:
    """Who may stand in: everybody who is given cases wherever the user is, and the people whose work they distribute."""
    found = dict(colleagues_over(regions_of(user)))
    loads = loads_of([person.pk for person in people])
    for person in people:
        found.setdefault(person, loads.get(person.pk, Load()))
    return sorted(found.items(), key=lambda one: one[1].open)


@staff("case.assign", "GET", "HEAD", "POST")
def hand_over_cases(request: HttpRequest) -> HttpResponse:
    """All that somebody has open goes to a colleague: one's own, or that of those whose work one distributes."""
    user: Any = request.user
    people = people_distributed_by(user)
    loads = loads_of([person.pk for person in people])
    with_cases = [(person, loads[person.pk]) for person in people if person.pk in loads]
    colleagues = colleagues_of(user, people)
    form = HandOverForm(posted(request), with_cases, colleagues)

    def act(given: dict[str, Any]) -> Done:
        known = {person.pk: person for person, _ in (*with_cases, *colleagues)}
        person, to = known[given["person"]], known[given["to"]]
        done = hand_over(person, to=to, by=user)
        words = f"已将{person}名下的{len(done.given)}件办件移交给{to}。" if done.given else ""
        return Done(words, reverse("window:hand_over"), left_undone(done))

    page = ActionPage(
        title="移交名下办件",
        crumbs=[("工作台", reverse("window:home")), ("移交名下办件", "")],
        consequence="一人名下的全部在办办件改由另一人跟进，对方会收到提醒。办理权限和职责不变。",
        submit="确认移交",
        back=reverse("window:home"),
    )
    return act_on(request, form, act) or show_action(
        request,
        page,
        form,
        template="window/hand_over.html",
        of_others=can(user, DISTRIBUTE),
        nothing=not with_cases,
    )
