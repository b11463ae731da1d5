"""The statement of a month: what stood on each line when it began, every kind of move in it, and what stands at its end.

All of it is told by the transfers, in one statement and so of one moment; no kept balance is read. The ends are summed by
themselves, and a statement whose beginning and moves do not come to them is not made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from portal.funds.models import Line
from portal.funds.money import yuan
from portal.funds.months import Month
from portal.funds.moves import Bucket, MoveCode

# In the order in which money goes. What it came from is outside.
BUCKETS = tuple(bucket for bucket in Bucket if bucket != Bucket.TREASURY)
BEGINNING, END, TOTAL = "期初", "期末", "合计"
_IN, _OUT = "调入", "调出"
# The order of the rows between beginning and end. What was taken apart goes and comes in one row.
_ROWS = tuple(
    dict.fromkeys(
        label
        for code in MoveCode
        for label in ((_IN, _OUT) if code == MoveCode.REALLOCATE else (str(code.label),))
    )
)

_TOLD = """
SELECT move, from_line_id, from_bucket, to_line_id, to_bucket,
       coalesce(sum(amount) FILTER (WHERE at < %(begins)s), 0),
       coalesce(sum(amount) FILTER (WHERE at >= %(begins)s), 0)
FROM funds_transfer
WHERE at < %(ends)s AND (from_line_id = ANY (%(lines)s) OR to_line_id = ANY (%(lines)s))
GROUP BY move, from_line_id, from_bucket, to_line_id, to_bucket
UNION ALL
SELECT 'end', line_id, bucket, NULL, NULL, sum(amount), NULL
FROM (SELECT from_line_id AS line_id, from_bucket AS bucket, -amount AS amount
      FROM funds_transfer WHERE from_line_id = ANY (%(lines)s) AND at < %(ends)s
      UNION ALL
      SELECT to_line_id, to_bucket, amount
      FROM funds_transfer WHERE to_line_id = ANY (%(lines)s) AND at < %(ends)s) AS ends
GROUP BY line_id, bucket
"""

# (line, row or END, bucket) and the sum of it, in fen.
_Sums = Counter[tuple[int, str, str]]


class DoesNotAddUp(Exception):
    """Beginning and moves of a line do not come to what stands at the end: the statement is not shown."""


@dataclass(frozen=True)
class Row:
    """A row of a line's statement: what stood, or what a kind of move changed, in yuan by bucket in order of BUCKETS."""

    label: str
    amounts: tuple[Decimal, ...]

    @property
    def stands(self) -> bool:
        """Whether it says what stood, and not what changed."""
        return self.label in {BEGINNING, END}

    @property
    def total(self) -> Decimal:
        """What came to the line, or left it, or stands on it."""
        return sum(self.amounts, Decimal(0))

    @property
    def written(self) -> list[str]:
        """The amounts in order of BUCKETS, then the total, as a statement has them: nothing where nothing changed."""
        return [self._written(amount) for amount in (*self.amounts, self.total)]

    @property
    def named(self) -> list[tuple[str, str]]:
        """The same, each below its heading."""
        headings = [*(str(bucket.label) for bucket in BUCKETS), TOTAL]
        return list(zip(headings, self.written, strict=True))

    def _written(self, amount: Decimal) -> str:
        if not amount and not self.stands:
            return ""
        return f"{amount:,.2f}".replace("-", "−")


@dataclass(frozen=True)
class Part:
    """What a line, or all of them together, had in the month: from beginning to end."""

    name: str
    rows: tuple[Row, ...]
    line: Line | None = None


@dataclass(frozen=True)
class Statement:
    """The statement of these lines for a month, as of a moment."""

    month: Month
    parts: tuple[Part, ...]
    total: Part
    made_at: datetime

    @property
    def is_complete(self) -> bool:
        """Only when the month has ended nothing is added any more."""
        return self.made_at >= self.month.ends


def statement_of(lines: Sequence[Line], month: Month) -> Statement:
    """The statement of lines that somebody sees; those that were not there yet are left out. Raises DoesNotAddUp."""
    there = [line for line in lines if line.opened_at < month.ends]
    now = timezone.now()
    sums = _sums([line.pk for line in there], month)
    parts = tuple(Part(str(line), _rows([line.pk], sums), line) for line in there)
    total = Part(TOTAL, _rows([line.pk for line in there], sums))
    return Statement(month, parts, total, now)


def _sums(lines: Sequence[int], month: Month) -> _Sums:
    asked: dict[str, Any] = {"lines": list(lines), "begins": month.begins, "ends": month.ends}
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, asked)
        found = cursor.fetchall()
    sums: _Sums = Counter()
    told: Counter[tuple[int, str]] = Counter()
    for move, source, from_bucket, target, to_bucket, before, within in found:
        if move == "end":
            told[source, from_bucket] = int(before)
            continue
        out, into = (_OUT, _IN) if move == MoveCode.REALLOCATE else (MoveCode(move).label,) * 2
        for line, bucket, row, sign in ((source, from_bucket, out, -1), (target, to_bucket, into, 1)):
            sums[line, BEGINNING, bucket] += sign * int(before)
            sums[line, str(row), bucket] += sign * int(within)
    _require_that_it_adds_up(lines, sums, told)
    for (line, bucket), amount in told.items():
        sums[line, END, bucket] = amount
    return sums


def _require_that_it_adds_up(lines: Sequence[int], sums: _Sums, told: Counter[tuple[int, str]]) -> None:
    for line in lines:
        for bucket in Bucket:
            come_to = sum(sums[line, row, bucket] for row in (BEGINNING, *_ROWS))
            if come_to != told[line, bucket]:
                raise DoesNotAddUp(f"line {line}, {bucket}: {come_to} fen, {told[line, bucket]} at the end")


def _rows(lines: Sequence[int], sums: _Sums) -> tuple[Row, ...]:
    """Beginning, the kinds of moves that there were, end."""
    rows = []
    for label in (BEGINNING, *_ROWS, END):
        amounts = [sum(sums[line, label, bucket] for line in lines) for bucket in BUCKETS]
        if any(amounts) or label in {BEGINNING, END}:
            rows.append(Row(label, tuple(yuan(amount) for amount in amounts)))
    return tuple(rows)
