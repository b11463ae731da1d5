"""Money played in a browser: from what was approved to the account, with three payments that the bank returned.

Claims are approved by actions; clicked is what becomes of the money. 周会计 posts, draws up and sends, 吴会计 signs.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.roles import Role
from portal.cases.models import Channel
from portal.funds import causes
from portal.funds.models import Answer, Batch, Cause, Item
from portal.workforce.actions import confirm_payee, propose_payee
from subsidies import claiming, handling
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE
from tests.cases.conftest import pdf
from tests.cast import OTOG, REGION, company, make_account, make_worker
from tests.journeys.people import Person, sits_down
from tests.journeys.test_claims import on_a_phone, reads_well
from tests.live import Live, needs_browser, wait_until
from tests.subsidies.conftest import INSURANCE, certificate, give, in_work, line_of

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

NAMES = ("王建国", "李秀英", "张志强", "赵海燕")
CLOSED, OTHER_NAME, ODD = "账户已销户", "户名与账号不符", "代理行应答码九九"
OTHER_ACCOUNT, WINDOW_ACCOUNT = "6217009900001111", "6217009900002222"
HEAD = "业务编号,收款账号,收款户名,金额,处理结果,失败原因,银行流水号"


@pytest.fixture
def approved(live: Live) -> list[Claim]:
    """Four claims that were approved, each of somebody with a confirmed account; what two of the bank's words mean is known."""
    cast, today = company(), timezone.localdate()
    signer = make_account("region.finance2", "吴会计", Role.FINANCE_OFFICER, REGION)
    for words, cause in ((CLOSED, Cause.ACCOUNT_CLOSED), (OTHER_NAME, Cause.NAME_DIFFERS)):
        causes.confirm(causes.say(words, cause, by=cast("finance_officer")).pk, by=signer)
    give(cast, line_of(cast, INSURANCE), 20_000)
    claims = [_claim(cast, name, place, today) for place, name in enumerate(NAMES)]
    numbers = [claim.pk for claim in claims]
    for moving in (
        claiming.accept_many(numbers, by=cast("clerk"), on=today),
        handling.review_many(numbers, by=cast("reviewer"), on=today, note="一致。"),
        handling.approve_many(numbers, by=cast("approver"), on=today),
    ):
        assert not moving.refused
    return list(Claim.objects.select_related("case", "worker").order_by("pk"))


def _claim(cast: Any, name: str, place: int, today: date) -> Claim:
    worker = in_work(make_worker(name), cast("second_reviewer"))
    worker.account = make_account(f"w2026040{place}", name, "worker", OTOG)
    worker.save(update_fields=["account"])
    issued = today.replace(day=1)
    credential = certificate(worker, cast("second_reviewer"), level=40, number=f"S{place}", issued_on=issued)
    account = propose_payee(
        worker.pk,
        bank="合成银行鄂托克旗支行",
        account_number=f"621700000000{place:04d}",
        source="社会保障卡",
        by=cast("clerk"),
        on=today,
    )
    confirm_payee(account.pk, by=cast("second_reviewer"), on=today)
    claimed: Claim = claiming.claim_at_once(
        credential.pk, SKILL_UPGRADE, channel=Channel.WINDOW, by=cast("clerk"), on=today
    )
    return claimed


def drawn_up(finance: Person) -> str:
    """A batch of all that is due, its page."""
    chosen = f"fund=unemployment_insurance_fund&channel=agency_account&place={REGION}"
    finance.go(f"/window/funds/batches/new/?{chosen}").press("拟定批次").sees("下一步")
    return finance.path


def paid_by_two(finance: Person, signer: Person, batch: str) -> None:
    """Locked already: signed by the other, its file made, handed over."""
    signer.go(batch).follow("签发").press("签发").sees("已签发")
    finance.go(batch).follow("生成付款文件").press("生成").sees("付款文件已生成")
    finance.follow("登记已发送").press("登记已发送").sees("已发送，待回盘")


def answered(finance: Person, folder: Path, returned: dict[str, str]) -> None:
    """The bank's file about the last batch is given in: what is returned, by name, and all else paid."""
    items = Batch.objects.latest("pk").items.filter(state="sent").select_related("payee")
    rows = [
        HEAD,
        *(_row(item, returned.get(item.payee.legal_name, "")) for item in items.order_by("position")),
    ]
    path = folder / f"回盘{items[0].batch_id}.csv"
    path.write_bytes("\r\n".join(rows).encode("gb18030"))
    finance.go("/window/funds/answers/new/")
    finance.page.get_by_label("支付渠道").select_option("agency_account")
    finance.page.get_by_label("地区").select_option(REGION)
    finance.page.set_input_files("input[type=file]", path)
    finance.press("提交")
    taken_in = Answer.objects.filter(phase="done", file_name=path.name)
    wait_until(taken_in.exists, seconds=20, says="answer")
    finance.page.reload()
    finance.sees("无法识别")


def _row(item: Item, words: str) -> str:
    payee = item.payee
    cells = (
        item.reference,
        payee.account,
        payee.name_at_bank,
        f"{item.sum:f}",
        "失败" if words else "成功",
        words,
    )
    return ",".join([*map(str, cells), f"HC{item.reference}"])


