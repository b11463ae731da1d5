"""What transfers and rows of the bank name is there and stays: asked over sets, held against whoever writes by hand."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from portal.audit.models import Entry
from portal.funds import ledger
from portal.funds.ledger import in_runs
from portal.funds.models import BankRow, Transfer
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from tests.funds.conftest import Office
from tests.funds.test_ledger import held_by

_NOWHERE = 999_999_999


def _written(line: Any, payable: Any, by: Any, **otherwise: Any) -> None:
    """A transfer written by hand: the payable reserved, and what is said otherwise."""
    said = {
        "move": MoveCode.RESERVE,
        "from_line_id": line.pk,
        "from_bucket": "available",
        "to_line_id": line.pk,
        "to_bucket": "reserved",
        "amount": payable.amount,
        "payable_id": payable.pk,
        "by": by,
    }
    Transfer.objects.create(**said | otherwise)


# -- what a transfer names -----------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("otherwise", "rules"),
    [
        ({"move": "give"}, ["a_transfer_goes_as_its_move_says"]),
        ({"to_bucket": "paid"}, ["a_transfer_goes_as_its_move_says"]),
        ({"from_bucket": "committed"}, ["a_transfer_goes_as_its_move_says"]),
        ({"to_line_id": _NOWHERE}, ["a_transfer_goes_as_its_move_says"]),
        (
            {"from_line_id": _NOWHERE, "to_line_id": _NOWHERE},
            ["a_payable_moves_whole_and_once", "a_transfer_has_a_source"],
        ),
        ({"payable_id": _NOWHERE}, ["a_payable_moves_whole_and_once"]),
        ({"bank_row_id": _NOWHERE}, ["a_transfer_rests_on_something"]),
    ],
)
def test_a_transfer_names_what_is_there(
    office: Office, line: Any, drawn: Any, otherwise: dict[str, Any], rules: list[str]
) -> None:
    (payable,) = drawn(2000)
    with held_by(*rules):
        _written(line, payable, office.finance, **otherwise)


def test_money_comes_to_buckets_that_are_there(
    committed: str, office: Office, line: Any, drawn: Any, owner_sql: Any
) -> None:
    """Given a bucket that was taken away with the guards off, when money moves there, it is refused as a whole."""
    (payable,) = drawn(2000)
    owner_sql("ALTER TABLE funds_balance DISABLE TRIGGER USER")
    owner_sql("DELETE FROM funds_balance WHERE line_id = %s AND bucket = 'reserved'", line.pk)
    owner_sql("ALTER TABLE funds_balance ENABLE TRIGGER USER")
    with held_by("a_transfer_has_a_target"):
        ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)
    assert ledger.available(line) == 1_000_000


@pytest.mark.django_db
def test_money_that_the_bank_confirms_rests_on_a_row_that_is_there(
    office: Office, line: Any, approved: Any, batching: Any
) -> None:
    """Given a payment under way, when a transfer names a row of the bank that there is not, it is refused."""
    (payable,) = approved(2000)
    batching.sent()
    with held_by("a_transfer_rests_on_its_bank_row"):
        _written(
            line,
            payable,
            office.second_finance,
            move="settle",
            from_bucket="in_transit",
            to_bucket="paid",
            bank_row_id=_NOWHERE,
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("otherwise", "rule"),
    [
        ({"answer_id": _NOWHERE}, "rows_come_with_their_answer"),
        ({"item_id": _NOWHERE}, "a_bank_row_is_about_its_payment"),
        ({"item_id": _NOWHERE, "outcome": "paid", "amount": 200000}, "a_bank_row_is_about_its_payment"),
    ],
)
def test_a_row_of_the_bank_names_what_is_there(
    approved: Any, batching: Any, otherwise: dict[str, Any], rule: str
) -> None:
    from portal.funds.models import Answer, AnswerPhase

    approved(2000)
    batch = batching.sent()
    batching.taken_in([batching.row(batch.items.select_related("payee").get())])
    taken = Answer.objects.get()
    reading = Answer.objects.create(
        channel_id=taken.channel_id,
        profile_id=taken.profile_id,
        region_id=taken.region_id,
        file_name="回盘.csv",
        suffix=".csv",
        sha256="0" * 64,
        sm3="0" * 64,
        by=taken.by,
        phase=AnswerPhase.READING,
    )
    said = {"answer_id": reading.pk, "line": 1, "raw": "x", "outcome": "unknown"}
    with held_by(rule):
        BankRow.objects.create(**said | otherwise)


# -- what is named stays -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM funds_balance",
        "TRUNCATE funds_balance CASCADE",
        "UPDATE funds_balance SET bucket = 'paid' WHERE bucket = 'treasury'",
        "UPDATE funds_balance SET line_id = line_id",
        "UPDATE funds_payable SET id = id + 1000",
        "UPDATE funds_item SET id = id + 1000",
        "TRUNCATE funds_answer CASCADE",
        "TRUNCATE funds_ledgermove CASCADE",
        "DELETE FROM funds_ledgermove WHERE code = 'reserve'",
        "UPDATE funds_ledgermove SET to_bucket = 'paid' WHERE code = 'reserve'",
        "UPDATE funds_answer SET id = id + 1000",
        "DELETE FROM funds_answer",
    ],
)
def test_not_even_the_owner_takes_away_what_is_named(
    committed: str, approved: Any, batching: Any, owner_sql: Any, statement: str
) -> None:
    """Given a payment that the bank confirmed, whoever has the owner's password removes and renumbers nothing of it."""
    approved(2000)
    batch = batching.sent()
    batching.taken_in([batching.row(batch.items.select_related("payee").get())])
    with pytest.raises(psycopg2.Error, match="written once|transfers go by|stays as it was"):
        owner_sql(statement)
    assert differences() == []


