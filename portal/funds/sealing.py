"""Sealing the transfers of a day when it has ended, and whether sealed days are still as they were.

The last seal is noted with every head of the audit chain, outside the database (portal.audit.heads): whoever writes days
and seals anew does not write what was noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.audit import heads
from portal.funds.models import DailySeal

_NUMBER, _LEAF = 8, 40

_DIFFERENT = """
WITH current AS (
    SELECT covered.day, string_agg(int8send(covered.id) || covered.leaf, ''::bytea ORDER BY covered.id) AS leaves
    FROM (
        SELECT (t.at AT TIME ZONE 'Asia/Shanghai')::date AS day, t.id, {leaf} AS leaf
        FROM funds_transfer t
        WHERE t.at < (SELECT (max(s.day) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM funds_dailyseal s)
        -- Digests are made first, by several processors where there are, and what is sorted is short.
        OFFSET 0
    ) AS covered GROUP BY 1
), chain AS (
    SELECT s.*, coalesce(lag(s.digest) OVER w, ''::bytea) AS before, lag(s.day) OVER w AS day_before
    FROM funds_dailyseal s WINDOW w AS (ORDER BY s.day)
), compared AS (
    SELECT coalesce(c.day, n.day) AS day, c.day IS NOT NULL AS is_sealed,
           c.previous = c.before AND coalesce(c.day = c.day_before + 1, true)
           AND c.digest = public.funds_seal_digest(c.previous, c.day, c.first_id, c.last_id, c.count, c.leaves) AS holds,
           coalesce(c.leaves, ''::bytea) AS sealed, coalesce(n.leaves, ''::bytea) AS found
    FROM chain c FULL JOIN current n ON n.day = c.day
)
SELECT day, holds, sealed, found FROM compared WHERE NOT is_sealed OR NOT holds OR sealed <> found ORDER BY day
"""


@transaction.atomic
def seal_days() -> int:
    """Seal every day that has ended and is not sealed yet; how many. Can be done again at any time."""
    yesterday = timezone.localdate() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT day FROM public.funds_seal(%s) AS sealed (day)", [yesterday])
        days = [day for (day,) in cursor.fetchall()]
    seals = DailySeal.objects.filter(day__in=days).defer("leaves")
    audit.record_many(
        "funds.seal",
        by=None,
        about=[
            (
                seal,
                None,
                "",
                {"day": seal.day.isoformat(), "count": seal.count, "digest": bytes(seal.digest).hex()},
            )
            for seal in seals
        ],
    )
    return len(days)


def last_seal() -> str:
    """The day and the digest of the last seal; empty while there is none."""
    seal = DailySeal.objects.defer("leaves").order_by("-day").first()
    return str(seal) if seal else ""


def different() -> Iterator[str]:
    """Every sealed day that is not as it was sealed, with its transfers, and every noted seal that is another now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.funds_leaf_written_out()")
        (leaf,) = cursor.fetchone()
        cursor.execute(_DIFFERENT.format(leaf=leaf))
        rows = cursor.fetchall()
    for day, holds, sealed, found in rows:
        if holds is None:
            yield f"{day}: transfers of a day before the first that is sealed"
        elif not holds:
            yield f"{day}: the seal was changed, or one before it is missing"
        yield from _of_day(day, _leaves(bytes(sealed)), _leaves(bytes(found)))
    yield from _of_noted()


def _of_day(day: date, sealed: dict[int, bytes], found: dict[int, bytes]) -> Iterator[str]:
    for number in sorted(sealed.keys() | found.keys()):
        if number not in found:
            yield f"{day}: transfer {number} was removed after the day was sealed"
        elif number not in sealed:
            yield f"{day}: transfer {number} was added after the day was sealed"
        elif sealed[number] != found[number]:
            yield f"{day}: transfer {number} was changed after the day was sealed"


def _leaves(content: bytes) -> dict[int, bytes]:
    """By the number of a transfer its digest."""
    return {
        int.from_bytes(content[start : start + _NUMBER]): content[start + _NUMBER : start + _LEAF]
        for start in range(0, len(content), _LEAF)
    }


def _of_noted() -> Iterator[str]:
    """The seals that were noted outside the database, here and in the copies that can be read."""
    places = [path for path in (settings.AUDIT_HEADS, *settings.AUDIT_HEADS_COPIES) if path.exists()]
    noted = {
        head.seal for path in places for head in heads.read(path) if head and head.seal and head.is_genuine()
    }
    kept = {str(seal) for seal in DailySeal.objects.defer("leaves")}
    for seal in sorted(noted - kept):
        day, _, digest = seal.partition(" ")
        yield f"{day}: the seal {digest} was noted outside the database, and is another or gone now"
