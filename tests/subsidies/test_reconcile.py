"""Ledger, payables and approvals are held against each other; what differs is named with where to look."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.funds.models import Payable
from portal.funds.reconciling import reconcile
from tests.subsidies.conftest import INSURANCE, give, line_of
from tests.subsidies.test_money_taken_back import annul, committed_of


@pytest.fixture
def money(committed: str, cast: Any) -> Any:
    """A database of its own, in which a line has 10,000."""
    line = line_of(cast, INSURANCE)
    give(cast, line, 10_000)
    return line


def told(*options: str) -> tuple[int, str]:
    """(exit code, what was printed)."""
    out = StringIO()
    try:
        call_command("reconcile", *options, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_what_agrees_has_a_sentence_for_each_fund(money: Any, welding: Any, approved: Any) -> None:
    claim = approved(welding)
    code, printed = told("--months")
    assert code == 0, printed
    assert (
        "OK  失业保险基金: 1 payables over 1,500元 on 1 lines are as approved and as in the ledger\n"
        in printed
    )
    assert printed.count("OK  ") == 4, "of every fund"
    assert "1 payables, ledger 1,500元, payables 1,500元, approved 1,500元" in printed
    assert claim.case.number not in printed


def test_what_waits_is_approved_as_well(committed: str, welding: Any, approved: Any) -> None:
    approved(welding)
    code, printed = told()
    assert code == 0 and "1 more wait for 1,500元" in printed, printed


def test_an_annulled_claim_is_no_difference(money: Any, cast: Any, welding: Any, approved: Any) -> None:
    """Its money waits to be cancelled by a finance officer."""
    claim = approved(welding)
    committed_of(Payable.objects.get(), cast)
    annul(claim, cast)
    assert told()[0] == 0


def test_a_forged_balance_is_named(money: Any, welding: Any, approved: Any, owner_sql: Any) -> None:
    approved(welding)
    owner_sql("UPDATE funds_balance SET amount = amount + 100 WHERE bucket = 'reserved'")
    code, printed = told()
    assert code == 1
    assert f"line {money.pk} ({money}), reserved: 1,501元 is kept, transfers come to 1,500元" in printed
    assert "1,501元 is kept, payables there come to 1,500元" in printed
    assert "OK  " not in printed


def test_a_payable_without_its_approval_is_named(
    money: Any, welding: Any, approved: Any, owner_sql: Any
) -> None:
    claim = approved(welding)
    owner_sql("ALTER TABLE cases_case DISABLE TRIGGER USER")
    owner_sql("UPDATE cases_case SET state = 'rejected' WHERE id = %s", claim.pk)
    code, printed = told()
    payable = Payable.objects.get()
    assert code == 1
    assert f"case {claim.case.number}: payable {payable.pk} of 1,500元 on line {money.pk}" in printed
    assert "no approval that stands" in printed
    assert f"{money}), {payable.made_at:%Y}年" in printed, "and its line and month"


def test_an_approval_without_its_payable_is_named(
    money: Any, welding: Any, approved: Any, owner_sql: Any
) -> None:
    claim = approved(welding)
    for table in ("payable", "approval", "transfer"):
        owner_sql(f"ALTER TABLE funds_{table} DISABLE TRIGGER USER")
    owner_sql("DELETE FROM funds_approval")
    owner_sql("DELETE FROM funds_transfer WHERE payable_id IS NOT NULL")
    owner_sql("DELETE FROM funds_payable")
    code, printed = told()
    assert code == 1
    assert (
        f"case {claim.case.number}: approved with 1,500元 (失业保险基金), and there is no payable" in printed
    )


def test_another_sum_is_named(money: Any, welding: Any, approved: Any, owner_sql: Any) -> None:
    claim = approved(welding)
    owner_sql("ALTER TABLE subsidies_claim DISABLE TRIGGER USER")
    owner_sql("UPDATE subsidies_claim SET amount = 2000")
    code, printed = told()
    assert code == 1
    assert (
        f"case {claim.case.number}: approved with 2,000元 (失业保险基金), payables and what waits come to 1,500元"
        in printed
    )
    assert "the ledger set aside 1,500元, payables say 1,500元, approvals 2,000元" in printed


def test_a_transfer_of_another_sum_is_named(money: Any, welding: Any, approved: Any, owner_sql: Any) -> None:
    approved(welding)
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_transfer SET amount = amount + 1 WHERE payable_id IS NOT NULL")
    code, printed = told()
    assert code == 1
    assert f"moved 1,500.01元 of payable {Payable.objects.get().pk}, which is 1,500元" in printed


def test_what_was_settled_without_a_bank_is_named(
    money: Any, cast: Any, welding: Any, approved: Any, owner_sql: Any
) -> None:
    approved(welding)
    payable = Payable.objects.get()
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql(
        "INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)"
        " VALUES ('settle', %s, 'in_transit', %s, 'paid', 150000, %s, %s, now())",
        money.pk, money.pk, payable.pk, cast("finance_officer").pk,
    )  # fmt: skip
    code, printed = told()
    assert code == 1
    assert f"(settle) of payable {payable.pk} over 1,500元 rests on no row of a bank" in printed


def test_a_revocation_against_a_standing_approval_is_named(
    money: Any, cast: Any, welding: Any, approved: Any, owner_sql: Any
) -> None:
    claim = approved(welding)
    committed_of(Payable.objects.get(), cast)
    annul(claim, cast)
    owner_sql("ALTER TABLE cases_case DISABLE TRIGGER USER")
    owner_sql("UPDATE cases_case SET state = 'approved' WHERE id = %s", claim.pk)
    code, printed = told()
    assert code == 1 and "is marked as one whose decision was taken back" in printed


def test_it_asks_a_few_statements_whatever_there_is(money: Any, welding: Any, approved: Any) -> None:
    with CaptureQueriesContext(connection) as before:
        reconcile()
    approved(welding)
    with CaptureQueriesContext(connection) as after:
        reconcile()
    assert len(after) == len(before)
