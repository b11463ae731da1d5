"""Whoever was registered under two numbers signs in with either, and has one account; whose record was voided is
told what to do.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.access import Refused
from portal.accounts.models import User
from portal.workforce.actions import confirm_pointer, verify_honour
from portal.workforce.activation import issue_activation_code
from portal.workforce.merged import account_of
from tests.accounts.test_signing_in import sign_in
from tests.cast import OTOG, make_account, make_honour, make_worker
from tests.workforce.merging import ON, merged, proposed, undone


def _with_account(worker: Any, name: str) -> User:
    worker.account = make_account(name, worker.name, "worker", OTOG)
    worker.save()
    return worker.account


def _in(number: str) -> str:
    """As whom one is signed in with a number; empty when it was refused."""
    client = Client()
    answer = sign_in(number, client=client)
    return str(client.get("/my/").wsgi_request.user) if answer.status_code == 302 else ""


@pytest.mark.parametrize("holder", ["old", "new"])
def test_either_number_leads_to_the_account_of_either_record(db, cast, holder: str) -> None:
    old, new, beside = make_worker("敖登"), make_worker("敖登"), make_worker("敖登")
    _with_account({"old": old, "new": new}[holder], "w10000001")
    pointer = merged(cast, old, new)
    merged(cast, beside, new)
    for worker in (old, new, beside):
        assert _in(worker.id_number) == "敖登"
        assert _in(worker.id_number.lower()) == "敖登"
    undone(cast, pointer)
    assert _in(old.id_number) == ("敖登" if holder == "old" else "")


def test_an_account_in_use_comes_before_one_that_was_disabled(db, cast) -> None:
    old, new = make_worker("苏日娜"), make_worker("苏日娜")
    first, second = _with_account(old, "w10000002"), _with_account(new, "w10000003")
    merged(cast, old, new)
    first.is_active = False
    first.save()
    assert _in(old.id_number) == "苏日娜" and account_of(new) == second
    second.is_active = False
    second.save()
    assert _in(old.id_number) == "" and account_of(new) == second


def test_the_window_gives_a_code_for_the_account_there_is(db, cast, as_user) -> None:
    clerk = cast("clerk")
    old, new = make_worker("格日乐"), make_worker("格日乐")
    account = _with_account(old, "w10000004")
    merged(cast, old, new)
    page = as_user(clerk).get(reverse("window:worker", args=[new.pk])).text
    assert "已开通" in page
    assert "w10000004" in as_user(clerk).get(reverse("window:activation", args=[new.pk])).text
    issued = issue_activation_code(new, by=clerk, id_card_seen=True)
    assert (issued.username, issued.renewed) == (account.username, True)
    assert User.objects.filter(display_name="格日乐").count() == 1
    # With the number of the record that stands, as it is on the ID card.
    client = Client()
    secret = "Wide-Sky-Above-2026"
    answer = client.post(
        reverse("accounts:activate"),
        {"code": issued.code, "answer": new.id_number, "new": secret, "again": secret},
    )
    assert answer.status_code == 302, answer.text
    assert "格日乐" in client.get("/my/").text


def test_who_was_voided_is_told_what_to_do(db, cast) -> None:
    worker = make_worker("误录")
    _with_account(worker, "w10000005")
    merged(cast, worker)
    client = Client()
    assert sign_in(worker.id_number, client=client).status_code == 302
    for address in ("/my/", "/my/offers/", "/my/check/", "/registry/mine/"):
        page = client.get(address).text
        assert "因登记有误已经作废" in page and "服务窗口" in page, address


def test_nobody_judges_what_is_theirs_under_another_number(db, cast) -> None:
    old, new = make_worker("巴特尔"), make_worker("巴特尔")
    reviewer = cast("reviewer")
    old.account = reviewer
    old.save()
    honour = make_honour(new, recorded_by=cast("clerk"))
    pointer = proposed(cast, old, new)
    confirm_pointer("person", pointer.pk, by=cast("second_reviewer"), on=ON)
    with pytest.raises(Refused):
        verify_honour(honour.pk, by=User.objects.get(pk=reviewer.pk), on=honour.recorded_at.date())
