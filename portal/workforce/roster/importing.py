"""The import from the first row to the commit: for the job and for the command.

Nothing is written before the last row was read and checked; then one transaction writes records, counts,
refused file and audit, or none of them. Killed at any moment, it is simply done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

import pghistory
import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from portal import audit, sealed_files
from portal.accounts.access import Refused, Scope, require, scope
from portal.jobs.runner import Cancelled
from portal.sealed_files import Unreadable
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.layout import Layout
from portal.spreadsheets.reading import Source, hidden_rows_in_words, open_spreadsheet
from portal.spreadsheets.refused import private_file, write_refused
from portal.workforce.events import recognition_verified, roster_imported
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster import merging, staging
from portal.workforce.roster.checking import Checker
from portal.workforce.roster.columns import ROSTER
from portal.workforce.roster.heartbeat import Heartbeat
from portal.workforce.roster.merging import Disturbed, Origin, Outcome

log = structlog.get_logger(__name__)

PERMISSION = "roster.import"
# So many names that stand in no catalogue are kept with an import.
MOST_UNLISTED = 100
_ATTEMPTS = 3
_DEADLOCK = "40P01"


class _DryRun(Exception):
    """Carries the outcome out of a transaction that must leave nothing."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


@dataclass
class _Order:
    """What is to be imported, for whom. A command's `record` is made together with what it imports."""

    source: Source
    name: str
    by: Any
    record: RosterImport | None = None
    dry_run: bool = False
    take_hidden: bool = False
    # Opens the file for refused rows, to be written.
    refused: Callable[[], AbstractContextManager[IO[bytes]]] | None = None

    @property
    def scope(self) -> Scope:
        return scope(self.by, PERMISSION) if self.by is not None else Scope(whole=True)


def import_file(
    path: Path,
    *,
    name: str,
    by: Any,
    dry_run: bool = False,
    refused_path: Path | None = None,
    layout: Layout = Layout(),  # noqa: B008 - it is frozen
    on_step: Callable[[str], None] = lambda step: None,
) -> Outcome:
    """Import a file at once. `by=None` is the system itself, whose reach is the whole region.

    Raises FileRefused, Refused. A dry run does everything and takes it back.
    """
    if by is not None:
        require(by, PERMISSION)
    refused = partial(private_file, refused_path) if refused_path is not None else None
    source = open_spreadsheet(path, ROSTER, layout=layout)
    order = _Order(source, name, by, dry_run=dry_run, take_hidden=layout.take_hidden, refused=refused)

    def on_rows(read: int, refused: int) -> None:
        on_step(f"{read} rows read")

    return _carry_out(order, on_rows=on_rows, on_step=on_step)


def import_received(given: RosterImport, *, progress: Callable[..., None]) -> RosterImport:
    """Import a received file, for its job. Repeated after a kill it goes on where the database says it
    stands.

    Raises FileRefused, Refused, Cancelled; the record then says why nothing was imported.
    """
    given.refresh_from_db()
    if given.merged_at is None:
        try:
            # The permission may have been taken away since the file was given in.
            require(given.importer, PERMISSION)
            _note(given, Phase.READING, given.message)
            refused_file = partial(sealed_files.writing, given.refused_file)
            layout = Layout.from_json(given.layout)
            order = _Order(
                _reopen(given, layout),
                given.file_name,
                given.importer,
                given,
                take_hidden=layout.take_hidden,
                refused=refused_file,
            )
            _note(given, Phase.READING, _hidden_in_words(order))
            with Heartbeat(given, progress, expected=order.source.expected) as beat:
                _carry_out(order, on_rows=beat.read, on_step=beat.merging)
        except (FileRefused, Refused) as refused:
            _note(given, Phase.FAILED, str(refused))
            raise
        except Cancelled:
            _note(given, Phase.FAILED, "已由导入人停止，没有写入任何内容。")
            raise
        except Exception:
            # With a broken connection, the error that broke it is the one to tell.
            with suppress(DatabaseError, InterfaceError):
                _note(given, Phase.FAILED, "导入出错，没有写入任何内容。请联系系统管理员查看日志。")
            raise
    given.refresh_from_db()
    return given


def _hidden_in_words(order: _Order) -> str:
    """What is said of hidden rows: nothing when they were asked for."""
    return "" if order.take_hidden else hidden_rows_in_words(order.source)


def _reopen(given: RosterImport, layout: Layout) -> Source:
    """The file that was received, whose digest was noted then. Raises FileRefused."""
    try:
        clear = sealed_files.opened(given.source_file)
        if given.fingerprint and hashlib.file_digest(clear, "sha256").hexdigest() != given.fingerprint:
            raise Unreadable("changed")
    except Unreadable as unreadable:
        if str(unreadable) == "missing":
            raise FileRefused("上传的文件已超过保存期限，请重新上传。") from unreadable
        audit.record("roster.not_shown", by=given.by, obj=given, detail={"problem": "摘要不符"})
        raise FileRefused(
            "保存的文件与上传时不一致，没有导入。请重新上传，并告知系统管理员。"
        ) from unreadable
    return open_spreadsheet(clear, ROSTER, layout=layout)


