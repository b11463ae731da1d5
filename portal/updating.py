"""Writing many rows of a table at once, each with values of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of every row in one statement, as they stand in the objects. `bulk_update` gives a condition
    to each column and row instead, which is slow from some hundred on.
    """
    if not rows:
        return
    meta = rows[0]._meta
    assert meta.pk is not None  # noqa: S101  they are stored
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in names)]
    columns = [connection.ops.quote_name(field.column) for field in fields]
    sets = ", ".join(f"{column} = given.{column}" for column in columns[1:])
    arrays = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
    sql = (
        f"UPDATE {connection.ops.quote_name(meta.db_table)} AS stored SET {sets}"  # noqa: S608  of the model
        f" FROM unnest({arrays}) AS given ({', '.join(columns)}) WHERE stored.{columns[0]} = given.{columns[0]}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [_values(rows, field) for field in fields])


def _values(rows: Sequence[models.Model], field: Any) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
