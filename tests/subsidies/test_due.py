"""What is about to miss its deadline rises three working days before: on the list of claims, and on the start page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.audit.models import Entry
from portal.cases.models import Case
from portal.regions.calendar import OfficeCalendar, add_working_days
from subsidies import claiming
from subsidies.models import Claim
from tests.cast import make_worker
from tests.subsidies.conftest import certificate, in_work

pytestmark = pytest.mark.django_db
LIST = "/subsidies/claims/"


def claim_due(cast: Any, name: str, due: date | None, **more: Any) -> Claim:
    """A claim that was handed in today, with a deadline of its own."""
    today, clerk = timezone.localdate(), cast("clerk")
    worker = in_work(make_worker(name), cast("reviewer"))
    number = f"S{Claim.objects.count()}"
    one = certificate(worker, cast("reviewer"), number=number, issued_on=today.replace(day=1))
    claim: Claim = claiming.claim_at_once(
        one.pk, "subsidies.skill-upgrade", channel="window", by=clerk, on=today
    )
    Case.objects.filter(pk=claim.pk).update(due_on=due, **more)
    return claim


def in_days(days: int) -> date:
    return add_working_days(timezone.localdate(), days).on


def section_of(page: str) -> str:
    return page.partition('id="due-title"')[2].partition("</section>")[0]


@pytest.fixture
def claims(cast: Any) -> dict[str, Claim]:
    today = timezone.localdate()
    return {
        "today": claim_due(cast, "今天到", today),
        "third": claim_due(cast, "第三天", in_days(3)),
        "fourth": claim_due(cast, "第四天", in_days(4)),
        "stopped": claim_due(cast, "停着的", in_days(1), stopped_on=today),
        "none": claim_due(cast, "没期限", None),
    }


def test_the_list_has_a_section_of_its_own(claims: dict[str, Claim], cast: Any, as_user: Any) -> None:
    """Given claims due today, in three and in four working days, one whose time stands still and one without a deadline,
    when the list is opened, then the first two stand in the section, the nearest first.
    """
    page = as_user(cast("clerk")).get(LIST)
    due = page.context["due"]
    assert [claim.pk for claim in due.claims] == [claims["today"].pk, claims["third"].pk]
    section = section_of(page.content.decode())
    assert "即将到期（2件）" in section and "今天到期" in section and "还有3个工作日" in section
    assert section.index("今天到") < section.index("第三天") and "第四天" not in section
    assert Entry.objects.about_worker(claims["third"].worker_id).exists(), "who was shown is noted"


def test_it_stands_above_the_first_page_alone(claims: dict[str, Claim], cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))
    assert client.get(LIST, {"name": "王"}).context["due"] is None
    assert client.get(LIST, {"state": "submitted"}).context["due"] is None


def test_nobody_reads_of_other_places(claims: dict[str, Claim], cast: Any, as_user: Any) -> None:
    page = as_user(cast("baotou_clerk")).get(LIST)
    assert page.context["due"] is None and "即将到期" not in section_of(page.content.decode())


def test_the_filter_finds_them_all(claims: dict[str, Claim], cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))

    def found(**asked: str) -> set[int]:
        return {row["claim"].pk for row in client.get(LIST, asked).context["rows"]}

    assert found(due="soon") == {claims["today"].pk, claims["third"].pk}
    Case.objects.filter(pk=claims["fourth"].pk).update(due_on=date(2026, 1, 5))
    assert found(due="overdue") == {claims["fourth"].pk}
    assert found(due="soon", name="第三") == {claims["third"].pk}


def test_programs_ask_the_same(claims: dict[str, Claim], cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))
    found = client.get("/api/subsidies/claims/", {"due": "soon"}).json()["results"]
    assert {one["number"] for one in found} == {claims["today"].case.number, claims["third"].case.number}
    refused = client.get("/api/subsidies/claims/", {"due": "tomorrow"})
    assert refused.status_code == 400 and "due" in refused.content.decode()


def test_the_start_page_has_a_list_of_them(claims: dict[str, Claim], cast: Any, as_user: Any) -> None:
    page = as_user(cast("clerk")).get("/window/", {"list": "soon"})
    numbers = [row["case"].number for row in page.context["rows"]]
    assert numbers == [claims["today"].case.number, claims["third"].case.number]
    tabs = {tab["label"]: int(tab["count"]) for tab in page.context["tabs"]}
    assert tabs["即将到期"] == 2


def test_more_than_ten_are_a_filter_away(cast: Any, as_user: Any) -> None:
    for number in range(12):
        claim_due(cast, f"工人{number}", in_days(1))
    page = as_user(cast("clerk")).get(LIST)
    assert len(page.context["due"].claims) == 10 and page.context["due"].total == 12
    assert 'href="?due=soon"' in section_of(page.content.decode())


def test_the_number_of_queries_does_not_grow(cast: Any, as_user: Any) -> None:
    """Neither the list's nor the start page's, with two due claims and with nine."""
    counted: dict[str, list[int]] = {LIST: [], "/window/?list=soon": []}
    client = as_user(cast("clerk"))
    for many in (2, 9):
        while Claim.objects.count() < many:
            claim_due(cast, f"工人{Claim.objects.count()}", in_days(2))
        for address, numbers in counted.items():
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(address)
            numbers.append(len(asked))
    for few, more in counted.values():
        assert more <= few


@pytest.mark.parametrize("days", [0, 1, 3, 10])
def test_the_calendar_counts_as_deadlines_do(days: int) -> None:
    for start in (date(2026, 9, 28), date(2026, 11, 16), date(2026, 12, 30)):
        assert OfficeCalendar().day_after(start, days) == add_working_days(start, days).on
