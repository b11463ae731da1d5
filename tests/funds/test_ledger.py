"""The ledger moves money as its moves say, with enough people behind it, and keeps what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.funds import ledger, lines
from portal.funds.models import Approval, Balance, Fund, FundRule, Payable, Transfer
from portal.funds.money import fen, yuan
from portal.funds.moves import MOVES, Bucket, MoveCode
from portal.funds.proof import differences
from tests.cast import ORDOS, OTOG, make_worker
from tests.funds.conftest import YEAR, Office, committed_by, confirmed_document, opened, ordered
from tests.workforce.merging import merged, undone

pytestmark = pytest.mark.django_db


@contextmanager
def held_by(*constraints: str) -> Iterator[None]:
    """The database refuses what is done inside, by one of these rules; nothing of it stays."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        yield
    assert refused.value.__cause__.diag.constraint_name in constraints  # type: ignore[union-attr]


def balances(line: Any) -> dict[str, int]:
    """In whole yuan, without empty buckets."""
    kept = Balance.objects.filter(line=line).exclude(amount=0).values_list("bucket", "amount")
    return {bucket: amount // 100 for bucket, amount in kept}


# -- the way of money ----------------------------------------------------------------------------------------
def test_from_the_document_to_what_is_approved(office: Office, line: Any, drawn: Any) -> None:
    """Given a line of 1,000,000, when two sums are approved, then they stand as committed and the rest is left."""
    committed_by(office, drawn(2000, 1500))
    assert balances(line) == {"treasury": -1_000_000, "available": 996_500, "committed": 3_500}
    assert ledger.available(line) == Decimal("996500.00")
    assert differences() == []


def test_what_is_released_and_cancelled_is_available_again(office: Office, line: Any, drawn: Any) -> None:
    one, other = drawn(2000, 1500)
    ledger.move([one.pk], MoveCode.RESERVE, by=office.finance)
    ledger.move([one.pk], MoveCode.RELEASE, by=office.finance)
    committed_by(office, [other])
    ledger.approve([other.pk], MoveCode.CANCEL, by=office.approver)
    ledger.move([other.pk], MoveCode.CANCEL, by=office.second_finance)
    assert ledger.available(line) == Decimal(1_000_000)
    assert differences() == []


def test_a_payable_that_came_back_needs_fresh_approvals(office: Office, drawn: Any) -> None:
    """Approvals are of a payable as it stood: once it has moved they are used up."""
    (payable,) = drawn(2000)
    committed_by(office, [payable])
    ledger.approve([payable.pk], MoveCode.CANCEL, by=office.approver)
    ledger.move([payable.pk], MoveCode.CANCEL, by=office.second_finance)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.second_finance)
    with held_by("enough_people_approved"):
        ledger.move([payable.pk], MoveCode.COMMIT, by=office.second_finance)


def test_money_moves_to_another_line_of_its_fund(office: Office, line: Any) -> None:
    document = confirmed_document(office, number="合成财社〔2026〕2号")
    other = opened(office, document)
    ordered(office, MoveCode.REALLOCATE, line, Decimal(300), to=other)
    assert (balances(line)["available"], balances(other)) == (999_700, {"available": 300})
    assert differences() == []


def test_insurance_money_comes_by_a_payment_order_on_a_line_of_its_budget(office: Office) -> None:
    fund = "unemployment_insurance_fund"
    budget = confirmed_document(office, fund=fund, kind="fund_budget", number="合成基金〔2026〕1号")
    line = opened(office, budget, use="skill_upgrade")
    order = confirmed_document(office, fund=fund, kind="payment_order", number="拨付单1", amount=Decimal(500))
    with held_by("money_comes_by_a_document"):
        ordered(office, MoveCode.APPROPRIATE, line, Decimal(500), document=budget)
    ordered(office, MoveCode.APPROPRIATE, line, Decimal(500), document=order)
    assert ledger.available(line) == 500


