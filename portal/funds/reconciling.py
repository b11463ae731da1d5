"""Whether ledger, payables and approvals say the same, by fund, line and month; and the bank, of what it confirmed.

Everything is asked of the whole register in a few statements that return sums, and differences only: each says in words
what differs, and where to look (line, payable, number of the case).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from portal.formats import yuan as in_words
from portal.funds import decided, sealing
from portal.funds.models import Fund, Line
from portal.funds.money import yuan
from portal.funds.months import Month
from portal.funds.proof import differences

# A payable that went back to its line is over, and one of which all was paid back; one that was drawn up and not yet moved
# is not.
_STANDS = "NOT (p.bucket = 'available' AND p.moves > 0) AND p.amount > coalesce(b.amount, 0)"
_OF_CASES = f"""
WITH decided (case_id, fund, amount) AS ({{decided}}), revoked AS (
    SELECT payable_id FROM funds_revocation WHERE lifted_at IS NULL
), paid_back AS (
    SELECT payable_id, sum(amount) AS amount FROM funds_recoveryshare WHERE kind <> 'written_off' GROUP BY payable_id
), standing AS (
    SELECT p.id, p.case_id, p.amount, p.line_id, l.fund_id, r.payable_id IS NOT NULL AS is_revoked
    FROM funds_payable p JOIN funds_line l ON l.id = p.line_id LEFT JOIN revoked r ON r.payable_id = p.id
    LEFT JOIN paid_back b ON b.payable_id = p.id
    WHERE {_STANDS}
), given AS (
    SELECT case_id, fund_id, amount FROM standing WHERE NOT is_revoked
    UNION ALL
    SELECT case_id, fund_id, amount FROM funds_awaitingmoney WHERE payable_id IS NULL AND ended_at IS NULL
), of_case AS (
    SELECT case_id, min(fund_id) AS fund, sum(amount)::bigint AS amount, count(DISTINCT fund_id) AS funds
    FROM given GROUP BY case_id
)
"""  # noqa: S608  no words of others
_MISSING = """
SELECT c.number, d.fund, d.amount FROM decided d JOIN cases_case c ON c.id = d.case_id
WHERE NOT EXISTS (SELECT FROM of_case o WHERE o.case_id = d.case_id)
  AND NOT EXISTS (SELECT FROM standing s WHERE s.case_id = d.case_id) ORDER BY c.number
"""
_UNDECIDED = """
SELECT c.number, s.fund_id, s.amount, s.id, s.line_id FROM standing s JOIN cases_case c ON c.id = s.case_id
WHERE NOT s.is_revoked AND NOT EXISTS (SELECT FROM decided d WHERE d.case_id = s.case_id) ORDER BY s.id
"""
_STILL_DECIDED = """
SELECT c.number, s.fund_id, s.amount, s.id, s.line_id FROM standing s JOIN cases_case c ON c.id = s.case_id
WHERE s.is_revoked AND EXISTS (SELECT FROM decided d WHERE d.case_id = s.case_id) ORDER BY s.id
"""
_OTHERWISE = """
SELECT c.number, d.fund, d.amount, o.fund, o.amount
FROM decided d JOIN of_case o ON o.case_id = d.case_id JOIN cases_case c ON c.id = d.case_id
WHERE d.amount <> o.amount OR d.fund <> o.fund OR o.funds > 1 ORDER BY c.number
"""
# Money is set aside once for what stands: by the month of that, what the ledger moved, what the payables say, and what
# was decided. A difference of a case between what was decided and what stands is its first payable's.
_BY_MONTH = """
, first AS (
    SELECT DISTINCT ON (t.payable_id) t.payable_id, t.amount, t.at
    FROM funds_transfer t WHERE t.payable_id IS NOT NULL ORDER BY t.payable_id, t.id
)
SELECT s.fund_id, s.line_id, to_char(f.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*),
       sum(f.amount)::bigint, sum(s.amount)::bigint,
       coalesce(sum(s.amount + CASE WHEN s.is_first THEN d.amount - o.amount ELSE 0 END)
                FILTER (WHERE d.case_id IS NOT NULL), 0)::bigint
