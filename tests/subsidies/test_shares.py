"""What officers are shown: claims without a typed field, days until people were told, what ended unclaimed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.entitlements.models import Offer
from portal.workforce.models import SkillCredential
from subsidies import shares
from subsidies.models import Claim, LastDay
from tests.cast import KUNDULUN, OTOG, make_worker

pytestmark = pytest.mark.django_db
YEAR = 2026
CHINA = ZoneInfo("Asia/Shanghai")


def some_determination(worker: Any) -> Any:
    """Something that was decided about the person; what is of no matter here."""
    from portal.entitlements.evidence import determine_for_worker

    return determine_for_worker(worker, ["training.skill-upgrade"], on=timezone.localdate())[
        "training.skill-upgrade"
    ]


def offered(days: int | None, *, region: str = OTOG, issued: date = date(YEAR, 3, 1), **offer: Any) -> Offer:
    """Somebody was told so many days after their certificate was issued; None: not yet."""
    worker = make_worker("王建国", region=region)
    credential = SkillCredential.objects.create(
        worker=worker, occupation="焊工", level=40, number=f"S{worker.pk}", issued_on=issued, source="合成"
    )
    given = {"worker": worker, "region_id": region, "benefit": "training.skill-upgrade", "matched_on": issued}
    if days is not None:
        told = datetime(issued.year, issued.month, issued.day, 23, 30, tzinfo=CHINA) + timedelta(days=days)
        given |= {"state": "notified", "notified_at": told}
    about = {"distinction": str(credential.pk), "subject_type": "certificate", "subject_id": credential.pk}
    return Offer.objects.create(**given | about | offer)


def ended(offer: Offer, day: date, *, missed: bool = True, warned: bool = False) -> LastDay:
    return LastDay.objects.create(
        offer=offer,
        worker=offer.worker,
        credential_id=offer.subject_id,
        region_id=offer.region_id,
        day=day,
        seen_on=day,
        warned_60_on=day - timedelta(days=60) if warned else None,
        missed_on=day + timedelta(days=1) if missed else None,
    )


def of(table: shares.Table, *columns: str) -> dict[str, tuple[Any, ...]]:
    return {row["name"]: tuple(row[column] for column in columns) for row in table.rows}


# -- what had to be typed ------------------------------------------------------------------------------------
def test_the_share_of_claims_without_a_typed_field(
    cast: Any, handed_in: Any, welder: Any, welding: Any
) -> None:
    from tests.subsidies.conftest import certificate

    claim = handed_in(welding)
    other = handed_in(certificate(welder, cast("reviewer"), occupation="钳工", number="S2"))
    Claim.objects.filter(pk=claim.pk).update(prefilled=True)
    table = shares.untyped(cast("supervisor"), YEAR)
    assert of(table, "claims", "untyped", "share") == {"鄂尔多斯市": (2, 1, 50)}
    assert (table.total["claims"], table.total["share"]) == (2, 50)
    assert shares.untyped(cast("supervisor"), YEAR - 1) == shares.Table([], {})
    assert other.handed_in_on.year == YEAR


def test_a_draft_is_no_claim_yet(cast: Any, welding: Any) -> None:
    from subsidies import claiming

    claiming.draft(
        welding.pk, "subsidies.skill-upgrade", channel="window", by=cast("clerk"), on=date(YEAR, 11, 16)
    )
    assert shares.untyped(cast("supervisor"), YEAR).rows == []


# -- how long until somebody was told ------------------------------------------------------------------------
def test_days_from_the_certificate_to_being_told(cast: Any) -> None:
    for days in (2, 4, 40):
        offered(days)
    offered(10, region=KUNDULUN)
    table = shares.told(cast("supervisor"), YEAR)
    assert of(table, "told", "median", "longest") == {"鄂尔多斯市": (3, 4, 40), "包头市": (1, 10, 10)}
    assert (table.total["told"], table.total["median"]) == (4, 7)
    assert table.total["nine_tenths"] == pytest.approx(31)
    assert of(shares.told(cast("baotou_reviewer"), YEAR), "told") == {"包头市": (1,)}


def test_the_letter_that_came_first_counts(cast: Any) -> None:
    late = offered(300)
    ended(late, date(YEAR + 1, 3, 1), missed=False)
    LastDay.objects.update(warned_60_on=date(YEAR, 12, 1))
    never = offered(None)
    ended(never, date(YEAR + 1, 3, 1), missed=False)
    LastDay.objects.filter(offer=never).update(warned_14_on=date(YEAR, 3, 11))
    assert of(shares.told(cast("supervisor"), YEAR), "told", "longest") == {"鄂尔多斯市": (2, 275)}


@pytest.mark.parametrize(
    "offer",
    [
        {"benefit": "leave.annual"},
        {"benefit": "training.technician"},
        {"subject_type": "training"},
        {"issued": date(YEAR + 1, 1, 1)},
        {"issued": date(YEAR - 2, 1, 1)},
    ],
)
def test_what_does_not_count(cast: Any, offer: dict[str, Any]) -> None:
    offered(3, **offer)
    offered(None)
    assert shares.told(cast("supervisor"), YEAR).rows == []


# -- what ended unclaimed ------------------------------------------------------------------------------------
def test_what_ended_unclaimed_by_league(cast: Any) -> None:
    ended(offered(3), date(YEAR, 5, 1), warned=True)
    ended(offered(3), date(YEAR, 6, 1))
    ended(offered(3, region=KUNDULUN), date(YEAR, 6, 1))
    ended(offered(3), date(YEAR - 1, 6, 1))
    ended(offered(3), date(YEAR, 12, 1), missed=False)
    table = shares.missed(cast("supervisor"), YEAR)
    assert of(table, "missed", "warned") == {"鄂尔多斯市": (2, 1), "包头市": (1, 0)}
    assert table.total["missed"] == 3
    assert of(shares.missed(cast("reviewer"), YEAR), "missed") == {"鄂尔多斯市": (2,)}


# -- the page ------------------------------------------------------------------------------------------------
def test_the_page_has_a_table_beside_each_chart(cast: Any, as_user: Any) -> None:
    year = timezone.localdate().year
    for region in (OTOG, KUNDULUN):
        issued = date(year, 1, 2)
        ended(offered(3, region=region, issued=issued), date(year, 12, 1), warned=True)
    page = as_user(cast("supervisor")).get(reverse("subsidies:shares"))
    text = page.content.decode()
    assert page.context["charts"].keys() == {"told", "missed"}
    assert "从发证到告知的天数（按盟市）" in text and 'id="chart-told"' in text
    assert page.context["charts"]["missed"]["names"] == ["包头市", "鄂尔多斯市"]
    assert f"{year}年还没有提交的申请" in text


def test_of_one_place_there_is_no_chart(cast: Any, as_user: Any) -> None:
    ended(offered(3, issued=date(timezone.localdate().year, 1, 2)), timezone.localdate())
    page = as_user(cast("reviewer")).get(reverse("subsidies:shares"))
    assert page.context["charts"] == {} and "echarts" not in page.content.decode()


@pytest.mark.parametrize("asked", ["1999", "x", "²", ""])
def test_another_year_is_this_one(cast: Any, as_user: Any, asked: str) -> None:
    page = as_user(cast("supervisor")).get(reverse("subsidies:shares"), {"year": asked})
    assert page.context["year"] == timezone.localdate().year
    assert all(f"{key}" in page.context for key in ("untyped", "told", "missed"))


@pytest.mark.parametrize(
    ("who", "status"),
    [("approver", 200), ("policy_officer", 200), ("clerk", 403), ("auditor", 403), ("employer_agent", 403)],
)
def test_officers_open_it(cast: Any, as_user: Any, who: str, status: int) -> None:
    assert as_user(cast(who)).get(reverse("subsidies:shares")).status_code == status


def test_each_table_is_one_statement(cast: Any) -> None:
    user = cast("supervisor")
    shares.untyped(user, YEAR)
    for table in (shares.untyped, shares.told, shares.missed):
        with CaptureQueriesContext(connection) as asked:
            table(user, YEAR)
        assert len(asked) <= 2, "the numbers, and the names of the leagues"
