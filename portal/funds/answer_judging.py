"""What rows of a bank come to: matched by our own reference, the sum and the account, judged as sets, posted at once.

Rows are staged by COPY and judged in SQL. A payment that is in several rows of one piece is judged by each in turn, as if
they had come one after the other.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db import connection

from portal import crypto
from portal.funds.answer_reading import Read
from portal.funds.locking import ACCOUNT, NAME
from portal.funds.models import Answer, BankRow
from portal.funds.moment import told
from portal.funds.recovery_steps import draw_on_what_takes

_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS bank_answer_row (
    line integer, raw bytea, reference text, amount bigint, account_digest bytea, name_digest bytea, said text, words text,
    bank_number text, remark text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS bank_answer_match (
    line integer PRIMARY KEY, item_id bigint, payable_id bigint, recovery_id bigint, outcome text, remark text, turn integer
) ON COMMIT DELETE ROWS;
"""
# What stands of a row by itself. What is left without an outcome is about a payment of ours, as it was sent, or says that
# something came by the number of a recovery, to the account of its fund.
_MATCH = """
INSERT INTO bank_answer_match (line, item_id, payable_id, recovery_id, outcome, remark, turn)
SELECT m.line, m.item_id, m.payable_id, m.recovery_id, m.outcome, m.remark,
       CASE WHEN m.outcome IS NULL THEN row_number() OVER (
           PARTITION BY m.item_id, m.recovery_id, m.outcome IS NULL ORDER BY m.line) END
FROM (
    SELECT r.line, i.id AS item_id, i.payable_id, c.id AS recovery_id,
        CASE
            WHEN (i.id IS NULL AND c.id IS NULL) OR r.said = '' THEN 'unknown'
            WHEN r.bank_number <> '' AND (
                row_number() OVER (PARTITION BY r.bank_number ORDER BY r.line) > 1
                OR told.bank_number IS NOT NULL) THEN 'duplicate'
            WHEN c.id IS NOT NULL THEN NULL
            WHEN r.amount IS DISTINCT FROM i.amount THEN 'amount_differs'
            WHEN y.item_id IS NULL THEN 'not_in_transit'
            WHEN r.account_digest IS DISTINCT FROM y.account_digest OR r.name_digest <> y.name_digest THEN 'payee_differs'
        END AS outcome,
        CASE
            WHEN r.remark <> '' THEN r.remark
            WHEN r.reference = '' THEN '没有业务编号'
            WHEN i.id IS NULL AND c.id IS NULL THEN '业务编号不是本渠道、本地区付款的编号'
            ELSE ''
        END AS remark
    FROM bank_answer_row r
    LEFT JOIN funds_item i ON i.reference = r.reference AND i.channel_id = %(channel)s
        AND %(region)s IN (i.region_id, i.league_code, left(i.region_id, 2) || '0000')
    LEFT JOIN funds_itempayee y ON y.item_id = i.id
    LEFT JOIN (
        SELECT DISTINCT b.bank_number FROM funds_bankrow b JOIN funds_answer a ON a.id = b.answer_id
        WHERE b.bank_number <> '' AND a.channel_id = %(channel)s
          AND b.bank_number IN (SELECT n.bank_number FROM bank_answer_row n)
    ) AS told ON told.bank_number = r.bank_number
    LEFT JOIN (funds_recovery c JOIN funds_payable o ON o.id = c.payable_id JOIN funds_line l ON l.id = o.line_id)
        ON c.number = r.reference AND %(region)s IN (c.region_id, c.league_code, left(c.region_id, 2) || '0000')
        AND EXISTS (SELECT FROM funds_channelrule x WHERE x.channel_id = %(channel)s AND x.fund_id = l.fund_id)
) AS m
"""
_JUDGE = """
UPDATE bank_answer_match m SET outcome = CASE
    WHEN r.said = 'paid' AND (i.state, p.bucket) = ('sent', 'in_transit') THEN 'paid'
    WHEN r.said = 'returned' AND (i.state, p.bucket) = ('sent', 'in_transit') THEN 'returned'
    -- Of which something was recovered cannot come back as a whole.
    WHEN r.said = 'returned' AND (i.state, p.bucket) = ('paid', 'paid')
         AND NOT EXISTS (SELECT FROM funds_recoveryshare s WHERE s.payable_id = p.id) THEN 'returned'
    WHEN r.said = i.state THEN 'duplicate'
    ELSE 'not_in_transit' END
FROM bank_answer_row r, funds_item i, funds_payable p
WHERE m.outcome IS NULL AND m.turn = %(turn)s AND r.line = m.line AND i.id = m.item_id AND p.id = i.payable_id
"""
# What is open of a recovery stays so until the piece is posted.
_HOLD = """
SELECT FROM funds_recovery c WHERE c.id IN (SELECT recovery_id FROM bank_answer_match) ORDER BY c.id FOR NO KEY UPDATE
"""
# What came by the number of a recovery: no more than is open of it, on a row that the bank numbers.
_JUDGE_RECOVERED = """
UPDATE bank_answer_match m SET
    outcome = CASE WHEN why.words = '' THEN 'recovered' ELSE 'unknown' END,
    remark = CASE WHEN m.remark = '' THEN why.words ELSE m.remark END
FROM bank_answer_row r, funds_recovery c, funds_payable p,
LATERAL (SELECT CASE
    WHEN r.said <> 'paid' THEN '不是到账'
    WHEN coalesce(r.amount, 0) <= 0 THEN '没有到账金额'
    WHEN r.bank_number = '' THEN '没有银行流水号，不能确认没有重复'
    WHEN EXISTS (SELECT FROM funds_bankrow b WHERE (b.recovery_id, b.bank_number, b.outcome) = (c.id, r.bank_number, 'recovered'))
        THEN '该流水号已经记入本追回'
    WHEN c.state <> 'decided' OR p.bucket <> 'paid' THEN '追回没有决定，或者已经办结、撤回'
    WHEN public.funds_person(c.decided_by_id) = public.funds_person(%(by)s) THEN '追回由提交回盘的人决定，须由另一人提交'
    WHEN r.amount > c.amount - public.funds_come_of(c.id) THEN '大于尚未追回的金额'
    ELSE '' END AS words) AS why
WHERE m.outcome IS NULL AND m.turn = %(turn)s AND r.line = m.line AND c.id = m.recovery_id AND p.id = c.payable_id
"""
_KEEP = """
INSERT INTO funds_bankrow
    (answer_id, line, raw, outcome, item_id, recovery_id,
     reference, amount, account_digest, name_digest, bank_number, words, remark)
SELECT %(answer)s, r.line, r.raw, m.outcome, m.item_id, m.recovery_id, r.reference, r.amount, r.account_digest, r.name_digest,
       r.bank_number, r.words, m.remark
FROM bank_answer_match m JOIN bank_answer_row r ON r.line = m.line
WHERE m.outcome IS NOT NULL AND m.turn IS NOT DISTINCT FROM %(turn)s
ORDER BY r.line
"""
_POST = """
INSERT INTO funds_transfer
    (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, bank_row_id, by_id, at)
SELECT w.code, p.line_id, w.from_bucket, p.line_id, w.to_bucket, p.amount, p.id, b.id, %(by)s,
       coalesce(%(at)s::timestamptz, now())
FROM bank_answer_match m
JOIN funds_bankrow b ON b.answer_id = %(answer)s AND b.line = m.line
JOIN funds_payable p ON p.id = m.payable_id
JOIN funds_ledgermove w ON w.code = CASE
    WHEN m.outcome = 'paid' THEN 'settle' WHEN p.bucket = 'paid' THEN 'late_return' ELSE 'bounce' END
WHERE m.turn = %(turn)s AND m.outcome IN ('paid', 'returned')
ORDER BY p.id
"""
# Each makes a share of exactly its sum; the database posts it.
_RECOVER = """
INSERT INTO funds_recoveryshare (recovery_id, payable_id, kind, amount, bank_row_id, to_treasury, by_id, at)
SELECT c.id, c.payable_id, 'received', b.amount, b.id, false, %(by)s, coalesce(%(at)s::timestamptz, now())
FROM bank_answer_match m
JOIN funds_bankrow b ON b.answer_id = %(answer)s AND b.line = m.line
JOIN funds_recovery c ON c.id = m.recovery_id
WHERE m.turn = %(turn)s AND m.outcome = 'recovered' ORDER BY c.id
RETURNING id
"""
_COUNTS = "SELECT outcome, count(*) FROM bank_answer_match GROUP BY outcome"
_RETURNED = """
SELECT DISTINCT p.case_id FROM bank_answer_match m JOIN funds_payable p ON p.id = m.payable_id
WHERE m.outcome = 'returned' AND p.case_id IS NOT NULL
"""
_PEOPLE = """
SELECT DISTINCT c.worker_id FROM bank_answer_match m LEFT JOIN funds_recovery r ON r.id = m.recovery_id
JOIN funds_payable p ON p.id = coalesce(m.payable_id, r.payable_id) JOIN cases_case c ON c.id = p.case_id
WHERE c.worker_id IS NOT NULL
"""


