"""Writing down that the office spoke with a person, and erasing it when its time is over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.reasons import NUMBER_IN_FULL, names_id_number, reason_in
from portal.workforce.merged import require_standing
from portal.workforce.models import Contact, ContactChannel, Worker
from portal.workforce.models.base import records_of_person

AT_MOST = 500
PERMISSION = "contact.record"


@transaction.atomic
def record_contact(worker_id: int, *, channel: str, said: str, by: Any, on: date) -> Contact:
    """Write it down. Raises Refused (not here, or of oneself), NotNow (nothing said, a number in full)."""
    worker = Worker.objects.get(pk=worker_id)
    require(by, PERMISSION, worker.work_region_id)
    require_standing(worker)
    if worker.pk in records_of_person(by):
        raise Refused("这是您本人，联系情况由其他人员记录。")
    words = reason_in(said)
    if not words:
        raise NotNow("请写明联系的内容。")
    if names_id_number(words):
        raise NotNow(NUMBER_IN_FULL)
    if len(words) > AT_MOST or channel not in ContactChannel.values:
        raise NotNow(f"请选择联系方式，内容不超过{AT_MOST}字。")
    made = Contact.objects.create(
        worker=worker,
        channel=channel,
        said=words,
        by=by,
        kept_until=on + timedelta(days=settings.CONTACT_KEPT_DAYS),
    )
    audit.record(
        "contact.record",
        by=by,
        obj=made,
        worker=worker,
        region=worker.work_region_id,
        detail={"kind": made.get_channel_display(), "until": made.kept_until.isoformat()},
    )
    return made


@transaction.atomic
def erase_old() -> int:
    """Erase those whose last day is over; how many. Safe at any time, and twice."""
    erased, _ = Contact.objects.filter(kept_until__lt=timezone.localdate()).delete()
    if erased:
        audit.record("contact.erase", by=None, detail={"count": erased})
    return erased