# -- what is refused -----------------------------------------------------------------------------------------
def test_no_line_is_overdrawn(office: Office, drawn: Any) -> None:
    payables = drawn(600_000, 400_001)
    with held_by("a_balance_keeps_its_floor"):
        ledger.move([one.pk for one in payables], MoveCode.RESERVE, by=office.finance)
    assert differences() == []


def test_a_payable_moves_once(office: Office, drawn: Any) -> None:
    (payable,) = drawn(2000)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)
    with pytest.raises(NotNow, match="不处于“可用”"):
        ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)
    with held_by("a_payable_moves_whole_and_once"):
        _post(payable, MoveCode.RESERVE, by=office.finance)


def _post(payable: Any, code: MoveCode, /, *, by: Any, amount: int | None = None, **other: Any) -> Transfer:
    """Written past the actions, as an intruder would."""
    way = MOVES[code]
    given = {
        "move": code,
        "from_line_id": payable.line_id,
        "to_line_id": payable.line_id,
        "from_bucket": way.from_bucket,
        "to_bucket": way.to_bucket,
        "amount": amount or payable.amount,
        "payable": payable,
        "by": by,
    }
    return Transfer.objects.create(**(given | other))


def test_a_payable_moves_whole(office: Office, drawn: Any) -> None:
    (payable,) = drawn(2000)
    with held_by("a_payable_moves_whole_and_once"):
        _post(payable, MoveCode.RESERVE, by=office.finance, amount=1)


@pytest.mark.parametrize(
    ("other", "constraint"),
    [
        ({"to_bucket": "paid"}, "a_transfer_goes_as_its_move_says"),
        ({"from_bucket": "treasury"}, "a_payable_moves_whole_and_once|a_transfer_goes_as_its_move_says"),
        ({"amount": -5}, "a_transfer_moves_something"),
        ({"payable": None}, "a_transfer_is_of_a_payable_or_an_order"),
    ],
)
def test_a_forged_transfer(office: Office, drawn: Any, other: dict[str, Any], constraint: str) -> None:
    (payable,) = drawn(2000)
    with held_by(*constraint.split("|")):
        _post(payable, MoveCode.RESERVE, by=office.finance, **other)
        connection.check_constraints()


def test_neither_the_maker_nor_whoever_posts_is_among_the_approvers(office: Office, drawn: Any) -> None:
    (payable,) = drawn(2000)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)
    payable.refresh_from_db()
    with held_by("the_maker_does_not_approve"):
        Approval.objects.create(payable=payable, at_moves=1, move=MoveCode.COMMIT, by=office.finance)
    ledger.approve([payable.pk], MoveCode.COMMIT, by=office.approver)
    with held_by("enough_people_approved"):
        _post(payable, MoveCode.COMMIT, by=office.approver)
    assert _post(payable, MoveCode.COMMIT, by=office.second_finance)


def test_a_larger_sum_asks_for_two_people(office: Office, drawn: Any) -> None:
    (payable,) = drawn(100_001)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.second_finance)
    ledger.approve([payable.pk], MoveCode.COMMIT, by=office.approver)
    with held_by("enough_people_approved"):
        ledger.move([payable.pk], MoveCode.COMMIT, by=office.second_finance)
    ledger.approve([payable.pk], MoveCode.COMMIT, by=office.second_approver)
    ledger.move([payable.pk], MoveCode.COMMIT, by=office.second_finance)


def test_two_accounts_of_one_person_are_one(office: Office, drawn: Any, cast: Any) -> None:
    """Given two approvers who are one person under two records, when both approve a sum that asks for two, then one has."""
    one, other = make_worker("孙立新"), make_worker("孙立新")
    for record, account in ((one, office.approver), (other, office.second_approver)):
        record.account = account
        record.save()
    (payable,) = drawn(100_001)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.second_finance)
    pointer = merged(cast, other, one)
    for account in (office.approver, office.second_approver):
        ledger.approve([payable.pk], MoveCode.COMMIT, by=account)
    with held_by("enough_people_approved"):
        ledger.move([payable.pk], MoveCode.COMMIT, by=office.second_finance)
    undone(cast, pointer)
    assert ledger.move([payable.pk], MoveCode.COMMIT, by=office.second_finance) == 1


