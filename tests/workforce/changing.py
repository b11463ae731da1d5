"""What the tests of changes by two people have in common."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.workforce.actions import confirm_change, confirm_record, save_record, version_of
from portal.workforce.facts import relation
from portal.workforce.models import RecordChange

ON = date(2026, 11, 20)
REASON = "原登记有误，经核对原始凭证"
SEEN = "经办系统查询结果"
CLAIMED = {
    "kind": "skill_upgrade",
    "occupation": "焊工",
    "level": 30,
    "certificate_number": "1515000000300001",
    "claimed_on": date(2026, 2, 1),
    "source": "经办系统查询",
}
CERTIFICATE = {
    "occupation": "焊工",
    "level": 30,
    "number": "1515000000300001",
    "issued_on": date(2026, 5, 10),
    "verified_how": "original_seen",
    "source": "窗口登记（查验原件）",
}
EMPLOYED = {
    "status": "employed",
    "employer": None,
    "occupation": "焊工",
    "on_front_line": True,
    "front_line_years": Decimal(6),
    "in_skilled_post": True,
    "public_institution_payroll": False,
    "worked_years": Decimal(8),
    "continuous_months": 30,
    "started_on": date(2020, 5, 1),
    "ended_on": None,
    "source": "窗口登记",
}


def recorded(kind: str, worker: Any, given: dict[str, Any], by: Any, confirmed_by: Any = None) -> Any:
    """A record, as the database has it; confirmed by somebody else when one is named."""
    record = save_record(kind, worker.pk, given, by=by, on=ON)
    if confirmed_by is not None:
        confirm_record(kind, record.pk, seen="原件", by=confirmed_by, on=ON)
    record.refresh_from_db()
    return record


def changed(kind: str, record: Any, given: dict[str, Any], by: Any, reason: str = REASON) -> Any:
    """What comes of saving the record with other values."""
    return save_record(
        kind,
        record.worker_id,
        given,
        by=by,
        on=ON,
        record_id=record.pk,
        version=version_of(record),
        reason=reason,
    )


def the_change() -> RecordChange:
    """The only change there is."""
    return RecordChange.objects.get()


def facts_of(worker: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(relation(ON, workers=[worker.pk], verified=True))
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def confirmed(by: Any) -> RecordChange:
    return confirm_change(the_change().pk, seen=SEEN, by=by, on=ON)


def refused_by_database(sql: str, *params: Any) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
    return str(refused.value)