def test_a_move_that_nobody_used_may_change(committed: str, line: Any, owner_sql: Any) -> None:
    owner_sql("DELETE FROM funds_ledgermove WHERE code = 'write_off'")
    assert owner_sql("SELECT count(*) FROM funds_ledgermove WHERE code = 'write_off'") == [(0,)]


# -- what the audit says of many -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_each_of_a_few_is_noted_by_itself(office: Office, drawn: Any) -> None:
    payables = drawn(2000, 1500)
    ledger.move([one.pk for one in payables], MoveCode.RESERVE, by=office.finance)
    noted = Entry.objects.filter(action="funds.move")
    assert sorted(noted.values_list("object_ref", flat=True)) == sorted(str(one.pk) for one in payables)


@pytest.mark.django_db
def test_many_are_noted_once_and_found_by_each_person(
    office: Office, drawn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more payables than have an entry each, when they are moved, one entry names all of them and all the people."""
    monkeypatch.setattr(ledger, "_EACH", 2)
    payables = drawn(2000, 1500, 1000)
    ledger.move([one.pk for one in payables], MoveCode.RESERVE, by=office.finance)
    entry = Entry.objects.get(action="funds.move")
    assert entry.actor_id == office.finance.pk
    assert entry.region_code == payables[0].case.region_id
    assert (entry.detail["move"], entry.detail["count"], entry.detail["amount"]) == (
        "reserve",
        3,
        "4500.00",
    )
    assert entry.detail["payables"] == in_runs(sorted(one.pk for one in payables))
    for one in payables:
        assert entry in Entry.objects.all().naming(one.case.worker_id)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([], ""), ([7], "7"), ([3, 4, 5], "3-5"), ([1, 3, 4, 9], "1,3-4,9"), ([1, 2, 4, 5, 6, 8], "1-2,4-6,8")],
)
def test_numbers_are_told_in_runs(numbers: list[int], said: str) -> None:
    assert in_runs(numbers) == said
