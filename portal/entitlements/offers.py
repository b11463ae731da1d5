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
from portal.entitlements.evidence import determine_for_worker, distinctions_of
from portal.entitlements.guides import legal_working_days
from portal.entitlements.known_facts import reads_earlier_claims
from portal.entitlements.models import Offer, OfferState, ServiceRequest
from portal.entitlements.offered_subjects import determine_offered, subject_in_question
from portal.entitlements.workflow import SERVICE
from portal.policy.benefits import BY_CODE
from portal.policy.law import law_on
from portal.policy.models import Determination, Outcome
from portal.workforce.missing_coverage import missing_coverage, sentences
from portal.workforce.models import Worker
from portal.workforce.models.base import own_records


def benefit_title(benefit: str) -> str:
    return BY_CODE[benefit].title


@transaction.atomic
def notify_on_own_page(worker_id: int, *, by: Any, on: date) -> int:
    """The worker has opened the page of their offers: what is new to them counts as told; how many that were.

    What was told is kept as evidence. Raises `Refused` for anybody but the worker.
    """
    worker = Worker.objects.select_related("account").get(pk=worker_id)
    if worker.pk not in own_records(by):
        raise Refused("只能查看本人的事项。")
    waiting = Offer.objects.filter(worker=worker, state=OfferState.MATCHED)
    return len(_notify(waiting, worker, by=by, on=on, notified_by=None))


@transaction.atomic
def notify(offer_id: int, *, by: Any, on: date) -> Offer:
    """A clerk has told the worker, at the window or by telephone. Raises `Refused`, `NotNow`."""
    offer = _lock_offer(offer_id)
    require(by, "offer.handle", offer.region_id)
    if offer.state != OfferState.MATCHED:
        raise NotNow(f"该事项当前为“{offer.get_state_display()}”，不需要再次告知。")
    notified = _notify(Offer.objects.filter(pk=offer.pk), offer.worker, by=by, on=on, notified_by=by)
    if not notified:
        raise NotNow(
            f"按今天的档案，本人已不符合该项条件，已停止告知。请刷新页面查看。{_not_known(offer, on)}"
        )
    offer.refresh_from_db()
    return offer


def _notify(waiting: Any, worker: Worker, *, by: Any, on: date, notified_by: Any) -> list[Offer]:
    """Those of the waiting offers that still hold are told, the others lapse."""
    offers = list(waiting.select_for_update(of=("self",)).order_by("id"))
    if not offers:
        return []
    holding = _holding_today(offers, worker, on=on)
    now = timezone.now()
    notified = []
    for offer in offers:
        determination = holding.get(offer.pk)
        if determination is None:
            offer.state = OfferState.EXPIRED
        else:
            offer.state = OfferState.NOTIFIED
            offer.determination = determination
            offer.notified_by = notified_by
            offer.notified_at = offer.notified_at or now
            notified.append(offer)
        offer.save(update_fields=["state", "determination", "notified_by", "notified_at"])
    audit.record_many(
        "offer.tell",
        by=by,
        about=[
            (offer, worker.pk, offer.region_id, {"benefit": offer.benefit, "state": offer.state})
            for offer in offers
        ],
    )
    return notified


def _holding_today(offers: Collection[Offer], worker: Worker, *, on: date) -> dict[int, Determination]:
    """What holds today of the worker's offers, each by its determination: about its certificate or training, or about
    the person as a whole.
    """
    holding = {}
    of_person = []
    for offer in offers:
        about = subject_in_question(offer)
        if about is None:
            of_person.append(offer)
        elif determination := determine_offered(offer, about, on=on):
            holding[offer.pk] = determination
    if not of_person:
        return holding
    distinctions = distinctions_of(worker.pk, on=on)
    decided = determine_for_worker(worker, sorted({offer.benefit for offer in of_person}), on=on)
    for offer in of_person:
        determination = decided[offer.benefit]
        if determination.outcome == Outcome.ELIGIBLE and offer.distinction == distinctions[offer.benefit]:
            holding[offer.pk] = determination
    return holding


def consent(offer_id: int, *, by: Any, on: date) -> Case:
    """The worker agrees: the entitlement is decided again, kept as evidence, and a case opened.

    Raises `Refused`; `NotNow` when it was answered already, or does not hold any more: the offer then lapses.
    """
    with transaction.atomic():
        offer = _lock_answerable(offer_id, by)
        determination = _holding_today([offer], offer.worker, on=on).get(offer.pk)
        if determination is not None:
            return _record_consent(offer, determination, by=by, on=on)
        offer.state = OfferState.EXPIRED
        offer.save(update_fields=["state"])
        _record(offer, "offer.lapse", by=by)
    # Outside, so that the lapse stays written.
    raise NotNow(
        f"按今天的档案，已不符合“{benefit_title(offer.benefit)}”的条件，该事项已失效。"
        f"可到“待遇查询”查看是哪一项条件。{_not_known(offer, on)}"
    )


