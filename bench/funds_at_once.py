"""Eight clients who ask for the same money at once, in four ways, and what the application's role tries and must not do."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.errors import (
    CheckViolation,
    ForeignKeyViolation,
    InsufficientPrivilege,
    SerializationFailure,
    UniqueViolation,
)

from bench.database import owner

CLIENTS, EACH = 8, 100
_SUM = 150_000


@dataclass(frozen=True)
class Came:
    """How many were accepted, and how many were asked for in a second."""

    accepted: int
    rate: float


# Whether the client of that number was given what it asked for, that many times.
Ask = Callable[[Any, int], bool]


def _at_once(ask: Ask) -> Came:
    begin = threading.Barrier(CLIENTS + 1)
    accepted = [0] * CLIENTS

    def go(place: int) -> None:
        own = psycopg2.connect(os.environ["DATABASE_URL"])
        try:
            begin.wait()
            for turn in range(EACH):
                accepted[place] += ask(own, place * EACH + turn)
        finally:
            own.close()

    clients = [threading.Thread(target=go, args=(place,)) for place in range(CLIENTS)]
    for client in clients:
        client.start()
    begin.wait()
    began = time.perf_counter()
    for client in clients:
        client.join()
    return Came(sum(accepted), CLIENTS * EACH / (time.perf_counter() - began))


_RESERVE = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
VALUES ('reserve', %(line)s, 'available', %(line)s, 'reserved', %(sum)s, %(payable)s, %(by)s, now())
"""
_READ = "SELECT coalesce(sum(amount), 0) FROM bench_spent WHERE run = %s"
_SPEND = "INSERT INTO bench_spent (run, amount) VALUES (%s, %s)"
_IN_ONE = """
INSERT INTO bench_spent (run, amount)
SELECT f.run, %(sum)s FROM (SELECT run, amount FROM bench_funds WHERE run = %(run)s FOR UPDATE) AS f
WHERE (SELECT coalesce(sum(s.amount), 0) FROM bench_spent s WHERE s.run = f.run) + %(sum)s <= f.amount
"""


class Ways:
    """Ours, and three that are often seen, over a table of what was spent of what is there."""

    def __init__(self) -> None:
        self._run = 0
        self._funds = _SUM * CLIENTS * EACH // 2
        with owner() as cursor:
            cursor.execute("CREATE TABLE bench_funds (run integer PRIMARY KEY, amount bigint)")
            cursor.execute("CREATE TABLE bench_spent (id bigserial PRIMARY KEY, run integer, amount bigint)")
            cursor.execute("CREATE INDEX ON bench_spent (run)")
            cursor.execute("GRANT ALL ON bench_funds, bench_spent, bench_spent_id_seq TO jht_app")

    def _begun(self) -> int:
        self._run += 1
        with owner() as cursor:
            cursor.execute("INSERT INTO bench_funds VALUES (%s, %s)", [self._run, self._funds])
        return self._run

    def ours(self, line: int, payables: Sequence[int], by: int) -> Came:
        def ask(own: Any, turn: int) -> bool:
            given = {"line": line, "sum": _SUM, "payable": payables[turn], "by": by}
            try:
                with own, own.cursor() as cursor:
                    cursor.execute(_RESERVE, given)
            except CheckViolation as refused:
                if refused.diag.constraint_name != "a_balance_keeps_its_floor":
                    raise
                return False
            return True

        return _at_once(ask)

    def _spend(self, own: Any, run: int) -> bool:
        with own, own.cursor() as cursor:
            cursor.execute(_READ, [run])
            (spent,) = cursor.fetchone()
            if spent + _SUM > self._funds:
                return False
            cursor.execute(_SPEND, [run, _SUM])
        return True

    def read_then_insert(self) -> Came:
        run = self._begun()
        return _at_once(lambda own, turn: self._spend(own, run))

    def serializable(self) -> Came:
        run = self._begun()

        def ask(own: Any, turn: int) -> bool:
            own.set_session(isolation_level="SERIALIZABLE")
            while True:
                try:
                    return self._spend(own, run)
                except SerializationFailure:
                    continue

        came = _at_once(ask)
        if came.accepted > CLIENTS * EACH // 2:
            raise SystemExit("SERIALIZABLE overspent")
        return came

    def one_statement(self) -> Came:
        run = self._begun()

        def ask(own: Any, turn: int) -> bool:
            with own, own.cursor() as cursor:
                cursor.execute(_IN_ONE, {"run": run, "sum": _SUM})
                return bool(cursor.rowcount)

        return _at_once(ask)


