"""Showing a number that is masked everywhere: to whom, what for, how often, and who looks into it.

Nobody needs the numbers of a whole banner in a day. What a person looks at is counted in the register itself, under
a lock of their own, so that no number of windows open at once gets around it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit, locks
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.locking import reason_given
from portal.workforce.models import Masked, UnmaskedFor, Unmasking, UnmaskingAlert, Worker

REVIEW = "worker.unmask.review"
# Somebody who reads each number and types why needs longer than ten seconds for one.
MOST_A_MINUTE = 6
LEAST_CHARACTERS = 4


def reveal(worker_id: int, what: str, *, purpose: str, note: str, by: Any) -> str:
    """The full number, once, for a reason that is written down before anything is shown. Raises Refused, NotNow."""
    if what not in Masked.values:
        raise NotNow("没有这一项可供查看。")
    note = _checked_reason(purpose, note)
    with transaction.atomic():
        worker = Worker.objects.get(pk=worker_id)
        require(by, "worker.unmask", worker.work_region_id)
        value: str | None = getattr(worker, what)
        if not value:
            raise NotNow("该人员没有登记手机号。")
        locks.hold(f"unmasking {by.pk}")
        shown_today = _count_one_more(by)
        where = {"region_id": worker.work_region_id, "league_code": worker.league_code}
        Unmasking.objects.create(by=by, worker=worker, what=what, purpose=purpose, note=note, **where)
        audit.record(
            "worker.unmask",
            by=by,
            obj=worker,
            worker=worker,
            region=worker.work_region_id,
            detail={"what": what, "reason": f"{UnmaskedFor(purpose).label}：{note}"},
        )
        if shown_today + 1 >= settings.UNMASK_ALERT_FROM:
            _alert(by, where)
    return value


def _checked_reason(purpose: str, note: str) -> str:
    """What was written beside a purpose of the list. NotNow says which of both is missing."""
    if purpose not in UnmaskedFor.values:
        raise NotNow("请先选择查看完整号码的用途。")
    missing = "请写明具体事由，不少于4个字，例如：核对退回的挂号信、办件编号。"
    note = reason_given(" ".join(note.split()), missing)
    if len(note) < LEAST_CHARACTERS or len(set(note)) < LEAST_CHARACTERS - 1:
        raise NotNow(missing)
    return note[:120]


def _count_one_more(by: Any) -> int:
    """How many numbers the person was shown today before this one. NotNow when it would be too many."""
    today = Unmasking.objects.filter(by=by, day=timezone.localdate())
    shown = today.count()
    if shown >= settings.UNMASK_PER_DAY:
        raise NotNow(
            f"您今天已查看{shown}个完整号码，达到每人每天的上限。确因工作需要的，请联系业务主管，由其他经办人办理。"
        )
    if today.filter(at__gt=timezone.now() - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise NotNow(f"查看过于频繁：一分钟内最多查看{MOST_A_MINUTE}个完整号码。请稍后再试。")
    return shown


def _alert(by: Any, where: dict[str, str]) -> None:
    """Once a day the supervisor of the place is asked to look into it."""
    _, is_new = UnmaskingAlert.objects.get_or_create(by=by, day=timezone.localdate(), defaults=where)
    if is_new:
        audit.record("worker.unmask.alert", by=None, obj=by, region=where["region_id"])


@transaction.atomic
def review_unmasking(alert_id: int, *, note: str, by: Any) -> UnmaskingAlert:
    """Say what came of looking into it. Raises Refused, NotNow."""
    note = reason_given(note, "请写明核查情况。")[:300]
    alert = UnmaskingAlert.objects.select_for_update().get(pk=alert_id)
    require(by, REVIEW, alert.region_id)
    if alert.by_id == by.pk:
        raise Refused("这是关于您本人的提醒，须由另一人核查。")
    if alert.reviewed_at is not None:
        raise NotNow("这项提醒已经核查，请刷新页面。")
    alert.note, alert.reviewed_by, alert.reviewed_at = note, by, timezone.now()
    alert.save(update_fields=["note", "reviewed_by", "reviewed_at"])
    audit.record(
        "worker.unmask.review", by=by, obj=alert.by, region=alert.region_id, detail={"day": str(alert.day)}
    )
    return alert
