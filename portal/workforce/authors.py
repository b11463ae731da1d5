"""Who wrote any of what a record says, or said before it was changed: nobody of these judges it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet


def has_written(user: Any, record: Any) -> bool:
    """Whether the user wrote the record down, or what stood there before another person changed it."""
    return bool(written_among([record], user))


def is_only_author(user: Any, record: Any) -> bool:
    """Whether nobody else has written any of the record, as far as is known who did."""
    if record.recorded_by_id != user.pk:
        return False
    earlier = _history_of(type(record)).filter(pgh_obj_id=record.pk)
    return not earlier.exclude(recorded_by=user.pk).exists()


def written_among(records: Collection[Any], user: Any) -> set[int]:
    """The numbers of those of some records of one kind to which the user has written something."""
    written = {record.pk for record in records if record.recorded_by_id == user.pk}
    others = [record for record in records if record.pk not in written]
    if others:
        history = _history_of(type(others[0])).filter(pgh_obj_id__in=[record.pk for record in others])
        written |= set(history.filter(recorded_by=user.pk).values_list("pgh_obj_id", flat=True))
    return written


def written_by_others(records: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Those of the records to which the user has written nothing."""
    return records.exclude(recorded_by=user.pk).exclude(Exists(_earlier_by(records, user)))


def written_by(records: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Those of the records to which the user has written something."""
    return records.filter(Q(recorded_by=user.pk) | Exists(_earlier_by(records, user)))


def _earlier_by(records: QuerySet[Any], user: Any) -> QuerySet[Any]:
    return _history_of(records.model).filter(pgh_obj_id=OuterRef("pk"), recorded_by=user.pk)


def _history_of(model: Any) -> QuerySet[Any]:
    """What the rows of the model said before they were changed."""
    history: QuerySet[Any] = model.events.rel.related_model.objects.all()
    return history
