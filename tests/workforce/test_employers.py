"""Units: found by their unified social credit code, written down once."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.access import NotNow, Refused
from portal.regions.models import Region
from portal.workforce.actions import Stale, correct_employer, create_employer, version_of
from portal.workforce.models import Employer
from tests.cast import KUNDULUN, OTOG

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)
CODE = "91150624MA0N0XTH5Q"


def create(by, **given):
    region = Region.objects.get(pk=given.pop("region", OTOG))
    fields = {"name": "鄂托克旗机械厂", "credit_code": CODE, "kind": "private", "source": "窗口登记"} | given
    return create_employer(**fields, region=region, by=by, on=ON)


def test_a_clerk_writes_down_a_unit(cast):
    assert create(cast("clerk"), credit_code=CODE.lower()).credit_code == CODE


@pytest.mark.parametrize("code", ["123", "91150624MA0N0XTH5X", "O1150624MA0N0XTH5Q"])
def test_a_code_that_cannot_be_right_is_refused(cast, code):
    with pytest.raises(ValidationError) as refused:
        create(cast("clerk"), credit_code=code)
    assert "credit_code" in refused.value.message_dict


@pytest.mark.parametrize("who", ["reviewer", "auditor", "baotou_clerk"])
def test_others_write_down_none(cast, who):
    with pytest.raises(Refused):
        create(cast(who))


def test_a_code_stands_once_even_in_another_region(cast):
    create(cast("clerk"))
    with pytest.raises(NotNow, match="鄂托克旗机械厂"):
        create(cast("baotou_clerk"), name="另一个名称", region=KUNDULUN)
    assert Employer.objects.count() == 1


def test_a_name_without_a_code_stands_once_in_a_region(cast):
    create(cast("clerk"), credit_code="")
    with pytest.raises(NotNow, match="同名"):
        create(cast("clerk"), credit_code=" ")
    create(cast("baotou_clerk"), credit_code="", region=KUNDULUN)


def test_a_unit_is_corrected_on_the_version_that_was_seen(cast):
    unit = create(cast("clerk"))
    opened = version_of(unit)
    given = {
        "name": "鄂托克旗重型机械厂",
        "credit_code": CODE,
        "kind": "state_owned",
        "region": unit.region,
        "source": "营业执照",
    }
    assert (
        correct_employer(unit.pk, version=opened, **given, by=cast("clerk"), on=ON).name
        == "鄂托克旗重型机械厂"
    )
    assert unit.events.get().name == "鄂托克旗机械厂"
    with pytest.raises(Stale):
        correct_employer(unit.pk, version=opened, **given, by=cast("clerk"), on=ON)
    with pytest.raises(Refused):
        correct_employer(unit.pk, version=opened, **given, by=cast("baotou_clerk"), on=ON)
