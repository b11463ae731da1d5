"""What may become of an entry: suspended, reinstated, removed.

Each change rests on a document, and the person gets a letter.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import require
from portal.cases.actions import NotNow
from portal.reasons import reason_in
from talent_registry import letters
from talent_registry.attestation import attest, end_attestation
from talent_registry.models import RegistryEntry, Status, StatusChange

MOVES: dict[str, tuple[Status, ...]] = {
    Status.ACTIVE: (Status.SUSPENDED, Status.REMOVED),
    Status.SUSPENDED: (Status.ACTIVE, Status.REMOVED),
    Status.REMOVED: (),
}
VERBS = {Status.SUSPENDED: "暂停", Status.ACTIVE: "恢复", Status.REMOVED: "移出"}


@transaction.atomic
def change_status(entry_id: int, to: str, *, by: Any, on: date, document: str, reason: str) -> StatusChange:
    """Suspend, reinstate or remove an entry as `document` orders, from `on`.

    While suspended and after removal the worker is no leading talent. A removed entry stays removed: who is
    included again gets a new one. Raises Refused (who), NotNow (state, or document or reason missing).
    """
    to = Status(to)
    locked = RegistryEntry.objects.select_for_update(of=("self",)).select_related("region__parent")
    entry = locked.get(pk=entry_id)
    require(by, "registry.status", entry.region_id)
    document = document.strip()
    reason = reason_in(reason)
    if not document or not reason:
        raise NotNow("名录状态变更须写明决定文号和理由。")
    before = Status(entry.status)
    if to not in MOVES[before]:
        raise NotNow(
            f"{entry.number}当前状态为“{before.label}”，不能办理“{VERBS[to]}”。请刷新页面查看最新情况。"
        )
    if on < entry.status_since:
        raise NotNow("生效日期不能早于上一次状态变更的日期。")
    entry.status = to
    entry.status_since = on
    entry.version += 1
    entry.save(update_fields=["status", "status_since", "version"])
    change = StatusChange.objects.create(
        entry=entry,
        position=entry.version,
        from_status=before,
        to_status=to,
        document=document[:120],
        reason=reason[:500],
        on=on,
        by=by,
    )
    if to == Status.ACTIVE:
        attest(entry, on=on)
    else:
        end_attestation(entry, on=on)
    letters.issue_status_change(entry, change, by=by)
    audit.record(
        "registry.status",
        by=by,
        obj=entry,
        worker=entry.worker_id,
        region=entry.region_id,
        detail={"number": entry.number, "from": before, "to": to, "document": document},
    )
    return change
