"""What counts, changed as two people change it: for tests in which it has changed, whoever did it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

ON = date(2026, 11, 20)


def changed_by_two(record: Any, *, at: datetime | None = None, **values: Any) -> None:
    """The record says this now, or since the moment `at`: as if one had proposed and another confirmed it."""
    from portal.workforce.change_subjects import kept
    from portal.workforce.models import ChangeWhat

    before = kept(record, values)
    for name, value in values.items():
        setattr(record, name, value)
    with transaction.atomic():
        change = _confirmed(record, ChangeWhat.CHANGE, before, kept(record, values))
        if hasattr(record, "recorded_by"):
            record.recorded_by = None
            record.recorded_at = at or timezone.now()
        if hasattr(record, "verified_from"):
            record.verified_by, record.verified_at = change.decided_by, change.decided_at
        record.save()


def all_changed_by_two(records: Iterable[Any], **values: Any) -> None:
    """The same of each."""
    for record in records:
        changed_by_two(record, **values)


def removed_by_two(record: Any) -> None:
    """The record is there no more."""
    from portal.workforce.change_subjects import SUBJECTS, kept
    from portal.workforce.models import ChangeWhat

    with transaction.atomic():
        _confirmed(record, ChangeWhat.REMOVE, kept(record, SUBJECTS[_kind_of(record)].fields), None)
        record.delete()


def _kind_of(record: Any) -> str:
    from portal.workforce.change_subjects import SUBJECTS

    return next(code for code, subject in SUBJECTS.items() if subject.model is type(record))


def _confirmed(record: Any, what: Any, before: Any, after: Any) -> Any:
    from portal.accounts.models import User
    from portal.workforce.models import ChangeState, Employer, RecordChange, Worker

    verifier, _ = User.objects.get_or_create(
        username="verifier.of.the.tests", defaults={"display_name": "核验员"}
    )
    about = {"unit": record} if isinstance(record, Employer) else {}
    if not about:
        about = {"worker_id": record.pk if isinstance(record, Worker) else record.worker_id}
    change = RecordChange.objects.create(
        kind=_kind_of(record),
        record_id=record.pk,
        what=what,
        before=before,
        after=after,
        reason="试",
        **about,
    )
    change.state, change.verdict = ChangeState.CONFIRMED, "原件"
    change.decided_by, change.decided_at, change.decided_on = verifier, timezone.now(), ON
    change.save()
    return change
