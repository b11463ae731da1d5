"""One person in several rows, and a name that differs from the record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.workforce.models import (
    Employer,
    NameConflict,
    SkillCredential,
    SkillLevel,
    Worker,
)
from tests.cast import KUNDULUN, id_number, make_worker
from tests.roster.conftest import Office, counts, row


def test_a_name_that_differs_is_held_and_not_overwritten(office: Office, clerk: Any) -> None:
    worker = make_worker("王建国")
    given = row(姓名="王建军", 证件号码=worker.id_number)
    outcome = office.imports(given, by=clerk)
    assert counts(outcome) == (0, 0, 0, 1)
    assert outcome.held == 1
    worker.refresh_from_db()
    assert worker.name == "王建国"
    assert not worker.credentials.exists()
    conflict = NameConflict.objects.get()
    assert (conflict.worker, conflict.registered_name, conflict.roster_name, conflict.raised_by) == (
        worker,
        "王建国",
        "王建军",
        clerk,
    )
    assert "已提请盟市审核员核对" in office.reasons[0]
    assert "王建国" not in office.reasons[0]

    office.imports(given, by=clerk)
    assert NameConflict.objects.count() == 1


def test_names_that_differ_only_in_their_dot_are_the_same(office: Office) -> None:
    worker = make_worker("阿古拉·巴特尔")
    assert counts(office.imports(row(姓名="阿古拉•巴特尔", 证件号码=worker.id_number))) == (0, 1, 0, 0)
    worker.refresh_from_db()
    assert worker.name == "阿古拉·巴特尔"


def test_two_names_for_one_number_in_a_file_refuse_both(office: Office) -> None:
    number = id_number()
    outcome = office.imports(row(姓名="王建国", 证件号码=number), row(), row(姓名="王建军", 证件号码=number))
    assert counts(outcome) == (1, 0, 0, 2)
    assert not NameConflict.objects.exists()
    assert all("第2、4行是同一证件号码，但“姓名”不一致" in reason for reason in office.reasons)


def test_several_certificates_stand_in_several_rows(office: Office) -> None:
    number = id_number()
    one = row(证件号码=number)
    two = one | {"职业工种": "电工", "技能等级": "技师", "证书编号": "S9"}
    assert counts(office.imports(one, two)) == (2, 0, 0, 0)
    worker = Worker.objects.get()
    assert {(c.occupation, c.level) for c in worker.credentials.all()} == {("焊工", 40), ("电工", 50)}
    assert (worker.skill_level, worker.occupation) == (SkillLevel.TECHNICIAN, "电工")
    assert counts(office.imports(two, one)) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    ("label", "cell"),
    [
        ("工作地区划代码", KUNDULUN),
        ("用人单位", "另一家公司"),
        ("一线岗位", "否"),
        ("一线年限", "1"),
        ("失业保险累计月数", "1"),
        ("手机号", "13900000009"),
    ],
)
def test_rows_of_one_person_must_agree(office: Office, label: str, cell: str) -> None:
    one = row()
    outcome = office.imports(one, one | {label: cell, "证书编号": "S7"})
    assert counts(outcome) == (0, 0, 0, 2)
    assert label in office.reasons[0]
    assert not Worker.objects.exists()
    assert not Employer.objects.exists()


def test_one_certificate_has_one_date(office: Office) -> None:
    one = row()
    outcome = office.imports(one, one | {"发证日期": "2021-05-01"})
    assert counts(outcome) == (0, 0, 0, 2)
    assert "发证日期" in office.reasons[0]


def test_a_certificate_without_its_number_is_the_one_that_has_one(office: Office) -> None:
    given = row(证书编号="", 发证日期="")
    office.imports(given)
    assert counts(office.imports(given | {"证书编号": "S5", "发证日期": "2020-01-01"})) == (0, 1, 0, 0)
    credential = SkillCredential.objects.get()
    assert (credential.number, credential.issued_on) == ("S5", date(2020, 1, 1))
    assert counts(office.imports(given)) == (0, 0, 1, 0)