# -- attacks -------------------------------------------------------------------------------------------------
_MOVE = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
SELECT '{move}', p.line_id, '{source}', p.line_id, '{target}', {amount}, p.id, p.made_by_id, now()
FROM funds_payable p {joined} WHERE p.bucket = '{bucket}' AND p.id = (
    SELECT min(id) FROM funds_payable WHERE bucket = '{bucket}')
"""


def _move(
    move: str, source: str, target: str, bucket: str, *, amount: str = "p.amount", joined: str = ""
) -> str:
    return _MOVE.format(move=move, source=source, target=target, bucket=bucket, amount=amount, joined=joined)


_OVERSPENDING = """
CREATE TEMPORARY TABLE funds_balance (line_id bigint, bucket text, amount bigint, floor bigint);
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, by_id, at)
SELECT 'appropriate', id, 'treasury', id, 'available', 100, 1, now() FROM funds_line LIMIT 1
"""
_ATTACKS = {
    "commit without an approval": _move("commit", "reserved", "committed", "reserved"),
    "reserve twice": _move("reserve", "available", "reserved", "reserved"),
    "reserve twice in one statement": _move(
        "reserve", "available", "reserved", "available", joined="CROSS JOIN generate_series(1, 2)"
    ),
    "release another amount": _move("release", "reserved", "available", "reserved", amount="p.amount - 1"),
    "pay what was only reserved": _move("settle", "in_transit", "paid", "reserved"),
    "send without a batch": _move("send", "committed", "in_transit", "committed"),
    "a move that there is not": _move("settle", "reserved", "paid", "reserved"),
    "money out of nothing, beside a table of the same name": _OVERSPENDING,
    "change a transfer": "UPDATE funds_transfer SET amount = 1 WHERE id = (SELECT min(id) FROM funds_transfer)",
    "remove transfers": "DELETE FROM funds_transfer",
    "empty transfers": "TRUNCATE funds_transfer CASCADE",
    "change a balance": "UPDATE funds_balance SET amount = amount + 1",
    "change a payable": "UPDATE funds_payable SET amount = 1",
    "a payable that is paid already": """
INSERT INTO funds_payable (
    case_id, share, line_id, use, payee_kind, amount, calculation_digest, payee_digest, made_by_id, made_at, bucket, moves)
SELECT case_id, 999, line_id, use, payee_kind, amount, calculation_digest, payee_digest, made_by_id, made_at, 'paid', 1
FROM funds_payable LIMIT 1""",
    "a transfer of a sealed day": _move("release", "reserved", "available", "reserved").replace(
        "now()", "now() - interval '5 days'"
    ),
    "in a transaction that does not see what others did": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
    + _move("release", "reserved", "available", "reserved"),
    "a seal of one's own": "INSERT INTO funds_dailyseal SELECT * FROM funds_dailyseal LIMIT 1",
    "lower thresholds": "UPDATE funds_threshold SET approvals = 1",
    "guards off": "ALTER TABLE funds_transfer DISABLE TRIGGER ALL",
}


# Anything else is a mistake of ours.
_REFUSALS = (CheckViolation, ForeignKeyViolation, InsufficientPrivilege, UniqueViolation)


def attacks() -> dict[str, str]:
    """By attack, why it was refused; empty where it was not. Nothing of it stays."""
    came = {}
    own = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        for name, sql in _ATTACKS.items():
            came[name] = ""
            try:
                with own.cursor() as cursor:
                    cursor.execute(sql)
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except _REFUSALS as refused:
                came[name] = str(refused)
            own.rollback()
    finally:
        own.close()
    return came