FROM (SELECT x.*, row_number() OVER (PARTITION BY x.case_id ORDER BY x.id) = 1 AS is_first
      FROM standing x WHERE NOT x.is_revoked) AS s
JOIN first f ON f.payable_id = s.id
LEFT JOIN decided d ON d.case_id = s.case_id
LEFT JOIN of_case o ON o.case_id = s.case_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
# What came back of a payment, or was written off, is not in the bucket any more in which the payment stays.
_BALANCES = """
SELECT l.fund_id, b.line_id, b.bucket, b.amount, coalesce(p.amount, 0)::bigint
FROM funds_balance b JOIN funds_line l ON l.id = b.line_id
LEFT JOIN (
    SELECT line_id, bucket, sum(amount) AS amount
    FROM (SELECT line_id, bucket, amount FROM funds_payable
          UNION ALL
          SELECT o.line_id, o.bucket, -s.amount FROM funds_recoveryshare s JOIN funds_payable o ON o.id = s.payable_id
          UNION ALL
          SELECT o.line_id, 'written_off', s.amount
          FROM funds_recoveryshare s JOIN funds_payable o ON o.id = s.payable_id WHERE s.kind = 'written_off') AS told
    GROUP BY line_id, bucket) AS p
    ON p.line_id = b.line_id AND p.bucket = b.bucket
WHERE b.bucket NOT IN ('treasury', 'available') AND b.amount <> coalesce(p.amount, 0)
ORDER BY b.line_id, b.bucket
"""
_MOVED_OTHERWISE = """
SELECT c.number, l.fund_id, t.amount, p.id, p.line_id, t.id, p.amount
FROM funds_transfer t JOIN funds_payable p ON p.id = t.payable_id
JOIN funds_line l ON l.id = p.line_id JOIN cases_case c ON c.id = p.case_id
WHERE t.amount <> p.amount OR t.from_line_id <> p.line_id OR t.to_line_id <> p.line_id ORDER BY t.id
"""
_BANK = """
SELECT t.id, t.payable_id, t.amount, r.answer_id, r.line, r.amount, t.move
FROM funds_transfer t LEFT JOIN funds_bankrow r ON r.id = t.bank_row_id LEFT JOIN funds_item i ON i.id = r.item_id
WHERE t.move IN (SELECT code FROM funds_ledgermove WHERE needs_bank_row)
  AND (r.id IS NULL OR r.amount IS DISTINCT FROM t.amount OR i.payable_id IS DISTINCT FROM t.payable_id
       OR (t.move = 'settle') <> (r.outcome = 'paid'))
ORDER BY t.id
"""
_BATCHES = "SELECT what, id, kept, told FROM funds_batch_proof ORDER BY what, id"
_RECOVERIES = "SELECT what, id, kept, told FROM funds_recovery_proof ORDER BY what, id"


@dataclass(frozen=True)
class OfMonth:
    """What was set aside on a line in a month and stands, in fen: by the ledger, by the payables, by what was decided."""

    fund: str
    line: int
    month: str
    payables: int
    ledger: int
    drawn: int
    decided: int

    @property
    def agrees(self) -> bool:
        return self.ledger == self.drawn == self.decided


@dataclass(frozen=True)
class Reconciled:
    """What was compared and what differs. `waiting` is by fund: how many decisions wait for money, and how much."""

    funds: dict[str, str]
    lines: dict[int, str]
    months: list[OfMonth]
    waiting: dict[str, tuple[int, int]]
    differences: list[str]


