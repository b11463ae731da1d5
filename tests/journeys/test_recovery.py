"""A recovery played in a browser: by instalments over the year's end, from the payment to the last yuan.

What was paid is paid by actions, and its approval annulled; clicked is how it comes back. 周会计 draws up, hears and takes the
bank's answers in, 孙立新 decides and confirms that the year's line is closed.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.roles import Role
from portal.cases.models import Channel
from portal.demo import Demo
from portal.funds import lines
from portal.funds.demo_payments import Cashier
from portal.funds.models import Answer, LineClosing, Payable, Recovery
from portal.funds.proof import differences
from portal.workforce.actions import confirm_payee, propose_payee
from subsidies import claiming, handling, signing
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import OTOG, REGION, company, make_account, make_worker
from tests.funds.test_ledger import balances
from tests.journeys.people import Person, sits_down
from tests.journeys.test_claims import on_a_phone, reads_well
from tests.journeys.test_money import HEAD
from tests.live import Live, needs_browser, wait_until
from tests.subsidies.conftest import CLAUSE, GROUNDS, INSURANCE, USABLE, certificate, give, in_work, line_of

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

OUR_ACCOUNT = "合成市就业服务中心，合成银行，15060000000001"


@pytest.fixture
def line(live: Live) -> Any:
    """The line of the year, with money."""
    cast = company()
    found = line_of(cast, INSURANCE)
    give(cast, found, 20_000)
    return found


@pytest.fixture
def next_line(line: Any) -> Any:
    """The line of the year after it, on the same document."""
    return lines.open_line(
        line.document,
        use=line.use,
        region=line.region_id,
        year=line.year + 1,
        usable=USABLE,
        by=company()("finance_officer"),
    )


@pytest.fixture
def fallen(line: Any) -> Claim:
    """A claim of 王建国 that was paid, and whose approval was annulled by two."""
    cast, today = company(), timezone.localdate()
    worker = in_work(make_worker("王建国"), cast("second_reviewer"))
    worker.account = make_account("w20260500", "王建国", "worker", OTOG)
    worker.save(update_fields=["account"])
    credential = certificate(
        worker, cast("second_reviewer"), level=40, number="S1", issued_on=today - timedelta(days=30)
    )
    account = propose_payee(
        worker.pk,
        bank="合成银行鄂托克旗支行",
        account_number="6217000000000001",
        source="社会保障卡",
        by=cast("clerk"),
        on=today,
    )
    confirm_payee(account.pk, by=cast("second_reviewer"), on=today)
    claim = claiming.claim_at_once(
        credential.pk, SKILL_UPGRADE, channel=Channel.WINDOW, by=cast("clerk"), on=today
    )
    claiming.accept(claim.pk, by=cast("clerk"), on=today)
    handling.review(claim.pk, by=cast("reviewer"), on=today, note="一致。")
    handling.approve(claim.pk, by=cast("approver"), on=today)
    _pay(cast, claim, line, today)
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=today)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=today)
    return Claim.objects.select_related("case", "worker").get(pk=claim.pk)


def _pay(cast: Any, claim: Claim, line: Any, today: date) -> None:
    second = make_account("region.finance2", "吴会计", Role.FINANCE_OFFICER, REGION)
    people = {"finance_officer": cast("finance_officer"), "second_finance_officer": second}
    cashier = Cashier(Demo(on=today, people=people))
    cashier.post([claim.pk], today)
    batch = cashier.send(cashier.lock(cashier.draw_up(line, today), today), today)
    cashier.answer(batch, today, {})
    cashier.close(batch, today)


def came(finance: Person, folder: Path, recovery: Recovery, amount: int, number: str) -> None:
    """The bank's file about a sum that came by the number of the recovery is given in."""
    path = folder / f"到账{number}.csv"
    row = f"{recovery.number},6217000000000001,王建国,{amount},成功,,{number}"
    path.write_bytes("\r\n".join([HEAD, row]).encode("gb18030"))
    finance.go("/window/funds/answers/new/")
    finance.page.get_by_label("支付渠道").select_option("agency_account")
    finance.page.get_by_label("地区").select_option(REGION)
    finance.page.set_input_files("input[type=file]", path)
    finance.press("提交")
    taken_in = Answer.objects.filter(phase="done", file_name=path.name)
    wait_until(taken_in.exists, seconds=20, says="answer")


