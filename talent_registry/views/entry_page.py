"""An entry of the registry as its page shows it to the office."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import can
from portal.cases.models import Case
from portal.letters.models import Letter
from portal.letters.waiting import Waits, waits_of
from portal.pages.action_page import Crumbs
from portal.pages.case_page import Happened, NotOffered, Offered
from portal.workforce.models.honours import HonourState
from portal.workforce.occupations import unlisted
from talent_registry import benefits
from talent_registry.actions.correcting import CONFIRM, PROPOSE, correctable, differences_of
from talent_registry.actions.status import MOVES, VERBS
from talent_registry.models import (
    CorrectionState,
    EntryCorrection,
    PublishedDifference,
    RegistryEntry,
    Status,
    StatusChange,
)

LIST = "名录管理"
TONES = {
    Status.ACTIVE: "good",
    Status.SUSPENDED: "warn",
    Status.REMOVED: "bad",
}
_SHOWN = (
    "region__parent",
    "case",
    "worker__employer",
    "worker__work_region__parent",
    "honour",
    "determination__rule_version",
    "confirmed_by",
    "selection",
    "difference",
)
# What a correction is shown with.
DECIDED = ("proposed_by", "decided_by", "region__parent", "region_before__parent")


@dataclass(frozen=True)
class EntryPage:
    """One entry: what was decided, on what it rests, what became of it, its letters."""

    entry: RegistryEntry
    user: Any

    base: ClassVar[str] = "base_staff.html"

    @classmethod
    def open(cls, request: HttpRequest, number: str) -> EntryPage:
        changes = StatusChange.objects.select_related("by").order_by("-position")
        seen = RegistryEntry.objects.visible_to(request.user).select_related(*_SHOWN)
        entry = get_object_or_404(seen.prefetch_related(Prefetch("changes", changes)), number=number)
        return cls(entry, request.user)

    @property
    def case(self) -> Case:
        return self.entry.case

    @property
    def title(self) -> str:
        return f"{self.entry.name}　{self.entry.number}"

    @property
    def address(self) -> str:
        return reverse("registry:record", args=[self.entry.number])

    @cached_property
    def unlisted(self) -> frozenset[str]:
        """The occupation, when it stands in no line of the catalogue."""
        return unlisted([self.entry.occupation])

    @property
    def way_here(self) -> Crumbs:
        return [("工作台", reverse("window:home")), (LIST, reverse("registry:entries"))]

    @property
    def crumbs(self) -> Crumbs:
        return [*self.way_here, (self.entry.number, "")]

    def crumbs_to(self, label: str) -> Crumbs:
        return [*self.way_here, (self.entry.number, self.address), (label, "")]

    @property
    def tone(self) -> str:
        return TONES[Status(self.entry.status)]

    @property
    def conditions(self) -> list[dict[str, Any]]:
        return benefits.explain(self.entry.determination)

    @property
    def ground_has_fallen(self) -> bool:
        """Whether the honour of somebody on the list is not verified any more."""
        honour = self.entry.honour
        return bool(self.entry.on_the_list and honour and honour.state != HonourState.VERIFIED)

    @cached_property
    def letters(self) -> list[Letter]:
        seen = Letter.objects.visible_to(self.user).filter(case_id=self.entry.case_id)
        return list(seen.select_related("file", "superseded_by").order_by("pk"))

    @cached_property
    def waiting_letters(self) -> list[Waits]:
        return waits_of(self.entry.case_id, user=self.user, on=timezone.localdate())

    # -- where the register says something else -----------------------------------------------------------
    @cached_property
    def _difference(self) -> PublishedDifference | None:
        return getattr(self.entry, "difference", None)

    @property
    def differs(self) -> bool:
        """Whether the register says something else, and nobody has decided to keep what is published."""
        return self._difference is not None and not self._difference.kept_id and not self._is_removed

    @cached_property
    def differences(self) -> list[dict[str, Any]]:
        """What differs, field by field. None where only digits of the number changed that are not published."""
        return differences_of(self.entry, self._difference) if self.differs else []

    @cached_property
    def correctable(self) -> list[dict[str, Any]]:
        """What may be proposed to be corrected, with what became otherwise since."""
        return [] if self._is_removed else correctable(self.entry)

    @cached_property
    def corrections(self) -> list[EntryCorrection]:
        return list(self.entry.corrections.select_related(*DECIDED))

    @property
    def open_correction(self) -> EntryCorrection | None:
        return next((one for one in self.corrections if one.state == CorrectionState.PROPOSED), None)

    @property
    def _to_correct(self) -> list[Offered]:
        number, region = self.entry.number, self.entry.region_id
        proposal = self.open_correction
        if proposal is not None:
            if proposal.proposed_by_id == self.user.pk or not can(self.user, CONFIRM, region):
                return []
            href = reverse("registry:correction_confirm", args=[proposal.pk])
            return [Offered("复核更正", href, "核对后更正公布的信息，或者不予更正。", "primary")]
        offered = []
        if self.correctable and can(self.user, PROPOSE, region):
            href = reverse("registry:correct", args=[number])
            words = "由另一名名录管理员复核后公布。"
            if not self.differences:
                words = f"{words}登记信息在公布后另有变化；公布当时有误的，才作更正。"
            kind = "primary" if self.differences else "secondary"
            offered.append(Offered("更正公布的信息", href, words, kind))
        if self.differs and can(self.user, CONFIRM, region):
            href = reverse("registry:keep", args=[number])
            offered.append(Offered("保留原公布内容", href, "公布的内容当时无误的，不作更正。"))
        return offered

    # -- what may be done --------------------------------------------------------------------------------
    @property
    def actions(self) -> list[Offered]:
        if self._may_be_proposed_again and can(self.user, "registry.propose", self.entry.region_id):
            href = reverse("registry:again", args=[self.entry.number])
            return [Offered("再次提出", href, "依据同一荣誉重新提出纳入建议，须写明理由。")]
        if not self._is_removed and self._may_change_status:
            moves = "、".join(VERBS[to] for to in MOVES[self.entry.status])
            href = reverse("registry:status", args=[self.entry.number])
            change = Offered("变更状态", href, f"可办理：{moves}。须有决定文号，并书面告知本人。")
            return [*self._to_correct, change]
        return self._to_correct

    @property
    def refused(self) -> list[NotOffered]:
        if self.actions:
            return []
        if not self._is_removed:
            return [NotOffered("变更状态", "名录状态由名录管理员变更。")]
        if self._may_be_proposed_again:
            return [NotOffered("变更状态", "已移出名录的不能恢复；重新纳入的，另行办理并给予新的编号。")]
        reason = (
            "经遴选纳入后又移出的，可以在以后年度重新申报遴选；"
            "获得符合直接纳入条件的荣誉的，经核实后自动提出纳入建议。"
        )
        return [NotOffered("再次提出", reason)]

    @property
    def _is_removed(self) -> bool:
        return self.entry.status == Status.REMOVED

    @property
    def _may_be_proposed_again(self) -> bool:
        """Only what rests on an honour can be proposed for it again."""
        return self._is_removed and not self.entry.selection_id

    @property
    def _may_change_status(self) -> bool:
        return can(self.user, "registry.status", self.entry.region_id)

    # -- what happened -----------------------------------------------------------------------------------
    @property
    def events(self) -> list[Happened]:
        """The changes of status and corrections, newest first, and the inclusion they began with."""
        changes = [
            Happened(
                at=change.at,
                title=f"{VERBS[Status(change.to_status)]}（自{change.on}起）",
                by=str(change.by or ""),
                text=f"{change.document}：{change.reason}",
                tone=TONES[Status(change.to_status)],
            )
            for change in self.entry.changes.all()
        ]
        included = Happened(
            at=self.entry.published_at,
            title="纳入并公布",
            by=str(self.entry.confirmed_by or ""),
            text=self.entry.law,
            tone="good",
        )
        happened = [*changes, *(event for one in self.corrections for event in _events_of(one)), included]
        return sorted(happened, key=lambda event: event.at, reverse=True)

    def record_view(self) -> None:
        """Write to the audit that the user opened the page."""
        entry = self.entry
        audit.record("registry.view", by=self.user, obj=entry, worker=entry.worker_id, region=entry.region_id)


_DECIDED = {
    CorrectionState.CONFIRMED: ("更正公布的信息", "good"),
    CorrectionState.REFUSED: ("不予更正公布的信息", "bad"),
    CorrectionState.KEPT: ("保留原公布内容", "plain"),
}


def _events_of(correction: EntryCorrection) -> list[Happened]:
    """Proposed by one person, decided by another; with what was published before and since."""
    said = "；".join(
        f"{row['label']}：{row['before'] or '未登记'} → {row['after'] or '未登记'}"
        for row in correction.differences
    )
    events = []
    if correction.state != CorrectionState.KEPT:
        events.append(
            Happened(
                at=correction.proposed_at,
                title="提出更正公布的信息",
                by=str(correction.proposed_by),
                text=f"{said}。理由：{correction.reason}",
                tone="info",
            )
        )
    if correction.decided_at:
        title, tone = _DECIDED[CorrectionState(correction.state)]
        reason = correction.verdict or correction.reason
        events.append(
            Happened(
                at=correction.decided_at,
                title=title,
                by=str(correction.decided_by),
                text=f"{said}。理由：{reason}",
                tone=tone,
            )
        )
    return events
