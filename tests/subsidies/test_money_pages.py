"""What officers, workers and programs read of the money of a claim, and the pages on which it is committed and drawn."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.funds.models import AwaitingMoney, Payable
from subsidies import handling
from subsidies.models import Claim
from tests.cast import make_worker
from tests.subsidies.conftest import INSURANCE, certificate, give, in_work, line_of
from tests.subsidies.test_money import held, waiting_to_be_decided  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 17)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:400]
    return str(answer.content.decode())


@pytest.fixture
def one_waits(cast: Any, waiting_to_be_decided: Any) -> Claim:  # noqa: F811
    """Of two approved claims the second waits for money."""
    give(cast, line_of(cast, INSURANCE), 1_500)
    claims = waiting_to_be_decided(2)
    handling.approve_many([one.pk for one in claims], by=cast("approver"), on=TUESDAY)
    assert held(*claims) == ["reserved", "waits"]
    return Claim.objects.get(pk=claims[1].pk)


def test_officer_and_worker_read_that_it_waits(cast: Any, as_user: Any, one_waits: Claim) -> None:
    from tests.cast import make_account

    own = make_account("welder.two", "王建国", "worker", one_waits.worker.work_region_id)
    one_waits.worker.account = own
    one_waits.worker.save(update_fields=["account"])
    address = reverse("subsidies:claim", args=[one_waits.case.number])
    for person in (cast("approver"), own):
        page = text(as_user(person).get(address))
        assert "现在待资金：批准已经生效" in page
        assert "等待财政部门下达资金" in page
        assert "自申请之日起10个工作日内办理" in page and "社会保险法第八十三条第二款" in page
    assert "待资金金额" not in page, "what the office alone reads"
    assert "待资金" in text(as_user(own).get(reverse("subsidies:mine")))


def test_the_list_and_programs_find_what_waits(cast: Any, as_user: Any, one_waits: Claim) -> None:
    approver = as_user(cast("approver"))
    other = Claim.objects.exclude(pk=one_waits.pk).get()
    for stage, found, left in (("waiting", one_waits, other), ("reserved", other, one_waits)):
        page = text(approver.get(reverse("subsidies:claims"), {"money": stage}))
        assert found.case.number in page and left.case.number not in page
        rows = approver.get(reverse("api:subsidies"), {"money": stage}).json()["results"]
        assert [(row["number"], row["money"]) for row in rows] == [(found.case.number, stage)]
    one = approver.get(reverse("api:claim", args=[one_waits.case.number])).json()
    assert one["money"]["stage"] == "waiting"
    assert [step["title"] for step in one["money"]["steps"]] == ["已批准", "已批准，待资金"]
    refused = approver.get(reverse("api:subsidies"), {"money": "elsewhere"})
    assert refused.status_code == 400 and "waiting" in refused.content.decode()


def test_finance_commits_what_is_ready_and_the_approver_does_not(
    cast: Any, as_user: Any, one_waits: Claim
) -> None:
    payable = Payable.objects.get()
    finance = as_user(cast("finance_officer"))
    listed = text(finance.get(reverse("window:fund_payables"), {"bucket": "reserved"}))
    assert payable.case.number in listed and "批准记账" in listed and "孙立新" in listed
    move = reverse("window:fund_payables_move")
    asked = {"action": "commit", "chosen": [payable.pk]}
    assert "批准记账：1笔" in text(finance.post(move, asked))
    assert Payable.objects.get().bucket == "reserved", "only asked so far"
    assert "已记账1笔" in text(finance.post(move, {**asked, "sure": "1"}, follow=True))
    assert Payable.objects.get().bucket == "committed"
    again = text(finance.post(move, {**asked, "sure": "1"}))
    assert "当前为“已批准待付”" in again
    assert as_user(cast("approver")).post(move, asked).status_code == 403
    assert finance.post(move, {"action": "pay"}).status_code == 404


def test_an_approver_approves_once(cast: Any, as_user: Any, one_waits: Claim, second_approver: Any) -> None:
    payable = Payable.objects.get()
    move, asked = reverse("window:fund_payables_move"), {"action": "approve", "chosen": [payable.pk]}
    assert "您已审批" in text(as_user(cast("approver")).post(move, asked))
    done = text(as_user(second_approver).post(move, {**asked, "sure": "1"}, follow=True))
    assert "已审批1笔" in done
    assert payable.approvals.count() == 2


def test_finance_lets_draw_in_order(cast: Any, as_user: Any, one_waits: Claim) -> None:
    line = Payable.objects.get().line
    give(cast, line, 2_000)
    finance = as_user(cast("finance_officer"))
    page = text(finance.get(reverse("window:fund_awaiting")))
    assert one_waits.case.number in page and "1件等待本科目的资金" in page
    draw = reverse("window:fund_draw", args=[line.pk])
    assert "可用余额" in text(finance.get(draw))
    assert "已预留1件" in text(finance.post(draw, follow=True))
    assert not AwaitingMoney.objects.waiting().exists()
    assert as_user(cast("approver")).post(draw).status_code == 403


def test_the_lists_cost_the_same_for_many(
    cast: Any,
    as_user: Any,
    waiting_to_be_decided: Any,  # noqa: F811
) -> None:
    """Given two, then eight that wait, each list takes as many statements."""
    finance, approver = as_user(cast("finance_officer")), cast("approver")
    give(cast, line_of(cast, INSURANCE), 6_000)
    addresses = [
        (finance, reverse("window:fund_payables")),
        (finance, reverse("window:fund_awaiting")),
    ]
    counts: list[list[int]] = []
    for _ in range(2):
        claims = waiting_to_be_decided(4)
        handling.approve_many([one.pk for one in claims], by=approver, on=TUESDAY)
        counts.append([_queries(client, address) for client, address in addresses])
    handling.approve_many([one.pk for one in waiting_to_be_decided(4)], by=approver, on=TUESDAY)
    last = [_queries(client, address) for client, address in addresses]
    assert last == counts[1]


def _queries(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_worker_of_another_place_is_not_seen(cast: Any, as_user: Any, one_waits: Claim) -> None:
    """Whoever keeps money sees what waits; whoever does not is told that this is not theirs."""
    worker = in_work(make_worker("李娜"), cast("reviewer"))
    certificate(worker, cast("reviewer"), number="S000015000099")
    assert as_user(cast("clerk")).get(reverse("window:fund_awaiting")).status_code == 403
    assert as_user(cast("clerk")).get(reverse("window:fund_payables")).status_code == 403


# -- what is on its way to the money -------------------------------------------------------------------------
def test_the_forecast_counts_each_claim_once(
    cast: Any,
    as_user: Any,
    waiting_to_be_decided: Any,  # noqa: F811
    accepted: Any,
) -> None:
    """Given one claim handed in, one reviewed, one that waits and one that was drawn, each stands in its column, with what
    there is beside it.
    """
    from django.utils import timezone

    from portal.funds import forecast

    line = line_of(cast, INSURANCE, "150600")
    give(cast, line, 2_000)
    first, second, third = waiting_to_be_decided(3)
    handling.approve_many([first.pk, second.pk], by=cast("approver"), on=TUESDAY)
    worker = in_work(make_worker(), cast("reviewer"))
    accepted(certificate(worker, cast("reviewer"), number="S000015000077"))
    finance = cast("finance_officer")
    (place,) = forecast.places(finance)
    amounts = {stage: (flow.count, flow.amount) for stage, flow in place.ahead.items()}
    assert amounts == {
        "handed_in": (1, 1500),
        "reviewed": (1, 1500),
        "waiting": (1, 1500),
        "approved": (1, 1500),
    }
    assert (place.league, place.available, place.asked, place.missing) == ("鄂尔多斯市", 500, 4500, 4000)
    today = timezone.localdate()
    (pace,) = forecast.paces(finance, today)
    assert (pace.left, pace.drawn) == (500, 1500)
    assert pace.ends is not None and (pace.ends - today).days == 30
    assert pace.ends_early
    page = text(as_user(finance).get(reverse("window:fund_forecast")))
    assert "还差" in page and "早于使用期止" in page and "4,000元" in page
    assert third.pk, "reviewed, and not decided"
    assert as_user(cast("clerk")).get(reverse("window:fund_forecast")).status_code == 403


def test_the_forecast_costs_the_same_for_many(cast: Any, as_user: Any, waiting_to_be_decided: Any) -> None:  # noqa: F811
    finance, address = as_user(cast("finance_officer")), reverse("window:fund_forecast")
    give(cast, line_of(cast, INSURANCE), 3_000)
    waiting_to_be_decided(1)
    before = _queries(finance, address)
    give(cast, line_of(cast, INSURANCE, "150600"), 3_000)
    handling.approve_many([one.pk for one in waiting_to_be_decided(4)], by=cast("approver"), on=TUESDAY)
    assert _queries(finance, address) == before
