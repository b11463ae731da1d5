"""Takes an import back, as long as nothing rests on what it made: records that it made go, those that it changed say
what they said before, what it proposed is withdrawn.

What an import made is told by the moment of its transaction, which its rows and its history carry; imports take turns,
so that it is nobody else's. The history keeps both: what was taken in, and that it was taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pghistory
import pghistory.models
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.reasons import reason_in
from portal.workforce.events import import_taken_back, roster_imported
from portal.workforce.models import (
    ChangeState,
    Employer,
    Employment,
    Honour,
    NameConflict,
    RecordChange,
    RosterImport,
    SkillCredential,
    UnemploymentInsurance,
    Worker,
)
from portal.workforce.models.roster import Phase
from portal.workforce.roster import merging
from portal.workforce.roster.importing import PERMISSION


@dataclass(frozen=True)
class _Kind:
    """A kind of record that an import makes, what its first writing is called, and whose it is."""

    model: type[models.Model]
    moment: str
    worker: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def history(self) -> str:
        return f"{self.table}event"


# So many rows are looked through while the person waits: half a second. More are when the import is taken back.
LOOKED_AT_AT_ONCE = 20_000
# Of so many people at a time it is told that they go.
_TOLD_AT_A_TIME = 10_000
# What rests on others goes first.
_KINDS = (
    _Kind(Honour, "recorded_at", "worker_id"),
    _Kind(SkillCredential, "recorded_at", "worker_id"),
    _Kind(UnemploymentInsurance, "recorded_at", "worker_id"),
    _Kind(Employment, "recorded_at", "worker_id"),
    _Kind(Worker, "created_at", "id"),
    _Kind(Employer, "created_at", "NULL::bigint"),
)
_OF_MODEL = {kind.model: kind for kind in _KINDS}
_MADE = """
CREATE TEMPORARY TABLE roster_undone (kind text, id bigint, worker_id bigint, is_new boolean) ON COMMIT DROP
"""
# New: written by the import, and of no earlier writing. A record that was there is in the history of the same moment.
_NEW = """
INSERT INTO roster_undone
SELECT '{table}', x.id, {worker}, true FROM {table} x
WHERE x.{moment} = %(moment)s AND x.source = %(source)s
  AND NOT EXISTS (
      SELECT FROM {history} e
      WHERE e.pgh_obj_id = x.id AND e.pgh_created_at = %(moment)s AND e.{moment} < %(moment)s
  )
"""
_CHANGED = """
INSERT INTO roster_undone
SELECT DISTINCT '{table}', e.pgh_obj_id, {worker}, false
FROM {history} e JOIN pghistory_context c ON c.id = e.pgh_context_id
WHERE e.pgh_created_at = %(moment)s AND c.metadata ->> 'roster_import' = %(import)s::text
  AND NOT EXISTS (SELECT FROM roster_undone u WHERE u.kind = '{table}' AND u.id = e.pgh_obj_id)
"""
_CHANGED_SINCE = """
SELECT count(DISTINCT u.id) FROM roster_undone u JOIN {history} e ON e.pgh_obj_id = u.id
WHERE u.kind = '{table}' AND e.pgh_created_at > %(moment)s
"""
# Whatever else points to a record that the import made.
_RESTS = """
SELECT count(*) FROM {other} o JOIN roster_undone u ON u.id = o.{column}
WHERE u.kind = '{table}' AND u.is_new AND {besides}
"""
_DONE_SINCE = """
SELECT count(*) FROM {other} o
WHERE o.{moment} > %(moment)s
  AND o.{column} IN (SELECT worker_id FROM roster_undone WHERE worker_id IS NOT NULL AND NOT is_new
                     UNION SELECT id FROM roster_undone WHERE kind = '{table}')
