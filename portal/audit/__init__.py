"""The audit trail. `record` writes an entry into the transaction it is called in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db import models

# Filled by portal.audit.middleware for the time of a request.
address_now: ContextVar[str] = ContextVar("address_now", default="")


def _entry(action: str, by: Any, obj: Any, worker: Any, region: Any, detail: dict[str, Any] | None) -> Any:
    from portal.audit.models import Entry

    actor = {"actor_id": None, "actor_name": "system"}
    if by is not None:
        actor = {"actor_id": by.pk, "actor_name": by.username}
    subject = {}
    if obj is not None:
        subject = {"object_type": obj._meta.label, "object_ref": str(obj.pk)}
    return Entry(
        **actor,
        **subject,
        action=action,
        worker_ref=getattr(worker, "pk", worker),
        region_code=getattr(region, "pk", region) or "",
        address=address_now.get(),
        detail=detail or {},
    )


def record(
    action: str,
    *,
    by: Any,
    obj: models.Model | None = None,
    worker: models.Model | int | None = None,
    region: models.Model | str | None = None,
    detail: dict[str, Any] | None = None,
    people: Iterable[int] | None = None,
) -> None:
    """Add an entry. `by` is the account, or None for the system itself; `detail` must not hold personal data
    in the clear. `people` are the numbers of all workers whom a list or an export named: the entry is found by each
    of them.
    """
    if people is None:
        _entry(action, by, obj, worker, region, detail).save(force_insert=True)
    else:
        _record_list(_entry(action, by, obj, worker, region, detail), people)


def _record_list(entry: Any, people: Iterable[int]) -> None:
    from django.db import transaction

    from portal.audit.models import PeopleBlock
    from portal.audit.people import told

    said, blocks = told(people)
    entry.detail = {**entry.detail, **said}
    if not blocks:
        entry.save(force_insert=True)
        return
    with transaction.atomic():
        entry.save(force_insert=True)
        PeopleBlock.objects.bulk_create(
            [PeopleBlock(entry=entry, block=block, bits=bytes(bits)) for block, bits in blocks.items()]
        )


def record_many(
    action: str, *, by: Any, about: Sequence[tuple[Any, Any, Any, dict[str, Any] | None]]
) -> None:
    """Add one entry for each (object, worker, region, detail): for pages and exports that show many people at
    once.
    """
    from portal.audit.models import Entry

    entries = [_entry(action, by, *row) for row in about]
    if len(entries) == 1:
        entries[0].save(force_insert=True)
    else:
        Entry.objects.bulk_create(entries, batch_size=2000)
