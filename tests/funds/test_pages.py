"""The pages of whoever keeps money: from a document on paper to money on a line, by as many people as it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.funds.models import AuthorisingDocument, Line, Order
from tests.cast import OTOG
from tests.funds.conftest import Office, confirmed_document

pytestmark = pytest.mark.django_db

DOCUMENT = {
    "fund": "employment_subsidy_fund",
    "kind": "indicator",
    "number": "合成财社〔2026〕1号",
    "title": "下达就业补助资金的通知",
    "issuer": "合成财政局",
    "issued_on": "2026-01-15",
    "region": OTOG,
    "amount": "1000000",
}
LINE = {
    "use": "training",
    "region": OTOG,
    "year": "2026",
    "usable_from": "2026-01-01",
    "usable_until": "2099-12-31",
}


@pytest.fixture
def as_(client: Client) -> Callable[[Any], Client]:
    """The browser, signed in as somebody."""

    def sign_in(person: Any) -> Client:
        client.force_login(person)
        return client

    return sign_in


def text(answer: Any) -> str:
    return answer.content.decode()


def test_from_paper_to_money_on_a_line(office: Office, as_: Any) -> None:
    new = reverse("window:fund_document_new")
    answer = as_(office.finance).post(new, DOCUMENT, follow=True)
    assert "由另一人对照原件确认后生效" in text(answer)
    document = AuthorisingDocument.objects.get()
    confirm = reverse("window:fund_document_confirm", args=[document.pk])
    assert "不能确认自己登记的文件" in text(as_(office.finance).post(confirm))
    assert "已确认文件" in text(as_(office.second_finance).post(confirm, follow=True))

    answer = as_(office.finance).post(reverse("window:fund_line_new", args=[document.pk]), LINE, follow=True)
    assert "科目已设立" in text(answer)
    line = Line.objects.get()
    order = {"amount": "150000", "document": document.pk, "reason": "年初下达"}
    address = reverse("window:fund_order_new", args=[line.pk, "appropriate"])
    assert "指令已提出" in text(as_(office.finance).post(address, order, follow=True))
    made = Order.objects.get()
    carry_out = reverse("window:fund_order_carry_out", args=[made.pk])
    assert "审批人数还不够" in text(as_(office.second_finance).post(carry_out))
    approve = reverse("window:fund_order_approve", args=[made.pk])
    assert "已审批" in text(as_(office.approver).post(approve, follow=True))
    assert "您已审批过" in text(as_(office.approver).post(approve))
    assert "审批人数还不够" in text(as_(office.second_finance).post(carry_out)), "150,000 asks for two"
    as_(office.second_approver).post(approve)
    page = text(as_(office.second_finance).post(carry_out, follow=True))
    assert "余额已更新" in page and "150,000元" in page
    assert "150,000元" in text(as_(office.approver).get(reverse("window:funds")))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "payment_order"}, "就业补助资金依据的文件是：预算指标文件"),
        ({"amount": "0.001"}, "小数"),
        ({"amount": "-5"}, "不能小于0.01"),
        ({"issued_on": "2999-01-01"}, "不能晚于今天"),
        ({"fund": "other"}, "请选择"),
        ({"region": "110000"}, "列表中没有"),
    ],
)
def test_what_a_document_cannot_say(office: Office, as_: Any, wrong: dict[str, str], said: str) -> None:
    answer = as_(office.finance).post(reverse("window:fund_document_new"), DOCUMENT | wrong)
    assert said in text(answer)
    assert not AuthorisingDocument.objects.exists()


def test_the_same_number_twice(office: Office, as_: Any) -> None:
    confirmed_document(office)
    answer = as_(office.finance).post(reverse("window:fund_document_new"), DOCUMENT)
    assert answer.status_code == 409 and "该文号已登记" in text(answer)


def test_money_is_taken_back_and_moved(office: Office, as_: Any, line: Any) -> None:
    assert "可用余额" in text(
        as_(office.finance).get(reverse("window:fund_order_new", args=[line.pk, "reallocate"]))
    )
    address = reverse("window:fund_order_new", args=[line.pk, "withdraw"])
    as_(office.finance).post(
        address, {"amount": "2000000", "document": line.document_id, "reason": "多下达部分"}
    )
    made = Order.objects.latest("id")
    for approver in (office.approver, office.second_approver):
        as_(approver).post(reverse("window:fund_order_approve", args=[made.pk]))
    answer = as_(office.finance).post(reverse("window:fund_order_carry_out", args=[made.pk]))
    assert "可用余额不足" in text(answer)


def test_whose_business_it_is_not(office: Office, line: Any, cast: Any, as_: Any) -> None:
    """A clerk sees no money; an auditor sees all and does nothing; there is no order of another kind."""
    assert as_(cast("clerk")).get(reverse("window:funds")).status_code == 403
    page = as_(cast("auditor")).get(reverse("window:fund_line", args=[line.pk]))
    assert page.status_code == 200 and "/order/" not in text(page)
    assert as_(cast("auditor")).get(reverse("window:fund_document_new")).status_code == 403
    assert (
        as_(office.finance).get(reverse("window:fund_order_new", args=[line.pk, "send"])).status_code == 404
    )


def test_who_keeps_money_elsewhere_sees_none_of_it(office: Office, line: Any, as_: Any) -> None:
    from portal.accounts.roles import Role
    from tests.cast import BAOTOU, make_account

    elsewhere = make_account("baotou.finance", "外地会计", Role.FINANCE_OFFICER, BAOTOU)
    assert "合成财社" not in text(as_(elsewhere).get(reverse("window:funds")))
    for name in ("fund_line", "fund_document_confirm", "fund_line_new"):
        number = line.pk if name == "fund_line" else line.document_id
        assert as_(elsewhere).get(reverse(f"window:{name}", args=[number])).status_code == 404


def test_a_list_of_lines_asks_no_more_for_more_of_them(
    office: Office, line: Any, as_: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.funds.conftest import opened

    signed_in = as_(office.finance)
    signed_in.get(reverse("window:funds"))
    with CaptureQueriesContext(connection) as one:
        signed_in.get(reverse("window:funds"))
    for number in range(3):
        opened(office, confirmed_document(office, number=f"合成财社〔2026〕2{number}号"))
    with django_assert_num_queries(len(one)):
        signed_in.get(reverse("window:funds"))
