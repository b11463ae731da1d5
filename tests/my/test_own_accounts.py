"""A worker says on their own pages where their money shall go; somebody of the office confirms it against the picture."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.workforce.actions import confirm_payee, propose_payee, withdraw_own_payee
from portal.workforce.models import PayeeAccount, RecordDocument
from tests.cases.conftest import pdf
from tests.cast import OTOG, make_account, make_worker

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)
NUMBER = "6217000000001234"


@pytest.fixture
def worker() -> Any:
    worker = make_worker("王建国")
    worker.account = make_account("w.accounts", "王建国", "worker", OTOG)
    worker.save(update_fields=["account"])
    return worker


def typed(**said: Any) -> dict[str, Any]:
    given = {"bank": "合成银行鄂托克旗支行", "account_number": NUMBER, "again": NUMBER}
    return {**given, "copy": SimpleUploadedFile("卡.pdf", pdf("卡"), "application/pdf"), **said}


def test_a_new_account_waits_for_somebody_of_the_office(worker: Any, as_user: Any, cast: Any) -> None:
    """Given a worker without an account, when they enter one with a picture, then nobody is paid on it before it is confirmed;
    the full number is nowhere on their pages.
    """
    client = as_user(worker.account)
    assert "还没有登记收款账户" in client.get(reverse("my:accounts")).text
    shown = client.post(reverse("my:account_new"), typed(), follow=True).text
    assert "待复核的账户" in shown and NUMBER not in shown and "1234" in shown
    account = PayeeAccount.objects.get()
    assert (account.state, account.recorded_by, account.source) == (
        "proposed",
        worker.account,
        "本人网上登记",
    )
    assert RecordDocument.objects.get().label == "银行卡或存折照片"
    judged = as_user(cast("finance_officer")).get(reverse("window:payee", args=[account.pk])).text
    assert "银行卡或存折照片" in judged
    confirm_payee(account.pk, by=cast("reviewer"), on=TODAY)
    assert "已复核" in as_user(worker.account).get(reverse("my:accounts")).text


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_kept(worker: Any, as_user: Any) -> None:
    client = as_user(worker.account)
    for said, words in (
        ({"again": "62170000"}, "两次输入的账号不一致"),
        ({"account_number": "12", "again": "12"}, "银行账号应为8至32位数字"),
        ({"copy": ""}, "请选择银行卡或存折的照片"),
        ({"copy": SimpleUploadedFile("卡.exe", b"MZ")}, "卡.exe"),
        ({"bank": ""}, "开户银行"),
    ):
        assert words in client.post(reverse("my:account_new"), typed(**said)).text, words
    assert not PayeeAccount.objects.exists() and not RecordDocument.objects.exists()


def test_what_waits_is_taken_back_by_whoever_wrote_it_down(worker: Any, as_user: Any, cast: Any) -> None:
    """Given one that waits, a second is refused; taken back, its picture goes with it. What the window wrote down stays."""
    client = as_user(worker.account)
    client.post(reverse("my:account_new"), typed())
    again = client.post(reverse("my:account_new"), typed(account_number=f"{NUMBER}5", again=f"{NUMBER}5"))
    assert again.status_code == 409 and "已有一个待复核的收款账户" in again.text
    assert "已撤回" in client.post(reverse("my:account_withdraw"), follow=True).text
    assert not PayeeAccount.objects.exists() and not RecordDocument.objects.not_removed().exists()
    assert Entry.objects.filter(action="payee.withdraw").count() == 1
    with pytest.raises(NotNow):
        withdraw_own_payee(worker.pk, by=worker.account, on=TODAY)

    said = {"bank": "合成银行", "account_number": NUMBER, "source": "银行卡"}
    propose_payee(worker.pk, **said, by=cast("clerk"), on=TODAY)
    with pytest.raises(Refused, match="服务窗口"):
        withdraw_own_payee(worker.pk, by=worker.account, on=TODAY)
    assert "撤回，重新登记" not in as_user(worker.account).get(reverse("my:accounts")).text
    assert "服务窗口" in client.post(reverse("my:account_withdraw"), follow=True).text


def test_nobody_reaches_the_accounts_of_others(worker: Any, as_user: Any, cast: Any) -> None:
    as_user(worker.account).post(reverse("my:account_new"), typed())
    stranger = make_account("w.other", "李四", "worker", OTOG)
    other = make_worker("李四")
    other.account = stranger
    other.save(update_fields=["account"])
    assert "1234" not in as_user(stranger).get(reverse("my:accounts")).text
    with pytest.raises(Refused):
        withdraw_own_payee(worker.pk, by=stranger, on=TODAY)
    for who in ("clerk", "finance_officer", "employer_agent"):
        for name in ("my:accounts", "my:account_new"):
            assert "1234" not in as_user(cast(who)).get(reverse(name)).text
    assert PayeeAccount.objects.count() == 1


def test_the_pages_cost_the_same_for_many(
    worker: Any, as_user: Any, cast: Any, django_assert_max_num_queries: Any
) -> None:
    for place in range(6):
        said = {"bank": "合成银行", "account_number": f"{NUMBER}{place}", "source": "银行卡"}
        account = propose_payee(worker.pk, **said, by=cast("clerk"), on=TODAY)
        confirm_payee(account.pk, by=cast("reviewer"), on=TODAY)
    client = as_user(worker.account)
    client.get(reverse("my:accounts"))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("my:accounts")).text.count("已更换") == 5
