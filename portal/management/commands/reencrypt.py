"""manage.py reencrypt: after a new data key was put in front of JHT_DATA_KEYS, writes every stored value with
it.
"""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction
from psycopg2.extras import execute_values

from portal import crypto
from portal.cases.evidence.files import STORE as EVIDENCE
from portal.fields import EncryptedTextField
from portal.workforce.actions.documents import STORE as DOCUMENTS

ROWS_AT_ONCE = 2000


class Command(BaseCommand):
    help = (
        "Encrypts personal data anew with the first key of JHT_DATA_KEYS. It may be interrupted and repeated."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """As the owner of the tables: histories are rewritten too, which the application may not do."""
        total = 0
        for model, field in encrypted_columns():
            count = 0
            while rows := self._batch(model, field):
                count += rows
            if count:
                self.stdout.write(f"{model._meta.db_table}.{field.column}: {count}")
            total += count
        for store in (EVIDENCE, DOCUMENTS):
            if files := store.reencrypt():
                self.stdout.write(f"{store.name}: {files}")
                total += files
        self.stdout.write(
            f"{total} values written with key {crypto.current_key_version()}. Keys before it may be removed now."
        )

    @staticmethod
    def _batch(model: type[models.Model], field: models.Field) -> int:
        """One transaction's worth. The content stays the same, so no history is written for it."""
        quote = connection.ops.quote_name
        table, column, key = (
            quote(model._meta.db_table),
            quote(str(field.column)),
            quote(str(model._meta.pk.column)),
        )
        with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} "  # noqa: S608 - names of our own models, quoted
                f"WHERE {column} IS NOT NULL AND get_byte({column}, 0) <> %s LIMIT {ROWS_AT_ONCE} FOR UPDATE",
                [crypto.current_key_version()],
            )
            rows = [(number, crypto.encrypt(crypto.decrypt(value))) for number, value in cursor.fetchall()]
            if rows:
                execute_values(
                    cursor.cursor,
                    f"UPDATE {table} SET {column} = data.value FROM (VALUES %s) AS data (key, value) "  # noqa: S608
                    f"WHERE {table}.{key} = data.key",
                    rows,
                    page_size=ROWS_AT_ONCE,
                )
        return len(rows)


def encrypted_columns() -> list[tuple[type[models.Model], models.Field]]:
    """Every encrypted column of every table, histories included."""
    return [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_fields
        if isinstance(field, EncryptedTextField)
    ]