@dataclass(frozen=True)
class Piece:
    """Rows of an answer as they are staged, and the first and last line they stand in; empty where there are none."""

    staged: bytes
    lines: tuple[int, ...]


class Stage:
    """Takes rows of one answer in, piece by piece; each piece is a transaction of the caller."""

    def __init__(self, answer: Answer, *, by: Any) -> None:
        self._answer, self._by = answer, by
        self._of_account, self._of_name = crypto.digester(ACCOUNT), crypto.digester(NAME)
        self._seal = crypto.encrypter(crypto.Purpose.COLUMNS)
        self._field: Any = BankRow._meta.get_field("raw")
        # What a ciphertext is bound to of its row.
        self._place = SimpleNamespace(answer_id=answer.pk, line=0)

    def piece(self, rows: Sequence[Read]) -> Piece:
        """These rows as they are staged: sealed, and with the digests of account and name."""
        if not rows:
            return Piece(b"", ())
        return Piece("".join(map(self._line, rows)).encode(), (rows[0].line, rows[-1].line))

    def take(self, piece: Piece) -> tuple[dict[str, int], list[int]]:
        """(how many of each outcome, the people they are about). Everything is written and posted."""
        given = {
            "answer": self._answer.pk,
            "channel": self._answer.channel_id,
            "region": self._answer.region_id,
            "by": self._by.pk,
            "at": told(),
        }
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            cursor.execute("TRUNCATE bank_answer_row, bank_answer_match")
            cursor.copy_expert("COPY bank_answer_row FROM STDIN", io.BytesIO(piece.staged), size=1 << 20)
            cursor.execute("ANALYZE bank_answer_row")
            cursor.execute(_MATCH, given)
            cursor.execute("ANALYZE bank_answer_match")
            cursor.execute(_HOLD)
            cursor.execute(_KEEP, given | {"turn": None})
            cursor.execute("SELECT coalesce(max(turn), 0) FROM bank_answer_match")
            for turn in range(1, cursor.fetchone()[0] + 1):
                for statement in (_JUDGE, _JUDGE_RECOVERED, _KEEP, _POST, _RECOVER):
                    cursor.execute(statement, given | {"turn": turn})
                draw_on_what_takes([share for (share,) in cursor.fetchall()])
            cursor.execute(_COUNTS)
            counts: dict[str, int] = dict(cursor.fetchall())
            cursor.execute(_PEOPLE)
            return counts, [worker for (worker,) in cursor.fetchall()]

    def cases_returned(self) -> list[int]:
        """The cases of which a payment came back among the rows that were just taken in."""
        with connection.cursor() as cursor:
            cursor.execute(_RETURNED)
            return [case for (case,) in cursor.fetchall()]

    def _line(self, row: Read) -> str:
        self._place.line = row.line
        raw = self._seal(row.raw, self._field.bound_in(self._place))
        cells = (
            str(row.line),
            f"\\\\x{raw.hex()}",
            _for_copy(row.reference),
            "\\N" if row.amount is None else str(row.amount),
            f"\\\\x{self._of_account(row.account).hex()}" if row.account else "\\N",
            f"\\\\x{self._of_name(row.name).hex()}" if row.name else "\\N",
            row.said,
            _for_copy(row.words),
            _for_copy(row.bank_number),
            _for_copy(row.remark),
        )
        return "\t".join(cells) + "\n"


def _for_copy(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")