def _note(given: RosterImport, phase: Phase, message: str) -> None:
    RosterImport.objects.filter(pk=given.pk, merged_at__isnull=True).update(
        phase=phase, message=message[:600]
    )


def _carry_out(
    order: _Order, *, on_rows: Callable[[int, int], None], on_step: Callable[[str], None]
) -> Outcome:
    """Read and check every row, then write; begin the writing again when somebody else was in the way."""
    try:
        checker = Checker(
            order.source.header,
            scope=order.scope,
            today=timezone.localdate(),
            epoch=order.source.epoch,
            hidden=() if order.take_hidden else order.source.hidden,
            fixed=order.source.fixed,
            unit=order.record.unit if order.record is not None else None,
            # A comma too many moves all that follows; a note beside a sheet moves nothing.
            strict_width=order.source.suffix == ".csv",
        )
        rows = staging.Staging().take(order.source, checker, on_rows)
        if not rows:
            raise FileRefused("文件中没有数据行。请填写后重新上传。")
        for attempt in range(1, _ATTEMPTS):
            try:
                return _write(order, rows, on_step)
            except (Disturbed, OperationalError) as disturbed:
                if not _may_begin_again(disturbed):
                    raise
                log.warning("roster merge begins again", attempt=attempt)
        return _write(order, rows, on_step)
    finally:
        # With a broken connection the tables are gone already, and the error that broke it is the one to
        # tell.
        with suppress(DatabaseError, InterfaceError):
            staging.drop()


def _may_begin_again(error: Disturbed | OperationalError) -> bool:
    """Whether the transaction may begin again: all was rolled back, and what was staged is still there."""
    return isinstance(error, Disturbed) or getattr(error.__cause__, "pgcode", None) == _DEADLOCK


def _write(order: _Order, rows: int, on_step: Callable[[str], None]) -> Outcome:
    """The one transaction."""
    try:
        with transaction.atomic():
            # Two workers with the same job: the second waits here, and finds it done.
            merging.wait_for_turn()
            record = _record(order)
            if record is not None and record.merged_at is not None:
                return _outcome_of(record)
            origin = Origin(
                source=f"花名册 {order.name}",
                by_id=getattr(order.by, "pk", None),
                roster_import_id=getattr(record, "pk", None),
                scope=order.scope,
                today=timezone.localdate(),
            )
            with pghistory.context(user=origin.by_id, roster_import=origin.roster_import_id):
                outcome = merging.merge(origin, read=rows, on_step=on_step)
            if outcome.refused and order.refused is not None:
                on_step("整理未通过的行")
                with order.refused() as file:
                    write_refused(file, order.source, staging.refusals())
            if record is None:
                raise _DryRun(outcome)
            _close(record, outcome, order)
            recognition_verified(outcome.verified)
            if outcome.added or outcome.changed:
                roster_imported(record.pk)
            return outcome
    except _DryRun as dry:
        return dry.outcome


def _record(order: _Order) -> RosterImport | None:
    """The record of the import; none for a dry run."""
    if order.record is not None:
        return RosterImport.objects.get(pk=order.record.pk)
    if order.dry_run:
        return None
    return RosterImport.objects.create(
        by=order.by,
        file_name=order.name,
        suffix=order.source.suffix,
        source_deleted_at=timezone.now(),
    )


def _outcome_of(record: RosterImport) -> Outcome:
    """What came of the rows of an import that is done."""
    return Outcome(
        read=record.rows_read,
        added=record.added,
        changed=record.changed,
        proposed=record.proposed,
        unchanged=record.unchanged,
        refused=record.refused,
        held=record.held,
    )


def _moment_of_transaction() -> datetime:
    """What now() is to every statement of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def _close(record: RosterImport, outcome: Outcome, order: _Order) -> None:
    record.rows_read = outcome.read
    record.added = outcome.added
    record.changed = outcome.changed
    record.proposed = outcome.proposed
    record.unchanged = outcome.unchanged
    record.refused = outcome.refused
    record.held = outcome.held
    record.unlisted = [list(named) for named in outcome.unlisted[:MOST_UNLISTED]]
    record.phase = Phase.DONE
    record.message = _hidden_in_words(order)
    record.merged_at = timezone.now()
    record.written_at = _moment_of_transaction()
    record.has_refused_file = order.record is not None and outcome.refused > 0
    record.save()
    audit.record(
        "roster.import",
        by=order.by,
        obj=record,
        detail={
            "read": outcome.read,
            "added": outcome.added,
            "changed": outcome.changed,
            "proposed": outcome.proposed,
            "unchanged": outcome.unchanged,
            "refused": outcome.refused,
            "held": outcome.held,
        },
    )