def drawn_up(finance: Person, payable: Payable, plan: list[tuple[date, int]]) -> Recovery:
    """Asked back from the page of the payment, by instalments."""
    finance.go(f"/window/funds/payments/{payable.pk}/").follow("拟办追回")
    finance.fill("事实和理由", GROUNDS).fill("依据", CLAUSE)
    finance.page.get_by_label("退回方式").select_option("instalments")
    finance.fill("各期的期限和金额", "\n".join(f"{day} {amount}" for day, amount in plan))
    finance.fill("退回账户", OUR_ACCOUNT).press("拟办").sees("已拟办")
    return Recovery.objects.get(payable=payable)


def heard(finance: Person, recovery: Recovery, today: date) -> None:
    """The person was told, and said something."""
    finance.go(f"/window/funds/recoveries/{recovery.pk}/").follow("登记听取意见")
    finance.fill("事先告知日期", f"{today - timedelta(days=9)}")
    finance.page.locator("select[name=heard]").select_option("said")
    finance.page.locator("input[name=heard_on]").fill(f"{today - timedelta(days=2)}")
    finance.fill("陈述申辩内容", "家庭生活困难").fill("采纳情况和理由", "同意分期退还")
    finance.press("登记").sees("已登记，由另一人决定")


def closed(finance: Person, decider: Person, line: Any, next_line: Any, today: date) -> None:
    """The year's line is closed by two: its rest, and what comes back later, go to the next year's."""
    finance.go(f"/window/funds/closings/new/?fund={line.fund_id}&year={line.year}")
    finance.fill("决定文号", "合成财决〔2026〕1号").fill("标题", "关闭年度科目的决定")
    finance.fill("关闭日期", f"{today}")
    finance.page.locator("select[name=region]").select_option(REGION)
    finance.page.locator(f"input[name=close_{line.pk}]").check()
    for where in ("rest", "returns"):
        finance.page.locator(f"select[name={where}_{line.pk}]").select_option(str(next_line.pk))
    finance.press("提交确认").sees("已拟办")
    decider.go(finance.path).follow("确认").press("与原件一致，关闭").sees("科目已关闭")
    order = LineClosing.objects.get(line=line).rest_order_id
    finance.go(f"/window/funds/orders/{order}/carry-out/").press("执行").sees("已执行")


def test_by_instalments_over_the_end_of_a_year(
    live: Live, sits_down: Any, line: Any, next_line: Any, fallen: Claim, tmp_path: Path
) -> None:
    today, payable = timezone.localdate(), Payable.objects.get()
    finance: Person = sits_down("finance_officer")
    decider: Person = sits_down("approver")
    phone = on_a_phone(sits_down, fallen.worker, live)
    own = f"/subsidies/claims/{fallen.case.number}/"

    # Drawn up by one, who hears the person; decided by another. Before that the person is asked for nothing.
    first, last = today + timedelta(days=19), date(today.year + 1, 1, 20)
    amount = payable.amount // 100
    recovery = drawn_up(finance, payable, [(first, 500), (last, amount - 500)])
    assert recovery.number not in phone.go(own).sees("书面通知后办理").reads()
    heard(finance, recovery, today)
    finance.go(f"/window/funds/recoveries/{recovery.pk}/")
    assert finance.page.get_by_role("link", name="决定", exact=True).count() == 0
    decider.go(finance.path).follow("决定").press("决定追回").sees("已决定")
    phone.go(own).sees(recovery.number).sees("500元")
    reads_well(phone)

    # The first share comes in time and counts on the line of its year.
    came(finance, tmp_path, recovery, 500, "B1")
    finance.go(f"/window/funds/recoveries/{recovery.pk}/").sees("银行回盘第2行")
    reads_well(finance)
    phone.go(own).sees("已退还500元")
    assert recovery.shares.get().to_line == line

    # The year's line is closed; what comes now goes where the decision says, and the recovery is done.
    closed(finance, decider, line, next_line, today)
    finance.go(f"/window/funds/recoveries/{recovery.pk}/").sees("原科目已关闭，到账后转入")
    came(finance, tmp_path, recovery, amount - 500, "B2")
    finance.go(f"/window/funds/recoveries/{recovery.pk}/").sees("已办结")
    assert [share.to_line for share in recovery.shares.order_by("pk")] == [line, next_line]
    phone.go(own).sees("已全部退还")
    reads_well(phone)
    assert (balances(line), balances(next_line)["available"], differences()) == (
        {"treasury": -20_000},
        20_000,
        [],
    )