"""
_DELETE_DERIVED = """
DELETE FROM {other} o USING roster_undone u WHERE u.kind = '{table}' AND u.is_new AND o.{column} = u.id
"""
_DELETE = "DELETE FROM {table} x USING roster_undone u WHERE u.kind = '{table}' AND u.is_new AND x.id = u.id"
_RESTORE = """
UPDATE {table} x SET {columns}
FROM (
    SELECT DISTINCT ON (e.pgh_obj_id) e.* FROM {history} e
    WHERE e.pgh_created_at = %(moment)s ORDER BY e.pgh_obj_id, e.pgh_id
) before JOIN roster_undone u ON u.kind = '{table}' AND u.id = before.pgh_obj_id AND NOT u.is_new
WHERE x.id = before.pgh_obj_id
"""
# What the shared ground above this one calls the moment of its records.
_MOMENTS = (
    "opened_at",
    "handed_in_at",
    "issued_at",
    "published_at",
    "notified_at",
    "entered_at",
    "created_at",
)


class Rests(NotNow):
    """Something rests on what the import made; the message says what."""


def why_not(given: RosterImport, by: Any) -> str:
    """Why this import is not to be taken back at all by this person; empty when it may be."""
    if given.importer != by:
        return "花名册由导入人本人撤销。"
    if given.phase == Phase.UNDONE:
        return "本次导入已经撤销。"
    if given.phase != Phase.DONE:
        return f"该花名册当前为“{given.get_phase_display()}”，没有可以撤销的内容。"
    if given.written_at is None:
        return "本次导入早于可以撤销的版本，不能整体撤销，请逐项更正。"
    if not (given.added or given.changed or given.proposed):
        return "本次导入没有写入任何内容。"
    return ""


def is_looked_at_at_once(given: RosterImport) -> bool:
    """Whether an import is small enough to be looked through while somebody waits."""
    return given.rows_read <= LOOKED_AT_AT_ONCE


def what_rests(given: RosterImport) -> list[str]:
    """What rests on what the import made, each in words; nothing when it can be taken back, or when it is too large to
    be looked through at once: taking it back finds it.

    Looked at as taking it back would find it, what machines have drawn gone; then all is as it was.
    """
    if not is_looked_at_at_once(given):
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        _collect(cursor, given)
        _clear_offers(cursor)
        resting = list(_resting(cursor, given))
        transaction.set_rollback(True)
    return resting


def undo(import_id: int, *, reason: str, by: Any) -> RosterImport:
    """Take an import back. Raises Refused, NotNow, and Rests when something rests on it."""
    require(by, PERMISSION)
    reason = reason_in(reason)
    if not reason:
        raise NotNow("请写明撤销的理由。")
    with transaction.atomic():
        merging.wait_for_turn()
        given = RosterImport.objects.select_for_update().get(pk=import_id)
        if words := why_not(given, by):
            raise Refused(words) if given.importer != by else NotNow(words)
        with connection.cursor() as cursor, pghistory.context(user=by.pk, roster_undone=given.pk):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _collect(cursor, given)
            _clear_offers(cursor)
            if resting := list(_resting(cursor, given)):
                raise Rests(f"已有事项以本次导入的内容为依据，不能撤销：{'；'.join(resting)}。")
            figures = _figures(cursor)
            _take_back(cursor, given, by)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        given.phase, given.undone_at, given.undone_by = Phase.UNDONE, timezone.now(), by
        given.undo_reason = reason[:200]
        given.save(update_fields=["phase", "undone_at", "undone_by", "undo_reason"])
        audit.record("roster.undo", by=by, obj=given, detail={"reason": reason, **figures})
        roster_imported(given.pk)
    return given


def _parameters(given: RosterImport) -> dict[str, Any]:
    return {"moment": given.written_at, "source": given.source, "import": str(given.pk)}


def _collect(cursor: Any, given: RosterImport) -> None:
    """Every record that the import made or changed."""
    cursor.execute(_MADE)
    for kind in _KINDS:
        words = {"table": kind.table, "history": kind.history, "moment": kind.moment}
        worker = "NULL::bigint" if kind.model is Employer else f"x.{kind.worker}"
        cursor.execute(_NEW.format(worker=worker, **words), _parameters(given))
        changed = "e.pgh_obj_id" if kind.model is Worker else worker.replace("x.", "e.")
        cursor.execute(_CHANGED.format(worker=changed, **words), _parameters(given))
    cursor.execute("CREATE INDEX ON roster_undone (kind, id)")
    cursor.execute("ANALYZE roster_undone")


def _clear_offers(cursor: Any) -> None:
    """What machines have drawn from the new records, and nobody has acted upon, goes by who drew it."""
    cursor.execute("SELECT id FROM roster_undone WHERE kind = 'workforce_worker' AND is_new")
    while rows := cursor.fetchmany(_TOLD_AT_A_TIME):
        import_taken_back([worker for (worker,) in rows])


@dataclass(frozen=True)
class _Link:
    """A foreign key to a kind of record that an import makes."""

    kind: _Kind
    field: Any

    @property
    def other(self) -> Any:
        return self.field.model

    @property
    def is_derived(self) -> bool:
        """Drawn from the register by machines, again and again."""
        if not self.field.db_constraint:
            return True
        cascades = self.field.remote_field.on_delete is models.CASCADE
        return self.field.primary_key and cascades and self.other._meta.app_label != "workforce"

    @property
    def words(self) -> dict[str, str]:
        return {
            "other": self.other._meta.db_table,
            "column": self.field.column,
            "table": self.kind.table,
            "besides": self._besides(),
        }

    def _besides(self) -> str:
        """What was made by the same import is no obstacle."""
        if self.other in _OF_MODEL:
            table = self.other._meta.db_table
            return f"NOT EXISTS (SELECT FROM roster_undone m WHERE m.kind = '{table}' AND m.id = o.id)"
        if self.other is NameConflict:
            return "o.decision <> ''"
        if self.other is RecordChange:
            return "o.state <> 'withdrawn'"
        return "true"

    @property
    def moment(self) -> str:
        """The column that says when something was done, of what is done upon facts; else nothing."""
        names = {field.name for field in self.other._meta.concrete_fields}
        return next((name for name in _MOMENTS if name in names), "")


@cache
def _links() -> tuple[_Link, ...]:
    """Every foreign key of every programme that points to such a record, histories left out."""
    links = []
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, pghistory.models.Event):
            continue
        for field in model._meta.concrete_fields:
            kind = _OF_MODEL.get(getattr(field, "related_model", None))  # type: ignore[arg-type]
            if kind is not None:
                links.append(_Link(kind, field))
    return tuple(links)


def _resting(cursor: Any, given: RosterImport) -> Iterator[str]:
    """What rests on the records, and what was done about the people since."""
    moment = _parameters(given)
    for kind in _KINDS:
        changed = _count(cursor, _CHANGED_SINCE.format(table=kind.table, history=kind.history), moment)
        if changed:
            yield f"{kind.model._meta.verbose_name}{changed:,}项此后有更改"
    confirmed = RecordChange.objects.filter(roster_import=given, state=ChangeState.CONFIRMED).count()
    if confirmed:
        yield f"本次提出的变更{confirmed:,}项已确认"
    for link in _links():
        if link.is_derived:
            continue
        found = _count(cursor, _RESTS.format(**link.words), moment)
        if not found and link.kind.model is Worker and link.moment and link.other not in _OF_MODEL:
            found = _count(cursor, _DONE_SINCE.format(moment=link.moment, **link.words), moment)
        if found:
            yield f"{link.other._meta.verbose_name}{found:,}项"


def _count(cursor: Any, statement: str, parameters: dict[str, Any]) -> int:
    cursor.execute(statement, parameters)
    return int(cursor.fetchone()[0])


def _figures(cursor: Any) -> dict[str, int]:
    cursor.execute(
        "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM roster_undone"
    )
    removed, restored = cursor.fetchone()
    return {"removed": removed, "changed": restored}


def _take_back(cursor: Any, given: RosterImport, by: Any) -> None:
    NameConflict.objects.filter(roster_import=given, decision="").delete()
    proposed = RecordChange.objects.filter(roster_import=given, state=ChangeState.PROPOSED)
    now = timezone.now()
    proposed.update(
        state=ChangeState.WITHDRAWN, decided_by=by, decided_at=now, decided_on=timezone.localdate(now)
    )
    for link in _links():
        if link.is_derived:
            cursor.execute(_DELETE_DERIVED.format(**link.words))
    for kind in _KINDS:
        if kind.model is Worker:
            # Of people who stay: an employer that goes may be theirs only since the import.
            _restore(cursor, kind, given)
            cursor.execute(_DELETE.format(table=kind.table))
        else:
            cursor.execute(_DELETE.format(table=kind.table))
            _restore(cursor, kind, given)


def _restore(cursor: Any, kind: _Kind, given: RosterImport) -> None:
    kept = {field.name for field in apps.get_model("workforce", f"{kind.model.__name__}Event")._meta.fields}
    columns = [
        f"{field.column} = before.{field.column}"
        for field in kind.model._meta.concrete_fields
        if not field.primary_key and not isinstance(field, models.GeneratedField) and field.name in kept
    ]
    statement = _RESTORE.format(table=kind.table, history=kind.history, columns=", ".join(columns))
    cursor.execute(statement, _parameters(given))
