"""A worker's account: made at the window, after the ID card was checked, by a one-time code on paper."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.accounts.activation import new_code
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.throttle import Limit
from portal.workforce.merged import account_of
from portal.workforce.models import Worker
from portal.workforce.models.base import records_of_person

# A sheet that jams in the printer is printed again; a code an hour for one person is somebody playing.
FOR_WORKER = Limit("activation-for-worker", 5, 86400)
BY_CLERK = Limit("activation-by-clerk", 300, 86400)


@dataclass(frozen=True)
class Issued:
    """What is printed for the worker, once. `renewed` when they had an account already."""

    username: str
    code: str
    expires_at: datetime
    renewed: bool


def _new_username() -> str:
    """w and eight digits, the first not 0: short enough to copy by hand, and says nothing about the
    person.
    """
    return f"w{10_000_000 + secrets.randbelow(90_000_000)}"


def _create_user(display_name: str) -> User:
    while True:
        try:
            with transaction.atomic():
                return User.objects.create_user(_new_username(), None, display_name=display_name)
        except IntegrityError:
            # The number is taken: draw another.
            continue


def _account_of(worker: Worker, by: Any) -> tuple[User, bool]:
    """The person's account, made if there is none, and whether there was one already."""
    account = account_of(worker)
    if account is not None:
        return account, True
    user = _create_user(worker.name[:40])
    RoleAssignment.objects.create(user=user, role=Role.WORKER, region_id=worker.work_region_id, granted_by=by)
    worker.account = user
    worker.save(update_fields=["account", "updated_at"])
    audit.record(
        "account.create",
        by=by,
        obj=user,
        worker=worker,
        region=worker.work_region_id,
        detail={"username": user.username},
    )
    return user, False


@transaction.atomic
def issue_activation_code(worker: Worker, *, by: Any, id_card_seen: bool) -> Issued:
    """A code for the worker's account, which is made if there is none; an earlier unused code ends.

    `id_card_seen`: the clerk says that the original ID card was held against the person and the record.
    Raises Refused (who, where), NotNow (ID card not seen, account disabled, too often).
    """
    require(by, "worker.activate", worker.work_region_id)
    if not id_card_seen:
        raise NotNow("请先核对本人居民身份证原件，再发放激活码。")
    # Without the account in the same query: after waiting for another clerk it would still be the one from
    # before.
    record = Worker.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=worker.pk).first()
    if record is None:
        raise Refused("该人员不属于您负责的地区。")
    # Locked and read again: the record may have moved to another region meanwhile.
    require(by, "worker.activate", record.work_region_id)
    if record.pk in records_of_person(by):
        raise Refused("不能为自己的账号发放激活码，须由另一位经办员办理。")
    account = account_of(record)
    if account is not None and not account.is_active:
        raise NotNow("该人员的账号已停用，请联系系统管理员。")
    if FOR_WORKER.wait(str(record.pk)):
        raise NotNow("该人员今日领取激活码次数过多，请明日再办理。")
    if BY_CLERK.wait(str(by.pk)):
        raise NotNow("您今日发放的激活码次数过多，请联系业务主管。")
    user, renewed = _account_of(record, by)
    issued = new_code(user, answer=str(record.id_number), by=by)
    audit.record(
        "worker.activation_issue",
        by=by,
        obj=user,
        worker=record,
        region=record.work_region_id,
        detail={"username": user.username, "id_card_seen": True, "renewed": renewed},
    )
    return Issued(user.username, issued.code, issued.expires_at, renewed)
