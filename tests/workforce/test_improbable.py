"""Facts of several records held against each other, corrections, and who looks into what was kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.workforce.actions import (
    Unexplained,
    correct_worker,
    create_worker,
    review_improbable,
    save_record,
    version_of,
)
from portal.workforce.models import ImprobableRecord, ImprobableReview
from tests.cast import KUNDULUN, id_number, make_worker
from tests.workforce.plausible import ON, REASON, aged, save
from tests.workforce.test_records import GIVEN

pytestmark = pytest.mark.django_db
OLD = date(1955, 3, 1)


# -- facts of several records ----------------------------------------------------------------------------------


def test_levels_rise_with_time(worker: Any, clerk: Any) -> None:
    save("credential", worker, clerk, level=50, number="S50", issued_on=date(2015, 5, 1))
    with pytest.raises(Unexplained, match="较高等级证书发证在前"):
        save("credential", worker, clerk, level=40, number="S40", issued_on=date(2018, 5, 1))
    with pytest.raises(Unexplained, match="不足一年"):
        save("credential", worker, clerk, level=60, number="S60", issued_on=date(2015, 12, 1))
    # another occupation has an order of its own
    assert save(
        "credential", worker, clerk, occupation="钳工", level=40, number="S41", issued_on=date(2018, 5, 1)
    ).pk
    assert save("credential", worker, clerk, level=60, number="S60", issued_on=date(2020, 5, 1)).pk


def test_a_number_that_two_people_have_is_listed_for_both(worker: Any, clerk: Any, baotou_clerk: Any) -> None:
    other = make_worker("李静", region=KUNDULUN)
    first = save("credential", other, baotou_clerk, number="1515000000400001")
    with pytest.raises(Unexplained, match="另外1人名下"):
        save("credential", worker, clerk, number="1515000000400001")
    second = save("credential", worker, clerk, number="1515000000400001", explanation=REASON)
    noted = {record.worker_id: record for record in ImprobableRecord.objects.all()}
    assert set(noted) == {worker.pk, other.pk}
    assert (noted[worker.pk].record_id, noted[other.pk].record_id) == (second.pk, first.pk)
    assert noted[other.pk].reason == REASON
    # no number is nobody's
    save("credential", worker, clerk, number="", occupation="钳工")
    save("credential", other, baotou_clerk, number="", occupation="钳工")


def test_work_and_insurance_are_held_against_each_other_in_either_order(worker: Any, clerk: Any) -> None:
    save("insurance", worker, clerk, months=120, paying=False, drawing_benefit=True)
    with pytest.raises(Unexplained) as asked:
        save("employment", worker, clerk, worked_years=Decimal(3))
    assert {finding.rule.key for finding in asked.value.findings} == {
        "insurance.longer-than-work",
        "insurance.drawing-at-work",
    }
    other = aged(OLD)
    save("employment", other, clerk, status="retired")
    with pytest.raises(Unexplained, match="登记为“退休”"):
        save("insurance", other, clerk, months=240, paying=True)


def test_a_subsidy_follows_its_certificate(worker: Any, clerk: Any) -> None:
    save("credential", worker, clerk, level=40, issued_on=date(2022, 5, 1))
    with pytest.raises(Unexplained, match="早于同一职业"):
        save("claim", worker, clerk, level=40, claimed_on=date(2021, 5, 1))


# -- corrections -----------------------------------------------------------------------------------------------


def test_what_was_explained_is_not_asked_again_until_it_changes(worker: Any, clerk: Any) -> None:
    given = {"level": 20, "issued_on": date(2000, 7, 1)}
    record = save("credential", worker, clerk, **given, explanation=REASON)

    def change(**values: Any) -> Any:
        record.refresh_from_db()
        entered = GIVEN["credential"] | given | values
        return save_record(
            "credential", worker.pk, entered, by=clerk, on=ON, record_id=record.pk, version=version_of(record)
        )

    change(number="1502", source="补换证书")
    assert ImprobableRecord.objects.count() == 1
    with pytest.raises(Unexplained):
        change(issued_on=date(2000, 8, 1))
    with pytest.raises(ValidationError, match="未满14周岁"):
        change(issued_on=date(1999, 1, 1))


def correct(worker: Any, by: Any, born: date, **values: Any) -> Any:
    worker.refresh_from_db()
    return correct_worker(
        worker.pk,
        version=version_of(worker),
        name=worker.name,
        id_number=id_number(born=born),
        work_region=worker.work_region,
        household_region=None,
        source="户口簿",
        by=by,
        on=ON,
        **values,
    )


def test_a_corrected_number_makes_nobody_a_senior_technician_at_six(worker: Any, clerk: Any) -> None:
    record = save("credential", worker, clerk, level=60, issued_on=date(2016, 5, 1))
    with pytest.raises(ValidationError, match="未满14周岁") as refused:
        correct(worker, clerk, date(2010, 5, 1))
    assert set(refused.value.message_dict) == {"id_number"}
    with pytest.raises(Unexplained, match="明显偏小"):
        correct(worker, clerk, date(1995, 5, 1))
    correct(worker, clerk, date(1995, 5, 1), explanation=REASON)
    assert ImprobableRecord.objects.get().record_id == record.pk


@pytest.mark.parametrize(
    ("born", "says"),
    [(date(2020, 5, 1), "不能登记为技术工人"), (date(2012, 11, 24), "未满14周岁")],
)
def test_a_child_is_no_worker(born: date, says: str, clerk: Any) -> None:
    with pytest.raises(ValidationError, match=says):
        _create(clerk, born, REASON)


@pytest.mark.parametrize(("born", "says"), [(date(2011, 5, 1), "未满16周岁"), (date(1930, 5, 1), "96周岁")])
def test_the_very_young_and_the_very_old_are_asked_about(born: date, says: str, clerk: Any) -> None:
    with pytest.raises(Unexplained, match=says):
        _create(clerk, born, "")
    person = _create(clerk, born, REASON)
    noted = ImprobableRecord.objects.get()
    assert (noted.worker, noted.kind, noted.record_id) == (person, "worker", person.pk)


def _create(clerk: Any, born: date, explanation: str) -> Any:
    from portal.regions.models import Region

    return create_worker(
        name="苏和",
        id_number=id_number(born=born),
        work_region=Region.objects.get(pk="150624"),
        source="窗口登记",
        by=clerk,
        on=ON,
        explanation=explanation,
    )


# -- who looks into it -----------------------------------------------------------------------------------------


@pytest.fixture
def improbable(worker: Any, clerk: Any) -> ImprobableRecord:
    save("credential", worker, clerk, level=20, issued_on=date(2000, 7, 1), explanation=REASON)
    return ImprobableRecord.objects.get()


def test_the_supervisor_says_what_was_found(
    improbable: ImprobableRecord, supervisor: Any, clerk: Any
) -> None:
    assert ImprobableRecord.objects.waiting().count() == 1
    with pytest.raises(Refused):
        review_improbable(improbable.pk, note="属实", by=clerk, on=ON)
    with pytest.raises(NotNow, match="核查情况"):
        review_improbable(improbable.pk, note=" ", by=supervisor, on=ON)
    review = review_improbable(improbable.pk, note="已调阅发证机构存根，属实", by=supervisor, on=ON)
    assert (review.reviewed_by, review.improbable) == (supervisor, improbable)
    assert not ImprobableRecord.objects.waiting().exists()
    with pytest.raises(NotNow, match="已由白音核查"):
        review_improbable(improbable.pk, note="再看", by=supervisor, on=ON)
    assert Entry.objects.get(action="record.improbable.review").worker_ref == improbable.worker_id


def test_the_database_holds_both(improbable: ImprobableRecord, clerk: Any, supervisor: Any) -> None:
    def refused(change: Any) -> None:
        with pytest.raises((IntegrityError, InternalError, DatabaseError)), transaction.atomic():
            change()

    records = ImprobableRecord.objects.filter(pk=improbable.pk)
    refused(lambda: records.update(reason="另一个理由"))
    refused(lambda: records.delete())
    refused(
        lambda: ImprobableRecord.objects.create(
            worker=improbable.worker, kind="credential", rule="x", words="x", reason=""
        )
    )
    refused(lambda: ImprobableReview.objects.create(improbable=improbable, note="属实", reviewed_by=clerk))
    refused(lambda: ImprobableReview.objects.create(improbable=improbable, note="", reviewed_by=supervisor))
    review = ImprobableReview.objects.create(improbable=improbable, note="属实", reviewed_by=supervisor)
    refused(lambda: ImprobableReview.objects.filter(pk=review.pk).update(note="不属实"))
    refused(lambda: review.delete())
