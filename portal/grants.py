"""What the application's database role may do to which table.

The role owns nothing: what is append-only or read-only for it is so for every line of our own code. A model
says so itself:

    database_rights = "append_only"   # rows are added and read, never changed or removed
    database_rights = "read_only"     # rows are read; the owner writes them (migrations, reference data)

Without the attribute a table can be read and written. Nobody but the owner may TRUNCATE, which would pass by
row triggers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

RIGHTS = {
    "read_write": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "append_only": ("SELECT", "INSERT"),
    "read_only": ("SELECT",),
}
# Tables without a class of ours to carry the attribute.
BY_TABLE = {
    # Rewritten by the application, "this is the schema" would be worth nothing.
    "django_migrations": "read_only",
}


class BadRole(Exception):
    """The application's role may do too much for grants to mean anything. The text says what."""


@dataclass(frozen=True)
class Installed:
    """How many tables have which rights, by the keys of RIGHTS."""

    read_write: int
    append_only: int
    read_only: int


def kind_of(model: type[models.Model]) -> str:
    """The key of RIGHTS for a model. Histories of rows only grow; ValueError for an unknown
    `database_rights`.
    """
    declared = getattr(model, "database_rights", None)
    if declared is None:
        return "append_only" if issubclass(model, pghistory.models.Event) else "read_write"
    if declared not in RIGHTS:
        raise ValueError(f"{model.__name__}.database_rights is {declared!r}, not one of {', '.join(RIGHTS)}")
    return declared


def kinds_by_table() -> dict[str, str]:
    """The key of RIGHTS for the table of every model, links of many-to-many fields included."""
    kinds = {
        model._meta.db_table: kind_of(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return kinds | BY_TABLE


def check_role(cursor: Any, role: str) -> None:
    """BadRole when `role` could pass by its grants: as superuser, as the owner of anything, or as a member of
    the owner.
    """
    cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = %s", [role])
    role_row = cursor.fetchone()
    if role_row is None:
        raise BadRole(f"there is no database role {role}")
    owner, is_superuser = role_row
    if is_superuser:
        raise BadRole(f"the application's role {role} is a superuser: no grant binds it")
    if role == owner:
        raise BadRole(
            f"the application connects as {role}, which also owns the tables: "
            "give it a role of its own in DATABASE_URL and the owner's in DATABASE_OWNER_URL"
        )
    cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [role, owner])
    if cursor.fetchone()[0]:
        raise BadRole(f"the application's role {role} is a member of {owner}, which owns the tables")
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relowner = %s::regrole AND relpersistence <> 't' LIMIT 1",
        [_quoted(role)],
    )
    owned = cursor.fetchone()
    if owned:
        raise BadRole(
            f"the application's role {role} owns {owned[0]}: it could grant itself everything on it"
        )


_TABLES_AND_VIEWS = """
SELECT relname, relkind IN ('v', 'm') AS is_view
FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND relkind IN ('r', 'p', 'v', 'm')
  AND NOT relispartition
  AND relowner = current_user::regrole
ORDER BY relname
"""


def install(connection: BaseDatabaseWrapper, role: str) -> Installed:
    """Sets the rights of `role` on every table, view and sequence of the schema, exactly: what it had before
    is taken away.

    Runs as the owner, inside the caller's transaction, so that no moment without rights is ever seen.
    Partitions get none: they are reached through their parent, whose rights count.
    """
    kinds = kinds_by_table()
    counts = dict.fromkeys(RIGHTS, 0)
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        check_role(cursor, role)
        for target in ("TABLES", "SEQUENCES"):
            cursor.execute(f"REVOKE ALL ON ALL {target} IN SCHEMA public FROM PUBLIC, {quote(role)}")
        cursor.execute(f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {quote(role)}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quote(role)}")
        cursor.execute(_TABLES_AND_VIEWS)
        for table, is_view in cursor.fetchall():
            kind = kinds.get(table, "read_only" if is_view else "read_write")
            cursor.execute(f"GRANT {', '.join(RIGHTS[kind])} ON TABLE public.{quote(table)} TO {quote(role)}")
            counts[kind] += 1
        # USAGE lets it take the next number, not set one back.
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}")
    return Installed(**counts)


def _quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'
