"""The statement of a month adds up, is told by transfers alone, and is of the months of Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.funds import ledger, statement
from portal.funds.models import Fund, Line
from portal.funds.months import Month, until
from portal.funds.moves import MOVES, Bucket, MoveCode
from portal.funds.statement import BEGINNING, BUCKETS, END, DoesNotAddUp, statement_of
from tests.funds.conftest import Office, committed_by, confirmed_document, opened, ordered


@pytest.fixture
def forge(committed: str, line: Any, owner_sql: Any) -> Any:
    """What only the owner of the database can do, past its triggers: here, to put moments into the past."""
    for table in ("transfer", "line"):
        owner_sql(f"ALTER TABLE funds_{table} DISABLE TRIGGER USER")
    return owner_sql


def rows_of(part: Any) -> dict[str, dict[Bucket, Decimal]]:
    return {row.label: dict(zip(BUCKETS, row.amounts, strict=True)) for row in part.rows}


def test_months_are_those_of_the_region() -> None:
    november = Month.read("2026-11")
    assert november.begins.astimezone(UTC) == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert november.ends.astimezone(UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert Month.of(datetime(2026, 11, 30, 16, tzinfo=UTC)) == Month(2026, 12) == november.after()
    assert Month(2026, 12).after() == Month(2027, 1) and Month(2027, 1).before() == Month(2026, 12)
    assert [one.code for one in until(Month(2027, 1), Month(2026, 11), 9)] == [
        "2027-01",
        "2026-12",
        "2026-11",
    ]
    for wrong in ("2026-13", "2026-1", "", "２０２６-11", "1999-01"):
        with pytest.raises(ValueError, match="is no month"):
            Month.read(wrong)


def test_beginning_and_moves_come_to_the_end(
    committed: str, office: Office, line: Any, drawn: Any, forge: Any
) -> None:
    """Given a line with money since last month, when of three payables one is reserved, one committed and one released in
    this month, and money moves to another line: every bucket goes from its beginning by the moves to its end.
    """
    this_month = Month.of(timezone.now())
    forge("UPDATE funds_line SET opened_at = %s", this_month.before().begins)
    line.refresh_from_db()
    forge("UPDATE funds_transfer SET at = %s", this_month.before().begins)
    for table in ("transfer", "line"):
        forge(f"ALTER TABLE funds_{table} ENABLE TRIGGER USER")
    other = opened(office, confirmed_document(office, number="合成财社〔2026〕9号"))
    kept, posted, released = drawn(2000, 3000, 500)
    committed_by(office, [posted])
    ledger.move([kept.pk, released.pk], MoveCode.RESERVE, by=office.second_finance)
    ledger.move([released.pk], MoveCode.RELEASE, by=office.second_finance)
    ordered(office, MoveCode.REALLOCATE, line, Decimal(40_000), to=other)

    made = statement_of([line, other], this_month)
    of_line, of_other = (rows_of(part) for part in made.parts)
    assert of_line[BEGINNING][Bucket.AVAILABLE] == 1_000_000
    assert of_line["预留"] == {bucket: Decimal(0) for bucket in BUCKETS} | {
        Bucket.AVAILABLE: Decimal(-5500),
        Bucket.RESERVED: Decimal(5500),
    }
    assert of_line["释放"][Bucket.AVAILABLE] == 500
    assert of_line["批准"][Bucket.COMMITTED] == 3000
    assert of_line["调出"][Bucket.AVAILABLE] == -40_000 and of_other["调入"][Bucket.AVAILABLE] == 40_000
    assert "下达" not in of_line, "that was last month"
    assert of_line[END][Bucket.AVAILABLE] == 955_000
    assert of_line[END][Bucket.RESERVED] == 2000 and of_line[END][Bucket.COMMITTED] == 3000
    for part in (*made.parts, made.total):
        rows = rows_of(part)
        for bucket in BUCKETS:
            moves = sum(amounts[bucket] for label, amounts in rows.items() if label != END)
            assert moves == rows[END][bucket], f"{part.name} {bucket}"
    kept_now = {balance.bucket: balance.amount for balance in line.balances.all()}
    assert {bucket: of_line[END][bucket] * 100 for bucket in BUCKETS} == {
        bucket: kept_now[bucket] for bucket in BUCKETS
    }
    assert not made.is_complete

    before = statement_of([line, other], this_month.before())
    assert len(before.parts) == 1, "the other was opened in this month"
    assert rows_of(before.parts[0])["下达"][Bucket.AVAILABLE] == 1_000_000
    assert rows_of(before.parts[0])[END] == of_line[BEGINNING]
    assert before.is_complete
    assert not statement_of([line], this_month.before().before()).parts, "it was not open yet"


def test_the_moment_a_month_ends_belongs_to_the_next(committed: str, line: Any, forge: Any) -> None:
    forge("UPDATE funds_line SET opened_at = '2026-01-01'")
    line.refresh_from_db()
    forge("UPDATE funds_transfer SET at = %s", Month(2026, 7).begins)
    june, july = (statement_of([line], Month(2026, number)).parts[0] for number in (6, 7))
    assert rows_of(june)[END][Bucket.AVAILABLE] == 0 and "下达" not in rows_of(june)
    assert rows_of(july)["下达"][Bucket.AVAILABLE] == 1_000_000


@pytest.mark.django_db
def test_what_does_not_add_up_is_not_shown(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transfer of a move that nobody counts: the ends, summed by themselves, say it."""
    monkeypatch.setattr(statement, "_ROWS", tuple(row for row in statement._ROWS if row != "下达"))
    with pytest.raises(DoesNotAddUp, match="treasury: 0 fen, -100000000"):
        statement_of([line], Month.of(timezone.now()))


def test_every_move_has_its_row() -> None:
    named = {str(MoveCode(move).label) for move in MOVES} - {str(MoveCode.REALLOCATE.label)}
    assert set(statement._ROWS) == named | {"调入", "调出"}


@pytest.mark.django_db
def test_it_is_one_statement_that_goes_by_the_index(line: Any) -> None:
    (line,) = Line.objects.select_related("fund", "region")
    with CaptureQueriesContext(connection) as asked:
        statement_of([line], Month.of(timezone.now()))
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {statement._TOLD}",
            {"lines": [line.pk], "begins": Month(2026, 7).begins, "ends": Month(2026, 7).ends},
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "transfer_by_source" in plan and "transfer_by_target" in plan and "Seq Scan" not in plan, plan


@pytest.mark.django_db
def test_a_fund_without_lines_has_an_empty_one(line: Any) -> None:
    none = Line.objects.filter(fund=Fund.objects.get(pk="award_budget"))
    assert rows_of(statement_of(list(none), Month(2026, 7)).total)[END][Bucket.AVAILABLE] == 0
