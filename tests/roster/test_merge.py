"""What a roster writes, what it leaves alone, and what it may not decide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from portal import crypto
from portal.audit.models import Entry
from portal.workforce.models import (
    Employer,
    Employment,
    Honour,
    NameConflict,
    RosterImport,
    SkillCredential,
    SkillLevel,
    UnemploymentInsurance,
    Worker,
)
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, id_number, make_honour, make_worker
from tests.roster.conftest import UNIT, Office, counts, row

CODE_A, CODE_B = "91159999RUJWX97A09", "91159999GFJU8R7N3E"


def test_a_row_becomes_records_with_their_source(office: Office, clerk: Any) -> None:
    given = row(荣誉="全国技术能手@2023@人社部发〔2023〕1号、北疆工匠@2021", 统一社会信用代码=CODE_A)
    assert counts(office.imports(given, by=clerk)) == (1, 0, 0, 0)

    worker = Worker.objects.get()
    assert (worker.name, worker.id_number, worker.phone) == ("王建国", given["证件号码"], "13800000000")
    assert bytes(worker.id_digest) == crypto.digest(given["证件号码"], purpose="id")
    assert bytes(worker.phone_digest) == crypto.digest("13800000000", purpose="phone")
    assert (worker.birth_on, worker.work_region_id, worker.league_code) == (date(1985, 6, 15), OTOG, ORDOS)
    assert (worker.employer.name, worker.employer.credit_code) == (UNIT, CODE_A)
    assert (worker.skill_level, worker.occupation, worker.source) == (
        SkillLevel.SENIOR,
        "焊工",
        "花名册 花名册.csv",
    )
    employment = worker.employments.get()
    assert (employment.status, employment.employer, employment.occupation) == (
        "employed",
        worker.employer,
        "焊工",
    )
    assert (employment.on_front_line, employment.front_line_years, employment.recorded_by) == (
        True,
        Decimal("8.5"),
        clerk,
    )
    credential = worker.credentials.get()
    assert (credential.level, credential.number, credential.issued_on) == (
        SkillLevel.SENIOR,
        "S1",
        date(2020, 5, 1),
    )
    assert credential.verified_how == "roster"
    assert (worker.insurance.months, worker.insurance.as_of) == (96, timezone.localdate())
    honours = {honour.type_id: honour for honour in worker.honours.all()}
    assert set(honours) == {"national_technical_expert", "northern_border_craftsman"}
    assert {honour.state for honour in honours.values()} == {"unverified"}
    assert honours["national_technical_expert"].document == "人社部发〔2023〕1号"
    assert honours["northern_border_craftsman"].recorded_by == clerk


def test_personal_numbers_are_nowhere_in_the_clear(office: Office, clerk: Any) -> None:
    from django.db import connection

    given = row()
    office.imports(given, by=clerk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(w)::text FROM workforce_worker w UNION ALL SELECT row_to_json(e)::text FROM audit_entry e"
        )
        stored = "".join(text for (text,) in cursor.fetchall())
    assert given["证件号码"] not in stored
    assert given["手机号"] not in stored


def test_an_import_is_recorded_and_audited(office: Office, clerk: Any) -> None:
    office.imports(row(), row(证件号码="1"), by=clerk)
    record = RosterImport.objects.get()
    assert (record.by, record.rows_read, record.added, record.refused, record.phase) == (
        clerk,
        2,
        1,
        1,
        "done",
    )
    entry = Entry.objects.get(action="roster.import")
    assert entry.actor == clerk
    assert entry.detail == {"read": 2, "added": 1, "changed": 0, "unchanged": 0, "refused": 1, "held": 0}


def test_the_same_file_twice_changes_nothing(office: Office, clerk: Any) -> None:
    rows = [
        row(荣誉="北疆工匠@2021"),
        row(姓名="乌云", 手机号="", 用人单位="", 技能等级="", 证书编号="", 发证日期="", 职业工种=""),
    ]
    office.imports(*rows, by=clerk)
    before = {
        model: list(model.objects.order_by("pk").values())
        for model in (Worker, Employment, SkillCredential, Honour, Employer)
    }
    assert counts(office.imports(*rows, by=clerk)) == (0, 0, 2, 0)
    assert before == {model: list(model.objects.order_by("pk").values()) for model in before}
    for model in before:
        assert not model._meta.get_field("id") or not _history(model).exists()


def _history(model: Any) -> Any:
    from django.apps import apps

    return apps.get_model("workforce", f"{model.__name__}Event").objects.all()


def test_a_first_import_writes_no_history(office: Office) -> None:
    office.imports(row(荣誉="北疆工匠@2021"))
    assert not any(
        _history(model).exists()
        for model in (Worker, Employment, SkillCredential, Honour, UnemploymentInsurance, Employer)
    )


def test_changed_cells_change_records_and_the_history_keeps_what_they_said(office: Office) -> None:
    given = row()
    office.imports(given)
    changed = given | {
        "手机号": "13900000001",
        "失业保险累计月数": "97",
        "一线年限": "9",
        "技能等级": "技师",
        "证书编号": "S2",
    }
    assert counts(office.imports(changed)) == (0, 1, 0, 0)
    worker = Worker.objects.get()
    assert (worker.phone, worker.insurance.months, worker.skill_level) == (
        "13900000001",
        97,
        SkillLevel.TECHNICIAN,
    )
    assert worker.employments.get().front_line_years == 9
    assert worker.credentials.count() == 2
    was = _history(Worker).get()
    assert (was.skill_level, was.pgh_label) == (SkillLevel.SENIOR, "update")
    assert bytes(was.phone_digest) == crypto.digest("13800000000", purpose="phone")
    assert _history(UnemploymentInsurance).get().months == 96


@pytest.mark.parametrize(
    "blank",
    [
        "用人单位",
        "一线岗位",
        "一线年限",
        "失业保险累计月数",
        "荣誉",
        "手机号",
        "职业工种",
        "技能等级",
        "证书编号",
        "发证日期",
    ],
)
def test_an_empty_cell_erases_nothing(office: Office, blank: str) -> None:
    given = row(荣誉="北疆工匠@2021@内党发〔2021〕3号")
    office.imports(given)
    before = {
        model: list(model.objects.order_by("pk").values())
        for model in (Worker, Employment, SkillCredential, Honour, UnemploymentInsurance)
    }
    emptied = given | {blank: ""}
    if blank in {"职业工种", "技能等级"}:
        emptied |= {"职业工种": "", "技能等级": "", "证书编号": "", "发证日期": ""}
    assert counts(office.imports(emptied)) == (0, 0, 1, 0)
    assert before == {model: list(model.objects.order_by("pk").values()) for model in before}


def test_another_unit_ends_the_employment_and_begins_the_next(office: Office) -> None:
    given = row()
    office.imports(given)
    Employment.objects.update(public_institution_payroll=True, worked_years=12)
    assert counts(office.imports(given | {"用人单位": "另一家公司", "一线岗位": ""})) == (0, 1, 0, 0)
    ended, now = Employment.objects.order_by("id")
    assert ended.ended_on == timezone.localdate()
    assert (now.employer.name, now.ended_on, now.public_institution_payroll) == ("另一家公司", None, None)
    assert (now.on_front_line, now.front_line_years, now.worked_years) == (True, Decimal("8.5"), 12)
    assert Worker.objects.get().employer == now.employer


# -- names ---------------------------------------------------------------------------------------------------
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


# -- units ---------------------------------------------------------------------------------------------------
def test_a_code_finds_the_unit_whatever_the_width_of_its_name(office: Office) -> None:
    unit = Employer.objects.create(
        name="北方机械（集团）有限公司", credit_code=CODE_A, region_id=OTOG, source="窗口登记"
    )
    assert counts(office.imports(row(用人单位="北方机械(集团)有限公司", 统一社会信用代码=CODE_A))) == (
        1,
        0,
        0,
        0,
    )
    assert Worker.objects.get().employer == unit
    unit.refresh_from_db()
    assert unit.name == "北方机械（集团）有限公司"


def test_another_name_for_a_code_is_refused_with_both_names(office: Office) -> None:
    Employer.objects.create(name="北方机械有限公司", credit_code=CODE_A, region_id=OTOG, source="窗口登记")
    assert counts(office.imports(row(用人单位="南方机械有限公司", 统一社会信用代码=CODE_A))) == (0, 0, 0, 1)
    assert "“北方机械有限公司”" in office.reasons[0]
    assert "“南方机械有限公司”" in office.reasons[0]
    assert Employer.objects.count() == 1


def test_two_names_for_a_new_code_refuse_both(office: Office) -> None:
    outcome = office.imports(
        row(用人单位="甲公司", 统一社会信用代码=CODE_A),
        row(用人单位="乙公司", 统一社会信用代码=CODE_A),
        row(),
    )
    assert counts(outcome) == (1, 0, 0, 2)
    assert list(Employer.objects.values_list("name", flat=True)) == [UNIT]


def test_a_new_code_needs_a_name(office: Office) -> None:
    assert counts(office.imports(row(用人单位="", 统一社会信用代码=CODE_A))) == (0, 0, 0, 1)
    assert "请填写用人单位名称" in office.reasons[0]
    assert counts(
        office.imports(row(统一社会信用代码=CODE_A), row(用人单位="", 统一社会信用代码=CODE_A))
    ) == (2, 0, 0, 0)
    assert Employer.objects.count() == 1


def test_without_a_code_name_and_region_decide(office: Office) -> None:
    office.imports(row(), row(工作地区划代码=KUNDULUN), row(用人单位="鄂托克旗 机械有限公司"))
    assert sorted(Employer.objects.values_list("region_id", flat=True)) == [KUNDULUN, OTOG]


def test_a_unit_known_by_name_gets_the_code_a_roster_gives(office: Office) -> None:
    office.imports(row())
    office.imports(row(统一社会信用代码=CODE_A))
    assert Employer.objects.get().credit_code == CODE_A
    assert _history(Employer).get().credit_code is None


def test_a_name_that_two_units_have_needs_the_code(office: Office) -> None:
    for code in (CODE_A, CODE_B):
        Employer.objects.create(name=UNIT, credit_code=code, region_id=OTOG, source="窗口登记")
    assert counts(office.imports(row(), row(统一社会信用代码=CODE_B))) == (1, 0, 0, 1)
    assert "多家名为" in office.reasons[0]


def test_a_code_in_a_row_that_is_left_out_still_makes_two_units_of_a_name(office: Office) -> None:
    """Otherwise the unit would take the other code, and the same file again would not know which of the two
    is meant.
    """
    known = row()
    office.imports(known)
    file = row(), known | {"姓名": "乌云", "统一社会信用代码": CODE_A}, row(统一社会信用代码=CODE_B)
    assert counts(office.imports(*file)) == (2, 0, 0, 1)
    assert set(Employer.objects.values_list("credit_code", flat=True)) == {None, CODE_B}
    assert counts(office.imports(*file)) == (0, 0, 2, 1)


# -- honours -------------------------------------------------------------------------------------------------
def test_a_verified_honour_stays_as_it_is(office: Office, clerk: Any, reviewer: Any) -> None:
    worker = make_worker()
    make_honour(worker, recorded_by=clerk, verified_by=reviewer)
    blank = row(姓名=worker.name, 证件号码=worker.id_number, 荣誉="全国技术能手@2025")
    assert office.imports(blank).refused == 0
    other = blank | {"荣誉": "全国技术能手@2025@人社部发〔2025〕99号"}
    assert counts(office.imports(other)) == (0, 0, 0, 1)
    assert "已核实" in office.reasons[0]
    assert Honour.objects.get().document == "人社部发〔2025〕1号"


def test_people_with_verified_honours_are_made_known_to_the_programmes(
    office: Office, clerk: Any, reviewer: Any, monkeypatch: Any
) -> None:
    worker = make_worker()
    make_honour(worker, recorded_by=clerk, verified_by=reviewer)
    told: list[int] = []
    monkeypatch.setattr(
        "portal.workforce.roster.importing.recognition_verified", lambda ids: told.extend(ids)
    )
    office.imports(row(荣誉="全国技术能手@2023"), row(姓名=worker.name, 证件号码=worker.id_number))
    assert told == [worker.pk]


def test_a_document_number_is_filled_in_while_unverified(office: Office) -> None:
    given = row(荣誉="北疆工匠@2021")
    office.imports(given)
    assert counts(office.imports(given | {"荣誉": "“北疆工匠”@2021@内党发〔2021〕3号"})) == (0, 1, 0, 0)
    honour = Honour.objects.get()
    assert (honour.document, honour.named_as) == ("内党发〔2021〕3号", "北疆工匠")


# -- who may -------------------------------------------------------------------------------------------------
def test_a_clerk_imports_for_their_own_banner_only(office: Office, clerk: Any) -> None:
    outcome = office.imports(row(), row(工作地区划代码=KUNDULUN), row(工作地区划代码=ORDOS), by=clerk)
    assert counts(outcome) == (1, 0, 0, 2)
    assert all("不属于您负责的地区" in reason for reason in office.reasons)


def test_a_reviewer_imports_for_the_league_and_its_banners(office: Office, reviewer: Any) -> None:
    outcome = office.imports(row(), row(工作地区划代码=ORDOS), row(工作地区划代码=BAOTOU), by=reviewer)
    assert counts(outcome) == (2, 0, 0, 1)


def test_nobody_takes_over_somebody_registered_elsewhere(office: Office, clerk: Any) -> None:
    worker = make_worker(region=KUNDULUN)
    assert counts(office.imports(row(姓名=worker.name, 证件号码=worker.id_number), by=clerk)) == (0, 0, 0, 1)
    assert "现登记在您负责的地区以外" in office.reasons[0]
    worker.refresh_from_db()
    assert worker.work_region_id == KUNDULUN


def test_the_system_imports_for_all(office: Office) -> None:
    assert office.imports(row(), row(工作地区划代码=KUNDULUN), row(工作地区划代码="150000")).added == 3


@pytest.mark.parametrize(
    "fixture", ["approver", "auditor", "registry_officer", "system_admin", "employer_agent", "worker_user"]
)
def test_others_may_not_import(office: Office, request: pytest.FixtureRequest, fixture: str) -> None:
    from portal.accounts.access import Refused

    somebody = request.getfixturevalue(fixture)
    before = Worker.objects.count()
    with pytest.raises(Refused):
        office.imports(row(), by=somebody)
    assert Worker.objects.count() == before


# -- dry run -------------------------------------------------------------------------------------------------
def test_a_dry_run_tells_all_and_changes_nothing(office: Office, clerk: Any) -> None:
    worker = make_worker("王建国")
    rows = [
        row(),
        row(姓名="李某某", 证件号码=worker.id_number),
        row(手机号="1"),
        row(姓名=worker.name, 证件号码=worker.id_number),
    ]
    outcome = office.imports(*rows[:3], by=clerk, dry_run=True)
    assert counts(outcome) == (1, 0, 0, 2)
    assert outcome.held == 1
    assert Worker.objects.count() == 1
    assert not any(model.objects.exists() for model in (Employer, NameConflict, RosterImport, Employment))
    assert not Entry.objects.filter(action="roster.import").exists()
    assert len(office.refused) == 2
    assert office.imports(*rows[:3], by=clerk).added == 1


def test_a_vacuum_that_saw_none_of_the_rows_does_not_mislead_the_import(office: Office) -> None:
    """Property of the plan: foreign keys of a register believed to be empty are still found by the primary
    key.
    """
    from django.db import connection

    office.imports(row())
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'workforce_worker'")
        assert cursor.fetchone()[0] >= 0  # analysed by the application, which may not do so itself
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'workforce_worker'::regclass AND mode = 'ShareUpdateExclusiveLock'"
            " AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone()[0] == 1
