"""Where earlier claims are not covered, nobody is told that they may claim: what is missing is said instead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from portal.cases.actions import NotNow
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.entitlements.offers import consent, notify
from portal.policy.models import Determination
from portal.workforce.models import Worker
from tests.covering import covered, nothing_covered
from tests.entitlements.given import welder

pytestmark = pytest.mark.django_db
SUBSIDY = "training.skill-upgrade"
SAYS = "缺少鄂尔多斯市鄂托克旗失业保险基金2017年1月1日至"
# The certificate of `welder` may be claimed for.
ON = date(2026, 11, 20)


@pytest.fixture
def offered(reviewer: Any) -> Offer:
    worker = welder()
    match(ON, cause="test")
    return Offer.objects.get(worker=worker, benefit=SUBSIDY)


def test_an_offer_is_not_told_and_not_agreed_to_where_nothing_is_covered(offered: Offer, clerk: Any) -> None:
    nothing_covered()
    with pytest.raises(NotNow, match=SAYS):
        consent(offered.pk, by=clerk, on=ON)
    decided = Determination.objects.filter(benefit=SUBSIDY).order_by("-id").first()
    assert decided is not None and decided.outcome == "undetermined"
    offered.refresh_from_db()
    assert offered.state == "expired"


def test_a_clerk_who_tells_reads_which_extract_is_missing(offered: Offer, clerk: Any) -> None:
    nothing_covered()
    with pytest.raises(NotNow, match=SAYS):
        notify(offered.pk, by=clerk, on=ON)


def test_it_is_offered_where_it_is_covered_and_again_when_it_is(reviewer: Any) -> None:
    nothing_covered()
    worker = welder()
    match(ON, cause="test")
    assert not Offer.objects.filter(worker=worker, benefit=SUBSIDY).exists()
    covered(reviewer, "150600", date(2026, 11, 10))
    match(ON, cause="test")
    assert not Offer.objects.filter(worker=worker, benefit=SUBSIDY).exists()
    covered(reviewer, "150600", date(2026, 11, 10), fund="employment_subsidy_fund")
    match(ON, cause="test")
    assert Offer.objects.get(worker=worker, benefit=SUBSIDY).state == "matched"


def test_the_desk_and_the_own_page_say_what_is_missing(
    clerk: Any, worker_user: Any, worker: Worker, as_user: Any
) -> None:
    desk, own = as_user(clerk), as_user(worker_user)
    said = "以往补贴情况尚不能确定"
    for client, address in (
        (desk, f"/window/workers/{worker.pk}/check/"),
        (desk, f"/window/workers/{worker.pk}/check/sheet/"),
        (own, "/my/check/"),
    ):
        assert said not in client.get(address).text
    nothing_covered()
    year = f"{timezone.localdate().year}年"
    for client, address in (
        (desk, f"/window/workers/{worker.pk}/check/"),
        (desk, f"/window/workers/{worker.pk}/check/sheet/"),
        (own, "/my/check/"),
    ):
        page = client.get(address).text
        assert said in page and SAYS in page and year in page
    assert "您不必提供证明" in own.get("/my/check/").text
    assert "办理前须补充的信息" in desk.get(f"/window/workers/{worker.pk}/").text
