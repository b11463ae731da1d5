"""Money over the API: lines, spending, statement and batches to be read; recoveries with each of their steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.roles import Role
from portal.funds.models import Payable, PlanChange, Recovery, WriteOff
from portal.funds.proof import differences
from tests.cast import make_account
from tests.funds.conftest import Office
from tests.funds.recovering import OUR_ACCOUNT

pytestmark = pytest.mark.django_db
HERE = "/api/funds/recoveries/"


def send(client: Any, address: str, **given: Any) -> Any:
    return client.post(address, given, content_type="application/json")


def asked(payable: Payable, **said: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=30)
    given = {
        "payable": payable.pk,
        "amount": "2000.00",
        "cause": "fallen",
        "grounds": "批准已撤销，补贴应当退还",
        "clause": "合成条款",
        "way": "at_once",
        "pay_to": OUR_ACCOUNT,
        "plan": [{"due_on": day.isoformat(), "amount": "2000.00"}],
    }
    return given | said


def test_from_the_proposal_to_the_last_yuan(
    office: Office, as_user: Any, fallen: Any, recovering: Any
) -> None:
    """Given a payment whose approval fell, when it is asked back over the API, then each step is that of the pages, and answers
    with what stands.
    """
    (payable,) = fallen(2000)
    finance, approver = as_user(office.finance), as_user(office.approver)
    assert send(approver, HERE, **asked(payable)).status_code == 403
    drawn = send(finance, HERE, **asked(payable))
    assert drawn.status_code == 201, drawn.content.decode()
    shown = drawn.json()
    here = f"{HERE}{shown['id']}/"
    assert (shown["state"], shown["amount"], shown["rest"]) == ("drawn", "2000.00", "0.00")
    assert send(approver, f"{here}decide/", amount="2000.00", letter_number="1").status_code == 409
    today = timezone.localdate().isoformat()
    silent = {"told_on": today, "heard": "silent", "heard_on": today}
    assert send(finance, f"{here}hear/", **silent).json()["hearing"]["heard"] == "silent"
    assert send(finance, f"{here}decide/", amount="2000.00", letter_number="1").status_code == 403
    seen_before = send(approver, f"{here}decide/", amount="1.00", letter_number="1")
    assert seen_before.status_code == 409 and "金额已有变化" in seen_before.json()["errors"][0]["problem"]
    decided = send(approver, f"{here}decide/", amount="2000.00", letter_number="合成退决〔2026〕1号").json()
    assert (decided["state"], decided["rest"], decided["due"]["amount"]) == ("decided", "2000.00", "2000.00")
    recovery = Recovery.objects.get()
    recovering.came(recovering.row(recovery, "500", "B1"))
    later = timezone.localdate() + timedelta(days=90)
    change = {
        "plan": [{"due_on": later.isoformat(), "amount": "1500.00"}],
        "reason": "住院",
        "clause": "条款",
    }
    assert send(finance, f"{here}plan/", **change).json()["plan_changes"][0]["decided_at"] is None
    changes = f"/api/funds/plan-changes/{PlanChange.objects.get().pk}/"
    assert send(finance, f"{changes}decide/", letter_number="2").status_code == 403
    replanned = send(approver, f"{changes}decide/", letter_number="2").json()
    assert replanned["plan"] == [{"position": 1, "due_on": later.isoformat(), "amount": "1500.00"}]
    assert send(finance, f"{changes}drop/").status_code == 409
    remind = {"pay_by": later.isoformat(), "letter_number": "3"}
    assert send(finance, f"{here}remind/", **remind).json()["reminders"][0]["letter_number"] == "3"
    court = {"reminder_served_on": today, "final_on": today, "on": today, "court": "法院", "document": "4"}
    assert "满10日" in send(finance, f"{here}court/", **court).json()["errors"][0]["problem"]
    assert send(finance, f"{here}set-off/", payable=payable.pk).status_code == 409
    why = {"grounds": "死亡", "clause": "条款", "document": "5"}
    assert send(finance, f"{here}write-off/", **why).json()["write_offs"][0]["amount"] == "1500.00"
    offs = f"/api/funds/write-offs/{WriteOff.objects.get().pk}/"
    done = send(approver, f"{offs}decide/").json()
    assert (done["state"], done["come"], done["written_off"]) == ("done", "500.00", "1500.00")
    assert send(finance, f"{offs}drop/").status_code == 409
    assert send(finance, f"{here}drop/", reason="有误").status_code == 409
    assert finance.get(here).json() == done and differences() == []


def test_what_cannot_be_understood_is_said(office: Office, as_user: Any, fallen: Any) -> None:
    (payable,) = fallen(2000)
    finance = as_user(office.finance)
    day = "2027-01-15"
    for said, field in (
        ({"amount": "0.00"}, "amount"),
        ({"amount": 2000}, "amount"),
        ({"way": "cash"}, "way"),
        ({"plan": [{"due_on": day}]}, "plan.0.amount"),
        ({"plan": [{"due_on": "明年", "amount": "1.00"}]}, "plan.0.due_on"),
        ({"plan": {}}, "plan"),
        ({"grounds": "  "}, "grounds"),
        ({"colour": "red"}, "colour"),
    ):
        answer = send(finance, HERE, **asked(payable, **said))
        assert answer.status_code == 400, said
        assert field in {error["field"] for error in answer.json()["errors"]}, answer.json()
    assert send(finance, HERE, **{**asked(payable), "payable": 2**31 - 1}).status_code == 404
    assert send(finance, HERE, **asked(payable, amount="1999.00")).status_code == 409
    assert not Recovery.objects.exists()
    for address in (
        f"{HERE}?fund=none",
        f"{HERE}?state=open",
        "/api/funds/lines/?year=1",
        "/api/funds/statement/",
        "/api/funds/statement/?fund=employment_subsidy_fund&month=2026-13",
        "/api/funds/spending/?by=day",
        "/api/funds/batches/?region=999999",
    ):
        assert finance.get(address).status_code == 400, address


def test_what_lines_have_and_what_became_of_it(
    office: Office, as_user: Any, line: Any, paid: Any, recovering: Any
) -> None:
    """Given a line with 1,000,000, of which 2,000 were paid, then line, spending, statement and batch say so alike."""
    paid(2000)
    finance = as_user(office.finance)
    (shown,) = finance.get("/api/funds/lines/").json()["results"]
    kept = {one["bucket"]: one["amount"] for one in shown["balances"]}
    assert (kept["available"], kept["paid"], shown["closed"]) == ("998000.00", "2000.00", False)
    spent = finance.get("/api/funds/spending/", {"by": "line", "fund": line.fund_id}).json()
    assert [spent["rows"][0][name] for name in ("key", "given", "paid", "rest")] == [
        str(line.pk),
        "1000000.00",
        "2000.00",
        "998000.00",
    ]
    statement = finance.get("/api/funds/statement/", {"fund": line.fund_id}).json()
    assert statement["month"] == f"{timezone.localdate():%Y-%m}" and not statement["is_complete"]
    (part,) = statement["parts"]
    end = {one["bucket"]: one["amount"] for one in part["rows"][-1]["balances"]}
    assert (part["line"], part["rows"][-1]["label"]) == (line.pk, "期末")
    assert (end["available"], end["paid"]) == ("998000.00", "2000.00")
    (batch,) = finance.get("/api/funds/batches/", {"state": "answered"}).json()["results"]
    assert (batch["count"], batch["amount"]) == (1, "2000.00")


def test_only_of_ones_own_places(
    office: Office, as_user: Any, cast: Any, fallen: Any, recovering: Any
) -> None:
    (payable,) = fallen(2000)
    recovery = recovering.decided(payable)
    elsewhere = as_user(make_account("baotou.api", "高会计", Role.FINANCE_OFFICER, "150200"))
    for address in (HERE, "/api/funds/lines/", "/api/funds/batches/"):
        assert elsewhere.get(address).json()["results"] == [], address
    assert elsewhere.get(f"{HERE}{recovery.pk}/").status_code == 404
    assert send(elsewhere, f"{HERE}{recovery.pk}/remind/", pay_by="2099-01-01").status_code == 404
    assert send(elsewhere, HERE, **asked(payable)).status_code == 404
    assert as_user(cast("clerk")).get(HERE).status_code == 403


def test_the_list_costs_the_same_for_many(office: Office, as_user: Any, fallen: Any, recovering: Any) -> None:
    from django.db import connection

    finance = as_user(office.finance)
    counts = []
    payables = fallen(2000, 1500, 1000, 500)
    for some in (payables[:1], payables[1:]):
        for payable in some:
            recovering.decided(payable)
        finance.get(HERE)
        with CaptureQueriesContext(connection) as captured:
            listed = finance.get(HERE).json()["results"]
        counts.append(len(captured))
    assert len(listed) == 4 and counts[0] == counts[1] <= 30
