"""What whoever keeps money is shown: days to the account, why payments come back, what looks odd, what would be if."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.demo import Demo
from portal.funds.demo_payments import CLOSED, OTHER_NAME, Cashier
from portal.funds.models import Balance
from portal.funds.what_if import Assumed, what_if
from portal.workforce.actions import confirm_payee, propose_payee
from portal.workforce.models import BenefitClaim
from subsidies.models import Claim
from subsidies.money_numbers import odd, timing
from subsidies.money_numbers.asking import Asked, Laid
from subsidies.money_numbers.timing import By
from tests.cast import BAOTOU, ORDOS, REGION, make_account, make_worker
from tests.subsidies.conftest import INSURANCE, MONDAY, certificate, give, in_work, line_of

pytestmark = pytest.mark.django_db
ACCOUNT = "6217000000000001"
PAGES = ("timing", "returns", "odd", "twice")


@pytest.fixture
def line(cast: Any) -> Any:
    line = line_of(cast, INSURANCE)
    give(cast, line, 40_000)
    return line


@pytest.fixture
def claims(cast: Any, line: Any, approved: Any) -> Callable[..., list[Claim]]:
    """So many approved claims handed in at these days, each of another person with a confirmed account."""

    def make(*days: date, account: str = "") -> list[Claim]:
        made = []
        for place, day in enumerate(days):
            worker = in_work(make_worker(f"王建国{place}"), cast("reviewer"))
            number = account or f"62170000{worker.pk:08d}"
            said = {"bank": "合成银行", "account_number": number, "source": "银行卡"}
            proposed = propose_payee(worker.pk, **said, by=cast("clerk"), on=MONDAY)
            confirm_payee(proposed.pk, by=cast("second_reviewer"), on=MONDAY)
            of_worker = certificate(worker, cast("reviewer"), number=f"S20260901{worker.pk:04d}")
            made.append(approved(of_worker, on=day))
        return made

    return make


@pytest.fixture
def cashier(cast: Any) -> Cashier:
    signer = make_account("region.finance.signs", "吴会计", Role.FINANCE_OFFICER, REGION)
    people = {"finance_officer": cast("finance_officer"), "second_finance_officer": signer}
    return Cashier(Demo(on=timezone.localdate(), people=people))


def paid(cashier: Cashier, line: Any, claims: list[Claim], returned: dict[int, str] | None = None) -> None:
    """Posted, sent and answered today."""
    today = timezone.localdate()
    cashier.post([claim.pk for claim in claims], today)
    batch = cashier.send(cashier.lock(cashier.draw_up(line, today), today), today)
    cashier.answer(batch, today, returned or {})


def asked(user: Any, **said: Any) -> Asked:
    today = timezone.localdate()
    return Asked(user, today - timedelta(days=300), today, **said)


def rows(laid: Laid) -> list[list[Any]]:
    return laid.plain_rows


# -- how long ------------------------------------------------------------------------------------------------
def test_days_from_the_hand_in_to_the_account(
    cast: Any, as_user: Any, line: Any, claims: Any, cashier: Cashier
) -> None:
    """Given claims handed in on three days and paid today, then the median is that of the middle one and nine of ten took no
    longer than the interpolated decile; by whatever they are put together, the sum is the same.
    """
    made = claims(MONDAY, MONDAY - timedelta(days=4), MONDAY - timedelta(days=14))
    took = sorted((timezone.localdate() - one.handed_in_on).days for one in made)
    assert timing.timing(asked(cast("finance_officer")), By.FUND).rows == []
    paid(cashier, line, made)
    decile = took[1] + (took[2] - took[1]) * 0.8
    for by, name in (
        (By.LEAGUE, "鄂尔多斯市"),
        (By.FUND, "失业保险基金"),
        (By.MONTH, f"{timezone.localdate():%Y-%m}"),
    ):
        laid = timing.timing(asked(cast("finance_officer")), by)
        assert [row[:3] for row in laid.rows] == [[name, 3, took[1]]]
        assert float(laid.rows[0][3]) == pytest.approx(decile, abs=0.06) and laid.rows[0][7] == took[2]
        assert laid.total[1:] == laid.rows[0][1:]
    assert timing.timing(asked(cast("finance_officer"), fund="award_budget"), By.FUND).rows == []
    page = as_user(cast("finance_officer")).get(reverse("subsidies:money_timing"), {"by": "month"}).text
    assert f"{laid.rows[0][3]:,}</td>" in "".join(page.split()) and "合计" in page


def test_why_payments_came_back(cast: Any, line: Any, claims: Any, cashier: Cashier) -> None:
    """What two officers explained counts under its cause, what nobody explained under the bank's own words."""
    cashier.explain()
    made = claims(MONDAY, MONDAY, MONDAY)
    paid(cashier, line, made, {made[0].pk: CLOSED, made[1].pk: OTHER_NAME})
    laid = timing.returns(asked(cast("finance_officer")))
    amount = made[0].amount
    assert sorted(laid.rows) == sorted(
        [["账户已销户", 1, amount, 0, 1], [f"银行说明：{OTHER_NAME}", 1, amount, 0, 1]]
    )
    assert laid.total == ["合计", 2, amount * 2, 0, 2]


