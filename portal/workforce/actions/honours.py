"""Honours: written down by one person, verified or refuted by another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import ProtectedError
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.changing import propose_change
from portal.workforce.actions.documents import digests_of, documents_seen, with_documents
from portal.workforce.actions.locking import (
    change_of,
    check,
    check_version,
    reason_given,
    written_by,
)
from portal.workforce.actions.plausibility import explained, note_improbable
from portal.workforce.authors import has_written, is_only_author
from portal.workforce.events import person_saved, recognition_fallen, recognition_verified
from portal.workforce.models import ChangeWhat, Honour, RecordChange
from portal.workforce.models.base import records_of_person
from portal.workforce.models.honours import HonourState
from portal.workforce.record_kinds import HONOUR


def record_honour(
    worker_id: int,
    *,
    type: Any,
    year: int,
    source: str,
    by: Any,
    on: date,
    named_as: str = "",
    conferred_on: date | None = None,
    document: str = "",
    honour_id: int | None = None,
    version: str = "",
    explanation: str = "",
) -> Honour:
    """Write down an honour, or correct one that is not verified; either way somebody else verifies it
    (again).

    Raises Refused, Stale, ValidationError by field, NotNow.
    """
    entered = {
        "type": type,
        "named_as": named_as.strip() or type.name,
        "year": year,
        "conferred_on": conferred_on,
        "document": document.strip(),
        "source": source,
    }
    with change_of(worker_id, "honour.record", by=by) as worker:
        if honour_id is None:
            honour = Honour(worker=worker)
            changed = list(entered)
        else:
            honour = _honour_to_correct(honour_id, worker.pk, version)
            changed = [name for name, value in entered.items() if getattr(honour, name) != value]
        if not changed:
            return honour
        for name, value in entered.items():
            setattr(honour, name, value)
        _take_verdict_back(honour)
        honour.recorded_by = by
        honour.recorded_at = timezone.now()
        check(honour, on=on, past=HONOUR.past)
        improbable = explained("honour", honour, explanation, on=on)
        honour.save()
        note_improbable(improbable, honour, worker, explanation, by=by)
        audit.record(
            "honour.record" if honour_id is None else "honour.change",
            by=by,
            obj=honour,
            worker=worker,
            region=worker.work_region_id,
            detail={"type": type.pk, "year": year, "fields": changed},
        )
        return honour


def _honour_to_correct(honour_id: int, worker_id: int, version: str) -> Honour:
    honour = _locked_honour(honour_id, worker_id)
    check_version(honour, version)
    if honour.state == HonourState.VERIFIED:
        raise NotNow("该荣誉已核实，不能直接更改。如有误，请由盟市审核员先作“核实不符”处理，再重新登记。")
    return honour


def _take_verdict_back(honour: Honour) -> None:
    """What was judged was what stood there before: it is to be verified anew."""
    honour.state = HonourState.UNVERIFIED
    honour.verified_by = None
    honour.verified_at = None
    honour.verdict = ""


def _locked_honour(honour_id: int, worker_id: int | None = None) -> Honour:
    """The honour, held until the transaction ends; NotNow when it is gone, or is another worker's."""
    honours = Honour.objects.select_for_update(of=("self",)).select_related("worker", "type", "verified_by")
    if worker_id is not None:
        honours = honours.filter(worker_id=worker_id)
    honour = honours.filter(pk=honour_id).first()
    if honour is None:
        raise NotNow("该荣誉记录已被撤销，请刷新页面。")
    return honour


def _refuse_own_record(honour: Honour, by: Any) -> None:
    """Who wrote any of it cannot judge it, which the database holds as well; nor can the person it honours."""
    if has_written(by, honour):
        raise Refused("这项荣誉由您登记或更改过，须由另一名审核员核实。")
    if honour.worker_id in records_of_person(by):
        raise Refused("这项荣誉是您本人的，须由另一名审核员核实。")


