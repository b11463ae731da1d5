"""A row with the number of a record that was merged reaches the person who stands for it."""

from __future__ import annotations

from typing import Any

from portal.workforce.models import Employer, Worker
from tests.cast import OTOG, make_worker
from tests.roster.conftest import UNIT, Office, counts, row
from tests.workforce.merging import merged


def test_a_row_with_the_old_number_is_about_the_person(office: Office, clerk: Any, cast: Any) -> None:
    old, new = make_worker("孙布和"), make_worker("孙布赫")
    merged(cast, old, new)
    given = row(姓名="孙布赫", 证件号码=old.id_number, 证书编号="S77777777")
    outcome = office.imports(given, by=clerk)
    assert counts(outcome) == (0, 1, 0, 0), office.reasons
    assert new.credentials.get().number == "S77777777" and not old.credentials.exists()
    assert Worker.objects.count() == 2
    assert counts(office.imports(given, by=clerk)) == (0, 0, 1, 0)


def test_another_name_is_held_for_the_person_who_stands(office: Office, clerk: Any, cast: Any) -> None:
    old, new = make_worker("孙布和"), make_worker("孙布赫")
    merged(cast, old, new)
    outcome = office.imports(row(姓名="孙布和", 证件号码=old.id_number), by=clerk)
    assert outcome.held == 1 and new.name_conflicts.count() == 1


def test_both_numbers_in_one_file_are_one_person(office: Office, clerk: Any, cast: Any) -> None:
    old, new = make_worker("孙布和"), make_worker("孙布和")
    merged(cast, old, new)
    rows = [row(姓名="孙布和", 证件号码=one.id_number) for one in (old, new)]
    assert counts(office.imports(*rows, by=clerk)) == (0, 1, 0, 1)
    assert "只保留一行" in office.reasons[0]


def test_the_number_of_a_voided_record_is_refused(office: Office, clerk: Any, cast: Any) -> None:
    worker = make_worker("孙布和")
    merged(cast, worker)
    assert counts(office.imports(row(姓名="孙布和", 证件号码=worker.id_number), by=clerk)) == (0, 0, 0, 1)
    assert "作废" in office.reasons[0] and not worker.credentials.exists()


def test_a_row_that_names_a_merged_unit_leads_to_the_one_that_stands(
    office: Office, clerk: Any, cast: Any
) -> None:
    given = row(用人单位=UNIT)
    office.imports(given, by=clerk)
    unit = Employer.objects.get(name=UNIT)
    other = Employer.objects.create(name="鄂托克旗机械厂", region_id=OTOG, source="窗口登记")
    merged(cast, unit, other, kind="unit")
    assert counts(office.imports(given, by=clerk)) == (0, 0, 1, 0)
    office.imports(given | {"失业保险累计月数": "97"}, row(姓名="李静", 用人单位=UNIT), by=clerk)
    assert {worker.employer for worker in Worker.objects.all()} == {other}
    assert {worker.employments.get().employer for worker in Worker.objects.all()} == {unit}
