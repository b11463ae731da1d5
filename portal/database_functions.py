"""The functions of the database, made safe against whoever calls them: a step of the owner after each migration.

A function without a search path of its own looks for tables where its caller does, and for a caller temporary
tables come first: with a temporary table of the right name every guard could be told what its caller likes. So
every function of the schema gets `SET search_path = public, pg_temp` and names its tables with their schema. Also
the triggers of models (pgtrigger) can be passed by by setting `pgtrigger.ignore`; from here on only the owner can,
who needs it to encrypt anew.

It goes over all functions, ours and generated ones, whichever migration made or replaced them: none is forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

SEARCH_PATH = "search_path=public, pg_temp"

# What `RETURN` or `BEGIN ATOMIC` begins (prosqlbody) has its names looked up when it is made.
_FUNCTIONS = """
SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), coalesce(p.proconfig, '{}')
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole
  AND p.prokind IN ('f', 'p') AND p.prosqlbody IS NULL
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid
"""
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') ORDER BY length(relname) DESC
"""
_IGNORE = "public._pgtrigger_should_ignore(name)"
_IGNORE_EXISTS = f"SELECT to_regprocedure('{_IGNORE}') IS NOT NULL"
# Written so that it is put into the expression that calls it, once for each trigger that fires.
_IGNORED_FOR_THE_OWNER = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE sql
RETURN CASE
    WHEN coalesce(current_setting('pgtrigger.ignore', true), '') = '' THEN false
    WHEN pg_has_role(current_user, {owner}::name, 'MEMBER')
        THEN trigger_name = ANY (current_setting('pgtrigger.ignore', true)::text[])
    ELSE false
END
"""
# A name that format() puts in is that of a table here.
_DYNAMIC = re.compile(r"\b(FROM|JOIN|INTO|UPDATE) %I")


def secure(connection: BaseDatabaseWrapper) -> int:
    """Makes all functions of the schema safe, as their owner; the number of those that were not. Repeatable."""
    changed = 0
    with connection.cursor() as cursor:
        cursor.execute(_IGNORE_EXISTS)
        if cursor.fetchone()[0]:
            cursor.execute("SELECT quote_literal(current_user)")
            cursor.execute(_IGNORED_FOR_THE_OWNER.format(owner=cursor.fetchone()[0]))
        cursor.execute(_TABLES)
        names = _names_of([name for (name,) in cursor.fetchall()])
        cursor.execute(_FUNCTIONS)
        for function, text, config in cursor.fetchall():
            changed += _secure(cursor, function, text, config, names)
    return changed


def _secure(cursor: Any, function: str, text: str, config: list[str], names: re.Pattern[str]) -> bool:
    qualified = with_schema(text, names)
    if qualified != text:
        cursor.execute(qualified)
    is_bound = SEARCH_PATH in config
    if not is_bound:
        cursor.execute(f"ALTER FUNCTION {function} SET search_path = public, pg_temp")
    return not is_bound or qualified != text


def _names_of(tables: Iterable[str]) -> re.Pattern[str]:
    """Finds a table that is named without its schema; what stands in quotes is text."""
    either = "|".join(re.escape(name) for name in tables)
    return re.compile(rf"""(?<![\w."'])("?)({either})\1(?![\w"'])""")


def with_schema(text: str, names: re.Pattern[str]) -> str:
    """The text of a function with the schema before each table of its body. The types of its arguments were looked
    up when it was made.
    """
    head, begin, body = text.partition("\nAS $")
    return head + begin + _DYNAMIC.sub(r"\1 public.%I", names.sub(r"public.\1\2\1", body))