def verify_honour(
    honour_id: int, *, by: Any, on: date, verdict: str = "", documents: Collection[int] = ()
) -> Honour:
    """Say that the document confers the honour. Whoever decides upon recognitions is told in the same
    transaction.

    `documents` are those handed in with it that were seen. Without a document number the verdict must say
    what was seen instead. Raises Refused, NotNow.
    """
    verdict = verdict.strip()
    with written_by(by):
        honour = _locked_honour(honour_id)
        require(by, "honour.verify", honour.worker.work_region_id)
        if honour.state != HonourState.UNVERIFIED:
            raise NotNow(f"该荣誉已由{honour.verified_by}处理，结果为“{honour.get_state_display()}”。")
        _refuse_own_record(honour, by)
        looked_at = documents_seen(HONOUR.code, honour, documents)
        verdict = with_documents(verdict, looked_at)
        if not honour.document and not verdict:
            raise NotNow("该荣誉没有文号，须单独核实并写明核实依据。")
        if honour.year > on.year or (honour.conferred_on and honour.conferred_on > on):
            raise NotNow("荣誉的年度或授予日期晚于今天，请先更正。")
        _judge(honour, HonourState.VERIFIED, verdict, by)
        audit.record(
            "honour.verify",
            by=by,
            obj=honour,
            worker=honour.worker_id,
            region=honour.worker.work_region_id,
            detail={"type": honour.type_id, "year": honour.year, **digests_of(looked_at)},
        )
        recognition_verified([honour.worker_id])
        person_saved([honour.worker_id])
    return honour


def refute_honour(honour_id: int, *, reason: str, by: Any, on: date) -> Honour:
    """Say that the honour was not given, or not to this person; also after it had been verified. Raises
    Refused, NotNow.
    """
    reason = reason_given(reason, "请写明核实不符的理由。")
    with written_by(by):
        honour = _locked_honour(honour_id)
        require(by, "honour.verify", honour.worker.work_region_id)
        if honour.state == HonourState.REFUTED:
            raise NotNow(f"该荣誉已由{honour.verified_by}作“核实不符”处理。")
        _refuse_own_record(honour, by)
        before = honour.state
        _judge(honour, HonourState.REFUTED, reason, by)
        audit.record(
            "honour.refute",
            by=by,
            obj=honour,
            worker=honour.worker_id,
            region=honour.worker.work_region_id,
            detail={"type": honour.type_id, "year": honour.year, "from": before, "on": on.isoformat()},
        )
        if before == HonourState.VERIFIED:
            recognition_fallen([honour.worker_id])
        person_saved([honour.worker_id])
    return honour


def _judge(honour: Honour, state: HonourState, verdict: str, by: Any) -> None:
    honour.state = state
    honour.verdict = verdict[:200]
    honour.verified_by = by
    honour.verified_at = timezone.now()
    honour.save(update_fields=["state", "verdict", "verified_by", "verified_at"])


def withdraw_honour(
    worker_id: int, honour_id: int, *, reason: str, version: str, by: Any, on: date
) -> RecordChange | None:
    """Take back an honour that was written down by mistake and that nobody has verified; one that another person
    wrote down is proposed to be taken back, and the proposal returned.

    Raises Refused, Stale, NotNow.
    """
    reason = reason_given(reason, "请写明撤销该记录的理由。")
    with change_of(worker_id, "honour.record", by=by) as worker:
        honour = _locked_honour(honour_id, worker.pk)
        check_version(honour, version)
        if honour.state != HonourState.UNVERIFIED:
            raise NotNow(f"该荣誉的核实结果为“{honour.get_state_display()}”，不能撤销。")
        if not is_only_author(by, honour):
            return propose_change(HONOUR.code, honour, ChangeWhat.REMOVE, reason=reason, by=by)
        audit.record(
            "honour.remove",
            by=by,
            obj=honour,
            worker=worker,
            region=worker.work_region_id,
            detail={
                "reason": reason[:200],
                "type": honour.type_id,
                "year": honour.year,
                "on": on.isoformat(),
            },
        )
        try:
            honour.delete()
        except ProtectedError as error:
            raise NotNow("该荣誉曾经办理过名录事项，记录须保留，不能撤销；登记有误的请直接更正。") from error
        return None
