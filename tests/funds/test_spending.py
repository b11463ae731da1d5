"""Spending against budget: by fund, line, league and month the sums come to what was given."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.funds import spending
from portal.funds.models import Line
from portal.funds.months import Month
from portal.funds.moves import MoveCode
from portal.funds.spending import By, spending_of
from tests.cast import BAOTOU, OTOG, make_account
from tests.funds.conftest import Office, committed_by, confirmed_document, opened, ordered


def held() -> list[Line]:
    return list(Line.objects.select_related("fund", "region", "document").order_by("pk"))


def require_that_it_adds_up(shown: Any) -> None:
    for row in (*shown.rows, shown.total):
        assert row.given == row.rest + row.reserved + row.approved, row.name
    for column in ("given", "reserved", "approved", "paid", "rest"):
        assert sum(getattr(row, column) for row in shown.rows) == getattr(shown.total, column)


@pytest.mark.django_db
@pytest.mark.parametrize("by", [By.FUND, By.LINE, By.LEAGUE])
def test_what_was_given_is_what_is_left_reserved_and_approved(
    office: Office, line: Any, drawn: Any, by: By
) -> None:
    """Given 1,000,000 yuan, when 40,000 are moved to another line, 2,000 reserved and 3,000 committed."""
    other = opened(office, confirmed_document(office, number="合成财社〔2026〕9号", region=BAOTOU))
    kept, posted = drawn(2000, 3000)
    committed_by(office, [posted])
    from portal.funds import ledger

    ledger.move([kept.pk], MoveCode.RESERVE, by=office.second_finance)
    ordered(office, MoveCode.REALLOCATE, line, Decimal(40_000), to=other)
    shown = spending_of(held(), by)
    require_that_it_adds_up(shown)
    assert (shown.total.given, shown.total.reserved, shown.total.approved) == (1_000_000, 2000, 3000)
    assert shown.total.paid == 0 and shown.total.share == Decimal("0.0")
    given = [row.given for row in shown.rows]
    assert given == ([1_000_000] if by == By.FUND else sorted([960_000, 40_000], reverse=by == By.LINE))


def test_what_was_paid_and_came_back(
    committed: str, office: Office, line: Any, drawn: Any, owner_sql: Any
) -> None:
    """Given two payables that were paid in two months, of which one was recovered: paid is what left and stayed out, and a
    month's rest and share are those at its end. Moves of banks are written as only the owner can.
    """
    stayed, came_back = drawn(100_000, 50_000)
    committed_by(office, [stayed, came_back])
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_transfer SET at = '2026-06-30 16:00Z'")
    ways = (
        ("settle", "in_transit", "paid"),
        ("claim_back", "paid", "recoverable"),
        ("recovered", "recoverable", "available"),
    )
    moved = [
        (stayed, *ways[0], 7),
        (came_back, *ways[0], 7),
        (came_back, *ways[1], 8),
        (came_back, *ways[2], 8),
    ]
    sent = [(one, "send", "committed", "in_transit", 7) for one in (stayed, came_back)]
    for payable, move, source, target, month in (*sent, *moved):
        owner_sql(
            "INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            move, line.pk, source, line.pk, target, payable.amount, payable.pk, office.finance.pk,
            datetime(2026, month, 15, tzinfo=UTC),
        )  # fmt: skip
    shown = spending_of(held(), By.MONTH)
    require = [(row.key, row.given, row.approved, row.paid, row.rest, row.share) for row in shown.rows]
    assert require == [
        ("2026-07", 1_000_000, 150_000, 150_000, 850_000, Decimal("15.0")),
        ("2026-08", 0, -50_000, -50_000, 900_000, Decimal("10.0")),
    ]
    assert (shown.total.paid, shown.total.rest, shown.total.share) == (100_000, 900_000, Decimal("10.0"))
    (of_fund,) = spending_of(held(), By.FUND).rows
    assert (of_fund.paid, of_fund.approved, of_fund.share) == (100_000, 100_000, Decimal("10.0"))


@pytest.mark.django_db
def test_lines_without_money_have_a_row_and_no_share(office: Office) -> None:
    opened(office, confirmed_document(office))
    (row,) = spending_of(held(), By.LINE).rows
    assert row.given == 0 and row.share is None
    assert spending_of(held(), By.MONTH).rows == []
    assert spending_of([], By.FUND).rows == []


@pytest.mark.django_db
def test_it_goes_by_the_index(line: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        asked = {"lines": [line.pk], "approved": ["paid"], "paid": ["paid"]}
        cursor.execute("EXPLAIN " + spending._TOLD.format(key="l.fund_id"), asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "transfer_by_source" in plan and "transfer_by_target" in plan, plan


@pytest.mark.django_db
def test_the_page_and_its_filters(office: Office, line: Any, client: Client, cast: Any) -> None:
    from portal.accounts.roles import Role

    opened(office, confirmed_document(office, number="合成财社〔2026〕9号", region=BAOTOU))
    client.force_login(office.finance)

    def page(**asked: Any) -> str:
        return client.get(reverse("window:fund_spending"), asked).content.decode()

    assert "1,000,000元" in page() and "data-chart" not in page(), "of one fund there is nothing to compare"
    by_line = page(by="line")
    assert "合成财社〔2026〕9号" in by_line and 'data-chart="chart-spending"' in by_line
    assert "合成财社〔2026〕9号" not in page(by="line", region=OTOG)
    assert "鄂尔多斯市" in page(by="league") and "包头市" in page(by="league")
    assert str(Month.of(timezone.now())) in page(by="month")
    assert "没有符合条件的科目" in page(fund="award_budget")
    assert "没有符合条件的科目" in page(use="award")
    assert "1,000,000元" in page(year="2026", by="other"), "what is not there is left out"

    client.force_login(make_account("baotou.finance", "外地会计", Role.FINANCE_OFFICER, BAOTOU))
    assert "1,000,000" not in page(by="line") and "合成财社〔2026〕1号" not in page(by="line")
    client.force_login(cast("clerk"))
    assert client.get(reverse("window:fund_spending")).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("by", By.values)
def test_more_lines_ask_no_more(
    office: Office, line: Any, client: Client, by: str, django_assert_num_queries: Any
) -> None:
    client.force_login(office.finance)
    address = f"{reverse('window:fund_spending')}?by={by}"
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(3):
        opened(office, confirmed_document(office, number=f"合成财社〔2026〕3{number}号"))
    with django_assert_num_queries(len(one)):
        client.get(address)
