"""A programme says who is paid; what changed since is named without holding a name or an account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.funds import payees
from portal.funds.models import PayeeKind
from portal.funds.payees import Payee, changed, payees_of, register_payees

WANG = Payee(
    kind=PayeeKind.PERSON,
    legal_name="王建国",
    bank_spelling=None,
    account="6217000010001234567",
    bank="合成银行鄂托克旗支行",
    identity_number="150624198001010017",
    recorded_by=1,
    confirmed_by=2,
    confirmed_at=None,
)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({}, []),
        ({"recorded_by": 3, "confirmed_by": 4}, []),
        ({"account": "6217000010001234575"}, ["账号"]),
        ({"account": "6217000010001234575", "bank": "合成银行"}, ["账号", "开户银行"]),
        ({"bank_spelling": "王建國"}, ["银行户名写法"]),
        ({"legal_name": "王建軍"}, ["户名"]),
        ({"identity_number": "150624198001010025"}, ["证件号码"]),
        ({"kind": PayeeKind.PUBLIC_PAYROLL}, ["收款对象类别"]),
    ],
)
def test_what_changed_is_named(said: dict[str, Any], named: list[str]) -> None:
    assert changed(WANG.digest, replace(WANG, **said).digest) == named


def test_a_digest_tells_nothing_of_the_payee() -> None:
    assert len(WANG.digest) == 64 and WANG.account not in repr(WANG) and WANG.legal_name not in repr(WANG)


def test_parts_do_not_run_into_each_other() -> None:
    one = replace(WANG, legal_name="王", bank_spelling="建国")
    assert changed(one.digest, replace(WANG, legal_name="王建", bank_spelling="国").digest)


@pytest.mark.django_db
def test_each_programme_is_asked_once_for_its_own(cases: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(payees, "_PROVIDERS", {})
    asked, opened = [], cases(3)
    mine = [case.pk for case in opened]
    assert payees_of(mine) == {}

    def provider(case_ids: Any) -> Any:
        asked.append(sorted(case_ids))
        return {mine[0]: WANG}

    register_payees(opened[0].kind, provider)
    register_payees(opened[0].kind, provider)
    with pytest.raises(ValueError, match="said by somebody already"):
        register_payees(opened[0].kind, lambda case_ids: {})
    assert payees_of(mine) == {mine[0]: WANG} and asked == [sorted(mine)]
