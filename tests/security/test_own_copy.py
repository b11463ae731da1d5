"""A worker's own copy of what the portal holds about them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from portal.audit.models import Entry
from portal.workforce.actions import propose_payee
from tests.cast import PASSWORD, make_honour, make_worker
from tests.selection.nominees import today

NUMBER = "6217000830004567890"


@pytest.fixture
def own(worker: Any, worker_user: Any, clerk: Any) -> Any:
    """王建国 with a phone, an honour and an account that waits for a second person."""
    worker.set_phone("13848770123")
    worker.save()
    make_honour(worker, recorded_by=clerk)
    propose_payee(worker.pk, bank="建设银行", account_number=NUMBER, source="银行卡", by=clerk, on=today())
    return worker


def texts(content: bytes) -> dict[str, str]:
    """What each sheet says."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: str(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}


def test_a_worker_takes_everything_away_for_the_password(own: Any, as_user: Callable[[Any], Any]) -> None:
    """Given a worker with records, when they give their password again, then the file holds it all, numbers in full."""
    make_worker("李静")
    answer = as_user(own.account).post(reverse("my:own_copy"), {"password": PASSWORD})
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    sheets = texts(b"".join(answer.streaming_content))
    assert list(sheets) == ["登记信息", "完整号码", "办件", "待遇", "信函", "联系记录"]
    assert "全国技术能手" in sheets["登记信息"] and "李静" not in str(sheets)
    for number in (own.id_number, "13848770123", NUMBER):
        assert number in sheets["完整号码"] and number not in sheets["登记信息"]
    entry = Entry.objects.get(action="worker.own_copy")
    assert (entry.actor, entry.worker_ref) == (own.account, own.pk)


def test_who_finds_the_phone_unlocked_gets_nothing(own: Any, as_user: Callable[[Any], Any]) -> None:
    client, address = as_user(own.account), reverse("my:own_copy")
    page = client.get(address)
    assert page.status_code == 200 and own.id_number not in page.text and "登录密码" in page.text
    for wrong in ("", "Wrong-2026-Password"):
        refused = client.post(address, {"password": wrong})
        assert refused.status_code == 200 and own.id_number not in refused.text
    for _ in range(20):
        if (refused := client.post(address, {"password": "Wrong-2026-Password"})).status_code == 302:
            break
    # Guessing ends the session.
    assert refused["Location"] == reverse("accounts:login")
    assert client.post(address, {"password": PASSWORD}).status_code == 302
    assert not Entry.objects.filter(action="worker.own_copy").exists()


def test_others_have_no_copy_of_their_own(own: Any, clerk: Any, as_user: Callable[[Any], Any]) -> None:
    answer = as_user(clerk).post(reverse("my:own_copy"), {"password": PASSWORD})
    assert answer.status_code == 200 and "Content-Disposition" not in answer
