"""Takes a roster into temporary tables: checked rows, honours, refusals. Encrypts on the way, and only what
is new.

Works in pieces of 10,000 rows, so that memory does not grow with the file. While one piece is checked, the
one before it is encrypted by a second process, and the one before that is copied.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

from portal import crypto
from portal.fields import encrypted_field
from portal.spreadsheets.reading import Source
from portal.spreadsheets.rows import Row
from portal.workforce.models import Worker
from portal.workforce.roster import plausible
from portal.workforce.roster.checking import NULL, Checked, Checker, Refusal, for_copy
from portal.workforce.roster.encrypting import Encrypting

PIECE = 10_000

# What numbers are bound to, in hexadecimal; behind it stands the digest of the person's ID number.
_ID_NUMBERS, _PHONES = (encrypted_field(Worker, name).bound_place.hex() for name in ("id_number", "phone"))

_TABLES = {
    "roster_row": """
        line int, digest bytea, id_number bytea, phone_digest bytea, phone bytea,
        name text, birth_on date, sex text,
        region text, employer text, code text, occupation text, level smallint, issued_on date,
        front_line boolean, years numeric(4,1), months smallint, certificate text""",
    "roster_honour": "line int, digest bytea, type_id text, named_as text, year smallint, document text",
    "roster_explanation": "line int, reason text",
    "roster_refusal": "line int, message text, held boolean, cells text NOT NULL DEFAULT ''",
}
# What merging makes; dropped together with the above.
MERGED = (
    "roster_group",
    "roster_employer",
    "roster_new_code",
    "roster_known",
    "roster_person",
    "roster_credential",
    "roster_moved",
    "roster_numbered",
    "roster_touched",
    "roster_proposed",
    *plausible.MADE,
)


_KNOWN_PHONES = """
SELECT encode(id_digest, 'hex'), coalesce(encode(phone_digest, 'hex'), '')
FROM workforce_worker
WHERE id_digest = ANY (%s::bytea[])
"""
_REFUSALS = """
SELECT line, string_agg(message, '' ORDER BY message), string_agg(cells, ',')
FROM roster_refusal
WHERE line > %s
GROUP BY line ORDER BY line LIMIT %s
"""


def drop() -> None:
    """Take the temporary tables away, if there are any."""
    with connection.cursor() as cursor:
        tables = ", ".join(f"pg_temp.{name}" for name in (*_TABLES, *MERGED))
        cursor.execute(f"DROP TABLE IF EXISTS {tables}")


@dataclass
class _Piece:
    """Checked rows on their way into the tables."""

    good: list[Checked]
    refusals: list[str]
    digests: list[str]
    # The digest of the telephone, "" for none; and the texts to encrypt: ID numbers of new people, telephones
    # that differ.
    phones: list[str]
    new: list[bool]
    other_phone: list[bool]
    ciphertexts: Future[list[str]]


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
        # The driver's own connection: Django's wrapper belongs to one thread, and the copying is done by
        # another.
        self._driver: Any = connection.connection
        self._copying: Future[None] | None = None

    def take(self, source: Source, checker: Checker, progress: Callable[[int, int], None]) -> int:
        """Reads everything; the number of rows read. `progress(read, refused)` is called between pieces,
        outside transactions of its own, and may raise to stop.
        """
        read = refused = 0
        rows = source.rows()
        before: _Piece | None = None
        with Encrypting() as encrypting, ThreadPoolExecutor(max_workers=1) as copier:
            while given := list(islice(rows, PIECE)):
                good, refusals = self._check(given, checker)
                # While these were checked, the piece before was encrypted, and the one before that was
                # copied.
                self._wait()
                progress(read, refused)
                piece = self._begin(good, refusals, encrypting)
                if before is not None:
                    self._copying = copier.submit(self._copy, before)
                before = piece
                read += len(given)
                refused += len(refusals)
            self._wait()
            if before is not None:
                self._copy(before)
        progress(read, refused)
        return read

    def _wait(self) -> None:
        """Until the connection is free."""
        if self._copying is not None:
            self._copying.result()
            self._copying = None

    def _check(self, given: list[Row], checker: Checker) -> tuple[list[Checked], list[str]]:
        good: list[Checked] = []
        refusals: list[str] = []
        check = checker.check
        for line, cells in given:
            checked = check(line, cells)
            if checked.__class__ is Checked:
                good.append(checked)
            else:
                assert isinstance(checked, Refusal)  # noqa: S101
                refusals.append(f"{line}\t{for_copy(checked)}\tf\t{checked.cells}\n")
        return good, refusals

    def _begin(self, good: list[Checked], refusals: list[str], encrypting: Encrypting) -> _Piece:
        """Digests for all, and ciphertexts begun for people who are new and telephones that differ."""
        id_digest, phone_digest = self._id_digest, self._phone_digest
        digests = [id_digest(row.number).hex() for row in good]
        phones = [phone_digest(row.phone).hex() if row.phone else "" for row in good]
        known = self._known_phones(digests) if self._somebody_known and digests else {}
        new = [digest not in known for digest in digests]
        other = [
            bool(phone) and known.get(digest) != phone for digest, phone in zip(digests, phones, strict=True)
        ]
        named = list(zip(good, digests, new, other, strict=True))
        numbers = [f"{row.number} {_ID_NUMBERS}{digest}" for row, digest, wanted, _ in named if wanted]
        numbers += [f"{row.phone} {_PHONES}{digest}" for row, digest, _, wanted in named if wanted]
        return _Piece(good, refusals, digests, phones, new, other, encrypting.begin(numbers))

    def _copy(self, piece: _Piece) -> None:
        """Runs beside the checking; uses the driver's connection, which nobody else uses until `_wait`."""
        ciphertexts = piece.ciphertexts.result()
        id_numbers, phones = iter(ciphertexts), iter(ciphertexts[sum(piece.new) :])
        rows, honours, explanations = [], [], []
        columns = zip(piece.good, piece.digests, piece.phones, piece.new, piece.other_phone, strict=True)
        for row, digest, phone, is_new, is_other in columns:
            id_number = rf"\\x{next(id_numbers)}" if is_new else NULL
            phone_digest = rf"\\x{phone}" if phone else NULL
            phone_number = rf"\\x{next(phones)}" if is_other else NULL
            rows.append(
                f"{row.line}\t\\\\x{digest}\t{id_number}\t{phone_digest}\t{phone_number}\t"
                f"{row.name}\t{row.born}\t{row.sex}\t{row.values}\n"
            )
            for honour in row.honours:
                honours.append(
                    f"{row.line}\t\\\\x{digest}\t{honour.type_id}\t{for_copy(honour.named_as)}\t"
                    f"{honour.year}\t{for_copy(honour.document)}\n"
                )
            if row.explanation:
                explanations.append(f"{row.line}\t{for_copy(row.explanation)}\n")
        self._copy_into("roster_row", rows)
        self._copy_into("roster_honour", honours)
        self._copy_into("roster_explanation", explanations)
        self._copy_into("roster_refusal", piece.refusals)

    def _copy_into(self, table: str, lines: list[str]) -> None:
        if not lines:
            return
        data = io.BytesIO("".join(lines).encode())
        with self._driver.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} FROM STDIN", data, size=1 << 20)

    def _known_phones(self, digests: list[str]) -> dict[str, str]:
        """{digest of the ID number: digest of the telephone or ""} of those of a piece who are in the
        register.
        """
        # An array in the statement: its keys are looked up in the order of the index.
        array = ",".join(rf'"\\\\x{digest}"' for digest in digests)
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN_PHONES, ["{" + array + "}"])
            return dict(cursor.fetchall())


def refusals(piece: int = 5000) -> Iterator[tuple[int, str, str]]:
    """(line, message, keys of faulty columns) of every refused row in the order of the file, a row's messages joined;
    streamed.
    """
    with connection.cursor() as cursor:
        last = -1
        while True:
            cursor.execute(_REFUSALS, [last, piece])
            lines = cursor.fetchall()
            if not lines:
                return
            yield from lines
            last = lines[-1][0]
