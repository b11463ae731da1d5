"""What a job is asked to do with everything that a filter finds: looked at, confirmed, and then frozen by one statement.

    found = look(claims, version="case__version")          # how many, and which, as one digest
    freeze(job, claims, version="case__version", confirmed=found)

Between the look and the statement things may come and go: then nothing is frozen, and it is said how many there are now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from portal.accounts.access import NotNow
from portal.jobs.models import Job, JobTarget

_TABLE = JobTarget._meta.db_table
_DIGEST = "coalesce(md5(string_agg(key || ':' || version, ',' ORDER BY key)), '')"
# As a digest is written; of a form that was tampered with nothing is asked.
DIGEST = re.compile("[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class Found:
    """How many a filter found, and a digest of which, each with its version."""

    count: int
    digest: str


def look(rows: QuerySet[Any], *, version: str) -> Found:
    """Count what is found, and say which as one digest; nothing is read into memory."""
    sql, given = _selected(rows, version)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {_DIGEST} FROM ({sql}) AS found (key, version)", given)  # noqa: S608
        return Found(*cursor.fetchone())


def freeze(job: Job, rows: QuerySet[Any], *, version: str, confirmed: Found) -> None:
    """Write down what is found as the targets of the job, by one statement. NotNow when it is not what was confirmed:
    the transaction of the caller then takes all of it back.
    """
    sql, given = _selected(rows, version)
    statement = f"""
        WITH frozen AS (
            INSERT INTO {_TABLE} (job_id, key, version)
            SELECT %s, found.key, found.version FROM ({sql}) AS found (key, version)
            RETURNING key, version
        ) SELECT count(*), {_DIGEST} FROM frozen
    """  # noqa: S608  names and the text of a queryset
    with connection.cursor() as cursor:
        cursor.execute(statement, [job.pk, *given])
        now = Found(*cursor.fetchone())
    if now == confirmed:
        return
    if now.count != confirmed.count:
        raise NotNow(
            f"符合条件的由{confirmed.count:,}件变为{now.count:,}件，没有开始办理。请核对后重新确认。"
        )
    raise NotNow("符合条件的办件有新的办理，没有开始。请核对后重新确认。")


def _selected(rows: QuerySet[Any], version: str) -> tuple[str, tuple[Any, ...]]:
    sql, given = rows.order_by().values_list("pk", version).query.sql_with_params()
    return sql, given
