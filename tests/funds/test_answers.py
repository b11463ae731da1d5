"""What a bank answers: seven outcomes, files as people bring them, a kill in between, and what is forged."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.funds import answering, batches, causes
from portal.funds.course import courses_of
from portal.funds.models import Answer, BankRow, Batch, Item, Payable, Transfer
from portal.funds.proof import differences
from portal.spreadsheets.header import FileRefused
from tests.cast import BAOTOU
from tests.funds.batching import HEADER
from tests.funds.conftest import Office
from tests.funds.test_ledger import balances, held_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(approved: Any, batching: Any) -> Any:
    """A batch of these sums that is with the bank, and its items."""

    def make(*amounts: int) -> list[Item]:
        approved(*amounts)
        batch = batching.sent()
        return list(batch.items.select_related("payee", "batch", "payable").order_by("position"))

    return make


def outcomes(answer: Answer) -> list[str]:
    return list(answer.rows.order_by("line").values_list("outcome", flat=True))


def unproven() -> list[Any]:
    """What is not as the rest says, of the ledger and of the batches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM funds_batch_proof")
        return [*differences(), *cursor.fetchall()]


# -- the seven outcomes --------------------------------------------------------------------------------------
def test_paid_and_returned_settle_and_bounce(office: Office, line: Any, sent: Any, batching: Any) -> None:
    """Given two payments with the bank, when one is paid and one comes back, then the batch is answered and closes."""
    one, other = sent(2000, 1500)
    answer = batching.taken_in([batching.row(one), batching.row(other, "失败", "账号不存在")])
    assert answer.phase == "done" and outcomes(answer) == ["paid", "returned"]
    assert balances(line) == {"treasury": -1_000_000, "available": 996_500, "paid": 2000, "committed": 1500}
    assert Batch.objects.get().state == "answered"
    assert batches.close(one.batch_id, by=office.finance).state == "closed"
    assert [row.transfer.move for row in answer.rows.order_by("line")] == ["settle", "bounce"]
    assert unproven() == []


def test_a_batch_is_partly_answered_and_stays_open(office: Office, sent: Any, batching: Any) -> None:
    one, other = sent(2000, 1500)
    batching.taken_in([batching.row(one)])
    assert Batch.objects.get().state == "answering"
    with pytest.raises(NotNow, match="不能再办理"):
        batches.close(one.batch_id, by=office.finance)
    batching.taken_in([batching.row(other)])
    assert Batch.objects.get().state == "answered"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"reference": "FK999999N000001"}, "unknown"),
        ({"reference": ""}, "unknown"),
        ({"status": "处理中"}, "unknown"),
        ({"amount": "2000.01"}, "amount_differs"),
        ({"amount": "两千"}, "amount_differs"),
        ({"account": "6217000099999999999"}, "payee_differs"),
        ({"account": "6.217E+18"}, "payee_differs"),
        ({"name": "王建军"}, "payee_differs"),
    ],
)
def test_what_is_not_as_it_was_sent_moves_nothing(
    sent: Any, batching: Any, said: dict[str, str], outcome: str
) -> None:
    (item,) = sent(2000)
    answer = batching.taken_in([batching.row(item, **said)])
    assert outcomes(answer) == [outcome]
    assert (
        Payable.objects.get().bucket == "in_transit"
        and not BankRow.objects.filter(transfer__isnull=False).exists()
    )
    assert unproven() == []


def test_a_row_twice_is_a_duplicate(sent: Any, batching: Any) -> None:
    """The same again in one file and in another, and the same number of the bank."""
    one, other = sent(2000, 1500)
    answer = batching.taken_in(
        [batching.row(one, number="B1"), batching.row(one), batching.row(other, number="B1")]
    )
    assert outcomes(answer) == ["paid", "duplicate", "duplicate"]
    again = batching.taken_in([batching.row(one, number="B1"), batching.row(other, number="B2")])
    assert outcomes(again) == ["duplicate", "paid"]
    assert Transfer.objects.filter(move="settle").count() == 2 and unproven() == []