def test_who_made_it_does_not_approve_under_another_account(office: Office, drawn: Any, cast: Any) -> None:
    one, other = make_worker("周会计"), make_worker("周会计")
    for record, account in ((one, office.finance), (other, office.approver)):
        record.account = account
        record.save()
    merged(cast, other, one)
    (payable,) = drawn(2000)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.second_finance)
    with held_by("the_maker_does_not_approve"):
        ledger.approve([payable.pk], MoveCode.COMMIT, by=office.approver)


def test_an_approval_is_of_what_stands(office: Office, drawn: Any) -> None:
    (payable,) = drawn(2000)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.second_finance)
    with held_by("an_approval_is_of_what_stands"):
        Approval.objects.create(payable=payable, at_moves=0, move=MoveCode.COMMIT, by=office.approver)


def test_a_line_is_spent_on_its_days(office: Office, drawn: Any) -> None:
    document = confirmed_document(office, number="合成财社〔2025〕9号")
    over = opened(office, document, usable=(date(2025, 1, 1), date(2025, 12, 31)))
    ordered(office, MoveCode.APPROPRIATE, over, Decimal(5000), document=document)
    (payable,) = drawn(2000, on=over)
    with held_by("a_line_is_spent_on_its_days"):
        ledger.move([payable.pk], MoveCode.RESERVE, by=office.finance)


def test_a_document_gives_no_more_than_it_says(office: Office) -> None:
    document = confirmed_document(office, number="合成财社〔2026〕3号", amount=Decimal(100))
    line = opened(office, document)
    ordered(office, MoveCode.APPROPRIATE, line, Decimal(60), document=document)
    with held_by("a_document_gives_no_more_than_it_says"):
        ordered(office, MoveCode.APPROPRIATE, line, Decimal("40.01"), document=document)
    ordered(office, MoveCode.WITHDRAW, line, Decimal(60), document=document)
    ordered(office, MoveCode.APPROPRIATE, line, Decimal(100), document=document)
    assert ledger.available(line) == 100


def test_an_order_is_carried_out_once_by_who_may(office: Office, line: Any, cast: Any) -> None:
    document = confirmed_document(office, number="合成财社〔2026〕4号")
    other = opened(office, document)
    made = ledger.order(
        MoveCode.APPROPRIATE, other, amount=Decimal(5), reason="追加", document=document, by=office.finance
    )
    with held_by("enough_people_approved"):
        ledger.carry_out(made.pk, by=office.finance)
    with pytest.raises(Refused):
        ledger.approve_order(made.pk, by=office.second_finance)
    ledger.approve_order(made.pk, by=office.approver)
    with pytest.raises(NotNow, match="已审批过"):
        ledger.approve_order(made.pk, by=office.approver)
    ledger.carry_out(made.pk, by=office.finance)
    with pytest.raises(NotNow, match="已经执行"):
        ledger.carry_out(made.pk, by=office.finance)


# -- what a fund may pay -------------------------------------------------------------------------------------
def test_every_rule_of_every_fund(office: Office, cases: Callable[[int], list[Any]]) -> None:
    """A line is opened for what its fund permits and for nothing else; a payable likewise."""
    from portal.funds.models import PayeeKind, Use

    for fund in Fund.objects.all():
        document = confirmed_document(office, fund=fund.pk, kind=fund.rests_on, number=f"合成{fund.pk}号")
        permitted = set(FundRule.objects.filter(fund=fund, permitted=True).values_list("use", "payee"))
        for use in Use:
            if (use, "") not in permitted:
                with pytest.raises(NotNow, match="不得用于该用途"):
                    opened(office, document, use=use)
                continue
            line = opened(office, document, use=use)
            for payee in PayeeKind:
                share = ledger.Draw(cases(1)[0].pk, Decimal(10), payee, "c" * 64, "p" * 64)
                if ("", payee) in permitted:
                    ledger.draw(line, [share], by=office.finance)
                    continue
                with held_by("a_payable_is_what_its_fund_permits"):
                    ledger.draw(line, [share], by=office.finance)


