"""Records that contradict themselves are not written down; the other names of an honour stand in the form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.workforce.actions import save_record
from portal.workforce.forms import HonourForm
from tests.cast import id_number, make_worker
from tests.workforce.test_records import GIVEN

pytestmark = pytest.mark.django_db


def save(kind: str, worker: Any, by: Any, **values: Any) -> Any:
    return save_record(kind, worker.pk, GIVEN[kind] | values, by=by, on=timezone.localdate())


def test_paying_and_drawing_do_not_go_together(worker: Any, clerk: Any) -> None:
    given = {"months": 40, "as_of": date(2026, 10, 31)}
    with pytest.raises(ValidationError) as refused:
        save("insurance", worker, clerk, **given, paying=True, drawing_benefit=True)
    assert set(refused.value.message_dict) == {"paying"}
    record = save("insurance", worker, clerk, **given, paying=True, drawing_benefit=False)
    assert (record.paying, record.drawing_benefit) == (True, False)


def test_no_stretch_of_work_is_longer_than_all_of_it(worker: Any, clerk: Any) -> None:
    given = {"status": "employed", "worked_years": 2, "front_line_years": 2, "started_on": date(2025, 1, 1)}
    with pytest.raises(ValidationError) as refused:
        save("employment", worker, clerk, **given, continuous_months=36)
    assert set(refused.value.message_dict) == {"continuous_months"}
    assert save("employment", worker, clerk, **given, continuous_months=35).pk


def test_somebody_may_be_retired_and_hold_an_engineers_title(worker: Any, clerk: Any) -> None:
    without_post = {"on_front_line": False, "in_skilled_post": False, "started_on": None}
    older = make_worker("李师傅", number=id_number(born=date(1964, 6, 15)))
    assert save("employment", older, clerk, status="retired", **without_post).status == "retired"
    titled = {"code": "engineering_title", "since": date(2026, 1, 1)}
    assert save("attested", worker, clerk, **titled, value="engineer").value == "engineer"
    for value in (True, "by_region"):
        with pytest.raises(ValidationError):
            save("attested", worker, clerk, **titled, value=value)


def test_the_form_of_an_honour_offers_every_name_it_goes_by(clerk: Any) -> None:
    labels = [label for _, label in HonourForm(user=clerk).fields["type"].choices]
    assert "草原英才（也称：英才兴蒙）" in labels
    assert any("自治区五一劳动奖章" in label for label in labels)
