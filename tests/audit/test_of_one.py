"""The audit of one case, one person, one officer: each entry leads to the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from portal.address_codes import code_of
from portal.audit.models import Entry
from portal.cases.actions import assign
from portal.cases.distributing import assign_many
from portal.cases.notes import note
from tests.audit.test_page import PAGE, shown
from tests.cast import make_worker
from tests.window.given import make_case

pytestmark = pytest.mark.django_db


def test_what_was_done_to_a_case_alone_or_in_a_set(cast: Any, as_user: Any) -> None:
    clerk, second, reviewer = cast("clerk"), cast("second_clerk"), cast("reviewer")
    case, other = make_case(make_worker("甲")), make_case(make_worker("乙"))
    assign(case.pk, to=clerk, by=reviewer)
    note(case.pk, text="已电话核实。", by=clerk)
    assign_many([case.pk, other.pk], to=second, by=reviewer)
    assign_many([other.pk], to=clerk, by=reviewer)
    found = shown(as_user(cast("auditor")), f"case={case.number}")
    actions = list(Entry.objects.filter(pk__in=found).values_list("action", flat=True))
    assert actions == ["case.assign_many", "case.note", "case.assign", "case.open"]
    assert shown(as_user(cast("auditor")), f"case={case.number.lower()}") == found
    assert shown(as_user(cast("auditor")), "case=ZJ-1999-000001") == []


def test_each_entry_leads_to_the_case_the_person_and_the_officer(cast: Any, as_user: Any) -> None:
    clerk, case = cast("clerk"), make_case(make_worker("甲"), by=cast("registry_officer"))
    note(case.pk, text="已电话核实。", by=clerk)
    page = as_user(cast("auditor")).get(f"{PAGE}?case={case.number}").text
    for address in (
        f"?case={case.number}",
        f"?worker={code_of('person', case.worker_id)}",
        f"?actor={clerk.username}",
    ):
        assert f'href="{PAGE}{address}"' in page, address


def test_a_case_that_one_does_not_see_tells_nothing(cast: Any, as_user: Any) -> None:
    case = make_case(make_worker("甲"), on=timezone.localdate())
    assert shown(as_user(cast("audit_admin")), f"case={case.number}") == []
