"""Where somebody works of whom anything counts, and what kind a unit is: said by one, taken over by another."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.pages.waiting import changes_to_confirm
from portal.regions.models import Region
from portal.workforce.actions import (
    confirm_change,
    correct_employer,
    correct_worker,
    refuse_change,
    version_of,
    withdraw_change,
)
from portal.workforce.models import Employer, RecordChange, Worker
from tests.cast import KUNDULUN, OTOG, make_honour
from tests.workforce.changing import CERTIFICATE, CLAIMED, EMPLOYED, ON, SEEN, recorded, the_change

pytestmark = pytest.mark.django_db


def handed_over(worker: Any, by: Any, to: str = KUNDULUN, **given: Any) -> Worker:
    """Given back as the action gives them back."""
    worker.refresh_from_db()
    values = {
        "name": worker.name,
        "id_number": "",
        "work_region": Region.objects.get(pk=to),
        "household_region": None,
        "source": "调动通知",
    }
    return correct_worker(worker.pk, version=version_of(worker), **values | given, by=by, on=ON)


def _in_register(worker: Any) -> str:
    return str(Worker.objects.values_list("work_region_id", flat=True).get(pk=worker.pk))


def test_of_whom_nothing_counts_is_handed_over_at_once(worker: Any, clerk: Any) -> None:
    recorded("credential", worker, CERTIFICATE, clerk)
    handed_over(worker, clerk)
    assert _in_register(worker) == KUNDULUN and not RecordChange.objects.exists()


@pytest.mark.parametrize("what", ["confirmed", "claim", "honour"])
def test_of_whom_anything_counts_is_taken_over_by_another(what: str, worker: Any, cast: Any) -> None:
    # given somebody of whom a record is confirmed, or an honour verified, or who claimed before
    clerk, reviewer = cast("clerk"), cast("reviewer")
    if what == "confirmed":
        recorded("credential", worker, CERTIFICATE, clerk, confirmed_by=reviewer)
    elif what == "claim":
        recorded("claim", worker, CLAIMED, clerk)
    else:
        make_honour(worker, recorded_by=clerk, verified_by=reviewer)
    # when the clerk hands them over, and corrects the name with it
    handed_over(worker, clerk, name="王建军")
    # then the name is right at once, and they stay until whoever works there takes them over
    worker.refresh_from_db()
    assert (worker.name, worker.work_region_id) == ("王建军", OTOG)
    assert the_change().to_region_id == KUNDULUN
    with pytest.raises(Refused):
        confirm_change(the_change().pk, seen=SEEN, by=reviewer, on=ON)
    with pytest.raises(Refused, match="由您提出"):
        confirm_change(the_change().pk, seen=SEEN, by=_everywhere(clerk), on=ON)
    assert not changes_to_confirm(reviewer).exists() and changes_to_confirm(cast("baotou_clerk")).exists()
    confirm_change(the_change().pk, seen="调动通知", by=cast("baotou_clerk"), on=ON)
    assert _in_register(worker) == KUNDULUN


def _everywhere(clerk: Any) -> Any:
    """The same clerk, who works there as well."""
    from portal.accounts.models import RoleAssignment, User

    RoleAssignment.objects.get_or_create(user=clerk, role="window_clerk", region_id=KUNDULUN)
    return User.objects.get(pk=clerk.pk)


def test_a_handing_over_alone_leaves_the_source_of_the_rest(worker: Any, cast: Any) -> None:
    recorded("claim", worker, CLAIMED, cast("clerk"))
    before = worker.source
    handed_over(worker, cast("clerk"))
    worker.refresh_from_db()
    assert worker.source == before and the_change().reason == "调动通知"
    withdraw_change(the_change().pk, by=cast("clerk"), on=ON)
    handed_over(worker, cast("clerk"), name="王建军")
    worker.refresh_from_db()
    assert worker.source == "调动通知"


def test_refused_they_stay(worker: Any, cast: Any) -> None:
    recorded("claim", worker, CLAIMED, cast("clerk"))
    handed_over(worker, cast("clerk"))
    refuse_change(the_change().pk, reason="未调入", by=cast("baotou_clerk"), on=ON)
    assert _in_register(worker) == OTOG


def test_handed_over_twice_is_told(worker: Any, cast: Any) -> None:
    recorded("claim", worker, CLAIMED, cast("clerk"))
    handed_over(worker, cast("clerk"))
    with pytest.raises(NotNow, match="待他人确认"):
        handed_over(worker, cast("clerk"), to="150625")


def test_the_database_moves_nobody_of_whom_anything_counts(worker: Any, cast: Any) -> None:
    recorded("claim", worker, CLAIMED, cast("clerk"))
    with pytest.raises(IntegrityError, match="changed by two"), transaction.atomic():
        Worker.objects.filter(pk=worker.pk).update(work_region=KUNDULUN)
    # nor elsewhere than where it was proposed
    handed_over(worker, cast("clerk"))
    with pytest.raises(IntegrityError, match="changed by two"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE workforce_recordchange SET state = 'confirmed', decided_by_id = %s, decided_at = now(),"
                " decided_on = now(), verdict = 'x'",
                [cast("baotou_clerk").pk],
            )
        Worker.objects.filter(pk=worker.pk).update(work_region="150625")


@pytest.fixture
def unit() -> Employer:
    return Employer.objects.create(name="鄂托克旗机械厂", kind="private", region_id=OTOG, source="窗口登记")


def _of_another_kind(unit: Employer, by: Any) -> Employer:
    values = {
        "name": unit.name,
        "credit_code": "",
        "kind": "state_owned",
        "region": unit.region,
        "source": "营业执照",
    }
    return correct_employer(unit.pk, version=version_of(unit), **values, by=by, on=ON)


def test_the_kind_of_a_unit_that_confirmed_work_names_changes_by_two(
    unit: Employer, worker: Any, cast: Any
) -> None:
    clerk, reviewer = cast("clerk"), cast("reviewer")
    recorded("employment", worker, EMPLOYED | {"employer": unit}, clerk, confirmed_by=reviewer)
    _of_another_kind(unit, clerk)
    unit.refresh_from_db()
    # where the rest comes from is as true as before
    assert (unit.kind, unit.source) == ("private", "窗口登记")
    assert the_change().reason == "营业执照"
    with pytest.raises(Refused):
        confirm_change(the_change().pk, seen=SEEN, by=cast("baotou_reviewer"), on=ON)
    assert the_change() in changes_to_confirm(reviewer)
    confirm_change(the_change().pk, seen="营业执照", by=reviewer, on=ON)
    unit.refresh_from_db()
    assert unit.kind == "state_owned"
    with pytest.raises(IntegrityError, match="changed by two"), transaction.atomic():
        Employer.objects.filter(pk=unit.pk).update(kind="private")


def test_of_a_unit_that_none_names_it_changes_at_once(unit: Employer, clerk: Any) -> None:
    assert _of_another_kind(unit, clerk).kind == "state_owned"
    assert not RecordChange.objects.exists()
