"""One extract from its first row to the commit: looked at, which writes nothing, and then taken in.

Both read the file from the beginning; what is taken in is written in one transaction with the counts, the rows that came
back and the audit, or not at all. Killed at any moment, it is simply done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from portal import audit, locks, sealed_files
from portal.accounts.access import require, scope
from portal.sealed_files import Unreadable
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.reading import Source, open_spreadsheet
from portal.spreadsheets.refused import write_refused
from portal.workforce import changes
from portal.workforce.actions.locking import derive
from portal.workforce.extracts import matching
from portal.workforce.extracts.columns import Day, ExtractKind
from portal.workforce.extracts.kinds import KINDS
from portal.workforce.extracts.reading import Read, Reader, refusals
from portal.workforce.models import ExtractPhase, RegisterExtract
from portal.workforce.models.base import records_of_person
from portal.workforce.models.extracts import PERMISSION
from portal.workforce.roster.statistics import SETTLE

OnRows = Callable[[int, int], None]
OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Counted:
    """What comes, or came, of the rows."""

    read: int
    added: int
    changed: int
    unchanged: int
    refused: int
    elsewhere: int
    remark: str

    def note(self, extract: RegisterExtract) -> None:
        """Write it down on the extract."""
        extract.rows_read, extract.added, extract.changed = self.read, self.added, self.changed
        extract.unchanged, extract.refused, extract.elsewhere = self.unchanged, self.refused, self.elsewhere
        extract.message = self.remark[:600]


def look_at(extract: RegisterExtract, *, on_rows: OnRows, on_step: OnStep) -> None:
    """Read the file and say what would come of it; the rows that would come back are kept as a file. Raises Refused,
    FileRefused.
    """
    kind, source = _opened(extract)
    with _staged(extract, kind, source, on_rows) as read, transaction.atomic():
        counted = _match(extract, kind, read.rows, on_step)
        _keep_refused(extract, source, counted, on_step)
        transaction.set_rollback(True)
    counted.note(extract)
    extract.has_refused_file = counted.refused > 0
    extract.understood, extract.phase = read.first, ExtractPhase.EXAMINED
    extract.save()


def take_in(extract: RegisterExtract, *, on_rows: OnRows, on_step: OnStep) -> None:
    """Write what the file says. Nothing is done when it was taken in already. Raises Refused, FileRefused."""
    kind, source = _opened(extract)
    with _staged(extract, kind, source, on_rows) as read, transaction.atomic():
        # Imports of people wait too: whoever comes meanwhile is not covered.
        locks.hold("roster.merge")
        extract = (
            RegisterExtract.objects.select_for_update(of=("self",)).select_related("by").get(pk=extract.pk)
        )
        if extract.merged_at is not None:
            return
        RegisterExtract.objects.filter(pk=extract.pk).update(phase=ExtractPhase.MERGING)
        with connection.cursor() as cursor:
            extract.people_until = changes.complete_until(cursor)
        with pghistory.context(user=extract.by_id, register_extract=extract.pk):
            counted = _match(extract, kind, read.rows, on_step, writes=True)
        _keep_refused(extract, source, counted, on_step)
        _close(extract, counted)


def _close(extract: RegisterExtract, counted: Counted) -> None:
    counted.note(extract)
    extract.has_refused_file = counted.refused > 0
    extract.phase, extract.merged_at, extract.understood = ExtractPhase.DONE, timezone.now(), []
    extract.save()
    detail = {
        "kind": extract.kind,
        "register": extract.register,
        "as_of": extract.as_of.isoformat(),
        "fund": extract.fund,
        "since": extract.covers_from.isoformat(),
        "until": extract.covers_until.isoformat(),
        "sha256": extract.fingerprint,
        "read": counted.read,
        "added": counted.added,
        "changed": counted.changed,
        "unchanged": counted.unchanged,
        "refused": counted.refused,
    }
    audit.record("extract.take_in", by=extract.by, obj=extract, region=extract.place_id, detail=detail)


def _opened(extract: RegisterExtract) -> tuple[ExtractKind, Source]:
    """The kind, and the file that was received, whose digest was noted then."""
    # The permission may have been taken away since the file was given in.
    require(extract.by, PERMISSION, extract.place_id)
    kind = KINDS[extract.kind]
    try:
        clear = sealed_files.opened(extract.source_file)
        if hashlib.file_digest(clear, "sha256").hexdigest() != extract.fingerprint:
            raise Unreadable("changed")
    except Unreadable as unreadable:
        if str(unreadable) == "missing":
            raise FileRefused("上传的文件已超过保存期限，请重新上传。") from unreadable
        audit.record("extract.not_shown", by=extract.by, obj=extract, detail={"problem": "摘要不符"})
        raise FileRefused(
            "保存的文件与上传时不一致，没有写入。请重新上传，并告知系统管理员。"
        ) from unreadable
    return kind, open_spreadsheet(clear, kind.form)


@contextmanager
def _staged(extract: RegisterExtract, kind: ExtractKind, source: Source, on_rows: OnRows) -> Iterator[Read]:
    """The rows of the file in temporary tables, which are gone afterwards."""
    try:
        _drop()
        with connection.cursor() as cursor:
            for statement in matching.tables(kind):
                cursor.execute(statement)
        read = Reader(kind, source, Day(extract.as_of, source.epoch)).stage(on_rows)
        if not read.rows:
            raise FileRefused("文件中没有数据行。请填写后重新上传。")
        yield read
    finally:
        # With a broken connection the tables are gone already, and the error that broke it is the one to tell.
        with suppress(DatabaseError, InterfaceError):
            _drop()


def _drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in matching.MADE)}")


def _match(
    extract: RegisterExtract, kind: ExtractKind, rows: int, on_step: OnStep, *, writes: bool = False
) -> Counted:
    """What comes of the rows, in a transaction of the caller; written when it `writes`."""
    given = _parameters(extract)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '160MB'")
        on_step("与档案比对")
        if writes:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(SETTLE)
        for statement in matching.statements(kind):
            cursor.execute(statement, given)
        cursor.execute(matching.COUNTS)
        added, changed, unchanged, refused, elsewhere = map(int, cursor.fetchone())
        remark = ""
        if kind.remark:
            cursor.execute(kind.remark)
            remark = "".join(cursor.fetchone() or ())
        if writes:
            on_step("写入档案")
            derived = _ids(cursor, kind.derived)
            for statement in kind.write:
                cursor.execute(statement, given)
            derive(derived)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if rows != added + changed + unchanged + refused:
        raise AssertionError(
            f"of {rows} rows: {added} new, {changed} changed, {unchanged} not, {refused} refused"
        )
    return Counted(rows, added, changed, unchanged, refused, elsewhere, remark)


def _ids(cursor: Any, query: str) -> list[int]:
    if not query:
        return []
    cursor.execute(query)
    return [row[0] for row in cursor.fetchall()]


def _parameters(extract: RegisterExtract) -> dict[str, Any]:
    where = scope(extract.by, PERMISSION)
    return {
        "extract": extract.pk,
        "by": extract.by_id,
        "as_of": extract.as_of,
        "given_at": extract.created_at,
        "fund": extract.fund,
        "source": extract.source[:120],
        "seen": f"{extract.source[:-1]}，文件摘要{extract.fingerprint[:12]}）",
        "own": records_of_person(extract.by),
        "whole": where.whole,
        "leagues": sorted(where.leagues),
        "banners": sorted(where.banners),
    }


def _keep_refused(extract: RegisterExtract, source: Source, counted: Counted, on_step: OnStep) -> None:
    if not counted.refused:
        return
    on_step("整理未写入的行")
    with sealed_files.writing(extract.refused_file) as file:
        write_refused(file, source, refusals())
