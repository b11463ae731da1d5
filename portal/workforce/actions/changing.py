"""A change to what counts: proposed by one person, confirmed or refused by another who has written none of it.

Until then the record stays as it is and goes on counting. Whatever changes such a record comes here: the actions of
records, of workers and of units, and the roster. The database holds it as well (portal.workforce.change_guards).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.documents import digests_of, documents_seen, with_documents
from portal.workforce.actions.locking import check, derive, reason_given, written_by
from portal.workforce.authors import written_among
from portal.workforce.change_subjects import SUBJECTS, filled_in, kept
from portal.workforce.merged import require_standing
from portal.workforce.models import ChangeState, ChangeWhat, Employer, RecordChange, Worker
from portal.workforce.models.base import records_of_person
from portal.workforce.models.record_changes import OF_UNIT, OF_WORKER
from portal.workforce.models.verification import Verifiable, Verification

PERMISSION = "record.verify"
_CHANGED_MEANWHILE = "该信息在提出后又有变化，不能照此办理。请作未通过处理，核对后重新提出。"


def propose_change(
    kind: str,
    record: Any,
    what: ChangeWhat,
    *,
    reason: str,
    by: Any,
    entered: Mapping[str, Any] | None = None,
) -> RecordChange:
    """Write down what a record shall say (`entered`, by field), or that it shall be removed.

    Call it with the record locked, in the transaction that checked who may. Raises NotNow.
    """
    subject = SUBJECTS[kind]
    reason = reason_given(reason, f"请写明{what.label}的理由，供另一人确认。")
    if RecordChange.objects.open().filter(kind=kind, record_id=record.pk).exists():
        raise NotNow(f"该{subject.title}已有一项变更待他人确认。请等待确认，或由提出人撤回后重新提出。")
    before = kept(record, subject.fields)
    change = RecordChange(kind=kind, record_id=record.pk, what=what, before=before, reason=reason[:500])
    if entered is not None:
        wanted = kept(_with(record, entered), entered)
        change.after = {column: value for column, value in wanted.items() if before[column] != value}
    if isinstance(record, Employer):
        change.unit = record
    else:
        change.worker_id = record.pk if isinstance(record, Worker) else record.worker_id
    if kind == OF_WORKER and change.after:
        change.to_region_id = change.after["work_region_id"]
    change.proposed_by = by
    change.save(force_insert=True)
    _audit("propose", change, by, reason=change.reason[:200])
    return change


def _with(record: Any, entered: Mapping[str, Any]) -> Any:
    """A record of the same kind that says what was entered."""
    wanted = type(record)()
    for name, value in entered.items():
        setattr(wanted, name, value)
    return wanted


def confirm_change(
    change_id: int, *, seen: str, by: Any, on: date, documents: Collection[int] = ()
) -> RecordChange:
    """Let a change take effect; `seen` names the document that shows it, or `documents` are those of the record.

    Raises Refused (who), NotNow (decided already, changed meanwhile, not possible any more).
    """
    if not documents:
        seen = reason_given(seen, "请写明确认依据，例如：原始凭证、经办系统查询结果。")
    with written_by(by):
        change = _locked_for_another(change_id, by)
        record = _locked_record(change)
        if change.worker is not None:
            require_standing(change.worker)
        looked_at = documents_seen(change.kind, record, documents) if documents else []
        seen = with_documents(seen.strip(), looked_at)
        try:
            with transaction.atomic():
                _decide(change, ChangeState.CONFIRMED, seen, by, on)
                _carry_out(change, record, on)
        except (IntegrityError, ProtectedError, ValidationError) as error:
            raise NotNow(_CHANGED_MEANWHILE) from error
        if change.worker_id:
            derive([change.worker_id])
        told = {"seen": change.verdict[:200], "on": on.isoformat(), **digests_of(looked_at)}
        _audit("confirm", change, by, **told)
        return change


def remove_by_decision(
    kind: str, record: Any, *, reason: str, seen: str, proposed_by: Any, by: Any, on: date
) -> RecordChange:
    """Remove a record in the names of two who decided elsewhere that it does not stand, at once.

    Call it with the record locked, in the transaction that checked both. Raises Refused (who wrote it), NotNow.
    """
    with written_by(by):
        change = propose_change(kind, record, ChangeWhat.REMOVE, reason=reason, by=proposed_by)
        if refusal := why_not(change, by):
            raise Refused(refusal)
        try:
            with transaction.atomic():
                _decide(change, ChangeState.CONFIRMED, seen, by, on)
                _carry_out(change, record, on)
        except (IntegrityError, ProtectedError) as error:
            raise NotNow(_CHANGED_MEANWHILE) from error
        if change.worker_id:
            derive([change.worker_id])
        _audit("confirm", change, by, seen=change.verdict[:200], on=on.isoformat())
        return change


def refuse_change(change_id: int, *, reason: str, by: Any, on: date) -> RecordChange:
    """Leave the record as it is, for a reason. Raises Refused, NotNow."""
    reason = reason_given(reason, "请写明不予通过的理由。")
    with written_by(by):
        change = _locked_for_another(change_id, by)
        _decide(change, ChangeState.REFUSED, reason, by, on)
        _audit("refuse", change, by, reason=change.verdict[:200], on=on.isoformat())
        return change


def withdraw_change(change_id: int, *, by: Any, on: date) -> RecordChange:
    """Take back what one has proposed oneself, before anybody has decided on it. Raises Refused, NotNow."""
    with written_by(by):
        change = _locked(change_id)
        if change.proposed_by_id != by.pk:
            raise Refused("变更由提出人撤回。不同意的，由另一人作未通过处理。")
        _decide(change, ChangeState.WITHDRAWN, "", by, on)
        _audit("withdraw", change, by, on=on.isoformat())
        return change


# -- what holds before anything is decided -------------------------------------------------------------------
def place_of(change: RecordChange) -> str:
    """Where it is decided: where the person works or the unit is, and of a handing over where it leads."""
    if change.to_region_id:
        return change.to_region_id
    return change.worker.work_region_id if change.worker else change.unit.region_id  # type: ignore[union-attr]


def why_not(change: RecordChange, user: Any) -> str:
    """Why the user, whoever they are, is none who may decide on it; empty when they may."""
    return why_not_each([change], user).get(change.pk, "")


def why_not_each(changes: Collection[RecordChange], user: Any) -> dict[int, str]:
    """The same of each of several, by its number: those that the user may decide on are left out."""
    by_kind: dict[str, list[int]] = {}
    for change in changes:
        by_kind.setdefault(change.kind, []).append(change.record_id)
    written = set()
    for kind, record_ids in by_kind.items():
        if SUBJECTS[kind].record_kind is not None:
            records = list(SUBJECTS[kind].model._default_manager.filter(pk__in=record_ids))
            written |= {(kind, pk) for pk in written_among(records, user)}
    own = set(records_of_person(user))
    reasons = {}
    for change in changes:
        if change.proposed_by_id == user.pk:
            reasons[change.pk] = "这项变更由您提出，须由另一人确认。"
        elif (change.kind, change.record_id) in written:
            reasons[change.pk] = "这条信息由您登记、导入或更改过，须由另一人确认。"
        elif change.worker_id in own:
            reasons[change.pk] = "这条信息是您本人的，须由另一人确认。"
    return reasons


def _locked(change_id: int) -> RecordChange:
    """The open change, whom it is about locked first as everywhere: two decisions stand in line."""
    asked = RecordChange.objects.filter(pk=change_id).first()
    if asked is None:
        raise NotNow("没有这项变更。")
    about: Any = Worker if asked.worker_id else Employer
    about.objects.select_for_update().get(pk=asked.worker_id or asked.unit_id)
    changes = RecordChange.objects.select_for_update(of=("self",))
    change = changes.select_related("worker", "unit", "proposed_by", "decided_by").get(pk=change_id)
    if change.state != ChangeState.PROPOSED:
        raise NotNow(f"该项变更已由{change.decided_by}处理，结果为“{change.get_state_display()}”。")
    return change


def _locked_for_another(change_id: int, by: Any) -> RecordChange:
    change = _locked(change_id)
    require(by, PERMISSION, place_of(change))
    reason = why_not(change, by)
    if reason:
        raise Refused(reason)
    return change


def _locked_record(change: RecordChange) -> Any:
    """What is changed, while it still says what it said when the change was proposed."""
    subject = SUBJECTS[change.kind]
    records = subject.model._default_manager.select_for_update(of=("self",))
    record = records.filter(pk=change.record_id).first()
    if record is None:
        raise NotNow(_CHANGED_MEANWHILE)
    says = kept(record, subject.fields)
    if any(says[column] != value for column, value in change.before.items()):
        raise NotNow(_CHANGED_MEANWHILE)
    return record


# -- what is written -----------------------------------------------------------------------------------------
def _decide(change: RecordChange, state: ChangeState, verdict: str, by: Any, on: date) -> None:
    change.state = state
    change.verdict = verdict.strip()[:500]
    change.decided_by = by
    change.decided_at = timezone.now()
    change.decided_on = on
    change.save(update_fields=["state", "verdict", "decided_by", "decided_at", "decided_on"])


def _carry_out(change: RecordChange, record: Any, on: date) -> None:
    """In the transaction that confirms it, or the database refuses."""
    if change.what == ChangeWhat.REMOVE:
        record.delete()
        return
    filled_in(record, change.after or {})
    if change.kind in (OF_WORKER, OF_UNIT):
        record.save(update_fields=[*SUBJECTS[change.kind].fields])
        return
    record.recorded_by = change.proposed_by
    record.recorded_at = change.proposed_at
    if isinstance(record, Verifiable):
        record.verification = Verification.CONFIRMED
        record.verified_by = change.decided_by
        record.verified_at = change.decided_at
        record.verified_from = change.verdict[:200]
    kind = SUBJECTS[change.kind].record_kind
    if kind is not None:
        kind.agrees(record)
        check(record, on=on, past=kind.past)
    record.save()
    if change.follows:
        following = SUBJECTS[change.kind].model(
            worker_id=change.worker_id, recorded_by=change.proposed_by, recorded_at=change.proposed_at
        )
        filled_in(following, change.follows).save(force_insert=True)


def _audit(what: str, change: RecordChange, by: Any, **detail: Any) -> None:
    audit.record(
        f"change.{what}",
        by=by,
        obj=change,
        worker=change.worker_id,
        region=place_of(change),
        detail={
            "kind": change.kind,
            "what": change.what,
            "record": change.record_id,
            "fields": sorted(change.after or ()),
            **detail,
        },
    )
