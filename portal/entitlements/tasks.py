"""What runs by itself: every night, after an import, and after a change of the law the whole register is
looked over.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.db import transaction
from django.utils import timezone

from portal.entitlements.matching import match
from portal.entitlements.models import MatchRun

# So much later than what caused it, so that a series of imports or confirmations is looked at once.
_A_LITTLE_LATER = 30


@shared_task(name="entitlements.match", ignore_result=True)
def match_register(cause: str, asked_at: str = "", whole: bool = False) -> int | None:
    """Look over the register, unless another run has begun since this one was asked for; the number of
    offers.
    """
    if asked_at and MatchRun.objects.filter(began_at__gte=datetime.fromisoformat(asked_at)).exists():
        return None
    return match(timezone.localdate(), cause=cause, whole=whole).offered


def after(cause: str) -> None:
    """Ask for a look once the transaction has committed. If the broker is away the night's run finds it."""

    def send() -> None:
        match_register.apply_async([cause, timezone.now().isoformat()], countdown=_A_LITTLE_LATER)

    transaction.on_commit(send, robust=True)


def roster_imported(record_id: int) -> None:
    after(f"花名册导入 {record_id}")


def law_changed(codes: Collection[str]) -> None:
    after("政策参数调整")


def _schedule(cause: str, **when: Any) -> dict[str, Any]:
    return {"task": "entitlements.match", "schedule": crontab(**when), "args": [cause]}


SCHEDULE = {
    "entitlements.nightly": _schedule("夜间匹配", hour=1, minute=20),
    # Everybody's facts are gathered anew, whatever was overlooked in the week.
    "entitlements.weekly": {
        **_schedule("每周全量匹配", hour=3, minute=0, day_of_week="sun"),
        "kwargs": {"whole": True},
    },
}
