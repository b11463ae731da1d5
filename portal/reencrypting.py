"""Writes what is encrypted anew: with the first data key, in the form of now, bound to its place.

It goes through the tables in sets, each a transaction, and through the files one by one. What is current already is passed
over, so it may be killed and begun again, and a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction
from psycopg2.extras import execute_values

from portal import crypto, sealed_files, unbound_values
from portal.cases.evidence.files import STORE as EVIDENCE
from portal.fields import AlteredValue, EncryptedTextField
from portal.funds.court_documents import STORE as COURT_DOCUMENTS
from portal.sealed_files import Unreadable
from portal.stored_files import Store
from portal.workforce.actions.documents import STORE as DOCUMENTS

ROWS_AT_ONCE = 2000
# (name below MEDIA_ROOT, what an earlier release bound the file to; None where that did not encrypt it)
Name = tuple[str, bytes | None]


@dataclass
class Left:
    """What is not current: how many, and how many of these are of the form of before."""

    values: int = 0
    unbound: int = 0


@dataclass
class Done:
    """What was written anew, and where something did not open."""

    values: int = 0
    verified: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Files:
    """Files of one kind."""

    label: str
    names: Callable[[], Iterator[Name]]

    def left(self) -> Left:
        left = Left()
        for name, _ in self.names():
            path = sealed_files.path_of(name)
            if path.exists() and not sealed_files.is_current(path):
                left.values += 1
                left.unbound += not sealed_files.is_bound(path)
        return left

    def has_unbound(self) -> bool:
        paths = (sealed_files.path_of(name) for name, _ in self.names())
        return any(path.exists() and not sealed_files.is_bound(path) for path in paths)

    def rewrite(self, done: Done, tell: Callable[[str], None]) -> None:
        for name, before in self.names():
            try:
                if not sealed_files.is_current(sealed_files.path_of(name)):
                    sealed_files.seal_anew(name, before=before)
                    done.values += 1
                done.verified += 1
            except (FileNotFoundError, Unreadable) as error:
                # What was removed meanwhile is missing to nobody.
                if str(error) == "changed":
                    done.failed.append(f"file {name}")


def _files_of(store: Store) -> Files:
    return Files(store.name, store.names)


def _below(*patterns: str) -> Iterator[Name]:
    """Files that an earlier release kept in the clear, and those of now."""
    root = sealed_files.path_of("")
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.suffix != sealed_files.DRAFT and not path.name.startswith(".") and path.is_file():
                yield str(path.relative_to(root)), None


_SHEETS = ("claim_files/*/consent-*.pdf", "claim_files/*/consent-*.parts/*.pdf")
FILES = (
    _files_of(EVIDENCE),
    _files_of(DOCUMENTS),
    _files_of(COURT_DOCUMENTS),
    Files("roster", lambda: _below("roster/*/source*", "roster/*/refused*", "roster/*/preview*")),
    Files("extracts", lambda: _below("extracts/*/source*", "extracts/*/refused*")),
    Files("trials", lambda: _below("trials/*/source*", "trials/*/result*")),
    Files("claim_files", lambda: _below("claim_files/*/source*", "claim_files/*/refused*", *_SHEETS)),
    Files("payments", lambda: _below("payments/*/*.file")),
    Files("bank_answers", lambda: _below("bank_answers/*/source*")),
    Files("letters", lambda: _below("letters/*/*.pdf")),
    Files("lists", lambda: _below("lists/*.pdf", "lists/*.parts/*.pdf", "lists/*.parts/*.jsonl")),
)


class Table:
    """A table with encrypted columns, histories included."""

    def __init__(self, model: type[models.Model], fields: list[EncryptedTextField]) -> None:
        self.model, self.fields = model, fields
        self.name = str(model._meta.db_table)
        self.label = f"{self.name} ({', '.join(str(each.column) for each in fields)})"

    @cached_property
    def _quoted(self) -> str:
        return str(connection.ops.quote_name(self.name))

    @cached_property
    def _key(self) -> str:
        return str(connection.ops.quote_name(str(self.model._meta.pk.column)))

    def _where(self, condition: str) -> str:
        """That one of the columns meets a condition; an empty one meets none."""
        columns = (connection.ops.quote_name(str(each.column)) for each in self.fields)
        return (
            "("
            + " OR ".join(f"coalesce({condition.format(column=column)}, false)" for column in columns)
            + ")"
        )

    @cached_property
    def _not_current(self) -> str:
        head = crypto.current_head().hex()
        return self._where(rf"substring({{column}} FROM 1 FOR 2) <> '\x{head}'::bytea")

    @cached_property
    def _unbound(self) -> str:
        return self._where(r"substring({column} FROM 1 FOR 1) <> '\x00'::bytea")

    def left(self) -> Left:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE {self._unbound}) FROM {self._quoted} "  # noqa: S608 - names of our own models, quoted
                f"WHERE {self._not_current}"
            )
            return Left(*cursor.fetchone())

    def has_unbound(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {self._quoted} WHERE {self._unbound})")  # noqa: S608
            return bool(cursor.fetchone()[0])

    def rewrite(self, done: Done, tell: Callable[[str], None]) -> None:
        """Every row that is not current, set by set."""
        last, rows, told = None, 0, 0
        while True:
            # The content stays the same, so no history is written for it.
            with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
                found = self._set(cursor, self._not_current, last, "FOR UPDATE")
                if not found:
                    break
                last = found[-1][0]
                rows += self._write(cursor, found, done)
            if rows - told >= 10 * ROWS_AT_ONCE:
                told = rows
                tell(f"{self.label}: {rows} so far")

    def _set(self, cursor: Any, where: str, last: Any, lock: str = "") -> list[tuple[Any, ...]]:
        """The next rows behind the key `last`: (key, ciphertext with its row in front, …)."""
        columns = ", ".join(each.with_row(self._quoted) for each in self.fields)
        cursor.execute(
            f"SELECT {self._key}, {columns} FROM {self._quoted} "  # noqa: S608
            f"WHERE {where} AND (%s IS NULL OR {self._key} > %s) ORDER BY {self._key} LIMIT {ROWS_AT_ONCE} {lock}",
            [last, last],
        )
        return list(cursor.fetchall())

    def _write(self, cursor: Any, found: list[tuple[Any, ...]], done: Done) -> int:
        rows = []
        for key, *values in found:
            try:
                pairs = zip(self.fields, values, strict=True)
                rows.append((key, *(each.sealed_anew(value) for each, value in pairs)))
            except AlteredValue as error:
                done.failed.append(f"{error.place}, row {key}")
        columns = [connection.ops.quote_name(str(each.column)) for each in self.fields]
        if rows:
            execute_values(
                cursor.cursor,
                f"UPDATE {self._quoted} SET {', '.join(f'{c} = data.{c}' for c in columns)} "  # noqa: S608
                f"FROM (VALUES %s) AS data (key, {', '.join(columns)}) WHERE {self._quoted}.{self._key} = data.key",
                rows,
                template=f"(%s{', %s::bytea' * len(columns)})",
                page_size=ROWS_AT_ONCE,
            )
        done.values += len(rows)
        return len(rows)

    def verify(self, done: Done) -> None:
        """Open every value; what does not open is named."""
        last = None
        with connection.cursor() as cursor:
            while found := self._set(cursor, "true", last):
                last = found[-1][0]
                for key, *values in found:
                    for each, value in zip(self.fields, values, strict=True):
                        if value is None:
                            continue
                        try:
                            each.opened(bytes(value))
                            done.verified += 1
                        except AlteredValue as error:
                            done.failed.append(f"{error.place}, row {key}")


def encrypted_columns() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted column of every table, histories included."""
    return [(table.model, each) for table in tables() for each in table.fields]


def tables() -> list[Table]:
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            fields = [each for each in model._meta.local_fields if isinstance(each, EncryptedTextField)]
            if fields:
                found.append(Table(model, fields))
    return found


def rewrite_all(tell: Callable[[str], None]) -> Done:
    """Everything; then all of it is opened once."""
    done = Done()
    kinds: list[Table | Files] = [*tables(), *FILES]
    for kind in kinds:
        before = done.values
        kind.rewrite(done, tell)
        if done.values > before:
            tell(f"{kind.label}: {done.values - before}")
    if done.failed:
        return done
    for table in tables():
        table.verify(done)
    return done


def left_over() -> dict[str, Left]:
    """What is not current, by table or kind of files; nothing where all is."""
    kinds: list[Table | Files] = [*tables(), *FILES]
    counts = {kind.label: kind.left() for kind in kinds}
    return {label: left for label, left in counts.items() if left.values}


def mark_when_bound() -> None:
    """Refuse values of the form of before, where there are none: from the beginning in a new data folder."""
    kinds: list[Table | Files] = [*tables(), *FILES]
    if unbound_values.is_marked() or not any(kind.has_unbound() for kind in kinds):
        unbound_values.mark()
