"""What happens to an offer: the worker is told, agrees or does not; what was agreed to is done.

The register is looked at again before anything is agreed: an offer of last night is no promise.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, require
from portal.cases.actions import NewCase, NotNow, open_cases, transition
from portal.cases.models import Case
from portal.cases.own_page import register_own_page
from portal.entitlements.case_openers import case_opener_of
from portal.entitlements.evidence import determine_for_worker, distinction
from portal.entitlements.models import Offer, OfferState, ServiceRequest
from portal.entitlements.workflow import SERVICE
from portal.policy.benefits import BY_CODE
from portal.policy.models import Determination, Outcome
from portal.workforce.models import Worker


def title_of(benefit: str) -> str:
    return BY_CODE[benefit].title


@transaction.atomic
def notify_on_own_page(worker_id: int, *, by: Any, on: date) -> int:
    """The worker has opened the page that lists their offers: those they had not been told of are now told,
    each once, and what was told is kept as evidence; how many. Raises `Refused` for anybody but the worker.
    """
    worker = Worker.objects.select_related("account").get(pk=worker_id)
    if worker.account_id != by.pk:
        raise Refused("只能查看本人的事项。")
    return len(
        _notify(
            Offer.objects.filter(worker=worker, state=OfferState.MATCHED), worker, by=by, on=on, teller=None
        )
    )


@transaction.atomic
def notify(offer_id: int, *, by: Any, on: date) -> Offer:
    """A clerk has told the worker, at the window or by telephone. Raises `Refused`, or `NotNow` when that was
    done or has lapsed.
    """
    offer = _locked(offer_id)
    require(by, "offer.handle", offer.region_id)
    if offer.state != OfferState.MATCHED:
        raise NotNow(f"该事项当前为“{offer.get_state_display()}”，不需要再次告知。")
    told = _notify(Offer.objects.filter(pk=offer.pk), offer.worker, by=by, on=on, teller=by)
    if not told:
        raise NotNow("按今天的档案，本人已不符合该项条件，已停止告知。请刷新页面查看。")
    offer.refresh_from_db()
    return offer


def _notify(waiting: Any, worker: Worker, *, by: Any, on: date, teller: Any) -> list[Offer]:
    """Those of the waiting offers that still hold are told, the others lapse."""
    offers = list(waiting.select_for_update(of=("self",)).order_by("id"))
    if not offers:
        return []
    holding = _holding(worker, {offer.benefit for offer in offers}, on=on)
    told, now = [], timezone.now()
    for offer in offers:
        determination = holding.get((offer.benefit, offer.distinction))
        if determination is None:
            offer.state = OfferState.EXPIRED
        else:
            offer.state, offer.determination, offer.notified_by = OfferState.NOTIFIED, determination, teller
            offer.notified_at = offer.notified_at or now
            told.append(offer)
        offer.save(update_fields=["state", "determination", "notified_by", "notified_at"])
    audit.record_many(
        "offer.tell",
        by=by,
        about=[
            (offer, worker.pk, offer.region_id, {"benefit": offer.benefit, "state": offer.state})
            for offer in offers
        ],
    )
    return told


def _holding(worker: Worker, benefits: Collection[str], *, on: date) -> dict[tuple[str, str], Determination]:
    """What holds today: {(benefit, what tells it apart): its determination}."""
    apart = distinction(worker.pk, on=on)
    found = determine_for_worker(worker, sorted(benefits), on=on)
    return {(code, apart[code]): one for code, one in found.items() if one.outcome == Outcome.ELIGIBLE}


def consent(offer_id: int, *, by: Any, on: date) -> Case:
    """The worker agrees, by themselves or at the window: the entitlement is decided again, kept as evidence,
    and a case opened.

    Raises `Refused`; `NotNow` when it was answered already, or does not hold any more (the offer then
    lapses).
    """
    with transaction.atomic():
        offer = _answerable(offer_id, by)
        determination = _holding(offer.worker, [offer.benefit], on=on).get((offer.benefit, offer.distinction))
        if determination is not None:
            offer.state, offer.answered_on, offer.determination = OfferState.CONSENTED, on, determination
            offer.save(update_fields=["state", "answered_on", "determination"])
            case = _opened(offer, determination, by=by, on=on)
            audit.record(
                "offer.consent",
                by=by,
                obj=offer,
                worker=offer.worker_id,
                region=offer.region_id,
                detail={"benefit": offer.benefit, "case": case.number},
            )
            return case
        offer.state = OfferState.EXPIRED
        offer.save(update_fields=["state"])
        audit.record(
            "offer.lapse",
            by=by,
            obj=offer,
            worker=offer.worker_id,
            region=offer.region_id,
            detail={"benefit": offer.benefit},
        )
    # Outside, so that the lapse stays written.
    raise NotNow(
        f"按今天的档案，已不符合“{title_of(offer.benefit)}”的条件，该事项已失效。可到“待遇查询”查看是哪一项条件。"
    )


def _opened(offer: Offer, determination: Determination, *, by: Any, on: date) -> Case:
    if taker := case_opener_of(offer.benefit):
        return taker(offer, by, on)
    (case,) = open_cases(
        SERVICE,
        [
            NewCase(
                region_id=offer.region_id,
                worker_id=offer.worker_id,
                subject=f"{title_of(offer.benefit)}：{offer.worker.name}",
            )
        ],
        by=by,
        on=on,
    )
    ServiceRequest.objects.create(case=case, offer=offer, determination=determination)
    return case


@transaction.atomic
def decline(offer_id: int, *, by: Any, on: date, reason: str = "") -> Offer:
    """The worker does not want it; it is not offered again. Raises `Refused`, `NotNow`."""
    offer = _answerable(offer_id, by)
    offer.state, offer.answered_on, offer.reason = OfferState.DECLINED, on, reason.strip()[:200]
    offer.save(update_fields=["state", "answered_on", "reason"])
    audit.record(
        "offer.decline",
        by=by,
        obj=offer,
        worker=offer.worker_id,
        region=offer.region_id,
        detail={"benefit": offer.benefit},
    )
    return offer


def _locked(offer_id: int) -> Offer:
    return Offer.objects.select_for_update(of=("self",)).select_related("worker__account").get(pk=offer_id)


def _answerable(offer_id: int, by: Any) -> Offer:
    offer = _locked(offer_id)
    if offer.worker.account_id != by.pk:
        require(by, "offer.handle", offer.region_id)
    if not offer.is_open:
        raise NotNow(f"该事项当前为“{offer.get_state_display()}”，不能再次答复。请刷新页面查看。")
    return offer


# -- the matter that a consent opened ------------------------------------------------------------------------


def finish(case_id: int, *, by: Any, on: date, reason: str) -> ServiceRequest:
    """The office has done what was agreed. The entitlement must still hold. Raises `Refused`, `NotNow`."""
    with transition(case_id, "finish", by=by, on=on, reason=reason) as case:
        request = ServiceRequest.objects.select_related("offer__worker").get(pk=case.pk)
        found = determine_for_worker(request.offer.worker, [request.offer.benefit], on=on)[
            request.offer.benefit
        ]
        if found.outcome != Outcome.ELIGIBLE:
            raise NotNow(
                "按今天的档案，本人已不符合该项条件，不能办结。请核对档案；确不符合的，选择“未能办理”并写明原因。"
            )
        return _close(request, reason)


def end(case_id: int, *, by: Any, on: date, reason: str) -> ServiceRequest:
    """It cannot be done; the worker reads why and what to do. Raises `Refused`, `NotNow`."""
    with transition(case_id, "end", by=by, on=on, reason=reason) as case:
        return _close(ServiceRequest.objects.get(pk=case.pk), reason)


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> Case:
    """The worker takes the consent back. Raises `Refused`, `NotNow`."""
    with transition(case_id, "withdraw", by=by, on=on, reason=reason) as case:
        return case


def register() -> None:
    """On their own page the worker may take the consent back, and reads what the office did."""
    register_own_page(SERVICE, withdraw=withdraw, answer=lambda case: str(case.service_request.result))


def _close(request: ServiceRequest, result: str) -> ServiceRequest:
    request.result = result.strip()[:500]
    request.save(update_fields=["result"])
    return request