def test_what_was_never_sent_is_not_in_transit(office: Office, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    item = batch.items.select_related("payee").get()
    assert outcomes(batching.taken_in([batching.row(item)])) == ["not_in_transit"]
    batches.send(batch.pk, by=office.finance)
    assert outcomes(batching.taken_in([batching.row(item), batching.row(item, "失败")])) == [
        "paid",
        "returned",
    ]
    assert outcomes(batching.taken_in([batching.row(item, number="X")])) == ["not_in_transit"]


def test_what_was_paid_comes_back_later(office: Office, line: Any, sent: Any, batching: Any) -> None:
    """Given a batch that is closed, when the bank returns one of its payments, the sum is committed again."""
    (item,) = sent(2000)
    batching.taken_in([batching.row(item)])
    batches.close(item.batch_id, by=office.finance)
    batching.taken_in([batching.row(item, "退票", "账户已销户")])
    assert Transfer.objects.latest("id").move == "late_return"
    assert balances(line)["committed"] == 2000 and unproven() == []


def test_in_another_place_or_channel_it_is_unknown(sent: Any, batching: Any) -> None:
    (item,) = sent(2000)
    elsewhere = batching.taken_in([batching.row(item)], region=BAOTOU)
    assert outcomes(elsewhere) == ["unknown"]
    other = batching.taken_in([batching.row(item), ["", "", "", "", "", "", ""]], channel="agency_account")
    assert outcomes(other) == ["unknown"] and Payable.objects.get().bucket == "in_transit"


# -- files that people bring ---------------------------------------------------------------------------------
def test_a_file_that_went_through_hands(sent: Any, batching: Any) -> None:
    """A mark in front in GB18030, blank lines, full-width digits, numbers as text, and a row of totals at the end."""
    one, other = sent(2000, 1500)
    wide = batching.row(other)[1].translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    lines = [
        ",".join(HEADER),
        "",
        ",".join(
            [
                "'" + cell if place == 1 else cell
                for place, cell in enumerate(batching.row(one, amount="2000"))
            ]
        ),
        ",,,,,,",
        ",".join(batching.row(other, account=wide, amount="￥１５００．００")),
        "合计,,,3500.00,2笔,,",
    ]
    content = ("\ufeff" + "\r\n".join(lines)).encode("gb18030")
    answer = batching.done(batching.given_bytes(content))
    assert outcomes(answer) == ["paid", "paid"] and answer.message == "略过合计行1行。"
    assert unproven() == []


def test_a_workbook(sent: Any, batching: Any) -> None:
    import xlsxwriter

    (item,) = sent(2000)
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content)
    sheet = workbook.add_worksheet()
    for line, row in enumerate([HEADER, batching.row(item)]):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
    sheet.write_number(1, 3, 2000)
    workbook.close()
    assert outcomes(batching.done(batching.given_bytes(content.getvalue()))) == ["paid"]


def test_a_text_without_a_header(office: Office, approved: Any, batching: Any) -> None:
    """Given units paid from the treasury, whose bank answers with columns by their place."""
    from portal.funds.models import Channel

    batching.accounts.kind = "unit"
    approved(2000, 1500, payee_kind="unit")
    batch = batching.sent(batching.drawn_up(channel=Channel.objects.get(pk="treasury")))
    one, other = batch.items.select_related("payee").order_by("position")
    rows = [
        ["1", one.reference, one.payee.name_at_bank, str(one.payee.account), "2000.00", "S", ""],
        [
            "2",
            other.reference,
            other.payee.name_at_bank,
            str(other.payee.account),
            "1500.00",
            "F",
            "户名不符",
        ],
    ]
    text = "\r\n".join("|".join(row) for row in rows)
    answer = batching.done(batching.given_bytes(text.encode("gbk"), channel="treasury"))
    assert outcomes(answer) == ["paid", "returned"]


