"""A subsidy that was found for somebody: their consent is the claim, by the certificate that was found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.entitlements.offers import consent, notify_on_own_page
from portal.policy.rederive import replay
from subsidies.models import Claim
from subsidies.trainings import confirm as confirm_training
from tests.subsidies.conftest import certificate, in_work, training

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


def test_two_certificates_are_two_offers_and_two_claims(cast: Any, worker: Any, worker_user: Any) -> None:
    in_work(worker, cast("reviewer"))
    today = timezone.localdate()
    older = certificate(
        worker, cast("reviewer"), number="S1", issued_on=today.replace(day=1) - timedelta(days=31)
    )
    newer = certificate(
        worker, cast("reviewer"), occupation="钳工", level=40, number="S2", issued_on=today.replace(day=1)
    )
    match(today, cause="night", whole=True)
    offers = {one.subject_id: one for one in Offer.objects.filter(benefit="training.skill-upgrade")}
    assert offers.keys() == {older.pk, newer.pk}
    assert notify_on_own_page(worker.pk, by=worker_user, on=today) >= 2
    for number, amount in ((older.pk, 1500), (newer.pk, 2000)):
        offers[number].refresh_from_db()
        determination = offers[number].determination
        assert (determination.subject_id, determination.amount) == (number, amount)
        consent(offers[number].pk, by=worker_user, on=today)
    assert {claim.subject_id for claim in Claim.objects.all()} == {older.pk, newer.pk}
    assert list(replay()) == []


def test_a_completed_training_is_offered_and_claimed_for(
    cast: Any, worker: Any, worker_user: Any, as_user: Any
) -> None:
    in_work(worker, cast("reviewer"))
    today = timezone.localdate()
    one = training(worker, by=cast("clerk"), confirmed_by=cast("reviewer"))
    stated = training(worker, by=cast("clerk"), occupation="钳工", number="PX2")
    match(today, cause="night", whole=True)
    [offer] = Offer.objects.filter(benefit="training.technician")
    shown = reverse("window:offer", args=[offer.pk])
    assert "参加的是高级技师岗位技能提升培训" in as_user(cast("clerk")).get(shown).content.decode()
    own = as_user(worker_user).get(reverse("my:offer", args=[offer.pk])).content.decode()
    assert "参加的是高级技师岗位技能提升培训" in own
    assert (offer.subject_type, offer.subject_id) == ("training", one.pk)
    assert offer.distinction_in_words == "焊工 高级技师岗位技能提升培训 2026-09-30"
    confirm_training(stated.pk, seen="结业证书原件", by=cast("reviewer"), on=today)
    match(today, cause="night")
    assert Offer.objects.filter(benefit="training.technician").open().count() == 2
    consent(offer.pk, by=worker_user, on=today)
    assert Claim.objects.get().training == one
    match(today, cause="night")
    assert [found.state for found in Offer.objects.filter(benefit="training.technician").order_by("pk")] == [
        "consented",
        "matched",
    ]


def test_what_does_not_hold_for_the_training_is_not_offered(cast: Any, worker: Any) -> None:
    in_work(worker, cast("reviewer"), on_payroll=True)
    training(worker, by=cast("clerk"), confirmed_by=cast("reviewer"))
    match(timezone.localdate(), cause="night", whole=True)
    assert not Offer.objects.filter(benefit="training.technician").exists()


def test_the_pages_of_an_offer_are_about_its_own_certificate(
    cast: Any, worker: Any, worker_user: Any, as_user: Any
) -> None:
    in_work(worker, cast("reviewer"))
    today = timezone.localdate()
    first = today.replace(day=1)
    certificate(worker, cast("reviewer"), number="S1", issued_on=first - timedelta(days=31))
    certificate(worker, cast("reviewer"), occupation="钳工", level=40, number="S2", issued_on=first)
    match(today, cause="night", whole=True)
    older = Offer.objects.get(benefit="training.skill-upgrade", beside=True)
    page = as_user(cast("clerk")).get(reverse("window:offer", args=[older.pk])).content.decode()
    assert "1,500" in page and "2,000" not in page
    own = as_user(worker_user).get(reverse("my:offer", args=[older.pk])).content.decode()
    assert "1,500" in own and "焊工 中级工" in own
