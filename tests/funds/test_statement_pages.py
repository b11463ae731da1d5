"""The pages of a month's statement, and its files."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.funds.months import Month
from tests.cast import BAOTOU, make_account
from tests.funds.conftest import Office, confirmed_document, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_(client: Client) -> Callable[[Any], Client]:
    def sign_in(person: Any) -> Client:
        client.force_login(person)
        return client

    return sign_in


def page(client: Client, **asked: str) -> str:
    return client.get(reverse("window:fund_statement"), asked).content.decode()


def test_the_page_says_what_it_is(office: Office, line: Any, as_: Any) -> None:
    shown = page(as_(office.finance))
    assert "就业补助资金资金月报" in shown and "金额单位：元。" in shown
    assert "本月尚未结束" in shown and f"由{office.finance}于" in shown
    assert "1,000,000.00" in shown and "合成财社〔2026〕1号" in shown
    assert "失业保险基金资金月报" in page(as_(office.finance), fund="unemployment_insurance_fund")
    assert "列表中没有" in page(as_(office.finance), month="2026-13")


def test_who_keeps_money_elsewhere_has_none_of_it(office: Office, line: Any, as_: Any, cast: Any) -> None:
    from portal.accounts.roles import Role

    elsewhere = as_(make_account("baotou.finance", "外地会计", Role.FINANCE_OFFICER, BAOTOU))
    assert "这个月没有科目" in page(elsewhere, fund=line.fund_id)
    assert "1,000,000" not in page(elsewhere, fund=line.fund_id)
    for name in ("fund_statement_xlsx", "fund_statement_pdf"):
        answer = elsewhere.get(reverse(f"window:{name}"), {"fund": line.fund_id})
        assert answer.status_code == 400 and "文件没有生成" in answer.content.decode()
    assert as_(cast("clerk")).get(reverse("window:fund_statement")).status_code == 403


def test_more_lines_ask_no_more(office: Office, line: Any, as_: Any, django_assert_num_queries: Any) -> None:
    signed_in = as_(office.finance)
    page(signed_in)
    with CaptureQueriesContext(connection) as one:
        page(signed_in)
    for number in range(3):
        opened(office, confirmed_document(office, number=f"合成财社〔2026〕3{number}号"))
    with django_assert_num_queries(len(one)):
        page(signed_in)


def test_taken_away_as_a_workbook_and_on_paper(office: Office, line: Any, as_: Any) -> None:
    from python_calamine import CalamineWorkbook

    from portal.audit.models import Entry

    asked = {"fund": line.fund_id, "month": Month.of(timezone.now()).code}
    answer = as_(office.finance).get(reverse("window:fund_statement_xlsx"), asked)
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_name("月报").to_python()
    assert rows[0][:3] == ["科目", "项目", "可用"] and rows[0][-1] == "合计"
    assert [row[1] for row in rows[1:]] == ["期初", "下达", "期末"] * 2
    assert rows[2][2] == 1_000_000 and rows[4][0] == "合计"
    said = "".join(str(row[0]) for row in book.get_sheet_by_name("说明").to_python())
    assert "金额单位：元" in said and "本月尚未结束" in said and str(office.finance) in said

    answer = as_(office.finance).get(reverse("window:fund_statement_pdf"), asked)
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    noted = Entry.objects.filter(action="funds.statement.export").order_by("pk")
    assert [entry.detail["file"] for entry in noted] == ["xlsx", "pdf"]
    assert noted[0].detail["month"] == asked["month"] and noted[0].actor_id == office.finance.pk


def test_what_is_too_long_for_paper_is_offered_as_a_workbook(
    office: Office, line: Any, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.window.funds.statements.MOST_AT_ONCE", 2)
    answer = as_(office.finance).get(reverse("window:fund_statement_pdf"), {"fund": line.fund_id})
    assert answer.status_code == 400 and "下载 Excel" in answer.content.decode()