def _not_known(offer: Offer, on: date) -> str:
    """What is to be said where the condition may only not be known: it is offered again when the extract is there."""
    if not reads_earlier_claims(offer.benefit):
        return ""
    return "".join(sentences(missing_coverage(offer.worker, on).values()))


def _record_consent(offer: Offer, determination: Determination, *, by: Any, on: date) -> Case:
    offer.state = OfferState.CONSENTED
    offer.answered_on = on
    offer.determination = determination
    offer.save(update_fields=["state", "answered_on", "determination"])
    case = _open_case(offer, determination, by=by, on=on)
    _record(offer, "offer.consent", by=by, case=case.number)
    return case


def _record(offer: Offer, action: str, *, by: Any, **detail: Any) -> None:
    audit.record(
        action,
        by=by,
        obj=offer,
        worker=offer.worker_id,
        region=offer.region_id,
        detail={"benefit": offer.benefit, **detail},
    )


def _open_case(offer: Offer, determination: Determination, *, by: Any, on: date) -> Case:
    if taker := case_opener_of(offer.benefit):
        return taker(offer, by, on)
    subject = f"{benefit_title(offer.benefit)}：{offer.worker.name}"
    new_case = NewCase(
        region_id=offer.region_id,
        worker_id=offer.worker_id,
        subject=subject,
        most_working_days=legal_working_days(offer.benefit, law_on(on)),
    )
    (case,) = open_cases(SERVICE, [new_case], by=by, on=on)
    ServiceRequest.objects.create(case=case, offer=offer, determination=determination)
    return case


@transaction.atomic
def decline(offer_id: int, *, by: Any, on: date, reason: str = "") -> Offer:
    """The worker does not want it; it is not offered again. Raises `Refused`, `NotNow`."""
    offer = _lock_answerable(offer_id, by)
    offer.state = OfferState.DECLINED
    offer.answered_on = on
    offer.reason = reason.strip()[:200]
    offer.save(update_fields=["state", "answered_on", "reason"])
    _record(offer, "offer.decline", by=by)
    return offer


def _lock_offer(offer_id: int) -> Offer:
    return Offer.objects.select_for_update(of=("self",)).select_related("worker__account").get(pk=offer_id)


def _lock_answerable(offer_id: int, by: Any) -> Offer:
    offer = _lock_offer(offer_id)
    if offer.worker_id not in own_records(by):
        require(by, "offer.handle", offer.region_id)
    if not offer.is_open:
        raise NotNow(f"该事项当前为“{offer.get_state_display()}”，不能再次答复。请刷新页面查看。")
    return offer


# -- the matter that a consent opened ------------------------------------------------------------------------


def finish(case_id: int, *, by: Any, on: date, reason: str) -> ServiceRequest:
    """The office has done what was agreed. The entitlement must still hold. Raises `Refused`, `NotNow`."""
    with transition(case_id, "finish", by=by, on=on, reason=reason) as case:
        request = ServiceRequest.objects.select_related("offer__worker").get(pk=case.pk)
        offer = request.offer
        if not _still_holds(offer, on):
            raise NotNow(
                "按今天的档案，本人已不符合该项条件，不能办结。"
                f"请核对档案；确不符合的，选择“未能办理”并写明原因。{_not_known(offer, on)}"
            )
        return _write_result(request, reason)


def _still_holds(offer: Offer, on: date) -> bool:
    about = subject_in_question(offer)
    if about is not None:
        return determine_offered(offer, about, on=on) is not None
    decided = determine_for_worker(offer.worker, [offer.benefit], on=on)
    return decided[offer.benefit].outcome == Outcome.ELIGIBLE


def end(case_id: int, *, by: Any, on: date, reason: str) -> ServiceRequest:
    """It cannot be done; the worker reads why and what to do. Raises `Refused`, `NotNow`."""
    with transition(case_id, "end", by=by, on=on, reason=reason) as case:
        return _write_result(ServiceRequest.objects.get(pk=case.pk), reason)


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> Case:
    """The worker takes the consent back. Raises `Refused`, `NotNow`."""
    with transition(case_id, "withdraw", by=by, on=on, reason=reason) as case:
        return case


def register() -> None:
    """On their own page the worker may take the consent back, and reads what the office did."""
    register_own_page(SERVICE, withdraw=withdraw, answer=lambda case: str(case.service_request.result))


def _write_result(request: ServiceRequest, result: str) -> ServiceRequest:
    request.result = result.strip()[:500]
    request.save(update_fields=["result"])
    return request
