"""Files for banks: what a profile says is what is written, and what cannot be written is said with its row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.access import NotNow
from portal.funds import payment_files
from portal.funds.channel_catalogue import PROFILES
from portal.funds.profiles import Column, profile_of

BY_CODE = {profile.code: profile for profile in PROFILES}


@pytest.mark.django_db
def test_every_profile_is_stored_as_it_is() -> None:
    from portal.funds.models import BankProfile

    assert [profile_of(stored) for stored in BankProfile.objects.all()] == list(PROFILES)
    assert all("示例" in profile.source for profile in PROFILES)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"columns": (Column("card", "卡号"),)}, "no such field"),
        ({"columns": (Column("account", "账号"),)}, "has our reference"),
        ({"encoding": "utf-16"}, "no file is written"),
        ({"least": 10, "most": 5}, "from `least` to `most`"),
    ],
)
def test_what_is_no_profile(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(BY_CODE["sample_csv"], **said)


@settings(max_examples=200, deadline=None)
@given(count=st.integers(1, 5000), least=st.integers(1, 50), more=st.integers(0, 1000))
def test_files_have_as_many_rows_as_the_bank_takes(count: int, least: int, more: int) -> None:
    profile = replace(BY_CODE["sample_csv"], least=least, most=least + more)
    try:
        sizes = payment_files.parts(count, profile)
    except NotNow:
        # There is no such way: with one file more each would be too small, with one less too large.
        files = -(-count // profile.most)
        assert count < least or count // files < least
        return
    assert sum(sizes) == count and all(least <= size <= profile.most for size in sizes)
    assert max(sizes) - min(sizes) <= 1


@pytest.fixture
def items(approved: Any, batching: Any) -> Any:
    """Items of a locked batch whose payees are said so."""

    def make(*payees: dict[str, Any]) -> list[Any]:
        payables = approved(*[2000] * len(payees))
        for payable, said in zip(payables, payees, strict=True):
            batching.accounts.said[payable.case_id] = said
        return list(payment_files.items_of(batching.locked(batching.drawn_up())))

    return make


@pytest.mark.django_db
def test_what_a_file_cannot_hold_is_said_with_its_row(items: Any) -> None:
    """Nothing is written another way to please an encoding."""
    listed = items(
        {},
        {"legal_name": "𡯂建国"},
        {"legal_name": "王,建国"},
        {"bank": "=SUM(A1)"},
        {"bank_spelling": "王|建国"},
        {"bank": ""},
    )
    csv = replace(BY_CODE["sample_csv"], encoding="gbk")
    said = [(fault.item.position, fault.reason) for fault in payment_files.faults(iter(listed), csv)]
    assert said == [
        (2, "“收款户名”含有GBK编码没有的字“𡯂”"),
        (3, "“收款户名”含有分隔符、引号或换行"),
        (4, "“开户银行”以“=”开头，会被当作公式"),
        (6, "“开户银行”没有内容"),
    ]
    text = [fault.item.position for fault in payment_files.faults(iter(listed), BY_CODE["sample_txt"])]
    assert text == [2, 4, 5, 6]
    small = replace(BY_CODE["sample_csv"], most_amount=199_999)
    (first, *_) = payment_files.faults(iter(listed), small)
    assert "单笔上限1,999.99元" in first.reason


@pytest.mark.django_db
def test_a_text_for_a_bank(items: Any) -> None:
    (item,) = items({"bank_spelling": "王建國"})
    text = payment_files.written([item], BY_CODE["sample_txt"]).decode("gbk")
    assert text == f"1|{item.reference}|王建國|{item.payee.account}|合成银行鄂托克旗支行|2000.00\r\n"
    csv = payment_files.written([item], BY_CODE["sample_csv"]).decode("gb18030").splitlines()
    assert csv[0] == "序号,业务编号,收款户名,收款账号,开户银行,金额,用途"
    assert csv[1].endswith(",2000.00,培训补贴")


@pytest.mark.django_db
def test_a_fault_keeps_a_file_from_being_made(approved: Any, batching: Any) -> None:
    (payable,) = approved(2000)
    batching.accounts.said[payable.case_id] = {"bank": "=1+1"}
    batch = batching.signed(batching.locked(batching.drawn_up()))
    with pytest.raises(NotNow, match="第1笔不能写入付款文件.*会被当作公式"):
        batching.filed(batch)
    batch.refresh_from_db()
    assert batch.state == "signed" and not batch.files.exists()


@pytest.mark.django_db
def test_a_changed_file_is_not_handed_out(approved: Any, batching: Any) -> None:
    from portal import sealed_files

    approved(2000)
    batch = batching.filed(batching.signed(batching.locked(batching.drawn_up())))
    file = batch.files.get()
    sealed_files.keep(file.stored_as, b"other")
    with pytest.raises(NotNow, match="不一致或已丢失"):
        payment_files.fetch(file, by=batching.office.finance)
