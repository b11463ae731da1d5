"""Two claims of one right: the same benefit offered to, or asked for by, two people who are one."""

from __future__ import annotations

from collections.abc import Iterable

from portal.entitlements.models import Offer, OfferState
from portal.policy.benefits import BY_CODE
from portal.workforce.collisions import Collision, check_people
from portal.workforce.models import Worker

_OVER = (OfferState.EXPIRED, OfferState.DECLINED)


def _offers(source: Worker, target: Worker) -> Iterable[Collision]:
    theirs = Offer.objects.filter(worker=target).exclude(state__in=_OVER)
    states = {(offer.benefit, offer.distinction): offer for offer in theirs}
    for offer in Offer.objects.filter(worker=source).exclude(state__in=_OVER).order_by("pk"):
        same = states.get((offer.benefit, offer.distinction))
        if same is not None:
            yield Collision(
                "同一待遇两项",
                f"{BY_CODE[offer.benefit].title}在两份档案中各有一项（{offer.get_state_display()}、"
                f"{same.get_state_display()}），只能享受一次，请核对后办理其中一项。",
            )


def register() -> None:
    check_people(_offers)
