"""Part of the audit as a file that proves itself: entries with their links, verified without the database.

The first line says from where to where, each further one is a link: its place, digest and moment, and the entry as the
text that the digest covers. Whoever has noted heads besides proves that it is the chain of this portal.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal.audit.heads import Head

_RANGE = """
SELECT min(link.position), max(link.position) FROM audit_entry entry JOIN audit_chainlink link ON link.entry_id = entry.id
WHERE entry.at >= %s AND entry.at < %s
"""
_LINKS = """
SELECT link.position, encode(link.digest, 'hex'), to_jsonb(link.at)::text, to_jsonb(entry)::text
FROM audit_chainlink link JOIN audit_entry entry ON entry.id = link.entry_id
WHERE link.position BETWEEN %s AND %s ORDER BY link.position
"""
_AT_ONCE = 2000


class NotAnExport(Exception):
    """The file is none of these. The text says why."""


@dataclass(frozen=True)
class Verdict:
    """How many links a file has, how many noted heads agree, and the first thing that does not hold."""

    links: int
    heads: int
    why: str = ""


def write(first: date, last: date, path: Path) -> int:
    """Write the entries of these days, for the owner of the file alone; how many. FileExistsError when it is there."""
    begin = timezone.make_aware(datetime.combine(first, time.min))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'")
        cursor.execute(_RANGE, [begin, end])
        low, high = cursor.fetchone()
        cursor.execute(
            "SELECT encode(digest, 'hex') FROM audit_chainlink WHERE position = %s", [(low or 0) - 1]
        )
        before = cursor.fetchone()
        count = high - low + 1 if low else 0
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            begins = {"from": first.isoformat(), "until": last.isoformat(), "links": count}
            file.write(json.dumps({**begins, "before": before[0] if before else ""}) + "\n")
            cursor.execute(_LINKS, [low or 0, high or 0])
            while rows := cursor.fetchmany(_AT_ONCE):
                for position, digest, moment, entry in rows:
                    link = {"position": position, "digest": digest, "moment": moment, "entry": entry}
                    file.write(json.dumps(link, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return count


def check(path: Path, noted: list[Head]) -> Verdict:
    """Compute the links of a file anew and compare them with noted heads. Raises NotAnExport."""
    lines = _lines(path)
    begins = next(lines, {})
    if not {"from", "until", "links", "before"} <= set(begins):
        raise NotAnExport(f"{path} does not begin as an export of the audit does")
    digests = {head.position: head.digest for head in noted}
    before, place, links, agree = bytes.fromhex(begins["before"]), 0, 0, 0
    for link in lines:
        links += 1
        position = link["position"]
        if place and position != place + 1:
            return Verdict(links, agree, f"link {position} follows link {place}")
        said = [str(position), *([link["moment"]] if link["moment"] else []), link["entry"]]
        before = hashlib.sha256(before + "\x1f".join(said).encode()).digest()
        if before.hex() != link["digest"]:
            return Verdict(links, agree, f"link {position} or its entry was changed")
        if position in digests:
            if digests[position] != link["digest"]:
                return Verdict(links, agree, f"link {position} is not the one that a head has noted")
            agree += 1
        place = position
    if links != begins["links"]:
        return Verdict(links, agree, f"there were {begins['links']} links")
    return Verdict(links, agree)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError as error:
                raise NotAnExport(f"{path} has a line that is none of an export") from error
