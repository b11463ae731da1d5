"""Takes a roster into temporary tables: checked rows, honours, refusals. Encrypts on the way, and only what is new.

Works in pieces of 10,000 rows, so that memory does not grow with the file. While the database takes in one piece the next one is
being checked.
"""
from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

from django.db import connection

from portal import crypto
from portal.workforce.roster.checking import NULL, Checked, Checker, for_copy
from portal.workforce.roster.reading import Row, Source

PIECE = 10_000

_TABLES = {
    "roster_row": """
        line int, digest bytea, id_number bytea, phone_digest bytea, phone bytea, name text, birth_on date, sex text,
        region text, employer text, code text, occupation text, level smallint, issued_on date, front_line boolean,
        years numeric(4,1), months smallint, certificate text""",
    "roster_honour": "line int, digest bytea, type_id text, named_as text, year smallint, document text",
    "roster_refusal": "line int, message text, held boolean",
}
# What merging makes; dropped together with the above.
MERGED = (
    "roster_group", "roster_employer", "roster_known", "roster_person", "roster_credential", "roster_moved", "roster_touched",
)  # fmt: skip


def drop() -> None:
    """Take the temporary tables away, if there are any."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in (*_TABLES, *MERGED))}")


class Staging:
    """The temporary tables of one import, on the connection of this thread."""

    def __init__(self) -> None:
        drop()
        with connection.cursor() as cursor:
            for name, columns in _TABLES.items():
                cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
            cursor.execute("SELECT EXISTS (SELECT FROM workforce_worker)")
            self._somebody_known = cursor.fetchone()[0]
        self._id_digest, self._phone_digest = crypto.digester("id"), crypto.digester("phone")
        self._encrypter = crypto.encrypter()
        # The driver's own connection: Django's wrapper belongs to one thread, and the copying is done by another.
        self._driver: Any = connection.connection
        self._copying: Future[None] | None = None

    def take(self, source: Source, checker: Checker, told: Callable[[int, int], None]) -> int:
        """Reads everything; the number of rows read. `told(read, refused)` is called between pieces, outside transactions of
        its own, and may raise to stop."""
        read = refused = 0
        rows = source.rows()
        with ThreadPoolExecutor(max_workers=1) as copier:
            while piece := list(islice(rows, PIECE)):
                good, texts = self._check(piece, checker)
                self._wait()
                # The connection is free now, and no copy runs: both the look-up and the caller may use it.
                told(read, refused)
                self._encrypt(good, texts)
                self._copying = copier.submit(self._copy, texts)
                read += len(piece)
                refused += len(piece) - len(good)
            self._wait()
        told(read, refused)
        return read

    def _wait(self) -> None:
        if self._copying is not None:
            self._copying.result()
            self._copying = None

    def _check(self, piece: list[Row], checker: Checker) -> tuple[list[Checked], dict[str, list[str]]]:
        good: list[Checked] = []
        refusals: list[str] = []
        check = checker.check
        for line, cells in piece:
            found = check(line, cells)
            if found.__class__ is Checked:
                good.append(found)
            else:
                refusals.append(f"{line}\t{for_copy(found)}\tf\n")  # type: ignore[arg-type]
        return good, {"roster_refusal": refusals}

    def _encrypt(self, good: list[Checked], texts: dict[str, list[str]]) -> None:
        """Digests for all, ciphertexts for people who are new and telephones that differ."""
        rows, honours = [], []
        encrypt, id_digest, phone_digest = self._encrypter, self._id_digest, self._phone_digest
        digests = [id_digest(row.number).hex() for row in good]
        phones = self._known_phones(digests) if self._somebody_known else {}
        for row, digest in zip(good, digests, strict=True):
            id_number = phone = phone_mark = NULL
            if digest not in phones:
                id_number = rf"\\x{encrypt(row.number).hex()}"
            if row.phone:
                mark = phone_digest(row.phone).hex()
                phone_mark = rf"\\x{mark}"
                if phones.get(digest) != mark:
                    phone = rf"\\x{encrypt(row.phone).hex()}"
            rows.append(
                f"{row.line}\t\\\\x{digest}\t{id_number}\t{phone_mark}\t{phone}\t{row.name}\t{row.born}\t{row.sex}\t{row.said}\n"
            )
            for honour in row.honours:
                honours.append(
                    f"{row.line}\t\\\\x{digest}\t{honour.type_id}\t{for_copy(honour.named_as)}\t{honour.year}\t"
                    f"{for_copy(honour.document)}\n"
                )
        texts["roster_row"], texts["roster_honour"] = rows, honours

    def _known_phones(self, digests: list[str]) -> dict[str, str]:
        """{digest of the ID number: digest of the telephone or ""} of those of a piece who are in the register."""
        with connection.cursor() as cursor:
            # An array in the statement: its keys are looked up in the order of the index.
            cursor.execute(
                "SELECT encode(id_digest, 'hex'), coalesce(encode(phone_digest, 'hex'), '') FROM workforce_worker "
                "WHERE id_digest = ANY (%s::bytea[])",
                ["{" + ",".join(rf'"\\\\x{digest}"' for digest in digests) + "}"],
            )
            return dict(cursor.fetchall())

    def _copy(self, texts: dict[str, list[str]]) -> None:
        with self._driver.cursor() as cursor:
            for table, lines in texts.items():
                if lines:
                    cursor.copy_expert(f"COPY {table} FROM STDIN", io.BytesIO("".join(lines).encode()), size=1 << 20)


def refusals(piece: int = 5000) -> Iterator[tuple[int, str]]:
    """(line, message) of every refused row in the order of the file, a row's messages joined; streamed."""
    with connection.cursor() as cursor:
        last = -1
        while True:
            cursor.execute(
                "SELECT line, string_agg(message, '' ORDER BY message) FROM roster_refusal WHERE line > %s "
                "GROUP BY line ORDER BY line LIMIT %s",
                [last, piece],
            )
            found = cursor.fetchall()
            if not found:
                return
            yield from found
            last = found[-1][0]
