"""Changes of what counts as pages show them: what each does, whose it is, and both sides of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from portal.window.people.sections import Cell, section_of
from portal.workforce.change_subjects import SUBJECTS, begun_after, said_after, said_before
from portal.workforce.models import RecordChange
from portal.workforce.models.record_changes import OF_UNIT, OF_WORKER

# What of a change is read along wherever it is named.
WITH = (
    "worker__work_region__parent", "unit__region__parent", "to_region__parent", "proposed_by", "decided_by",
)  # fmt: skip


def title_of(change: RecordChange) -> str:
    """What it does, in words: 更改以往补贴."""
    return f"{change.get_what_display()}{SUBJECTS[change.kind].title}"


def whose(change: RecordChange) -> Any:
    """The worker or the unit."""
    return change.worker or change.unit


def region_of(change: RecordChange) -> Any:
    """Where the person works, or the unit is."""
    return change.worker.work_region if change.worker else change.unit.region  # type: ignore[union-attr]


def address_of_subject(change: RecordChange) -> str:
    """Where what is changed stands."""
    if change.kind == OF_UNIT:
        return reverse("window:employer", args=[change.unit_id])
    place = "" if change.kind == OF_WORKER else f"#{change.kind}"
    return f"{reverse('window:worker', args=[change.worker_id])}{place}"


@dataclass(frozen=True)
class Sides:
    """What a record says, what it shall say, and what begins when it ends; none of these is stored."""

    change: RecordChange
    before: Any
    # None when it shall be removed.
    after: Any
    follows: Any

    @property
    def pair(self) -> list[dict[str, Any]]:
        """What each column said and shall say, as the page of the person calls it."""
        rows = []
        for label, cell in _columns(self.change.kind):
            was = cell(self.before)
            shall_be = cell(self.after) if self.after is not None else ""
            rows.append({"label": label, "was": was, "shall_be": shall_be, "differs": was != shall_be})
        return rows

    @property
    def differences(self) -> list[dict[str, Any]]:
        """The columns that shall say something else; of what shall be removed, none."""
        return [row for row in self.pair if row["differs"]] if self.after is not None else []

    @property
    def removed(self) -> list[dict[str, Any]]:
        """What the record says that shall be removed."""
        return [row for row in self.pair if row["was"]] if self.after is None else []

    @property
    def begins(self) -> list[dict[str, Any]]:
        """The record that begins when this one ends."""
        if self.follows is None:
            return []
        cells = [(label, cell(self.follows)) for label, cell in section_of(self.change.kind).columns]
        return [{"label": label, "value": value} for label, value in cells if value]


def _columns(kind: str) -> tuple[tuple[str, Cell], ...]:
    if kind == OF_WORKER:
        return (("工作地", lambda worker: worker.work_region.full_name),)
    if kind == OF_UNIT:
        return (("单位性质", lambda unit: unit.get_kind_display()),)
    return (*section_of(kind).columns, ("来源", lambda record: record.source))


def _read_along(kind: str) -> tuple[str, ...]:
    """What the columns of a kind name that stands in other tables."""
    if kind == OF_WORKER:
        return ("work_region__parent",)
    return () if kind == OF_UNIT else section_of(kind).joins


def sides_of(changes: Sequence[RecordChange]) -> list[Sides]:
    """Both sides of each; what they name is read once for all of a kind."""
    sides = [
        Sides(change, said_before(change), said_after(change), begun_after(change)) for change in changes
    ]
    by_kind: defaultdict[str, list[Any]] = defaultdict(list)
    for one in sides:
        said = (one.before, one.after, one.follows)
        by_kind[one.change.kind] += [record for record in said if record is not None]
    for kind, records in by_kind.items():
        if joins := _read_along(kind):
            prefetch_related_objects(records, *joins)
    return sides
