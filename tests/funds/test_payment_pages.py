"""The pages of payments: from what was approved to closed by clicks, by as many people as it takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.funds.models import Answer, Batch, CauseText
from portal.jobs.runner import run_job
from tests.cast import BAOTOU, OTOG, make_account
from tests.funds.batching import HEADER
from tests.funds.conftest import Office
from tests.funds.test_pages import text

pytestmark = pytest.mark.django_db
CHOSEN = {"fund": "employment_subsidy_fund", "channel": "one_card", "place": OTOG}


@pytest.fixture
def as_(client: Client) -> Any:
    def sign_in(person: Any) -> Client:
        client.force_login(person)
        return client

    return sign_in


def step(batch: Batch, name: str) -> str:
    return reverse("window:fund_batch_step", args=[batch.pk, name])


def test_from_approved_to_closed_by_clicks(office: Office, as_: Any, approved: Any, batching: Any) -> None:
    approved(2000, 1500)
    finance = as_(office.finance)
    new = reverse("window:fund_batch_new")
    page = text(finance.get(new, CHOSEN))
    assert "共 2 笔，3,500元。" in page
    digest = page.split('name="digest" value="')[1][:32]
    assert "没有拟定" in text(finance.post(new, CHOSEN | {"digest": "0" * 32}))
    assert "下一步 核对收款人并锁定" in text(finance.post(new, CHOSEN | {"digest": digest}, follow=True))
    batch = Batch.objects.get()
    page = text(finance.get(step(batch, "lock")))
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert "已锁定" in text(finance.post(step(batch, "lock"), {"seen": seen}, follow=True))
    batch.refresh_from_db()
    assert batch.items.get(position=1).payee.masked_account in text(
        finance.get(reverse("window:fund_batch_preview", args=[batch.pk]))
    )
    sign = {"seen": f"{batch.round}-{batch.count}-{batch.amount}"}
    assert finance.post(step(batch, "sign"), sign).status_code == 409
    assert "已签发" in text(as_(office.second_finance).post(step(batch, "sign"), sign, follow=True))
    finance = as_(office.finance)
    assert "付款文件已生成" in text(finance.post(step(batch, "file"), follow=True))
    file = batch.files.get()
    fetched = finance.get(reverse("window:fund_file", args=[file.pk]))
    assert len(b"".join(fetched.streaming_content)) == file.size
    assert "资金在途" in text(finance.post(step(batch, "send"), follow=True))
    assert finance.post(step(batch, "close")).status_code == 409

    items = batch.items.select_related("payee").order_by("position")
    rows = [batching.row(items[0]), batching.row(items[1], "失败", "户名不符")]
    content = "\r\n".join(",".join(row) for row in [HEADER, *rows]).encode("gb18030")
    upload = {"channel": "one_card", "region": OTOG, "file": SimpleUploadedFile("回盘.csv", content)}
    finance.post(reverse("window:fund_answer_new"), upload)
    answer = Answer.objects.get()
    assert "正在" in text(finance.get(reverse("window:fund_answer", args=[answer.pk]))) or answer.job_id
    run_job(answer.job_id)
    page = text(finance.get(reverse("window:fund_answer", args=[answer.pk])))
    assert "户名不符" in page and items[0].reference in page
    upload["file"] = SimpleUploadedFile("回盘.csv", content)
    assert "不重复处理" in text(finance.post(reverse("window:fund_answer_new"), upload))
    upload["file"] = SimpleUploadedFile("名单.csv", "姓名,电话\n王,1\n".encode())
    assert "表头" in text(finance.post(reverse("window:fund_answer_new"), upload))
    assert "批次已办结" in text(finance.post(step(batch, "close"), follow=True))

    page = text(finance.get(reverse("window:fund_payment", args=[items[1].payable_id])))
    for said in (
        "合成财社〔2026〕1号",
        batch.number,
        "第3行",
        "户名不符",
        "退回",
        items[1].payable.case.number,
    ):
        assert said in page


def test_what_words_mean_is_said_by_two(office: Office, as_: Any) -> None:
    finance = as_(office.finance)
    new, listed = reverse("window:fund_cause_new"), reverse("window:fund_causes")
    finance.post(new, {"words": "户名不符", "cause": "name_differs"})
    said = CauseText.objects.get()
    confirm = reverse("window:fund_cause_confirm", args=[said.pk])
    assert confirm not in text(finance.get(listed))
    assert finance.post(confirm).status_code == 409
    assert "已确认" in text(as_(office.second_finance).post(confirm, follow=True))
    assert finance.post(new, {"words": "其他", "cause": "whatever"}).status_code == 200
    assert CauseText.objects.count() == 1


def test_what_cannot_be_paid_is_taken_out_at_once(
    office: Office, as_: Any, approved: Any, batching: Any
) -> None:
    bad, _good = approved(2000, 1500)
    batching.accounts.missing.add(bad.case_id)
    batch = batching.drawn_up()
    finance = as_(office.finance)
    assert "没有收款账户" in text(finance.get(step(batch, "lock")))
    unready = reverse("window:fund_batch_unready", args=[batch.pk])
    assert "已撤出1笔" in text(finance.post(unready, {"reason": "收款账户未确认"}, follow=True))
    item = batch.items.get(state="listed")
    finance.post(reverse("window:fund_item_withdraw", args=[item.pk]), {"reason": "本人要求"})
    assert "批次已作废" in text(finance.post(step(batch, "drop"), {"reason": "没有付款"}, follow=True))


def test_whose_business_it_is_not(office: Office, as_: Any, approved: Any, batching: Any, cast: Any) -> None:
    approved(2000)
    batch = batching.locked(batching.drawn_up())
    elsewhere = as_(make_account("baotou.finance", "外地会计", "finance_officer", BAOTOU))
    assert batch.number not in text(elsewhere.get(reverse("window:fund_batches")))
    assert elsewhere.get(reverse("window:fund_batch", args=[batch.pk])).status_code == 404
    assert elsewhere.get(step(batch, "sign")).status_code == 404
    assert (
        elsewhere.get(reverse("window:fund_payment", args=[batch.items.get().payable_id])).status_code == 404
    )
    auditor = as_(cast("auditor"))
    assert auditor.get(reverse("window:fund_batch", args=[batch.pk])).status_code == 200
    assert auditor.post(step(batch, "sign"), {"seen": "1-1-200000"}).status_code == 409
    assert auditor.get(step(batch, "vanish")).status_code == 404
    assert as_(cast("clerk")).get(reverse("window:fund_batches")).status_code == 403


def test_a_step_asks_nothing_of_whoever_cannot_take_it(
    office: Office, as_: Any, approved: Any, batching: Any
) -> None:
    """Given a batch to lock, when an approver opens the page of locking, or anybody that of sending, then they read on the
    batch what comes next and who does it.
    """
    approved(2000)
    batch = batching.drawn_up()
    here = reverse("window:fund_batch", args=[batch.pk])

    for person, name in ((office.approver, "lock"), (office.finance, "send"), (office.finance, "sign")):
        opened = as_(person).get(step(batch, name), follow=True)
        assert opened.redirect_chain[-1][0] == here, name
        assert "您现在不能办理" in opened.text and "下一步：核对收款人并锁定：财务经办员。" in opened.text
    assert as_(office.finance).get(step(batch, "lock")).status_code == 200


def test_lists_ask_no_more_for_more_rows(office: Office, as_: Any, approved: Any, batching: Any) -> None:
    approved(2000)
    batch = batching.sent()
    item = batch.items.select_related("payee").get()
    batching.taken_in([batching.row(item, "失败", "账号有误", number="1")])
    finance = as_(office.finance)
    addresses = [
        reverse("window:fund_batches"),
        reverse("window:fund_payments"),
        reverse("window:fund_answers"),
        reverse("window:fund_causes"),
    ]
    before = []
    for address in addresses:
        finance.get(address)
        with CaptureQueriesContext(connection) as asked:
            finance.get(address)
        before.append(len(asked))
    for number in range(3):
        approved(1000 + number)
        again = batching.sent()
        rows = [batching.row(one, number=f"{number}{one.pk}") for one in again.items.select_related("payee")]
        batching.taken_in(rows)
    for address, few in zip(addresses, before, strict=True):
        with CaptureQueriesContext(connection) as asked:
            finance.get(address)
        assert len(asked) <= few, address


def test_a_channel_that_never_paid_out_a_fund_has_no_payments(
    office: Office, as_: Any, approved: Any, batching: Any
) -> None:
    approved(2000)
    reference = batching.drawn_up().items.get().reference
    finance, listed = as_(office.finance), reverse("window:fund_payments")
    fund = CHOSEN["fund"]
    assert reference in text(finance.get(listed, {"fund": fund, "channel": CHOSEN["channel"]}))
    with CaptureQueriesContext(connection) as asked:
        page = text(finance.get(listed, {"fund": fund, "channel": "agency_account"}))
    assert reference not in page
    assert not [query for query in asked.captured_queries if 'FROM "funds_item"' in query["sql"]]


def test_a_batch_asks_no_more_for_more_items(office: Office, as_: Any, approved: Any, batching: Any) -> None:
    asked = []
    for sums in ((1,), (1, 2, 3, 4)):
        approved(*sums)
        batch = batching.locked(batching.drawn_up())
        for address in (
            reverse("window:fund_batch", args=[batch.pk]),
            reverse("window:fund_batch_preview", args=[batch.pk]),
        ):
            as_(office.finance).get(address)
            with CaptureQueriesContext(connection) as captured:
                as_(office.finance).get(address)
            asked.append(len(captured))
        batching.filed(batching.signed(batch))
    assert asked[2] <= asked[0] + 1 and asked[3] <= asked[1]
