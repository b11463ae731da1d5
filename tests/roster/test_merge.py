"""What a roster writes, what it leaves alone, and what a dry run tells."""

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
from tests.cast import KUNDULUN, ORDOS, OTOG, make_honour, make_worker
from tests.roster.conftest import UNIT, Office, counts, history, row

CODE_A, CODE_B = "91159999RUJWX97A09", "911599994JURQ2830D"


def test_a_row_becomes_records_with_their_source(office: Office, clerk: Any) -> None:
    given = row(
        荣誉="全国技术能手@2023@人社部发〔2023〕1号、北疆工匠@2021", 统一社会信用代码=CODE_A, 证书编号="S1"
    )
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
    nothing = {"changed": 0, "proposed": 0, "unchanged": 0, "held": 0}
    assert entry.detail == nothing | {"read": 2, "added": 1, "refused": 1}


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
        assert not model._meta.get_field("id") or not history(model).exists()


def test_a_first_import_writes_nohistory(office: Office) -> None:
    office.imports(row(荣誉="北疆工匠@2021"))
    assert not any(
        history(model).exists()
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
        "发证日期": "2025-05-01",
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
    was = history(Worker).get()
    assert (was.skill_level, was.pgh_label) == (SkillLevel.SENIOR, "update")
    assert bytes(was.phone_digest) == crypto.digest("13800000000", purpose="phone")
    assert history(UnemploymentInsurance).get().months == 96


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


def test_where_a_new_unit_is_does_not_change_with_a_row_that_was_left_out(office: Office) -> None:
    held = row(姓名="乌云", 用人单位="")
    office.imports(held)
    rows = [
        row(用人单位="甲公司"),
        row(用人单位="甲公司", 统一社会信用代码=CODE_A),
        row(用人单位="甲公司", 统一社会信用代码=CODE_B),
        held | {"姓名": "王建国", "用人单位": "", "统一社会信用代码": CODE_B, "工作地区划代码": KUNDULUN},
    ]
    assert counts(office.imports(*rows)) == (3, 0, 0, 1)
    # when the same file is given again, then it means the same
    assert counts(office.imports(*rows)) == (0, 0, 3, 1)