@pytest.mark.parametrize(
    ("content", "channel", "said"),
    [
        ("姓名,金额\n王建国,2000\n", "one_card", "缺少列"),
        ("收到你行文件,谢谢\n", "one_card", "表头"),
        ("1|FK1|王建国|62|2000\n", "treasury", "每行应有7列"),
        ("1|FK1|王建国|62|2000|？|\n", "treasury", "每行应有7列"),
        ("", "one_card", "文件是空的"),
    ],
)
def test_another_layout_is_refused_whole(batching: Any, content: str, channel: str, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        batching.given_bytes(content.encode(), channel=channel)
    assert not Answer.objects.exists()


def test_the_same_file_is_refused(sent: Any, batching: Any) -> None:
    (item,) = sent(2000)
    rows = [batching.row(item)]
    batching.taken_in(rows)
    with pytest.raises(NotNow, match="不重复处理"):
        batching.given_in(rows)


def test_whose_business_it_is_not(cast: Any, sent: Any, batching: Any) -> None:
    (item,) = sent(2000)
    for role in ("clerk", "approver", "auditor"):
        with pytest.raises(Refused):
            batching.given_in([batching.row(item)], by=cast(role))


# -- killed in between ---------------------------------------------------------------------------------------
def test_killed_in_between_nothing_is_lost_or_doubled(
    sent: Any, batching: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an answer of five rows taken in by twos, when the worker is killed after each piece, the end is the same."""
    items = sent(2000, 1500, 500, 400, 300)
    monkeypatch.setattr(answering, "PIECE", 2)
    answer = batching.given_in([batching.row(item) for item in items])
    for kill_at in (2, 4):

        def on_rows(done: int, expected: int, kill_at: int = kill_at) -> None:
            if done == kill_at:
                raise KeyboardInterrupt

        answer.refresh_from_db()
        with pytest.raises(KeyboardInterrupt):
            answering.take_in(answer, by=answer.by, on_rows=on_rows)
        assert answer.rows.count() == kill_at
    answer = batching.done(answer)
    assert answer.phase == "done" and Counter(outcomes(answer)) == {"paid": 5}
    assert Transfer.objects.filter(move="settle").count() == 5 and unproven() == []
    pieces = Entry.objects.filter(action="funds.answer.take_in").order_by("pk")
    assert [entry.detail["rows"] for entry in pieces] == [[2, 3], [4, 5], [6, 6]]
    batching.done(answer)
    assert answer.rows.count() == 5


def test_another_officer_goes_on(sent: Any, batching: Any) -> None:
    from portal.jobs.models import Job

    (item,) = sent(2000)
    answer = batching.given_in([batching.row(item)])
    with pytest.raises(NotNow, match="正在处理"):
        answering.go_on(answer.pk, by=batching.third_finance)
    Job.objects.filter(pk=answer.job_id).update(state="failed")
    answer = batching.done(answering.go_on(answer.pk, by=batching.third_finance))
    assert outcomes(answer) == ["paid"] and Transfer.objects.latest("id").by == batching.third_finance


# -- what is forged ------------------------------------------------------------------------------------------
def test_a_forged_row_is_refused(office: Office, sent: Any, batching: Any) -> None:
    """A row that names not our reference, sum and account moves no money, and comes with its answer only."""
    one, other = sent(2000, 2000)
    answer = batching.given_in([batching.row(one)])
    good = {
        "answer": answer,
        "line": 9,
        "raw": "",
        "outcome": "paid",
        "item": one,
        "reference": one.reference,
        "amount": one.amount,
        "account_digest": one.payee.account_digest,
    }
    with held_by("rows_come_with_their_answer"):
        BankRow.objects.create(**good)
    Answer.objects.filter(pk=answer.pk).update(phase="reading")
    for wrong in (
        {"reference": other.reference},
        {"amount": one.amount + 1},
        {"account_digest": other.payee.account_digest},
        {"account_digest": None},
        {"name_digest": b"x" * 32},
    ):
        with held_by("a_bank_row_is_about_its_payment"):
            BankRow.objects.create(**(good | wrong))
    row = BankRow.objects.create(**good)
    for wrong in ({"payable_id": other.payable_id}, {"move": "bounce", "to_bucket": "committed"}):
        with held_by("a_transfer_rests_on_its_bank_row"):
            _transfer(office, one, row, **wrong)
    _transfer(office, one, row)
    with held_by("a_payable_moves_whole_and_once", "funds_transfer_bank_row_id_key"):
        _transfer(office, one, row)


def _transfer(office: Office, item: Item, row: BankRow, **said: Any) -> Transfer:
    line = item.payable.line_id
    given = {
        "move": "settle",
        "from_line_id": line,
        "from_bucket": "in_transit",
        "to_line_id": line,
        "to_bucket": "paid",
        "amount": item.amount,
        "payable_id": item.payable_id,
        "bank_row": row,
        "by": office.finance,
    }
    return Transfer.objects.create(**(given | said))


def test_nothing_is_settled_without_the_bank(office: Office, sent: Any) -> None:
    from portal.funds import ledger

    (item,) = sent(2000)
    with held_by("a_transfer_rests_on_something"):
        ledger.move([item.payable_id], "settle", by=office.second_finance)


def test_who_approved_does_not_post(office: Office, sent: Any, batching: Any) -> None:
    """Given an approver who has become a finance officer, when they take in the answer, nothing is posted by them."""
    from portal.accounts.models import RoleAssignment, User

    (item,) = sent(2000)
    RoleAssignment.objects.create(user=office.approver, role="finance_officer", region_id="150000")
    approver = User.objects.get(pk=office.approver.pk)
    answer = batching.done(batching.given_in([batching.row(item)], by=approver))
    answer.job.refresh_from_db()
    assert answer.job.state == "failed" and "审批过" in answer.job.message
    assert not answer.rows.exists() and Payable.objects.get().bucket == "in_transit"
    answer = batching.done(answering.go_on(answer.pk, by=office.finance))
    assert outcomes(answer) == ["paid"]


# -- returned and paid again ---------------------------------------------------------------------------------
def test_a_batch_with_three_returns_is_paid_again(
    office: Office, line: Any, sent: Any, batching: Any
) -> None:
    """Given five payments of which three come back, when the accounts are mended and confirmed, then a new batch pays these
    three, each linked to what was tried first, and the decisions stay as they were.
    """
    items = sent(2000, 1500, 500, 400, 300)
    back = items[:3]
    rows = [batching.row(item, "失败", f"账号{item.payee.account}不存在") for item in back]
    batching.taken_in([*rows, *(batching.row(item) for item in items[3:])])
    batches.close(items[0].batch_id, by=office.finance)
    said = causes.say("账号6217000000000000001不存在", "account_unknown", by=office.finance)
    told = causes.returned_of([item.payable.case_id for item in back])
    assert {one.cause for (one,) in told.values()} == {"银行说明：账号＃不存在"}
    with pytest.raises(NotNow, match="不能确认自己"):
        causes.confirm(said.pk, by=office.finance)
    causes.confirm(said.pk, by=office.second_finance)
    course = courses_of([back[0].payable.case_id])[back[0].payable.case_id]
    assert [step.title for step in course.steps][-2:] == [
        "银行退回，更正后重新支付",
        "退回原因：账号不存在或有误",
    ]
    told = causes.returned_of([item.payable.case_id for item in back])
    assert len(told) == 3 and {one.cause for (one,) in told.values()} == {"账号不存在或有误"}

    decided = Payable.objects.get(pk=back[0].payable_id).calculation_digest
    for item in back:
        batching.accounts.said[item.payable.case_id] = {"account": f"6222{item.payable.case_id:012d}"}
    again = batching.sent()
    assert again.count == 3
    retried = list(again.items.select_related("payee", "retry_of").order_by("position"))
    assert [item.retry_of_id for item in retried] == [item.pk for item in back]
    assert {item.payee.changed for item in retried} == {"账号"}
    batching.taken_in([batching.row(item) for item in retried])
    assert batches.close(again.pk, by=office.finance).state == "closed"
    assert balances(line) == {"treasury": -1_000_000, "available": 995_300, "paid": 4700}
    assert causes.returned_of([item.payable.case_id for item in back]) == {}
    assert Payable.objects.get(pk=back[0].payable_id).calculation_digest == decided
    assert unproven() == []


def test_words_mean_what_two_people_say(office: Office, cast: Any) -> None:
    causes.say("户名不符。", "name_differs", by=office.finance)
    with pytest.raises(NotNow, match="已有对照"):
        causes.say("户名不符", "account_closed", by=office.finance)
    assert causes.meanings(["户名不符"]) == {}
    with pytest.raises(Refused):
        causes.say("其他", "bank_fault", by=cast("clerk"))