# -- what looks odd ------------------------------------------------------------------------------------------
def test_one_account_of_two_people(cast: Any, claims: Any) -> None:
    made = claims(MONDAY, MONDAY, account=ACCOUNT)
    claims(MONDAY)
    ((account, people, count, cases),) = odd.shared_accounts(asked(cast("finance_officer"))).rows
    assert (people, count) == (2, 2) and account.endswith("0001") and ACCOUNT not in account
    assert {link.text for link in cases} == {claim.case.number for claim in made}


def test_many_of_one_unit_in_a_week_and_certificates_alike(cast: Any, claims: Any) -> None:
    from tests.selection.nominees import make_employer

    unit = make_employer("鄂托克机械厂")
    made = claims(MONDAY, MONDAY - timedelta(days=3), MONDAY - timedelta(days=10))
    for claim in made:
        claim.worker.employer = unit
        claim.worker.save(update_fields=["employer"])
    ((name, first, last, count, _),) = odd.bursts(asked(cast("finance_officer"), least=2)).rows
    assert (name, last, count) == (str(unit), f"{MONDAY:%Y-%m-%d}", 2)
    assert first == f"{MONDAY - timedelta(days=6):%Y-%m-%d}"
    assert odd.bursts(asked(cast("finance_officer"), least=3)).rows == []
    ((prefix, issued, count, people, _),) = odd.prefixes(asked(cast("finance_officer"), least=3)).rows
    assert (prefix, issued, count, people) == ("S20260901****", "2026-09-01", 3, 3)
    assert odd.prefixes(asked(cast("finance_officer"), least=4)).rows == []
    assert odd.twice(asked(cast("finance_officer"))).rows == []


def test_what_was_drawn_elsewhere_before(cast: Any, claims: Any) -> None:
    """Given that a register says so after an approval, then it is named with where it says that; what the office itself paid is
    not, nor what was drawn for another level.
    """
    made = claims(MONDAY, MONDAY, MONDAY)
    given = {"kind": "training_subsidy", "claimed_on": date(2025, 3, 1), "source": "包头市登记库摘录"}
    about = [claim.credential for claim in made]
    BenefitClaim.objects.create(
        worker=made[0].worker, occupation=about[0].occupation, level=about[0].level, amount=1500, **given
    )
    BenefitClaim.objects.create(
        worker=made[1].worker,
        occupation="另一职业",
        level=about[1].level,
        certificate_number=about[1].number,
        **given,
    )
    BenefitClaim.objects.create(worker=made[2].worker, occupation="另一职业", level=about[2].level, **given)
    found = odd.earlier(asked(cast("finance_officer"))).rows
    told = {row[2].text.split()[0]: (row[0], row[4], row[5]) for row in found}
    before = "2025-03-01 职业培训补贴（包头市登记库摘录）"
    assert told == {
        made[0].case.number: ("同一职业（工种）同一等级", before, 1500),
        made[1].case.number: ("同一证书", before, ""),
    }
    elsewhere = make_account("baotou.money", "钱会计", Role.FINANCE_OFFICER, BAOTOU)
    assert odd.earlier(asked(elsewhere)).rows == []


# -- who sees it ---------------------------------------------------------------------------------------------
def test_everybody_sees_the_claims_of_their_places(
    cast: Any, as_user: Any, line: Any, claims: Any, cashier: Cashier
) -> None:
    made = claims(MONDAY, MONDAY, account=ACCOUNT)
    paid(cashier, line, made, {made[0].pk: CLOSED})
    here = make_account("ordos.finance", "郑会计", Role.FINANCE_OFFICER, ORDOS)
    elsewhere = make_account("baotou.finance", "钱会计", Role.FINANCE_OFFICER, BAOTOU)
    for user, count in ((here, 1), (elsewhere, 0)):
        assert len(timing.timing(asked(user), By.FUND).rows) == count
        assert len(timing.returns(asked(user)).rows) == count
        assert len(odd.shared_accounts(asked(user)).rows) == count
    for code in PAGES:
        address = reverse(f"subsidies:money_{code}")
        for who in ("finance_officer", "approver", "supervisor", "auditor"):
            assert as_user(cast(who)).get(address).status_code == 200, (who, code)
        assert as_user(cast("clerk")).get(address).status_code == 403
        assert ACCOUNT not in as_user(here).get(address).text
        assert made[0].worker.id_number not in as_user(here).get(address).text
        assert "包头市" not in as_user(here).get(address).text


