"""What a roster says of records that count is proposed: they stay as they are until another person confirms."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.access import Refused
from portal.pages.waiting import changes_to_confirm
from portal.workforce.actions import confirm_change
from portal.workforce.change_subjects import SUBJECTS, kept
from portal.workforce.models import (
    Employment,
    RecordChange,
    RosterImport,
    SkillCredential,
    UnemploymentInsurance,
    Worker,
)
from portal.workforce.roster.merging import Outcome
from portal.workforce.roster.proposals import NOT_ENTERED
from tests.cast import ORDOS, OTOG, confirm_everything, make_account
from tests.roster.conftest import Office, counts, row
from tests.roster.test_merge import CODE_A


@pytest.fixture
def importer(db: None) -> Any:
    return make_account("ordos.importer", "斯琴", "league_reviewer", ORDOS)


def _imported(office: Office, importer: Any, **cells: Any) -> dict[str, Any]:
    """A row that is in the register, all of it confirmed."""
    given = row(**cells)
    office.imports(given, by=importer)
    confirm_everything()
    return given


def _only_proposed(outcome: Outcome) -> bool:
    """Whether nothing was written of the one row of a file, and something was proposed."""
    return counts(outcome) == (0, 0, 0, 0) and outcome.proposed == 1


def _confirmed(by: Any) -> RecordChange:
    change = RecordChange.objects.open().get()
    return confirm_change(change.pk, seen="劳动合同", by=by, on=timezone.localdate())


def test_another_unit_waits_with_the_end_of_the_one_before(
    office: Office, importer: Any, reviewer: Any
) -> None:
    given = _imported(office, importer)
    # when a roster says another unit
    moved = given | {"用人单位": "另一家公司", "一线岗位": ""}
    assert _only_proposed(office.imports(moved, by=importer))
    # then the confirmed work goes on
    assert Employment.objects.get().ended_on is None
    assert Worker.objects.get().employer == Employment.objects.get().employer
    # and who imported it does not confirm it, another does
    with pytest.raises(Refused):
        _confirmed(importer)
    assert not changes_to_confirm(importer).exists() and changes_to_confirm(reviewer).exists()
    _confirmed(reviewer)
    ended, now = Employment.objects.order_by("id")
    assert (ended.ended_on, ended.verification) == (timezone.localdate(), "confirmed")
    assert (now.employer.name, now.verification, now.recorded_by) == ("另一家公司", "stated", importer)
    assert (now.on_front_line, now.front_line_years) == (True, ended.front_line_years)
    assert Worker.objects.get().employer == now.employer


@pytest.mark.parametrize("model", [Employment, UnemploymentInsurance, SkillCredential])
def test_what_a_proposal_keeps_is_what_is_entered(model: Any) -> None:
    """A column more in a table is either entered, or named among those that nobody enters."""
    (subject,) = [one for one in SUBJECTS.values() if one.model is model]
    columns = {field.attname for field in model._meta.concrete_fields}
    assert columns - set(NOT_ENTERED) == kept(model(), subject.fields).keys()


@pytest.mark.parametrize(
    ("cell", "value", "model", "field", "wanted"),
    [
        ("一线年限", "20", Employment, "front_line_years", 20),
        ("失业保险累计月数", "120", UnemploymentInsurance, "months", 120),
        ("发证日期", "2021-05-01", SkillCredential, "issued_on", "2021-05-01"),
    ],
)
def test_another_value_waits(
    cell: str, value: str, model: Any, field: str, wanted: Any, office: Office, importer: Any, reviewer: Any
) -> None:
    given = _imported(office, importer)
    before = getattr(model.objects.get(), field)
    assert _only_proposed(office.imports(given | {cell: value}, by=importer))
    assert getattr(model.objects.get(), field) == before
    # the same file again proposes nothing more
    assert counts(office.imports(given | {cell: value}, by=importer)) == (0, 0, 1, 0)
    _confirmed(reviewer)
    record = model.objects.get()
    now = getattr(record, field)
    assert (now.isoformat() if hasattr(now, "isoformat") else now) == wanted
    assert (record.verification, record.verified_by) == ("confirmed", reviewer)


def test_a_number_for_a_confirmed_certificate_is_no_second_certificate(
    office: Office, importer: Any, reviewer: Any
) -> None:
    given = _imported(office, importer, 证书编号="")
    for _ in range(2):
        office.imports(given | {"证书编号": "S77"}, by=importer)
    assert SkillCredential.objects.get().number == ""
    _confirmed(reviewer)
    assert SkillCredential.objects.get().number == "S77"


def test_who_counts_for_anything_is_handed_over(office: Office, importer: Any, cast: Any) -> None:
    given = _imported(office, importer, 统一社会信用代码=CODE_A)
    assert _only_proposed(office.imports(given | {"工作地区划代码": "150625"}, by=importer))
    assert Worker.objects.get().work_region_id == OTOG
    with pytest.raises(Refused):
        _confirmed(cast("clerk"))
    _confirmed(make_account("hangjin.clerk", "乌日娜", "window_clerk", "150625"))
    assert Worker.objects.get().work_region_id == "150625"


def test_what_nobody_has_confirmed_is_written_at_once(office: Office, importer: Any) -> None:
    given = row()
    office.imports(given, by=importer)
    changed = given | {"一线年限": "20", "工作地区划代码": "150625", "失业保险累计月数": "120"}
    assert counts(office.imports(changed, by=importer)) == (0, 1, 0, 0)
    assert not RecordChange.objects.exists()
    assert (Worker.objects.get().work_region_id, UnemploymentInsurance.objects.get().months) == (
        "150625",
        120,
    )


def test_a_dry_run_proposes_nothing(office: Office, importer: Any) -> None:
    given = _imported(office, importer)
    office.imports(given | {"一线年限": "20"}, by=importer, dry_run=True)
    assert not RecordChange.objects.exists()


def test_an_import_counts_what_it_changed_and_what_it_proposed(office: Office, importer: Any) -> None:
    # given two people whose records are confirmed, and one whose are not
    proposed, both, written = row(), row(姓名="李静"), row(姓名="赵强")
    office.imports(proposed, both, by=importer)
    confirm_everything()
    office.imports(written, by=importer)
    # when a file says something else of all three
    changes = (
        proposed | {"一线年限": "20"},
        both | {"一线年限": "20", "失业保险累计月数": "120", "手机号": "13900000000"},
        written | {"一线年限": "20"},
    )
    outcome = office.imports(*changes, by=importer)
    # then a row of which nothing was written is told apart, and the proposals know their import
    assert counts(outcome) == (0, 2, 0, 0) and outcome.proposed == 1
    record = RosterImport.objects.first()
    assert record is not None and (record.changed, record.proposed) == (2, 1)
    assert record.proposals.count() == RecordChange.objects.count() == 3
