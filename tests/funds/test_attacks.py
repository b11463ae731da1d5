"""What somebody tries who has the owner's password, and what many try at once."""

from __future__ import annotations

import threading
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connections

from portal.funds import ledger
from portal.funds.models import Balance, Transfer
from portal.funds.moves import MoveCode
from portal.funds.proof import differences

WRITTEN_ONCE = ("transfer", "approval", "order", "orderapproval", "line")


@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_not_even_the_owner_rewrites(committed: str, line: Any, owner_sql: Any, table: str) -> None:
    for statement in (f"UPDATE funds_{table} SET id = id", f"DELETE FROM funds_{table}"):
        with pytest.raises(psycopg2.Error, match="written once"):
            owner_sql(statement)
    with pytest.raises(psycopg2.Error, match="written once"):
        owner_sql(f"TRUNCATE funds_{table} CASCADE")


def test_a_forged_balance_is_found(committed: str, line: Any, owner_sql: Any) -> None:
    """Given a ledger that holds, when the owner of the database adds a yuan to a balance, the proof names it."""
    assert differences() == []
    owner_sql(
        "UPDATE funds_balance SET amount = amount + 100 WHERE line_id = %s AND bucket = 'available'", line.pk
    )
    (found,) = differences()
    assert (found.what, found.line, found.place) == ("balance", line.pk, "available")
    assert found.kept - found.told == 100


def test_a_forged_payable_is_found(committed: str, line: Any, drawn: Any, owner_sql: Any) -> None:
    (payable,) = drawn(2000)
    owner_sql("UPDATE funds_payable SET bucket = 'paid' WHERE id = %s", payable.pk)
    (found,) = differences()
    assert (found.what, found.payable, found.place) == ("payable", payable.pk, "paid / available")


def test_eight_at_once_with_funds_for_half(committed: str, office: Any, line: Any, drawn: Any) -> None:
    """Given money for eight payables, when eight people reserve sixteen of them at once, eight are reserved."""
    payables = drawn(*[125_000] * 16)
    shares = [payables[place::8] for place in range(8)]
    begin = threading.Barrier(8)

    def reserve(mine: list[Any]) -> None:
        begin.wait()
        for payable in mine:
            try:
                ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)
            except IntegrityError as refused:
                assert refused.__cause__.diag.constraint_name == "a_balance_keeps_its_floor"  # type: ignore[union-attr]
        connections.close_all()

    clients = [threading.Thread(target=reserve, args=(mine,)) for mine in shares]
    for client in clients:
        client.start()
    for client in clients:
        client.join(60)
    assert Transfer.objects.filter(move=MoveCode.RESERVE).count() == 8
    assert Balance.objects.get(line=line, bucket="available").amount == 0
    assert differences() == []


def test_a_payable_is_moved_by_one_of_two(committed: str, office: Any, drawn: Any) -> None:
    (payable,) = drawn(2000)
    begin = threading.Barrier(2)
    outcomes: list[str] = []

    def reserve() -> None:
        begin.wait()
        try:
            ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)
            outcomes.append("moved")
        except Exception as refused:  # noqa: BLE001 - either refusal is right, and is looked at below
            outcomes.append(type(refused).__name__)
        connections.close_all()

    clients = [threading.Thread(target=reserve) for _ in range(2)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(60)
    assert sorted(outcomes) in (["IntegrityError", "moved"], ["NotNow", "moved"])
    assert Transfer.objects.filter(payable=payable).count() == 1
