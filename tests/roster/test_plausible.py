"""The rules of plausibility over a roster: the same as at a window, for every row at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from portal.workforce.models import Employment, ImprobableRecord, SkillCredential, Worker
from portal.workforce.plausibility.checking import findings_about
from tests.cast import KUNDULUN, id_number, make_worker
from tests.roster.conftest import LABELS, Office, counts, csv_bytes, row
from tests.workforce.merging import merged

REASON = "已核对证书原件"
OLD = date(1955, 3, 1)


@pytest.mark.parametrize(
    ("born", "cells", "says"),
    [
        (date(2020, 5, 1), {"技能等级": "高级技师"}, "“证件号码”：按证件号码"),
        (date(1985, 6, 15), {"发证日期": "1998-01-01"}, "“发证日期”：发证日期为1998-01-01"),
        (date(1985, 6, 15), {"发证日期": "1975-01-01"}, "“发证日期”：发证日期为1975-01-01"),
        (date(1985, 6, 15), {"一线年限": "45"}, "“一线年限”：一线年限45年"),
        (
            date(2003, 6, 15),
            {"发证日期": "", "失业保险累计月数": "240"},
            "“失业保险累计月数”：失业保险累计缴费240个月",
        ),
        (
            date(1985, 6, 15),
            {"荣誉": "全国技术能手@1998"},
            "“荣誉”：荣誉年度为1998年，早于本人年满14周岁之年",
        ),
    ],
)
def test_the_impossible_is_refused_whatever_is_explained(
    office: Office, born: date, cells: dict[str, str], says: str
) -> None:
    given = row(证件号码=id_number(born=born), **{"情况说明": REASON} | cells)
    assert counts(office.imports(given)) == (0, 0, 0, 1)
    assert says in office.reasons[0] and "情况说明" not in office.reasons[0]


@pytest.mark.parametrize(
    ("born", "cells", "rule", "kind"),
    [
        (
            date(1985, 6, 15),
            {"发证日期": "2000-07-01", "技能等级": "初级工"},
            "credential.before-sixteen",
            "credential",
        ),
        (
            date(1985, 6, 15),
            {"发证日期": "2005-07-01", "技能等级": "高级技师"},
            "credential.young-for-level",
            "credential",
        ),
        (OLD, {"一线年限": "50", "用人单位": ""}, "employment.very-long-front-line", "employment"),
        (OLD, {"一线年限": "20"}, "employment.working-after-sixty-five", "employment"),
        (date(1985, 6, 15), {"失业保险累计月数": "324"}, "insurance.from-before-sixteen", "insurance"),
        (date(1985, 6, 15), {"荣誉": "全国技术能手@2000"}, "honour.before-sixteen", "honour"),
        (date(1930, 1, 1), {"用人单位": "", "发证日期": ""}, "person.over-ninety", "worker"),
    ],
)
def test_the_improbable_is_held_back_until_it_is_explained(
    office: Office, clerk: Any, born: date, cells: dict[str, str], rule: str, kind: str
) -> None:
    given = row(证件号码=id_number(born=born), **cells)
    assert counts(office.imports(given, by=clerk)) == (0, 0, 0, 1)
    assert "属实的，请在“情况说明”列写明原因" in office.reasons[0]
    assert not Worker.objects.exists()
    assert counts(office.imports(given | {"情况说明": REASON}, by=clerk)) == (1, 0, 0, 0)
    noted = ImprobableRecord.objects.get(rule=rule)
    assert (noted.kind, noted.reason, noted.recorded_by) == (kind, REASON, clerk)
    assert noted.worker == Worker.objects.get() and noted.roster_import is not None
    # the same file again, explained or not, says nothing new
    assert counts(office.imports(given, by=clerk)) == (0, 0, 1, 0)
    assert counts(office.imports(given | {"情况说明": REASON}, by=clerk)) == (0, 0, 1, 0)
    assert ImprobableRecord.objects.filter(rule=rule).count() == 1


@pytest.mark.parametrize("said", ["无", "/", "同上", "属实", "1"])
def test_what_gives_no_reason_explains_nothing(office: Office, clerk: Any, said: str) -> None:
    given = row(证件号码=id_number(born=OLD), 一线年限="20", 情况说明=said)
    assert counts(office.imports(given, by=clerk)) == (0, 0, 0, 1)
    assert "属实的，请在“情况说明”列写明原因" in office.reasons[0]
    # where nothing is improbable nobody is asked
    assert counts(office.imports(row(情况说明=said), by=clerk)) == (1, 0, 0, 0)


def test_a_right_row_is_not_asked_about_and_needs_no_column(office: Office) -> None:
    labels = [label for label in LABELS if label != "情况说明"]
    assert counts(office.gives(csv_bytes([row(), row(情况说明="多余的说明")], labels=labels))) == (2, 0, 0, 0)
    assert not ImprobableRecord.objects.exists()


def test_one_number_on_two_people_of_a_file(office: Office) -> None:
    two = [row(证书编号="S777"), row(证书编号="S777")]
    assert counts(office.imports(*two)) == (0, 0, 0, 2)
    assert "同一证书编号已登记在另外1人名下" in office.reasons[0]
    explained = [given | {"情况说明": REASON} for given in two]
    assert counts(office.imports(*explained)) == (2, 0, 0, 0)
    assert ImprobableRecord.objects.filter(rule="credential.number-of-another").count() == 2
    assert counts(office.imports(*explained)) == (0, 0, 2, 0)


def test_one_number_on_somebody_of_the_register(office: Office, clerk: Any) -> None:
    other = make_worker("李静", region=KUNDULUN)
    SkillCredential.objects.create(
        worker=other, occupation="钳工", level=50, number="S888", source="窗口登记"
    )
    given = row(证书编号="S888")
    assert counts(office.imports(given, by=clerk)) == (0, 0, 0, 1)
    assert counts(office.imports(given | {"情况说明": REASON}, by=clerk)) == (1, 0, 0, 0)
    noted = ImprobableRecord.objects.filter(rule="credential.number-of-another")
    assert {record.worker_id for record in noted} == {other.pk, Worker.objects.exclude(pk=other.pk).get().pk}
    assert counts(office.imports(given | {"情况说明": REASON}, by=clerk)) == (0, 0, 1, 0)
    assert noted.count() == 2


def test_a_row_that_is_refused_puts_no_number_into_the_register(office: Office, clerk: Any) -> None:
    given = row(证书编号="S889", 情况说明=REASON)
    held = row(姓名="李菁", 证件号码=make_worker("李静").id_number, 证书编号="S889", 情况说明=REASON)
    assert counts(office.imports(given, held, by=clerk)) == (1, 0, 0, 1), office.reasons
    assert not ImprobableRecord.objects.exists()
    # nor when it was right, and comes in later: then it is written down of each
    assert counts(office.imports(held | {"姓名": "李静"}, by=clerk)) == (0, 1, 0, 0)
    assert ImprobableRecord.objects.count() == 2


def test_whose_record_was_merged_is_one_person_in_the_file_and_in_the_register(
    office: Office, clerk: Any, cast: Any
) -> None:
    old, new = make_worker("孙布和"), make_worker("孙布赫")
    merged(cast, old, new)
    two = [
        row(姓名="孙布赫", 证件号码=old.id_number, 证书编号="S890", 情况说明=REASON),
        row(证书编号="S890", 情况说明=REASON),
    ]
    assert counts(office.imports(*two, by=clerk)) == (1, 1, 0, 0)
    noted = ImprobableRecord.objects.values_list("worker_id", "words")
    assert {words for _, words in noted} == {"同一证书编号已登记在另外1人名下"} and len(noted) == 2
    assert counts(office.imports(*two, by=clerk)) == (0, 0, 2, 0)
    assert len(noted.all()) == 2


def test_a_date_that_the_file_corrects_is_held_against_nothing(office: Office) -> None:
    lower = row(技能等级="高级工", 证书编号="S9002", 发证日期="2018-05-01", 手机号="")
    higher = lower | {"技能等级": "技师", "证书编号": "S9003", "发证日期": "2015-05-01"}
    corrected = lower | {"发证日期": "2012-05-01"}
    assert counts(office.imports(lower)) == (1, 0, 0, 0)
    assert counts(office.imports(corrected, higher)) == (0, 2, 0, 0), office.reasons
    assert not ImprobableRecord.objects.exists()
    assert counts(office.imports(corrected, higher)) == (0, 0, 2, 0)


def test_two_certificates_of_one_person_rise_with_time(office: Office) -> None:
    first = row(技能等级="技师", 发证日期="2015-05-01", 手机号="")
    second = first | {"技能等级": "高级工", "证书编号": "S9001", "发证日期": "2018-05-01"}
    assert counts(office.imports(first, second)) == (0, 0, 0, 2)
    assert "较高等级证书发证在前" in office.reasons[0]
    # held against the register as well
    assert counts(office.imports(first)) == (1, 0, 0, 0)
    assert counts(office.imports(second)) == (0, 0, 0, 1)
    assert counts(office.imports(second | {"情况说明": REASON})) == (0, 1, 0, 0)
    assert ImprobableRecord.objects.get().rule == "credential.higher-level-first"


def test_front_line_years_are_held_against_the_years_of_work_that_are_known(office: Office) -> None:
    given = row(一线年限="5", 失业保险累计月数="60")
    office.imports(given)
    Employment.objects.update(worked_years=Decimal(6))
    assert counts(office.imports(given | {"一线年限": "9"})) == (0, 0, 0, 1)
    assert "比累计工作年限6年还长" in office.reasons[0]
    assert counts(office.imports(given | {"一线年限": "6"})) == (0, 1, 0, 0), office.reasons


def test_years_of_work_are_as_old_as_their_first_writing(office: Office, clerk: Any) -> None:
    given = row(一线年限="5", 失业保险累计月数="60")
    office.imports(given)
    Employment.objects.update(worked_years=Decimal(6))
    Employment.objects.update(recorded_at=timezone.now() - timedelta(days=1500))
    # another year, then another unit: the record is written anew, and then a second one
    for later in (given | {"一线年限": "9"}, given | {"一线年限": "9", "用人单位": "鄂托克旗第二机械厂"}):
        assert counts(office.imports(later)) == (0, 1, 0, 0), office.reasons
        assert counts(office.imports(later)) == (0, 0, 1, 0), office.reasons
    record = Worker.objects.get().insurance
    assert "insurance.longer-than-work" not in {
        finding.rule.key for finding in findings_about("insurance", record, on=timezone.localdate())
    }
    record.months = 12 * 10
    assert not findings_about("insurance", record, on=timezone.localdate())
