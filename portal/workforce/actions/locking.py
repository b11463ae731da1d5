"""What every change of the register has in common: the lock, the version a form was opened on, the drawn
columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction

from portal import crypto
from portal.accounts.access import NotNow, require
from portal.reasons import reason_in
from portal.workforce.events import person_saved
from portal.workforce.merged import require_standing
from portal.workforce.models import Worker
from portal.workforce.plausibility.limits import FIRST_YEAR

# Written by the portal beside what people enter: a change of these alone is no other version.
_NOT_ENTERED = {"league_code", "folded_name", "twin", "updated_at", "account"}
_DRAWN = {"employer", "skill_level", "occupation"}


class Stale(NotNow):
    """Somebody else changed the record after the form was opened."""

    def __init__(self) -> None:
        super().__init__("在您填写期间，该记录已被他人更改。请重新打开本页，核对最新内容后再提交。")


def version_of(record: models.Model) -> str:
    """A short mark of what the record says now: a form carries it, and a change made meanwhile makes it
    another one.
    """
    left_out = _NOT_ENTERED | _DRAWN if isinstance(record, Worker) else _NOT_ENTERED
    parts = [
        f"{field.name}={_comparable(field, getattr(record, field.attname))}"
        for field in record._meta.concrete_fields
        if field.name not in left_out
    ]
    return crypto.digest("\x1f".join(parts), purpose="version").hex()[:24]


def _comparable(field: models.Field[Any, Any], value: Any) -> Any:
    """A value in the form that is the same before and after it is stored."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return field.to_python(value)


def check_version(record: models.Model, version: str) -> None:
    """Stale unless the record still says what it said when `version` was taken."""
    if version_of(record) != version:
        raise Stale


@contextmanager
def written_by(by: Any) -> Iterator[None]:
    """A transaction whose row history names the person, outside requests too."""
    with transaction.atomic(), pghistory.context(user=by.pk):
        yield


def reason_given(reason: str, missing: str) -> str:
    """The reason without stray spaces; NotNow with the words `missing` when there is none."""
    reason = reason_in(reason)
    if not reason:
        raise NotNow(missing)
    return reason


@contextmanager
def change_of(worker_id: int, permission: str, *, by: Any) -> Iterator[Worker]:
    """The worker, held until the transaction ends, for somebody who has `permission` where the worker is
    registered.

    Worker.DoesNotExist for an unknown id, Refused for a person who may not.
    """
    with written_by(by):
        worker = Worker.objects.select_for_update().get(pk=worker_id)
        require(by, permission, worker.work_region_id)
        require_standing(worker)
        yield worker
        person_saved([worker.pk])


def check(record: models.Model, *, on: date, past: Collection[str] = ()) -> None:
    """ValidationError by field unless the record is complete, its dates have come, and it agrees with the
    others.
    """
    _check_dates(record, on, past)
    fields = record._meta.concrete_fields
    # Numbers that are stored encrypted are checked where they are taken, and a digest is ours to fill.
    encrypted = {field.name for field in fields if isinstance(field, models.BinaryField)}
    # What only the database calls optional (who confirmed, who recorded) is no question for who enters the
    # record.
    unset = {field.name for field in fields if field.null and getattr(record, field.attname) is None}
    record.clean_fields(exclude=encrypted | unset)
    record.validate_unique(exclude=encrypted)
    record.validate_constraints(exclude=encrypted)


def _check_dates(record: models.Model, on: date, past: Collection[str]) -> None:
    errors: dict[str, list[str]] = {}
    for name in past:
        day = getattr(record, name)
        if day is None:
            continue
        if day > on:
            errors[name] = ["日期不能晚于今天。"]
        elif day.year < FIRST_YEAR:
            errors[name] = [f"日期不能早于{FIRST_YEAR}年。"]
    if errors:
        raise ValidationError(errors)


def stored_values(record: models.Model) -> dict[str, Any]:
    """What the columns of a record hold now, to be compared with after a change."""
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


def changed_fields(record: models.Model, before: dict[str, Any]) -> list[str]:
    """The fields whose values differ from `before`; what the portal keeps by itself is left out."""
    return [
        field.name
        for field in record._meta.concrete_fields
        if field.name not in _NOT_ENTERED and getattr(record, field.attname) != before[field.attname]
    ]


# Of several certificates the highest counts, of equal ones the newest; what was found wrong does not. Whose record
# was merged into another one's is drawn with it; a unit that was merged is the one it was merged into.
_DERIVE = """
UPDATE workforce_worker w
SET employer_id = drawn.employer_id, skill_level = drawn.level, occupation = drawn.occupation,
    updated_at = now()
FROM (
    SELECT p.id, CASE WHEN u.source_id IS NULL THEN e.employer_id ELSE u.target_id END AS employer_id,
           coalesce(c.level, 0) AS level,
           coalesce(nullif(c.occupation, ''), e.occupation, '') AS occupation
    FROM workforce_worker p
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT p.id UNION ALL
            SELECT m.source_id FROM workforce_mergedperson m WHERE m.target_id = p.id
        ) AS ids
    ) records
    LEFT JOIN LATERAL (
        SELECT s.employer_id, s.occupation FROM workforce_employment s
        WHERE s.worker_id = ANY (records.ids) AND s.ended_on IS NULL AND s.verification <> 'refuted'
        ORDER BY s.worker_id = p.id DESC, s.started_on DESC NULLS LAST, s.id DESC LIMIT 1
    ) e ON true
    LEFT JOIN workforce_mergedemployer u ON u.source_id = e.employer_id
    LEFT JOIN LATERAL (
        SELECT s.level, s.occupation FROM workforce_skillcredential s
        WHERE s.worker_id = ANY (records.ids) AND s.verification <> 'refuted'
        ORDER BY s.level DESC, s.issued_on DESC NULLS LAST, s.id DESC LIMIT 1
    ) c ON true
    {where}
) drawn
WHERE w.id = drawn.id
  AND (w.employer_id, w.skill_level, w.occupation)
      IS DISTINCT FROM (drawn.employer_id, drawn.level, drawn.occupation)
"""


def derive(worker_ids: Collection[int] | None) -> int:
    """Draw employer, highest level and occupation of these workers (None: of all) from their records; how
    many changed. Into whose record one of them was merged is drawn as well.
    """
    if worker_ids is not None and not worker_ids:
        return 0
    with connection.cursor() as cursor:
        if worker_ids is None:
            cursor.execute(_DERIVE.format(where=""))
        else:
            cursor.execute(_DERIVE.format(where=_OF_THESE), {"workers": list(worker_ids)})
        return cursor.rowcount


_OF_THESE = """WHERE p.id = ANY (%(workers)s::bigint[] || ARRAY(
    SELECT m.target_id FROM workforce_mergedperson m
    WHERE m.source_id = ANY (%(workers)s) AND m.target_id IS NOT NULL))
"""
