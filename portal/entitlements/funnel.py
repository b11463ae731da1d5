"""How far what people are entitled to has come: matched, told, answered, agreed to, done."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from portal.entitlements.models import Offer, OfferState


class Reached(NamedTuple):
    """Of one benefit: how many were matched in the year, and how many of them came how far."""

    benefit: str
    matched: int
    told: int
    agreed: int
    declined: int
    expired: int


def reached(offers: QuerySet[Offer], year: int) -> list[Reached]:
    """Of the offers that were matched in a year, by benefit; one question to the database. Whoever answered was told."""
    of_year = offers.filter(matched_on__gte=date(year, 1, 1), matched_on__lte=date(year, 12, 31))
    answered = Q(state__in=[OfferState.CONSENTED, OfferState.DECLINED])
    counted = (
        of_year.order_by()
        .values_list("benefit")
        .annotate(
            matched=Count("pk"),
            told=Count("pk", filter=Q(notified_at__isnull=False) | answered),
            agreed=Count("pk", filter=Q(state=OfferState.CONSENTED)),
            declined=Count("pk", filter=Q(state=OfferState.DECLINED)),
            expired=Count("pk", filter=Q(state=OfferState.EXPIRED)),
        )
    )
    return sorted((Reached(*row) for row in counted), key=lambda one: (-one.matched, one.benefit))