def reads_of_money(phone: Person, claim: Claim, *words: str) -> Person:
    """What the worker reads on the page of their claim."""
    phone.go(f"/subsidies/claims/{claim.case.number}/")
    for said in words:
        phone.sees(said)
    return phone


def test_from_an_approval_to_the_account(
    live: Live, sits_down: Any, approved: list[Claim], tmp_path: Path
) -> None:
    decided = {claim.pk: (claim.case.state, claim.case.version, claim.decision_id) for claim in approved}
    by_name = {claim.worker.name: claim for claim in approved}
    finance: Person = sits_down("finance_officer")
    signer: Person = signed_in_as(sits_down, live, "region.finance2")
    closed = on_a_phone(sits_down, by_name["王建国"].worker, live)
    reads_of_money(closed, by_name["王建国"], "资金已预留")

    # Posted from the list, drawn up, locked, signed by the other, sent.
    finance.go("/window/funds/payables/?bucket=reserved")
    finance.page.locator("[data-bulk-all]").check()
    finance.press("批准记账").press("批准记账").sees("已记账4笔")
    batch = drawn_up(finance)
    finance.follow("核对收款人并锁定").sees("可以支付 4 笔").press("锁定").sees("已锁定")
    paid_by_two(finance, signer, batch)
    reads_of_money(closed, by_name["王建国"], "支付中", "已提交银行")

    # Three come back: a closed account, another name, and words that nobody knows.
    answered(finance, tmp_path, {"王建国": CLOSED, "李秀英": OTHER_NAME, "张志强": ODD})
    finance.go(batch).follow("办结").press("办结").sees("批次已办结")
    reads_of_money(closed, by_name["王建国"], "付款被银行退回", "账户已销户")
    reads_well(closed)

    # One is mended by the worker on the phone, one at the window; the league's reviewer confirms both.
    closed.follow("更换收款账户").fill("开户银行", "合成银行网上支行").fill("银行账号", OTHER_ACCOUNT)
    closed.page.get_by_label("再次输入银行账号").fill(OTHER_ACCOUNT)
    card = tmp_path / "卡.pdf"
    card.write_bytes(pdf("卡"))
    closed.page.set_input_files("input[type=file]", card)
    closed.press("提交").sees("待复核的账户")
    reads_well(closed)
    reads_of_money(closed, by_name["王建国"], "新的收款账户已登记")
    clerk: Person = sits_down("clerk")
    clerk.go(f"/window/workers/{by_name['李秀英'].worker_id}/payee/new/")
    clerk.fill("开户银行", "合成银行乌兰镇支行")
    clerk.page.locator("input[name=account_number]").fill(WINDOW_ACCOUNT)
    clerk.page.locator("input[name=again]").fill(WINDOW_ACCOUNT)
    clerk.press("提交复核").sees("待另一人复核")
    reviewer: Person = sits_down("reviewer")
    for name in ("王建国", "李秀英"):
        reviewer.go("/window/payees/").follow(name).press("复核通过").sees("已复核")
    reads_of_money(closed, by_name["王建国"], "新的收款账户已复核")

    # Drawn up again: what nobody mended is named, and taken out; what was mended is paid, with what was tried before.
    again = drawn_up(finance)
    finance.follow("核对收款人并锁定").sees("退回后收款人信息没有变更").sees(ODD).sees("账号")
    reads_well(finance)
    unmended = Item.objects.get(payable__case=by_name["张志强"].pk, state="listed")
    finance.go(f"/window/funds/items/{unmended.pk}/withdraw/").fill("原因", "账户尚未更正").press("撤出")
    finance.go(again).follow("核对收款人并锁定").sees("可以支付 2 笔").press("锁定").sees("已锁定")
    paid_by_two(finance, signer, again)
    answered(finance, tmp_path, {})
    finance.go(again).follow("办结").press("办结").sees("批次已办结")
    reads_of_money(closed, by_name["王建国"], "已支付", "银行确认到账")
    window = on_a_phone(sits_down, by_name["李秀英"].worker, live)
    reads_of_money(window, by_name["李秀英"], "已支付")
    unknown = on_a_phone(sits_down, by_name["张志强"].worker, live)
    reads_of_money(unknown, by_name["张志强"], "付款被银行退回", ODD)

    # Each yuan has its way back: the claim leads to the payment, which names what was tried before.
    finance.go(f"/window/cases/{by_name['王建国'].case.number}/").follow("查看付款").sees("原付款")
    finance.follow(f"办件 {by_name['王建国'].case.number}").sees("查看付款")
    for claim in Claim.objects.select_related("case"):
        assert (claim.case.state, claim.case.version, claim.decision_id) == decided[claim.pk], "decided once"
    tried = Item.objects.filter(payable__case=by_name["王建国"].pk).order_by("pk")
    assert [item.state for item in tried] == ["returned", "paid"] and tried[1].retry_of == tried[0]


def signed_in_as(sits_down: Any, live: Live, username: str) -> Person:
    """Somebody who is none of the cast, at a desk of their own."""
    from django.conf import settings
    from django.test import Client

    from portal.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    desk: Person = sits_down(None)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    desk.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live.url}])
    return desk