@transaction.atomic
def reconcile() -> Reconciled:
    """Compare everything as of one moment."""
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    funds = {fund.pk: fund.name for fund in Fund.objects.all()}
    lines = {line.pk: str(line) for line in Line.objects.select_related("fund", "region")}
    sql, values = decided.as_sql()
    of_cases = _OF_CASES.format(decided=sql)
    months = [OfMonth(*row) for row in _asked(of_cases + _BY_MONTH, values)]
    found = [
        *_of_cases(of_cases, values, funds, lines),
        *_of_months(months, lines),
        *_of_the_ledger(lines),
        *_of_the_bank(),
        *_of_recoveries(),
        *sealing.different(),
    ]
    waiting = _asked(
        "SELECT fund_id, count(*), sum(amount)::bigint FROM funds_awaitingmoney"
        " WHERE payable_id IS NULL AND ended_at IS NULL GROUP BY fund_id"
    )
    return Reconciled(funds, lines, months, {fund: (count, sum) for fund, count, sum in waiting}, found)


def _asked(sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def _of_cases(sql: str, values: list[Any], funds: dict[str, str], lines: dict[int, str]) -> Iterator[str]:
    for number, fund, amount in _asked(sql + _MISSING, values):
        named = funds.get(fund, fund)
        yield f"case {number}: approved with {_yuan(amount)} ({named}), and there is no payable and nothing that waits for money"
    for number, _, amount, payable, line in _asked(sql + _UNDECIDED, values):
        yield f"case {number}: payable {payable} of {_yuan(amount)} on line {_named(line, lines)}, and no approval that stands"
    for number, _, amount, payable, line in _asked(sql + _STILL_DECIDED, values):
        yield (
            f"case {number}: the approval stands, and payable {payable} of {_yuan(amount)} on line {_named(line, lines)} "
            "is marked as one whose decision was taken back"
        )
    for number, fund, amount, drawn_on, drawn in _asked(sql + _OTHERWISE, values):
        yield (
            f"case {number}: approved with {_yuan(amount)} ({funds.get(fund, fund)}), "
            f"payables and what waits come to {_yuan(drawn)} ({funds.get(drawn_on, drawn_on)})"
        )


def _of_months(months: list[OfMonth], lines: dict[int, str]) -> Iterator[str]:
    for one in months:
        if not one.agrees:
            yield (
                f"line {_named(one.line, lines)}, {Month.read(one.month)}: the ledger set aside {_yuan(one.ledger)}, "
                f"payables say {_yuan(one.drawn)}, approvals {_yuan(one.decided)}"
            )


def _of_the_ledger(lines: dict[int, str]) -> Iterator[str]:
    for one in differences():
        where = f"line {_named(one.line, lines)}, {one.place}"
        if one.what == "balance":
            yield f"{where}: {_yuan(one.kept)} is kept, transfers come to {_yuan(one.told)}"
        else:
            yield f"payable {one.payable} on {where} (kept / told): {one.kept} moves are kept, there are {one.told} transfers"
    for _, line, bucket, amount, drawn in _asked(_BALANCES):
        yield f"line {_named(line, lines)}, {bucket}: {_yuan(amount)} is kept, payables there come to {_yuan(drawn)}"
    for number, _, moved, payable, line, transfer, amount in _asked(_MOVED_OTHERWISE):
        yield (
            f"case {number}: transfer {transfer} moved {_yuan(moved)} of payable {payable}, "
            f"which is {_yuan(amount)} on line {_named(line, lines)}"
        )


def _of_the_bank() -> Iterator[str]:
    for transfer, payable, amount, answer, row, said, move in _asked(_BANK):
        told = (
            "no row of a bank" if answer is None else f"row {row} of answer {answer} over {_yuan(said or 0)}"
        )
        yield f"transfer {transfer} ({move}) of payable {payable} over {_yuan(amount)} rests on {told}"
    for what, number, kept, told in _asked(_BATCHES):
        yield f"{what} {number}: {kept} is kept, the rest says {told}"


def _of_recoveries() -> Iterator[str]:
    for what, number, kept, told in _asked(_RECOVERIES):
        yield f"{what} {number}: {_yuan(kept)} is kept, what is told of it comes to {_yuan(told)}"


def _yuan(fen: int) -> str:
    return in_words(yuan(fen))


def _named(line: int, lines: dict[int, str]) -> str:
    return f"{line} ({lines.get(line, 'gone')})"
