"""What the tests of plausibility begin with."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.workforce.actions import record_honour, save_record
from portal.workforce.models import HonourType
from tests.cast import id_number, make_worker
from tests.workforce.test_records import GIVEN

ON = date(2026, 11, 23)
REASON = "已核对证书原件和本人户口簿"
# No fact of GIVEN stands in the way of the one that is tried.
BARE = {
    "employment": {
        "on_front_line": None,
        "front_line_years": None,
        "in_skilled_post": None,
        "public_institution_payroll": None,
        "started_on": None,
    },
    "competition": {"edition": None, "rank": None, "prize": ""},
}
HONOUR = {
    "type": "national_technical_expert",
    "year": 2025,
    "named_as": "",
    "conferred_on": None,
    "document": "文",
    "source": "窗口登记",
}


def aged(born: date) -> Any:
    return make_worker("苏和", number=id_number(born=born))


def save(kind: str, worker: Any, by: Any, /, *, explanation: str = "", **values: Any) -> Any:
    if kind == "honour":
        given = HONOUR | values
        given["type"] = HonourType.objects.get(pk=given["type"])
        return record_honour(worker.pk, **given, explanation=explanation, by=by, on=ON)
    given = GIVEN[kind] | BARE.get(kind, {}) | values
    return save_record(kind, worker.pk, given, explanation=explanation, by=by, on=ON)
