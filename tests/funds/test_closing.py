"""A line of a year is closed by decision of two: its rest goes where the decision says, and nothing is drawn on it any more."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.funds import closing, drawing, ledger, lines
from portal.funds.closing import Said
from portal.funds.models import Closing, LineClosing
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from tests.cast import OTOG
from tests.funds.conftest import YEAR, Office, confirmed_document, opened, ordered
from tests.funds.test_ledger import balances, held_by

DAY = date(2026, 11, 1)


@pytest.fixture
def next_year(office: Office) -> Any:
    document = confirmed_document(office, number="合成财社〔2027〕1号")
    return lines.open_line(document, use="training", region=OTOG, year=2027, usable=YEAR, by=office.finance)


@pytest.fixture
def decided(office: Office, line: Any, next_year: Any) -> Closing:
    """The rest and what comes back later go to the line of the next year."""
    said = [Said(line, rest_to=next_year, returns_to=next_year)]
    return draw_up(office, said)


def draw_up(office: Office, said: list[Said], day: date = DAY) -> Closing:
    return closing.draw_up(
        said[0].line.fund,
        said,
        number="合成财决〔2026〕1号",
        title="关闭年度科目的决定",
        day=day,
        region=OTOG,
        by=office.finance,
    )


@pytest.mark.django_db
def test_the_rest_goes_to_the_next_year(office: Office, line: Any, next_year: Any, decided: Closing) -> None:
    closing.confirm(decided.pk, by=office.approver)
    part = LineClosing.objects.get()
    assert part.rest == 100_000_000 and part.rest_order is not None
    # A large sum asks for two who approve; one of them confirmed the decision.
    ledger.approve_order(part.rest_order_id, by=office.second_approver)
    ledger.carry_out(part.rest_order_id, by=office.second_finance)
    assert (balances(line).get("available"), balances(next_year)["available"]) == (None, 1_000_000)
    assert closing.takes_returns_of(line) == next_year
    assert differences() == []


@pytest.mark.django_db
def test_the_rest_goes_back_to_where_it_came_from(office: Office, line: Any) -> None:
    decided = draw_up(office, [Said(line)])
    closing.confirm(decided.pk, by=office.approver)
    order = LineClosing.objects.get().rest_order
    assert order is not None and order.move == MoveCode.WITHDRAW
    ledger.approve_order(order.pk, by=office.second_approver)
    ledger.carry_out(order.pk, by=office.second_finance)
    assert balances(line) == {}
    assert closing.takes_returns_of(line) is None


@pytest.mark.django_db
def test_a_closed_line_takes_nothing(office: Office, line: Any, drawn: Any, decided: Closing) -> None:
    (before,) = drawn(2000)
    ordered(office, MoveCode.WITHDRAW, line, Decimal(1), document=line.document)
    pending = ledger.order(
        MoveCode.APPROPRIATE,
        line,
        amount=Decimal(1),
        reason="追加",
        document=line.document,
        by=office.finance,
    )
    ledger.approve_order(pending.pk, by=office.approver)
    closing.confirm(decided.pk, by=office.approver)
    with held_by("a_closed_line_takes_no_payables"):
        drawn(2000)
    with held_by("a_closed_line_is_not_spent"):
        ledger.move([before.pk], MoveCode.RESERVE, by=office.second_finance)
    # An order that was made while it was open is not carried out any more, and none is made.
    with held_by("a_closed_line_is_not_spent"):
        ledger.carry_out(pending.pk, by=office.second_finance)
    for move in (MoveCode.WITHDRAW, MoveCode.APPROPRIATE):
        with held_by("a_closed_line_gives_where_it_was_decided"):
            ordered(office, move, line, Decimal(1), document=line.document)
    assert drawing.open_lines(line.fund_id, line.use, [OTOG], date(2026, 11, 30)) != [line]
    assert drawing.hold_line(line).lines == []
    with held_by("a_closing_stays"):
        LineClosing.objects.update(returns_to=None)
    with held_by("a_closing_stays"):
        Closing.objects.update(title="另写")


@pytest.mark.django_db
def test_what_comes_back_later_goes_where_the_decision_says(
    office: Office, as_user: Any, line: Any, next_year: Any, decided: Closing
) -> None:
    """Given a closed line on which something is left, it can be moved to the line that the decision named, and nowhere else."""
    beside = opened(office, confirmed_document(office, number="合成财社〔2026〕2号"))
    closing.confirm(decided.pk, by=office.approver)
    with held_by("a_closed_line_gives_where_it_was_decided"):
        ordered(office, MoveCode.REALLOCATE, line, Decimal(1), to=beside)
    ordered(office, MoveCode.REALLOCATE, line, Decimal(1), to=next_year)
    assert balances(next_year)["available"] == 1
    form = reverse("window:fund_order_new", args=[line.pk, "reallocate"])
    page = as_user(office.finance).get(form).content.decode()
    assert f'value="{next_year.pk}"' in page and f'value="{beside.pk}"' not in page


@pytest.mark.django_db
def test_what_is_under_way_is_named(office: Office, line: Any, drawn: Any, decided: Closing) -> None:
    (payable,) = drawn(2000)
    ledger.move([payable.pk], MoveCode.RESERVE, by=office.second_finance)
    with pytest.raises(NotNow, match="先支付或者撤销后再关闭：.*已预留2,000元"):
        closing.confirm(decided.pk, by=office.approver)
    assert not LineClosing.objects.closed().exists(), "nothing is half closed"
    ledger.move([payable.pk], MoveCode.RELEASE, by=office.second_finance)
    closing.confirm(decided.pk, by=office.approver)


@pytest.mark.django_db
def test_two_people_and_the_day(office: Office, line: Any, cast: Any) -> None:
    decided = draw_up(office, [Said(line)], day=date(2099, 1, 1))
    with pytest.raises(Refused):
        closing.confirm(decided.pk, by=office.second_finance)
    with pytest.raises(NotNow, match="到期后再确认"):
        closing.confirm(decided.pk, by=office.approver)
    closing.drop(decided.pk, by=office.finance)
    with pytest.raises(NotNow, match="已经办结"):
        closing.drop(decided.pk, by=office.finance)
    with held_by("a_line_is_closed_by_a_decision"):
        LineClosing.objects.update(closed_at="2026-11-01T00:00Z", rest=100_000_000)


@pytest.mark.django_db
def test_what_a_decision_may_say(office: Office, line: Any, next_year: Any) -> None:
    document = confirmed_document(office, number="合成财社〔2026〕2号")
    beside = opened(office, document)
    with pytest.raises(NotNow, match="结余只能转入2027年度的科目"):
        draw_up(office, [Said(line, rest_to=beside)])
    with pytest.raises(NotNow, match="在本决定中关闭，不能转入"):
        draw_up(office, [Said(line, returns_to=beside), Said(beside)])
    with pytest.raises(NotNow, match="至少选择一个"):
        closing.draw_up(line.fund, [], number="1", title="1", day=DAY, region=OTOG, by=office.finance)
    closing.confirm(draw_up(office, [Said(line)]).pk, by=office.approver)
    with pytest.raises(NotNow, match="已经关闭"):
        draw_up(office, [Said(line)])


def test_closing_and_reserving_at_once(
    committed: str, office: Office, line: Any, drawn: Any, decided: Closing
) -> None:
    """Given eight who reserve and one who closes in the same moment, either the line is closed with nothing reserved, or it
    stays open; never both.
    """
    payables = drawn(*[1000] * 8)
    begin = threading.Barrier(9)
    told: list[str] = []

    def run(act: Any) -> None:
        begin.wait(60)
        try:
            act()
            told.append("done")
        except Exception as refused:  # noqa: BLE001 - either refusal is right, and what stands is looked at below
            told.append(type(refused).__name__)
        connections.close_all()

    acts = [
        lambda pk=one.pk: ledger.move([pk], MoveCode.RESERVE, by=office.second_finance) for one in payables
    ]
    acts.append(lambda: closing.confirm(decided.pk, by=office.approver))
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(told) <= {"done", "NotNow", "IntegrityError"}
    reserved = balances(line).get("reserved", 0)
    assert LineClosing.objects.closed().exists() is (reserved == 0)
    assert differences() == []


@pytest.mark.django_db
def test_the_pages(office: Office, as_user: Any, line: Any, next_year: Any) -> None:
    finance, approver = as_user(office.finance), as_user(office.approver)
    new = reverse("window:fund_closing_new")
    assert "先选择资金和年度" in finance.get(new).content.decode()
    asked = f"{new}?fund={line.fund_id}&year=2026"
    assert f"close_{line.pk}" in finance.get(asked).content.decode()
    given = {
        "number": "合成财决〔2026〕1号",
        "title": "关闭年度科目的决定",
        "day": "2026-11-01",
        "region": OTOG,
        f"close_{line.pk}": "on",
        f"rest_{line.pk}": str(next_year.pk),
        f"returns_{line.pk}": str(next_year.pk),
    }
    nothing = {name: value for name, value in given.items() if not name.startswith("close_")}
    assert "至少选择一个" in finance.post(asked, nothing).content.decode()
    assert "由另一人确认后关闭" in finance.post(asked, given, follow=True).content.decode()
    decided = Closing.objects.get()
    confirm = reverse("window:fund_closing_confirm", args=[decided.pk])
    assert finance.get(confirm).status_code == 403
    assert "没有" in approver.get(reverse("window:fund_closing", args=[decided.pk])).content.decode()
    # Who confirms reads which lines, and where their money goes.
    asked_of = approver.get(confirm).content.decode()
    assert f"{line}：结余转入{next_year}；以后退回、追回的款项转入{next_year}" in asked_of
    appropriate = reverse("window:fund_order_new", args=[line.pk, "appropriate"])
    assert appropriate in finance.get(reverse("window:fund_line", args=[line.pk])).content.decode()
    assert "科目已关闭" in approver.post(confirm, follow=True).content.decode()
    closed = finance.get(reverse("window:fund_line", args=[line.pk])).content.decode()
    assert "已关闭" in closed and appropriate not in closed
    assert decided.number in finance.get(reverse("window:fund_closings")).content.decode()
    assert as_user(office.finance).get(asked).status_code == 200
