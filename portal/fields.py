"""Model fields whose values are encrypted in the database, each bound to its place.

A value is bound to its table, its column and its row. The row is named by columns that stand in it before it is written
and that are never changed without writing the value anew (`bound_to`): a number that a row gets only on INSERT, or in the
middle of an import, cannot be among them. Histories hold the values of the row they are about. To read a value its row is
needed: the SELECT brings the row's columns along in front of the ciphertext.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import structlog
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from portal import crypto, unbound_values

log = structlog.get_logger(__name__)

_COLUMN = re.compile(r'("[^"]+"|\w+)\."([^"]+)"')
_DIGEST = 32


class AlteredValue(crypto.Undecipherable):
    """An encrypted value was changed, or written for another place. Told in words by `portal.pages.errors`."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place


@dataclass(frozen=True)
class _Given:
    """A text on its way into its row."""

    text: str = field(repr=False)
    bound_to: bytes


@dataclass(frozen=True)
class _Part:
    """A column that names the row: as SQL, of `{column}`, and in Python; and how many bytes either gives."""

    attname: str
    sql: str
    of: Callable[[Any], bytes]
    length: int


def _number(value: Any) -> bytes:
    return struct.pack(">q", value)


def _digest(value: Any) -> bytes:
    digest = bytes(value)
    if len(digest) != _DIGEST:
        raise ValueError(f"a digest has {_DIGEST} bytes, not {len(digest)}")
    return digest


def _words(value: Any) -> bytes:
    return hashlib.sha256(str(value).encode()).digest()


def _part(column: models.Field) -> _Part:
    name = f'{{table}}."{column.column}"'
    if isinstance(column, models.BinaryField):
        return _Part(column.attname, name, _digest, _DIGEST)
    if isinstance(column, models.CharField | models.TextField):
        return _Part(column.attname, f"sha256(convert_to({name}, 'UTF8'))", _words, _DIGEST)
    return _Part(column.attname, f"int8send({name})", _number, 8)


class EncryptedTextField(models.BinaryField):
    """Text, stored as SM4-GCM. It cannot be searched: keep a digest beside it (portal.crypto.digest)."""

    # What the attribute holds, for the type checker.
    _pyi_private_get_type: Any
    _pyi_private_set_type: Any
    # To the database all columns of ciphertext are the same.
    non_db_attrs = (*models.BinaryField.non_db_attrs, "bound_to", "digested_as")

    def __init__(
        self, *args: Any, bound_to: tuple[str, ...] = (), digested_as: str = "", **kwargs: Any
    ) -> None:
        """`digested_as`: the last column of `bound_to` is the digest of the text itself, of this purpose."""
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)
        self.bound_to, self.digested_as = tuple(bound_to), digested_as

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.bound_to:
            kwargs["bound_to"] = self.bound_to
        if self.digested_as:
            kwargs["digested_as"] = self.digested_as
        return name, path, args, kwargs

    # -- the place -------------------------------------------------------------------------------------------
    @cached_property
    def place(self) -> str:
        """The table and the column; of a history those of the table it is about."""
        model = self.model
        with suppress(FieldDoesNotExist):
            model = model._meta.get_field("pgh_obj").related_model or model
        return f"{model._meta.db_table}.{self.column}"

    @cached_property
    def _parts(self) -> list[_Part]:
        if not self.bound_to:
            raise TypeError(f"{self.place} says not by which columns its row is named (bound_to)")
        return [_part(self.model._meta.get_field(name)) for name in self.bound_to]  # type: ignore[arg-type]

    @cached_property
    def _row_length(self) -> int:
        return sum(part.length for part in self._parts)

    @cached_property
    def bound_place(self) -> bytes:
        """What the values of all rows are bound to; behind it stands the row."""
        return self.place.encode() + b"\0"

    def bound_in(self, instance: models.Model) -> bytes:
        """What the value of one row is bound to."""
        return self.bound_place + b"".join(part.of(getattr(instance, part.attname)) for part in self._parts)

    def with_row(self, table: str) -> str:
        """SQL of the ciphertext with its row in front; `table` is quoted."""
        parts = [part.sql.format(table=table) for part in self._parts]
        return " || ".join([*parts, f'{table}."{self.column}"'])

    # -- writing ---------------------------------------------------------------------------------------------
    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        return None if value is None else _Given(self.dump(value), self.bound_in(model_instance))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if not isinstance(value, _Given):
            raise TypeError(f"{self.place} is bound to its row: save the object, not the value alone")
        ciphertext = crypto.encrypt(value.text, purpose=crypto.Purpose.COLUMNS, bound_to=value.bound_to)
        return super().get_db_prep_value(ciphertext, connection, prepared)

    # -- reading ---------------------------------------------------------------------------------------------
    def select_format(self, compiler: Any, sql: str, params: Any) -> Any:
        named = _COLUMN.fullmatch(sql)
        if named is None or named[2] != self.column:
            raise TypeError(
                f"{self.place} is encrypted: it is read as a column, and not computed with: {sql}"
            )
        return f"({self.with_row(named[1])})", params

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.load(self.opened(bytes(value)))

    def opened(self, with_row: bytes) -> str:
        """The text of a ciphertext with its row in front. Raises AlteredValue."""
        row, ciphertext = with_row[: self._row_length], with_row[self._row_length :]
        try:
            if crypto.is_bound(ciphertext):
                purpose = crypto.Purpose.COLUMNS
                return crypto.decrypt(ciphertext, purpose=purpose, bound_to=self.bound_place + row)
            return unbound_values.opened(ciphertext).decode()
        except crypto.Undecipherable as error:
            log.error("encrypted value refused", place=self.place, why=str(error))
            raise AlteredValue(self.place, str(error)) from error

    def sealed_anew(self, with_row: bytes | None) -> bytes | None:
        """The ciphertext written anew with the first key; one that is current stays. Raises AlteredValue."""
        if with_row is None:
            return None
        with_row = bytes(with_row)
        row, ciphertext = with_row[: self._row_length], with_row[self._row_length :]
        if ciphertext.startswith(crypto.current_head()):
            return ciphertext
        text = self.opened(with_row)
        # What was bound to nothing may have been moved before: its digest says where it belongs.
        unbound = not crypto.is_bound(ciphertext)
        if unbound and self.digested_as and crypto.digest(text, purpose=self.digested_as) != row[-_DIGEST:]:
            raise AlteredValue(self.place, "the digest beside it is of another text")
        return crypto.encrypt(text, purpose=crypto.Purpose.COLUMNS, bound_to=self.bound_place + row)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is encrypted and is not serialised")

    def get_lookup(self, lookup_name: str) -> Any:
        # Column against column is what history triggers compare; a value would be encrypted anew and never be
        # equal.
        if lookup_name not in {"isnull", "df", "ndf"}:
            raise TypeError(f"{self.name} is encrypted: look it up by its digest")
        return super().get_lookup(lookup_name)

    def dump(self, value: Any) -> str:
        return str(value)

    def load(self, text: str) -> Any:
        return text


class EncryptedJSONField(EncryptedTextField):
    """JSON data, stored as SM4-GCM."""

    def dump(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def load(self, text: str) -> Any:
        return json.loads(text)


def encrypted_field(model: type[models.Model], name: str) -> EncryptedTextField:
    """The encrypted field of that name."""
    found = model._meta.get_field(name)
    if not isinstance(found, EncryptedTextField):
        raise TypeError(f"{model.__name__}.{name} is not encrypted")
    return found