def test_a_page_is_taken_away_as_a_workbook(
    cast: Any, as_user: Any, line: Any, claims: Any, cashier: Cashier, tmp_path: Any
) -> None:
    paid(cashier, line, claims(MONDAY))
    client = as_user(cast("finance_officer"))
    for code in PAGES:
        answer = client.get(reverse(f"subsidies:money_{code}"), {"file": "xlsx"})
        path = tmp_path / f"{code}.xlsx"
        path.write_bytes(b"".join(answer.streaming_content))
        book = CalamineWorkbook.from_path(str(path))
        assert book.sheet_names[-1] == "说明"
        if code == "timing":
            assert book.get_sheet_by_index(0).to_python()[1][:2] == ["鄂尔多斯市", 1]
    assert Entry.objects.filter(action="claim.money_numbers.download").count() == len(PAGES)


def test_what_cannot_be_understood_is_said(cast: Any, as_user: Any) -> None:
    client = as_user(cast("finance_officer"))
    page = client.get(reverse("subsidies:money_odd"), {"first": "昨天", "least": "1"}).text
    assert page.count("field__error") == 2
    assert client.get(reverse("window:fund_what_if"), {"sums": "x"}).text.count("field__error") == 1


def test_the_pages_cost_the_same_for_many(cast: Any, as_user: Any, line: Any, claims: Any) -> None:
    client = as_user(cast("finance_officer"))
    counts = []
    for days in ((MONDAY, MONDAY), (MONDAY, MONDAY, MONDAY)):
        claims(*days, account=ACCOUNT)
        of_pages = []
        for address in (
            *(reverse(f"subsidies:money_{code}") for code in PAGES),
            reverse("window:fund_what_if"),
        ):
            client.get(address, {"least": 2})
            with CaptureQueriesContext(connection) as captured:
                client.get(address, {"least": 2})
            of_pages.append(len(captured))
        counts.append(of_pages)
    assert counts[0] == counts[1] and max(counts[0]) <= 20


# -- what would be if ----------------------------------------------------------------------------------------
def test_what_the_lines_would_come_to(cast: Any, as_user: Any, line: Any, claims: Any, reviewed: Any) -> None:
    """Given 40,000 on the line, one claim drawn and one reviewed, then at other sums more is asked; what the line cannot carry
    is missing, and a line that is used up says so. Nothing is written.
    """
    (drawn,) = claims(MONDAY)
    worker = in_work(make_worker("李秀英"), cast("reviewer"))
    waits = reviewed(certificate(worker, cast("reviewer"), number="S7"))
    user, today = cast("finance_officer"), timezone.localdate()
    before = dict(Balance.objects.values_list("pk", "amount"))
    given, amount = Decimal(40_000), waits.determination.amount

    def found(**said: Any) -> tuple[Any, Any]:
        asking, (outcome,) = what_if(user, Assumed(**said), today)
        return next(one for one in asking if one.place.league == "鄂尔多斯市"), outcome

    one, outcome = found()
    assert (one.asked, one.missing) == (amount, 0)
    assert (outcome.left, outcome.drawn) == (given - drawn.amount, amount) and not outcome.is_used_up
    one, outcome = found(sums=200, approved=50)
    assert one.asked == amount
    one, outcome = found(sums=200)
    assert one.asked == amount * 2 and outcome.rest == given - drawn.amount - amount * 2
    one, outcome = found(besides=Decimal(50_000))
    assert outcome.is_used_up and outcome.ends == today and one.missing > 0
    assert dict(Balance.objects.values_list("pk", "amount")) == before
    page = as_user(user).get(reverse("window:fund_what_if"), {"besides": "50000"}).text
    assert "测算即用完" in page
    assert as_user(cast("clerk")).get(reverse("window:fund_what_if")).status_code == 403


def test_what_the_lines_would_come_to_is_taken_away(
    cast: Any, as_user: Any, line: Any, welding: Any, reviewed: Any, tmp_path: Any
) -> None:
    """A workbook with what the page says; no cell of it is reckoned when it is opened."""
    reviewed(welding)
    client = as_user(cast("finance_officer"))
    address = reverse("window:fund_what_if")
    answer = client.get(address, {"besides": "50000", "file": "xlsx"})
    path = tmp_path / "测算.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["各地需要的资金", "各科目的结果", "说明"]
    (asked_,) = [row for row in book.get_sheet_by_index(0).to_python() if row[1] == "鄂尔多斯市"]
    assert asked_[2] > 50_000 and asked_[4] == asked_[2] - asked_[3] > 0
    (outcome,) = book.get_sheet_by_index(1).to_python()[1:]
    assert outcome[1] == outcome[2] and outcome[3] == 0 and outcome[7] == "测算即用完"
    assert "每个盟市每项另增50,000元" in str(book.get_sheet_by_index(2).to_python())
    noted = Entry.objects.get(action="funds.what_if.export")
    assert "50,000元" in noted.detail["asked"] and noted.detail["count"] == 1
    assert "下载 Excel" in client.get(address).text
    assert as_user(cast("clerk")).get(address, {"file": "xlsx"}).status_code == 403