def test_a_prize_is_never_paid_from_employment_subsidies(office: Office) -> None:
    with pytest.raises(NotNow, match="财社〔2023〕181号第十六条"):
        opened(office, confirmed_document(office, number="合成财社〔2026〕5号"), use="award")


def test_a_line_is_opened_where_its_document_is_for(office: Office) -> None:
    of_banner = confirmed_document(office, number="合成财社〔2026〕7号")
    with pytest.raises(NotNow, match="使用地是鄂托克旗"):
        lines.open_line(of_banner, use="training", region=ORDOS, year=2026, usable=YEAR, by=office.finance)
    of_league = confirmed_document(office, number="合成财社〔2026〕8号", region=ORDOS)
    assert lines.open_line(of_league, use="training", region=OTOG, year=2026, usable=YEAR, by=office.finance)


def test_a_document_counts_once_another_has_confirmed_it(office: Office) -> None:
    said = {
        "kind": "indicator",
        "number": "合成财社〔2026〕6号",
        "title": "通知",
        "issuer": "合成财政局",
        "issued_on": date(2026, 2, 1),
    }
    fund = Fund.objects.get(pk="employment_subsidy_fund")
    document = lines.record_document(
        fund, said=said, amount=Decimal("0.01"), region="150624", by=office.finance
    )
    with pytest.raises(NotNow, match="尚未由另一人确认"):
        opened(office, document)
    with pytest.raises(NotNow, match="不能确认自己登记的文件"):
        lines.confirm_document(document.pk, by=office.finance)
    lines.confirm_document(document.pk, by=office.second_finance)
    document.refresh_from_db()
    document.amount = 5
    with held_by("a_document_stays"):
        document.save()


# -- what is written stays -----------------------------------------------------------------------------------
def test_nothing_is_changed_or_taken_away(office: Office, line: Any, drawn: Any) -> None:
    committed_by(office, drawn(2000))
    for table in ("transfer", "approval", "order", "orderapproval", "line", "payable", "balance"):
        for statement in (
            f"UPDATE funds_{table} SET id = id",
            f"DELETE FROM funds_{table}",
            f"TRUNCATE funds_{table}",
        ):
            with pytest.raises(Exception, match="permission denied|written once"), transaction.atomic():
                connection.cursor().execute(statement)
    assert Payable.objects.count() == 1 and differences() == []


def test_a_temporary_balance_overdraws_nothing(office: Office, line: Any, drawn: Any) -> None:
    """With a table of the right name before ours the ledger would read what its caller likes."""
    payables = drawn(600_000, 600_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE funds_balance (LIKE public.funds_balance INCLUDING ALL) ON COMMIT DROP"
        )
        cursor.execute("INSERT INTO funds_balance SELECT * FROM public.funds_balance")
        cursor.execute("UPDATE funds_balance SET amount = 10000000000")
    with held_by("a_balance_keeps_its_floor"):
        ledger.move([one.pk for one in payables], MoveCode.RESERVE, by=office.finance)


# -- amounts -------------------------------------------------------------------------------------------------
def test_amounts_are_whole_fen() -> None:
    assert fen(Decimal("12.34")) == 1234 and yuan(1234) == Decimal("12.34")
    for wrong in ("0.001", "NaN", "Infinity"):
        with pytest.raises(ValueError, match="no whole number of fen"):
            fen(Decimal(wrong))


def test_every_bucket_is_reached_by_a_move() -> None:
    assert {move.to_bucket for move in MOVES.values()} == set(Bucket)
