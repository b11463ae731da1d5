"""Confirming at the window that a telephone is the person's own, so that they may sign in with its number; and ending that."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.merged import account_of, require_standing
from portal.workforce.models import ConfirmedPhone, Worker
from portal.workforce.models.base import records_of_person

PERMISSION = "worker.activate"


def confirmed_phone(worker: Worker) -> ConfirmedPhone | None:
    """What the person may sign in with: confirmed, not ended, and still the number of the record."""
    if worker.phone_digest is None:
        return None
    return worker.confirmed_phones.filter(ended_at__isnull=True, digest=worker.phone_digest).first()


@transaction.atomic
def confirm_phone(worker_id: int, *, by: Any, id_card_seen: bool, rang: bool) -> ConfirmedPhone:
    """The number of the record signs its person in from now on.

    `rang`: it was called at the window, and the person's telephone rang. Raises Refused (not here, or oneself), NotNow (no
    number, no account, not seen, another person's).
    """
    worker = _locked(worker_id, by)
    if not (id_card_seen and rang):
        raise NotNow("请核对居民身份证原件，并当面拨打该手机号，本人手机响铃后再确认。")
    if worker.phone_digest is None:
        raise NotNow("档案中没有手机号，请先在档案中登记。")
    account = account_of(worker)
    if account is None or not account.is_active:
        raise NotNow("该人员没有可用的账号，请先发放激活码，由本人设置密码。")
    if confirmed_phone(worker) is not None:
        raise NotNow("这个手机号已经确认过。")
    open_ones = ConfirmedPhone.objects.select_for_update(of=("self",)).filter(ended_at__isnull=True)
    # A number that its record does not have any more holds nobody up; nor does this person's former one.
    over = Q(worker=worker) | (Q(digest=worker.phone_digest) & ~Q(worker__phone_digest=F("digest")))
    over |= Q(digest=worker.phone_digest, worker__phone_digest__isnull=True)
    open_ones.filter(pk__in=[one.pk for one in open_ones.filter(over)]).update(
        ended_at=timezone.now(), ended_by=by
    )
    if open_ones.filter(digest=worker.phone_digest).exists():
        raise NotNow("这个手机号已确认为另一人的登录手机号。一个手机号只能用于一人登录，请改用证件号码登录。")
    made = ConfirmedPhone.objects.create(worker=worker, digest=worker.phone_digest, confirmed_by=by)
    _record("phone.confirm", worker, made, by, {"id_card_seen": True})
    return made


@transaction.atomic
def end_phone(worker_id: int, *, by: Any) -> None:
    """The number signs nobody in any more. Raises Refused, NotNow (none is confirmed)."""
    worker = _locked(worker_id, by)
    confirmed = worker.confirmed_phones.select_for_update().filter(ended_at__isnull=True).first()
    if confirmed is None:
        raise NotNow("没有确认的手机号，或者已经终止。")
    confirmed.ended_at, confirmed.ended_by = timezone.now(), by
    confirmed.save(update_fields=["ended_at", "ended_by"])
    _record("phone.end", worker, confirmed, by, {})


def _locked(worker_id: int, by: Any) -> Worker:
    seen = Worker.objects.visible_to(by).select_for_update(of=("self",))
    worker = seen.filter(pk=worker_id).first()
    if worker is None:
        raise Refused("该人员不属于您负责的地区。")
    require(by, PERMISSION, worker.work_region_id)
    require_standing(worker)
    if worker.pk in records_of_person(by):
        raise Refused("这是您本人，须由另一位经办员办理。")
    return worker


def _record(action: str, worker: Worker, phone: ConfirmedPhone, by: Any, detail: dict[str, Any]) -> None:
    audit.record(action, by=by, obj=phone, worker=worker, region=worker.work_region_id, detail=detail)
