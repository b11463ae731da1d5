"""Whose rosters are taken in, and for which places."""

from __future__ import annotations

from typing import Any

import pytest

from portal.workforce.models import (
    Worker,
)
from tests.cast import BAOTOU, KUNDULUN, ORDOS, make_worker
from tests.roster.conftest import Office, counts, row


def test_a_clerk_imports_for_their_own_banner_only(office: Office, clerk: Any) -> None:
    outcome = office.imports(row(), row(工作地区划代码=KUNDULUN), row(工作地区划代码=ORDOS), by=clerk)
    assert counts(outcome) == (1, 0, 0, 2)
    assert all("不属于您负责的地区" in reason for reason in office.reasons)


def test_a_reviewer_imports_for_the_league_and_its_banners(office: Office, reviewer: Any) -> None:
    outcome = office.imports(row(), row(工作地区划代码=ORDOS), row(工作地区划代码=BAOTOU), by=reviewer)
    assert counts(outcome) == (2, 0, 0, 1)


def test_nobody_takes_over_somebody_registered_elsewhere(office: Office, clerk: Any) -> None:
    worker = make_worker(region=KUNDULUN)
    assert counts(office.imports(row(姓名=worker.name, 证件号码=worker.id_number), by=clerk)) == (0, 0, 0, 1)
    assert "现登记在您负责的地区以外" in office.reasons[0]
    worker.refresh_from_db()
    assert worker.work_region_id == KUNDULUN


def test_the_system_imports_for_all(office: Office) -> None:
    assert office.imports(row(), row(工作地区划代码=KUNDULUN), row(工作地区划代码="150000")).added == 3


@pytest.mark.parametrize(
    "fixture", ["approver", "auditor", "registry_officer", "system_admin", "employer_agent", "worker_user"]
)
def test_others_may_not_import(office: Office, request: pytest.FixtureRequest, fixture: str) -> None:
    from portal.accounts.access import Refused

    somebody = request.getfixturevalue(fixture)
    before = Worker.objects.count()
    with pytest.raises(Refused):
        office.imports(row(), by=somebody)
    assert Worker.objects.count() == before
