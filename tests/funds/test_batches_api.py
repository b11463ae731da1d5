"""Batches of payments over the API: each step is that of the pages, by the same people, refused in the same words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.funds.models import Answer, Batch
from portal.funds.proof import differences
from portal.jobs.runner import run_job
from tests.cast import BAOTOU, OTOG, make_account
from tests.funds.batching import HEADER
from tests.funds.conftest import Office
from tests.funds.test_funds_api import send

pytestmark = pytest.mark.django_db
HERE = "/api/funds/batches/"
ANSWERS = "/api/funds/answers/"
CHOSEN = {"fund": "employment_subsidy_fund", "channel": "one_card", "region": OTOG}


def problem(answer: Any) -> str:
    """What a refusal says first."""
    return str(answer.json()["errors"][0]["problem"])


def given_in(client: Any, rows: list[list[str]], **said: Any) -> Any:
    content = "\r\n".join(",".join(cells) for cells in [HEADER, *rows]).encode("gb18030")
    file = SimpleUploadedFile("回盘.csv", content)
    return client.post(ANSWERS, {"channel": "one_card", "region": OTOG, "file": file} | said)


def test_from_approved_to_closed(office: Office, as_user: Any, approved: Any, batching: Any) -> None:
    """Given two approved payments, when programs take each step, then they are drawn up, signed by another, sent, answered by
    the bank and closed, and each step answers with the batch as it stands.
    """
    approved(2000, 1500)
    finance, second = as_user(office.finance), as_user(office.second_finance)
    found = finance.get(f"{HERE}preview/", CHOSEN).json()
    assert (found["count"], found["amount"]) == (2, "3500.00")
    stale = send(finance, HERE, **CHOSEN, digest="0" * 32)
    assert stale.status_code == 409 and "没有拟定" in problem(stale)
    assert not Batch.objects.exists()
    drawn = send(finance, HERE, **CHOSEN, digest=found["digest"])
    assert drawn.status_code == 201, drawn.content.decode()
    assert (drawn.json()["state"], drawn.json()["count"]) == ("draft", 2)
    here = f"{HERE}{drawn.json()['id']}/"
    payees = finance.get(f"{here}payees/").json()
    assert (payees["ready"], payees["changed"], payees["unready"]) == (2, [], [])
    assert Entry.objects.filter(action="funds.payee.view").count() == 1
    assert send(finance, f"{here}lock/", seen="0" * 64).status_code == 409
    locked = send(finance, f"{here}lock/", seen=payees["seen"]).json()
    assert (locked["state"], locked["signatures_needed"], locked["signed_by"]) == ("locked", 1, [])
    own = send(finance, f"{here}sign/", seen=locked["seen"])
    assert own.status_code == 409 and "须由另一人签发" in problem(own)
    assert send(second, f"{here}sign/", seen="1-1-1").status_code == 409
    signed = send(second, f"{here}sign/", seen=locked["seen"]).json()
    assert (signed["state"], signed["signed_by"]) == ("signed", ["吴会计"])
    filed = send(finance, f"{here}file/").json()
    (file,) = filed["files"]
    fetched = finance.get(f"/api/funds/payment-files/{file['id']}/")
    assert len(b"".join(fetched.streaming_content)) == file["size"]
    assert send(finance, f"{here}send/").json()["state"] == "sent"
    assert send(finance, f"{here}close/").status_code == 409
    items = list(Batch.objects.get().items.select_related("payee").order_by("position"))
    rows = [batching.row(items[0]), batching.row(items[1], "失败", "户名不符")]
    taken = given_in(finance, rows)
    assert taken.status_code == 202, taken.content.decode()
    run_job(taken.json()["job"]["id"])
    answer = finance.get(f"{ANSWERS}{taken.json()['id']}/").json()
    assert answer["phase"] == "done"
    assert {one["outcome"]: one["rows"] for one in answer["outcomes"] if one["rows"]} == {
        "paid": 1,
        "returned": 1,
    }
    (back,) = finance.get(f"{ANSWERS}{answer['id']}/rows/", {"outcome": "returned"}).json()["results"]
    assert (back["reference"], back["amount"], back["words"]) == (items[1].reference, "1500.00", "户名不符")
    again = given_in(finance, rows)
    assert again.status_code == 409 and "不重复处理" in problem(again)
    closed = send(finance, f"{here}close/").json()
    assert [step["step"] for step in closed["steps"]] == ["lock", "sign", "file", "send", "close"]
    assert finance.get(here).json() == closed and differences() == []


def test_taken_out_and_dropped(office: Office, as_user: Any, approved: Any, batching: Any) -> None:
    """Given a payment without an account, then it is named before locking, taken out, and the rest goes on or is given up."""
    bad, good = approved(2000, 1500)
    batching.accounts.missing.add(bad.case_id)
    here = f"{HERE}{batching.drawn_up().pk}/"
    finance = as_user(office.finance)
    payees = finance.get(f"{here}payees/").json()
    (unready,) = payees["unready"]
    assert (unready["case"], unready["why"]) == (bad.case.number, "没有收款账户")
    refused = send(finance, f"{here}lock/", seen=payees["seen"])
    assert refused.status_code == 409 and "请先撤出这些付款" in problem(refused)
    unknown = send(finance, f"{here}withdraw/", payments=["FK000000N000001"], reason="没有账户")
    assert unknown.status_code == 400 and unknown.json()["errors"][0]["field"] == "payments"
    left = send(finance, f"{here}withdraw/", payments=[unready["reference"]], reason="没有账户").json()
    assert (left["count"], left["amount"]) == (1, "1500.00")
    listed = finance.get(f"{here}payments/", {"state": "withdrawn"}).json()["results"]
    assert [(one["case"], one["withdrawn_because"]) for one in listed] == [(bad.case.number, "没有账户")]
    locked = batching.locked(Batch.objects.get())
    (row,) = finance.get(f"{here}payments/", {"state": "listed"}).json()["results"]
    item = locked.items.get(state="listed")
    assert (row["payable"], row["account"]) == (good.pk, item.payee.masked_account)
    dropped = send(finance, f"{here}drop/", reason="改期支付").json()
    assert (dropped["state"], dropped["steps"][-1]["note"]) == ("dropped", "改期支付")


@pytest.mark.parametrize("state", ["drafted", "locked", "signed", "filed", "sent"])
@pytest.mark.parametrize("step", ["sign", "announce", "file", "send", "close", "drop"])
@pytest.mark.parametrize("who", ["finance", "second_finance", "approver"])
def test_page_and_api_answer_the_same(
    office: Office, as_user: Any, approved: Any, batching: Any, state: str, step: str, who: str
) -> None:
    """Given a batch anywhere in its life, when anybody takes any step by the page and over the API, then both do it, or both
    refuse it in the same words.
    """
    from tests.roles import undone

    approved(2000)
    batch = _in_state(batching, state)
    by = as_user(getattr(office, who))
    said: dict[str, Any] = {
        "sign": {"seen": f"{batch.round}-{batch.count}-{batch.amount}"},
        "announce": {"where": "门户网站"},
        "drop": {"reason": "改期支付"},
    }.get(step, {})
    with undone():
        page = by.post(reverse("window:fund_batch_step", args=[batch.pk, step]), said)
        after = Batch.objects.get(pk=batch.pk).state
    over = send(by, f"{HERE}{batch.pk}/{step}/", **said)
    if over.status_code == 200:
        assert page.status_code == 302 and over.json()["state"] == after
        return
    assert over.status_code in {403, 409} and page.status_code in {403, 409}, (over.content, page.status_code)
    words = re.sub(r"\s+", "", unescape(page.content.decode()))
    assert re.sub(r"\s+", "", problem(over)) in words
    assert Batch.objects.get(pk=batch.pk).state == batch.state == after


def _in_state(batching: Any, state: str) -> Batch:
    batch: Batch = batching.drawn_up()
    for name in ("locked", "signed", "filed"):
        if state in {"drafted"} or (name != "locked" and state == "locked"):
            break
        batch = getattr(batching, name)(batch)
        if name == state:
            break
    if state == "sent":
        from portal.funds import batches

        batch = batches.send(batch.pk, by=batching.office.finance)
    return batch


def test_what_cannot_be_understood_is_said(office: Office, as_user: Any, approved: Any) -> None:
    """Given wrong values, then each is named with what is allowed, and nothing is stored."""
    approved(2000)
    finance = as_user(office.finance)
    good = {**CHOSEN, "digest": "0" * 32}
    for said, field, allowed in (
        ({"fund": "none"}, "fund", "employment_subsidy_fund"),
        ({"channel": "cash"}, "channel", "one_card"),
        ({"channel": "agency_account"}, "channel", "one_card"),
        ({"region": "999999"}, "region", "见 /api/regions/"),
        ({"use": "holidays"}, "use", "training"),
        ({"until": "明天"}, "until", "YYYY-MM-DD"),
        ({"colour": "red"}, "colour", None),
    ):
        answer = send(finance, HERE, **good | said)
        assert answer.status_code == 400, said
        errors = {error["field"]: error for error in answer.json()["errors"]}
        assert field in errors and (allowed is None or allowed in errors[field]["allowed"]), answer.json()
    nothing = send(finance, HERE, fund="employment_subsidy_fund")
    assert {"channel", "region", "digest"} <= {error["field"] for error in nothing.json()["errors"]}
    assert finance.get(f"{HERE}preview/").status_code == 400
    assert finance.get(f"{HERE}?state=open").status_code == 400
    layout = finance.post(
        ANSWERS,
        {
            "channel": "one_card",
            "region": OTOG,
            "file": SimpleUploadedFile("名单.csv", "姓名,电话\n王,1\n".encode()),
        },
    )
    assert layout.status_code == 400 and "表头" in problem(layout)
    assert layout.json()["errors"][0]["field"] == "file"
    assert given_in(finance, [], channel="cash").json()["errors"][0]["field"] == "channel"
    assert not Batch.objects.exists() and not Answer.objects.exists()


def test_whose_business_it_is_not(
    office: Office, as_user: Any, cast: Any, approved: Any, batching: Any
) -> None:
    approved(2000)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    here = f"{HERE}{batch.pk}/"
    file = f"/api/funds/payment-files/{batch.files.get().pk}/"
    elsewhere = as_user(make_account("baotou.batches", "外地会计", Role.FINANCE_OFFICER, BAOTOU))
    assert elsewhere.get(HERE).json()["results"] == []
    for address in (here, f"{here}payees/", f"{here}payments/", file):
        assert elsewhere.get(address).status_code == 404, address
    assert send(elsewhere, f"{here}send/").status_code == 404
    found = elsewhere.get(f"{HERE}preview/", CHOSEN).json()
    assert send(elsewhere, HERE, **CHOSEN, digest=found["digest"]).status_code == 403
    nothing_left = send(as_user(office.finance), HERE, **CHOSEN, digest=found["digest"])
    assert nothing_left.status_code == 409 and "没有符合条件的应付款" in problem(nothing_left)
    assert given_in(elsewhere, []).status_code == 403
    for address in (HERE, here, ANSWERS):
        assert as_user(cast("clerk")).get(address).status_code == 403, address


def test_the_lists_cost_the_same_for_many(office: Office, as_user: Any, approved: Any, batching: Any) -> None:
    finance = as_user(office.finance)
    counts = []
    for amounts in ((2000,), (1500, 1000, 500)):
        approved(*amounts)
        batch = batching.locked(batching.drawn_up())
        for address in (HERE, f"{HERE}{batch.pk}/payments/"):
            finance.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert finance.get(address).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:] and max(counts) <= 30
