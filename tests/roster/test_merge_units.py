"""By what a roster finds a unit, and what it must not decide about one."""

from __future__ import annotations

from portal.workforce.models import (
    Employer,
    Worker,
)
from tests.cast import KUNDULUN, OTOG
from tests.roster.conftest import UNIT, Office, counts, history, row

CODE_A, CODE_B = "91159999RUJWX97A09", "91159999GFJU8R7N3E"


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
    assert history(Employer).get().credit_code is None


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
