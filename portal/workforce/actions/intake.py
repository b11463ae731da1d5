"""Taking in a new person with everything they bring: the person, their work, a certificate, an honour; all of it or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.accounts.access import NotNow
from portal.file_inspection import FileRefused, Inspected
from portal.workforce.actions.documents import keep_document
from portal.workforce.actions.honours import record_honour
from portal.workforce.actions.records import save_record
from portal.workforce.actions.taken_numbers import tries_noted
from portal.workforce.actions.workers import write_down
from portal.workforce.models import Worker
from portal.workforce.record_kinds import HONOUR, KINDS

_NO_DOCUMENT = "登记荣誉须填写授予文件的文号，或上传证书、文件的照片。"


@dataclass(frozen=True)
class NewRecord:
    """What a person brings besides themselves: its kind, what it says, and the document handed in with it."""

    kind: str
    values: Mapping[str, Any]
    document: Inspected | None = None


class RecordRefused(Exception):
    """One of the records cannot be written; `kind` says which, `why` is what its action raised."""

    def __init__(self, kind: str, why: NotNow | ValidationError | FileRefused) -> None:
        self.kind, self.why = kind, why
        super().__init__(str(why))


@tries_noted
def take_in(
    *,
    records: Sequence[NewRecord],
    by: Any,
    on: date,
    explanation: str = "",
    **person: Any,
) -> Worker:
    """Write down a person and the records they bring, each by its own action, in one transaction.

    Raises what `write_down` raises of the person, RecordRefused of a record.
    """
    with transaction.atomic():
        worker = write_down(**person, by=by, on=on, explanation=explanation)
        for record in records:
            try:
                _write(worker.pk, record, by=by, on=on, explanation=explanation)
            except (NotNow, ValidationError, FileRefused) as why:
                raise RecordRefused(record.kind, why) from why
    worker.refresh_from_db()
    return worker


def _write(worker_id: int, record: NewRecord, *, by: Any, on: date, explanation: str) -> None:
    if record.kind == HONOUR.code:
        if not record.values["document"].strip() and record.document is None:
            raise ValidationError({"document": _NO_DOCUMENT})
        saved: Any = record_honour(worker_id, **record.values, by=by, on=on, explanation=explanation)
        title = HONOUR.title
    else:
        saved = save_record(record.kind, worker_id, record.values, by=by, on=on, explanation=explanation)
        title = KINDS[record.kind].title
    if record.document is not None:
        keep_document(record.kind, saved.pk, record.document, label=title, by=by, on=on)
