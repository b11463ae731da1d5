"""A subsidy that was found for somebody: their consent is the claim, by the certificate that was found."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.entitlements.offers import consent
from subsidies.models import Claim
from tests.subsidies.conftest import certificate, in_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(cast: Any, worker: Any) -> Offer:
    """Found by the night's matching."""
    in_work(worker, cast("reviewer"))
    today = timezone.localdate()
    certificate(worker, cast("reviewer"), level=40, number="S1", issued_on=today.replace(day=1))
    match(today, cause="night", whole=True)
    return Offer.objects.get(worker=worker, benefit="training.skill-upgrade")


def test_the_workers_consent_is_a_claim(offer: Offer, worker_user: Any) -> None:
    case = consent(offer.pk, by=worker_user, on=timezone.localdate())
    claim = Claim.objects.get()
    assert (claim.case, claim.channel, claim.prefilled, case.state) == (case, "self", True, "submitted")
    assert claim.credential.number == "S1"


def test_at_the_window_too(offer: Offer, cast: Any) -> None:
    consent(offer.pk, by=cast("clerk"), on=timezone.localdate())
    assert Claim.objects.get().channel == "window"


def test_what_is_claimed_already_is_not_claimed_by_an_offer(offer: Offer, cast: Any, worker: Any) -> None:
    from subsidies.claiming import claim_at_once

    today = timezone.localdate()
    credential = worker.credentials.get()
    claim_at_once(credential.pk, "subsidies.skill-upgrade", channel="window", by=cast("clerk"), on=today)
    with pytest.raises(NotNow, match="已有一件申请"):
        consent(offer.pk, by=cast("clerk"), on=today)
    assert Claim.objects.count() == 1
