"""The page of a case: where it stands, what may be done and what not, what happened; and the pages of its
actions.

Each kind of case has a presenter: a class over CasePage with a function `open` that finds the case among
those the user may see, and with the rows that only this kind shows. Templates extend
templates/pages/case.html.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Protocol

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.cases.actions import possible_actions
from portal.cases.models import Case, CaseEvent, Correction
from portal.cases.workflow import Clock, Transition
from portal.letters import case_files
from portal.letters.models import Letter
from portal.letters.waiting import Waits, waits_of
from portal.outgoing.models import Message
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, show_action
from portal.pages.deadlines import Deadline, deadline_of
from portal.pages.next_case import next_waiting


@dataclass(frozen=True)
class Fact:
    """A line of a summary list (templates/components/summary_list.html)."""

    label: str
    value: Any
    source: Any = ""
    # What whoever works with it should know, as a tag behind the value.
    mark: str = ""
    # Where more of it is, and what the link is called.
    href: str = ""
    action: str = ""


@dataclass(frozen=True)
class Offered:
    """What the user may do now: a button with the consequence beside it."""

    label: str
    href: str
    consequence: str
    kind: str = "secondary"
    action: str = ""


@dataclass(frozen=True)
class NotOffered:
    """What the user may not do now, and why."""

    label: str
    reason: str
    action: str = ""


@dataclass(frozen=True)
class Happened:
    """One line of the timeline."""

    at: datetime
    title: str
    by: str = ""
    text: str = ""
    tone: str = ""


@dataclass(frozen=True)
class CasePage(ABC):
    """A case as its page shows it to a user."""

    case: Case
    user: Any

    # Actions that are the usual way on.
    primary: ClassVar[frozenset[str]] = frozenset()
    event_tones: ClassVar[Mapping[str, str]] = {}
    # Whether letters of decisions about this kind of case are kept by the portal while they wait (portal.letters.waiting).
    letters_may_wait: ClassVar[bool] = False
    # Who acted where no user is named.
    nobody: ClassVar[str] = "系统"

    @property
    def base(self) -> str:
        """The template of the house in which the page stands."""
        return "base_staff.html"

    # -- where it stands ---------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        return f"{self.case.kind_label} {self.case.number}"

    @property
    def name(self) -> str:
        """What the titles of its actions call it."""
        return self.case.number

    @property
    @abstractmethod
    def address(self) -> str:
        """Where the page is."""

    @property
    @abstractmethod
    def way_here(self) -> Crumbs:
        """The pages above this one."""

    @property
    def crumbs(self) -> Crumbs:
        return [*self.way_here, (self.case.number, "")]

    def crumbs_to(self, label: str) -> Crumbs:
        """The way to a page below this one."""
        return [*self.way_here, (self.case.number, self.address), (label, "")]

    @cached_property
    def deadline(self) -> Deadline:
        return deadline_of(self.case, timezone.localdate())

    @cached_property
    def correction(self) -> Correction | None:
        """What is missing while the case waits for it; only kinds whose clock can stop wait for anything."""
        if all(row.clock is not Clock.STOP for row in self.case.workflow.transitions):
            return None
        return self.case.corrections.filter(resolved_on__isnull=True).first()

    @property
    def shows_letters(self) -> bool:
        return True

    @cached_property
    def letters(self) -> list[Letter]:
        if not self.shows_letters:
            return []
        seen = Letter.objects.visible_to(self.user).filter(case=self.case)
        return list(seen.select_related("file").order_by("pk"))

    @cached_property
    def waiting_letters(self) -> list[Waits]:
        """The letters of decisions that wait for a figure, with what they wait for."""
        if not self.letters_may_wait:
            return []
        return waits_of(self.case.pk, user=self.user, on=timezone.localdate())

    @cached_property
    def messages(self) -> list[Message]:
        """What was sent to the person about it, or could not be."""
        return list(Message.objects.visible_to(self.user).of_case(self.case))

    @property
    def case_file(self) -> str:
        """Where the case is had as one file, once it is finished, by who may see everything of it."""
        if not case_files.may_have(self.case, self.user):
            return ""
        return reverse("window:case_file", args=[self.case.number])

    @property
    def next_case(self) -> Case | None:
        """What an officer takes up after it."""
        return next_waiting(self.case, self.user) if self.base == "base_staff.html" else None

    # -- what may be done --------------------------------------------------------------------------------
    @abstractmethod
    def address_of(self, row: Transition) -> str:
        """Where the page of an action is."""

    def has_page(self, row: Transition) -> bool:
        """Whether people take this action from here; others are taken elsewhere or by the system."""
        return True

    def reason_against(self, row: Transition) -> str:
        """Why an action that state and role allow is still not to be taken; empty when it may be."""
        return ""

    def kind_of_button(self, row: Transition, place: int) -> str:
        if row.danger:
            return "danger"
        return "primary" if row.action in self.primary else "secondary"

    @cached_property
    def _sorted_out(self) -> tuple[list[Offered], list[NotOffered]]:
        may, may_not = possible_actions(self.case, self.user)
        offered: list[Offered] = []
        refused = [NotOffered(row.label, reason, row.action) for row, reason in may_not if self.has_page(row)]
        for row in filter(self.has_page, may):
            reason = self.reason_against(row)
            if reason:
                refused.append(NotOffered(row.label, reason, row.action))
                continue
            kind = self.kind_of_button(row, len(offered))
            offered.append(Offered(row.label, self.address_of(row), row.consequence, kind, row.action))
        return offered, refused

    @property
    def actions(self) -> list[Offered]:
        return self._sorted_out[0]

    @property
    def refused(self) -> list[NotOffered]:
        return self._sorted_out[1]

    def reason_not_to(self, action: str) -> str:
        """Why the user may not take an action that the state allows; empty when they may."""
        return next((one.reason for one in self.refused if one.action == action), "")

    # -- what happened -----------------------------------------------------------------------------------
    def title_of(self, event: CaseEvent) -> str:
        return event.label

    def text_of(self, event: CaseEvent) -> str:
        missing = event.detail.get("missing")
        return event.reason or ("需补正：" + "；".join(missing) if missing else "")

    def who_did(self, event: CaseEvent) -> str:
        if event.by and event.role:
            return f"{event.by}（{event.get_role_display()}）"
        return str(event.by or self.nobody)

    @cached_property
    def events(self) -> list[Happened]:
        """What was done, newest first; the newest of an open case is marked as where it stands."""
        lines: list[Happened] = []
        for event in self.case.events.select_related("by").order_by("-position"):
            is_current = not lines and not self.case.closed_at
            tone = "current" if is_current else self.event_tones.get(event.action, "")
            title = self.title_of(event)
            lines.append(Happened(event.at, title, self.who_did(event), self.text_of(event), tone))
        return lines

    # -- that it was looked at ---------------------------------------------------------------------------
    @property
    def view_detail(self) -> dict[str, Any] | None:
        """What the audit keeps of it besides."""
        return None

    def record_view(self) -> None:
        """Write to the audit that the user opened the page."""
        audit.record(
            "case.view",
            by=self.user,
            obj=self.case,
            worker=self.case.worker_id,
            region=self.case.region_id,
            detail=self.view_detail,
        )


def found_by_number(seen: QuerySet[Any], number: str) -> Any:
    """The one among what the user sees whose case has the number, or 404.

    Its key is looked up first: with it known the database plans the join of all that the page shows in a sixth of the
    time.
    """
    keys = seen.prefetch_related(None).filter(case__number=number).values_list("pk", flat=True)
    return get_object_or_404(seen, pk=get_object_or_404(keys))


class ShownPage(Protocol):
    """What a page in the frame of a case needs: cases have it, and records beside a case can."""

    @property
    def base(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def crumbs(self) -> Crumbs: ...

    @property
    def case(self) -> Case | None: ...

    def record_view(self) -> None: ...


def show_case(
    request: HttpRequest, page: ShownPage, template: str, *, status: int = 200, **shown: Any
) -> HttpResponse:
    """The page of a case. That it was opened is audited; showing it again after a form was sent is not."""
    if request.method != "POST":
        page.record_view()
    context = {
        "page": page,
        "title": page.title,
        "crumbs": page.crumbs,
        "case": page.case,
        **shown,
    }
    return render(request, template, context, status=status)


def take_action(
    request: HttpRequest,
    page: CasePage,
    action: str,
    form: forms.Form,
    act: Callable[[dict[str, Any]], str],
    *,
    submit: str,
    template: str,
    **shown: Any,
) -> HttpResponse:
    """The page of one transition: `act` takes what the form gave and says what was done.

    Opened from an old page, by a second officer or by somebody whose business it is not, it asks nothing for what
    cannot be done: it says so on the page of the case.
    """
    row = page.case.workflow.transition(action)
    if request.method != "POST":
        moved_on = f"办件当前状态为“{page.case.state_label}”，不能办理“{row.label}”。"
        reason = page.reason_not_to(action) if page.case.state in row.sources else moved_on
        if reason:
            messages.warning(request, reason)
            return redirect(page.address)
    answer = act_on(request, form, lambda given: Done(act(given), page.address))
    asked = ActionPage(
        title=f"{row.label}：{page.name}",
        crumbs=page.crumbs_to(row.label),
        submit=submit,
        back=page.address,
        consequence=row.consequence,
        heading=row.label,
        kind="danger" if row.danger else "primary",
        base=page.base,
    )
    return answer or show_action(request, asked, form, template=template, about=page, case=page.case, **shown)
