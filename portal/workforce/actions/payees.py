"""Accounts that money may be paid to: one person proposes, another confirms or refuses."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal import audit, crypto
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.documents import remove_documents_of_withdrawn
from portal.workforce.actions.locking import change_of, check, reason_given, written_by
from portal.workforce.identity import narrow
from portal.workforce.merged import require_standing
from portal.workforce.models import PayeeAccount, Worker
from portal.workforce.models.base import own_records, records_of_person
from portal.workforce.models.credentials import PayeeState

_NUMBER = re.compile(r"\d{8,32}")


def propose_payee(
    worker_id: int, *, bank: str, account_number: str, source: str, by: Any, on: date
) -> PayeeAccount:
    """Write down an account for a second person to confirm; the one in use stays in use until then.

    Raises Refused, NotNow, ValidationError by field.
    """
    with change_of(worker_id, "payee.change", by=by) as worker:
        return _propose(worker, bank, account_number, source, by=by, on=on)


def propose_own_payee(
    worker_id: int, *, bank: str, account_number: str, source: str, by: Any, on: date
) -> PayeeAccount:
    """The same by the worker whose account it is, who says where their money shall go: another person confirms it.

    Raises Refused, NotNow, ValidationError by field.
    """
    with written_by(by):
        worker = Worker.objects.select_for_update().get(pk=worker_id)
        if worker.pk not in own_records(by):
            raise Refused("只能登记本人名下的收款账户。")
        require_standing(worker)
        return _propose(worker, bank, account_number, source, by=by, on=on)


def _propose(
    worker: Worker, bank: str, account_number: str, source: str, *, by: Any, on: date
) -> PayeeAccount:
    """Of a worker whose record is held."""
    number = re.sub(r"[\s-]", "", narrow(account_number))
    if not _NUMBER.fullmatch(number):
        raise ValidationError({"account_number": "银行账号应为8至32位数字。"})
    digest = crypto.digest(number, purpose="payee")
    accounts = worker.payee_accounts.all()
    if accounts.filter(state=PayeeState.PROPOSED).exists():
        raise NotNow("已有一个待复核的收款账户。请等待复核，或先撤回后重新登记。")
    if accounts.filter(state=PayeeState.CONFIRMED, account_digest=digest).exists():
        raise NotNow("该账号就是现在使用的收款账户，无须变更。")
    payee = PayeeAccount(
        worker=worker,
        bank=bank.strip(),
        account_number=number,
        account_digest=digest,
        source=source,
        recorded_by=by,
    )
    check(payee, on=on)
    payee.save(force_insert=True)
    audit.record("payee.propose", by=by, obj=payee, worker=worker, region=worker.work_region_id)
    return payee


def _locked_proposal(payee_id: int) -> PayeeAccount:
    """The proposal, its worker locked first as everywhere: two confirmations for one worker stand in line."""
    worker_id = PayeeAccount.objects.filter(pk=payee_id).values_list("worker_id", flat=True).first()
    if worker_id is not None:
        Worker.objects.select_for_update().get(pk=worker_id)
    payee = (
        PayeeAccount.objects.select_for_update(of=("self",))
        .select_related("worker")
        .filter(pk=payee_id)
        .first()
    )
    if payee is None:
        raise NotNow("该收款账户已被撤回。")
    return payee


def _require_undecided(payee: PayeeAccount) -> None:
    if payee.state != PayeeState.PROPOSED:
        raise NotNow(f"该收款账户已处理，状态为“{payee.get_state_display()}”。")


def confirm_payee(payee_id: int, *, by: Any, on: date) -> PayeeAccount:
    """Confirm an account somebody else wrote down; it takes the place of the one in use. Raises Refused,
    NotNow.
    """
    with written_by(by):
        payee = _locked_proposal(payee_id)
        require(by, "payee.confirm", payee.worker.work_region_id)
        _require_undecided(payee)
        if payee.recorded_by_id == by.pk:
            raise Refused("该收款账户由您登记，须由另一人复核。")
        if payee.worker_id in records_of_person(by):
            raise Refused("这是您本人的收款账户，须由另一人复核。")
        replaced = PayeeAccount.objects.filter(worker=payee.worker_id, state=PayeeState.CONFIRMED)
        replaced_ids = list(replaced.values_list("pk", flat=True))
        replaced.update(state=PayeeState.REPLACED)
        _decide(payee, PayeeState.CONFIRMED, by)
        audit.record(
            "payee.confirm",
            by=by,
            obj=payee,
            worker=payee.worker_id,
            region=payee.worker.work_region_id,
            detail={"on": on.isoformat(), "replaces": replaced_ids},
        )
    return payee


def refuse_payee(payee_id: int, *, reason: str, by: Any, on: date) -> PayeeAccount:
    """Refuse a proposed account with a reason; the one in use stays. Raises Refused, NotNow."""
    reason = reason_given(reason, "请写明复核未通过的理由。")
    with written_by(by):
        payee = _locked_proposal(payee_id)
        require(by, "payee.confirm", payee.worker.work_region_id)
        _require_undecided(payee)
        if payee.recorded_by_id == by.pk:
            raise Refused("该收款账户由您登记，须由另一人复核。登记有误的，请撤回。")
        payee.verdict = reason[:200]
        _decide(payee, PayeeState.REFUSED, by)
        audit.record(
            "payee.refuse",
            by=by,
            obj=payee,
            worker=payee.worker_id,
            region=payee.worker.work_region_id,
            detail={"on": on.isoformat(), "reason": reason[:200]},
        )
    return payee


def _decide(payee: PayeeAccount, state: PayeeState, by: Any) -> None:
    payee.state = state
    payee.confirmed_by = by
    payee.confirmed_at = timezone.now()
    payee.save(update_fields=["state", "verdict", "confirmed_by", "confirmed_at"])


def withdraw_payee(payee_id: int, *, by: Any, on: date) -> None:
    """Take back a proposal before anybody has decided on it. Raises Refused, NotNow."""
    with written_by(by):
        payee = _locked_proposal(payee_id)
        require(by, "payee.change", payee.worker.work_region_id)
        _require_undecided(payee)
        if payee.recorded_by_id != by.pk:
            raise Refused("收款账户由登记人撤回。登记有误的，请由复核人作未通过处理。")
        _take_back(payee, by=by, on=on)


def withdraw_own_payee(worker_id: int, *, by: Any, on: date) -> None:
    """The worker takes back what they wrote down themselves and nobody has decided on. Raises Refused, NotNow."""
    with written_by(by):
        waits = PayeeAccount.objects.filter(worker=worker_id, state=PayeeState.PROPOSED).first()
        if waits is None:
            raise NotNow("没有待复核的收款账户，请刷新页面。")
        payee = _locked_proposal(waits.pk)
        _require_undecided(payee)
        if payee.worker_id not in own_records(by) or payee.recorded_by_id != by.pk:
            raise Refused("待复核的收款账户不是您本人登记的，请到服务窗口办理。")
        _take_back(payee, by=by, on=on)


def _take_back(payee: PayeeAccount, *, by: Any, on: date) -> None:
    """With the copies that were handed in beside it."""
    audit.record(
        "payee.withdraw",
        by=by,
        obj=payee,
        worker=payee.worker_id,
        region=payee.worker.work_region_id,
        detail={"on": on.isoformat()},
    )
    remove_documents_of_withdrawn(payee, by=by, on=on)
    payee.delete()
