"""One person or unit under two numbers, or entered by mistake: proposed by one person, decided by another, undone
the same way. Nothing that was written down is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.workforce import collisions, events
from portal.workforce.actions.locking import derive, reason_given, written_by
from portal.workforce.merged import records_of, records_of_unit
from portal.workforce.models import (
    Employer,
    EmployerPointer,
    Employment,
    MergedEmployer,
    MergedPerson,
    MergeFinding,
    PersonPointer,
    PointerState,
    Worker,
)

PROPOSE, CONFIRM = "worker.merge", "worker.merge.confirm"


@dataclass(frozen=True)
class PointerKind:
    """What differs between the pointers of people and those of units."""

    code: str
    noun: str
    pointer: Any
    record: Any
    merged: Any
    # The column of its place, and that of a finding which names its pointer.
    place: str
    finding: str
    collide: Callable[[Any, Any], list[collisions.Collision]]


KINDS = {
    kind.code: kind
    for kind in (
        PointerKind(
            "person", "人员", PersonPointer, Worker, MergedPerson, "work_region_id", "person",
            collisions.of_people,
        ),
        PointerKind(
            "unit", "单位", EmployerPointer, Employer, MergedEmployer, "region_id", "unit", collisions.of_units
        ),
    )
}  # fmt: skip


def propose_pointer(
    kind: str, source_id: int, target_id: int | None, *, reason: str, by: Any, on: date
) -> Any:
    """Propose that a record is the same as another one, or, without a target, that it was entered by mistake.

    Raises Refused (who), NotNow (merged already, proposed already, no reason).
    """
    row = KINDS[kind]
    reason = reason_given(reason, "请写明理由。")
    with written_by(by):
        source, target = _locked(row, source_id, target_id)
        _require_place(row, PROPOSE, by, source, target)
        _require_possible(row, source, target)
        if row.pointer.objects.open().filter(source=source).exists():
            raise NotNow("该档案已有待复核的并入或者作废，请等待复核。")
        return _propose(row, by, on, source=source, target=target, reason=reason[:500])


def propose_undoing(kind: str, pointer_id: int, *, reason: str, by: Any, on: date) -> Any:
    """Propose to undo a pointer that stands: both records stand for themselves again. Raises Refused, NotNow."""
    row = KINDS[kind]
    reason = reason_given(reason, "请写明理由。")
    with written_by(by):
        undone = row.pointer.objects.get(pk=pointer_id)
        source, target = _locked(row, undone.source_id, undone.target_id)
        _require_place(row, PROPOSE, by, source, target)
        undone.refresh_from_db()
        if not undone.stands:
            raise NotNow("该项并入或者作废已经撤销，或者没有生效。")
        if row.pointer.objects.open().filter(source=source).exists():
            raise NotNow("已有待复核的撤销，请等待复核。")
        return _propose(row, by, on, source=source, target=target, undoes=undone, reason=reason[:500])


def confirm_pointer(kind: str, pointer_id: int, *, by: Any, on: date) -> Any:
    """Let a pointer stand that somebody else has proposed: from now on lists, rights and search follow it.

    What stands twice by then is left as findings. Raises Refused, NotNow.
    """
    row = KINDS[kind]
    with written_by(by):
        pointer, source, target = _locked_proposal(row, pointer_id, by)
        undoing = pointer.undoes_id is not None
        if not undoing:
            _require_possible(row, source, target)
        before = _people_behind(row, source, target)
        try:
            with transaction.atomic():
                _decide(pointer, PointerState.CONFIRMED, by, on)
        except IntegrityError as error:
            raise NotNow("该档案在提出后又有变化，请作未通过处理后重新提出。") from error
        if undoing:
            _close_findings(row, pointer, by, on)
        elif target is not None:
            _find(row, pointer, row.collide(source, target))
        derive(before | _people_behind(row, source, target))
        _audit(row, "confirm", pointer, by, on)
        if row.code == "person":
            events.recognition_fallen([source.pk])
            events.recognition_verified(sorted({records_of(source.pk)[0], *([target.pk] if target else [])}))
        return pointer


def refuse_pointer(kind: str, pointer_id: int, *, reason: str, by: Any, on: date) -> Any:
    """Leave both records as they are, for a reason. Raises Refused, NotNow."""
    row = KINDS[kind]
    reason = reason_given(reason, "请写明不予通过的理由。")
    with written_by(by):
        pointer, *_ = _locked_proposal(row, pointer_id, by)
        pointer.verdict = reason[:500]
        _decide(pointer, PointerState.REFUSED, by, on)
        _audit(row, "refuse", pointer, by, on)
        return pointer


def settle_finding(finding_id: int, *, how: str, by: Any, on: date) -> MergeFinding:
    """Note how something that stood twice was settled; what was done stands where it was done.

    Raises Refused, NotNow.
    """
    how = reason_given(how, "请写明如何处理。")
    with written_by(by):
        finding = MergeFinding.objects.select_for_update().get(pk=finding_id)
        row = KINDS["person" if finding.person_id else "unit"]
        pointer = getattr(finding, row.finding)
        require(by, CONFIRM, getattr(pointer.source, row.place))
        if finding.settled_on:
            raise NotNow(f"该事项已处理：{finding.how}")
        _settle(finding, how, by, on)
        audit.record(
            "merge.settle",
            by=by,
            obj=finding,
            worker=pointer.source_id if row.code == "person" else None,
            region=getattr(pointer.source, row.place),
            detail={"what": finding.kind, "how": finding.how},
        )
        return finding


# -- what holds before anything is written -------------------------------------------------------------------
def _locked(row: PointerKind, source_id: int, target_id: int | None) -> tuple[Any, Any]:
    """Both records, held in the order of their numbers: two who merge the same pair stand in line."""
    wanted = {number for number in (source_id, target_id) if number is not None}
    held = row.record.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    found = {record.pk: record for record in held}
    if len(found) != len(wanted):
        raise NotNow("没有这份档案。")
    return found[source_id], found.get(target_id)


def _require_place(row: PointerKind, permission: str, by: Any, source: Any, target: Any) -> None:
    """Who proposes or decides has the permission where both records are."""
    for record in (source, target):
        if record is not None:
            require(by, permission, getattr(record, row.place))


def _require_possible(row: PointerKind, source: Any, target: Any) -> None:
    if target is not None and source.pk == target.pk:
        raise NotNow("不能并入本身，请选择另一份档案。")
    if row.merged.objects.filter(source=source).exists():
        raise NotNow("该档案已经并入另一份档案或者已作废。")
    if target is not None and row.merged.objects.filter(source=target).exists():
        raise NotNow("所选的档案已经并入另一份档案或者已作废，请选择保留的那一份。")
    if target is None and row.merged.objects.filter(target=source).exists():
        raise NotNow("有其他档案并入了本档案，不能作废。请先撤销那些并入。")


def _locked_proposal(row: PointerKind, pointer_id: int, by: Any) -> tuple[Any, Any, Any]:
    """The proposal with its records, for somebody else who may decide on it."""
    asked = row.pointer.objects.get(pk=pointer_id)
    source, target = _locked(row, asked.source_id, asked.target_id)
    _require_place(row, CONFIRM, by, source, target)
    pointer = row.pointer.objects.select_for_update(of=("self",)).get(pk=pointer_id)
    if pointer.state != PointerState.PROPOSED:
        raise NotNow(f"该项{pointer.title}已处理，结果为“{pointer.get_state_display()}”。")
    if pointer.proposed_by_id == by.pk:
        raise Refused(f"该项{pointer.title}由您提出，须由另一人复核。")
    if row.code == "person" and by.pk in {record.account_id for record in (source, target) if record}:
        raise Refused("这是您本人的档案，须由另一人复核。")
    return pointer, source, target


# -- what is written -----------------------------------------------------------------------------------------
def _propose(row: PointerKind, by: Any, on: date, **values: Any) -> Any:
    target = values["target"]
    found = [] if target is None or values.get("undoes") else row.collide(values["source"], target)
    shown = [[collision.kind, collision.text] for collision in found]
    pointer = row.pointer.objects.create(proposed_by=by, collisions=shown, **values)
    _audit(row, "propose", pointer, by, on)
    return pointer


def _decide(pointer: Any, state: PointerState, by: Any, on: date) -> None:
    pointer.state = state
    pointer.decided_by = by
    pointer.decided_at = timezone.now()
    pointer.decided_on = on
    pointer.save(update_fields=["state", "decided_by", "decided_at", "decided_on", "verdict"])
    pointer.refresh_from_db(fields=["stands"])


def _find(row: PointerKind, pointer: Any, found: Collection[collisions.Collision]) -> None:
    MergeFinding.objects.bulk_create(
        MergeFinding(**{row.finding: pointer}, kind=collision.kind[:40], text=collision.text[:300])
        for collision in found
    )


def _close_findings(row: PointerKind, pointer: Any, by: Any, on: date) -> None:
    """What stood twice stands apart again."""
    for finding in MergeFinding.objects.open().filter(**{row.finding: pointer.undoes_id}):
        _settle(finding, "并入已撤销，两份档案各自恢复。", by, on)


def _settle(finding: MergeFinding, how: str, by: Any, on: date) -> None:
    finding.how = how[:300]
    finding.settled_by = by
    finding.settled_on = on
    finding.save(update_fields=["how", "settled_by", "settled_on"])


def _people_behind(row: PointerKind, source: Any, target: Any) -> set[int]:
    """The records of people whose lists show otherwise with the pointer than without it."""
    records = [record for record in (source, target) if record is not None]
    if row.code == "person":
        return {number for record in records for number in records_of(record.pk)}
    units = {number for record in records for number in records_of_unit(record.pk)}
    return set(Employment.objects.filter(employer__in=units).values_list("worker_id", flat=True))


def _audit(row: PointerKind, what: str, pointer: Any, by: Any, on: date) -> None:
    audit.record(
        f"merge.{what}",
        by=by,
        obj=pointer,
        worker=pointer.source_id if row.code == "person" else None,
        region=getattr(pointer.source, row.place),
        detail={
            "what": f"{row.noun}档案{pointer.title}",
            "one": pointer.source_id,
            "into": pointer.target_id,
            "reason": (pointer.verdict or pointer.reason)[:200],
            "on": on.isoformat(),
        },
    )
