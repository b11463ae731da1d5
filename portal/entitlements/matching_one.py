"""One person matched as soon as something about them was saved: whoever waits at the window hears of it at once.

It writes offers and nothing else. What the looks over the register count and compare with stays as the last of them left
it, so the next one finds the same difference and the offers already there. What is offered beside a person's own row, for
an older certificate, is left to that look.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal import audit, locks
from portal.entitlements.catalogue import BITS as PLACES
from portal.entitlements.catalogue import MONEY, OFFERED, WITHOUT_MONEY, benefits_in
from portal.entitlements.matching import distinction_sql
from portal.entitlements.models import MatchRun, Offer, OfferState
from portal.entitlements.offered_subjects import (
    about_certificates,
    foresee_offered,
    subject_in_question,
)
from portal.policy import prepared
from portal.policy.engine import current_rules
from portal.policy.law import law_on
from portal.policy.models import Outcome
from portal.policy.sets import Relation, Statement, masks
from portal.workforce.facts import plain_relation, relation
from portal.workforce.merged import pointers, records_of
from portal.workforce.models import SkillCredential, Worker
from portal.workforce.models.verification import Verification
from portal.workforce.subjects import CERTIFICATE

_LOCK = "entitlements.match"
_NEWEST = ("certificate_level", "certificate_occupation", "certificate_issued_on")


@dataclass(frozen=True)
class _Held:
    """What a person is entitled to: by benefit what tells it from another one; and their newest verified certificate."""

    distinctions: dict[str, str]
    newest: tuple[Any, ...]


def saved(worker_ids: Collection[int]) -> None:
    """Something was written about these people: each is matched once the transaction has committed, and once however
    much was written. Of many at once, the look over the register that follows finds them.
    """
    if len(worker_ids) == 1:
        (worker_id,) = worker_ids
        jobs = [waiting[1] for waiting in connection.run_on_commit]
        asked = [getattr(job, "args", ()) for job in jobs if getattr(job, "func", None) is match_person_today]
        if (worker_id,) not in asked:
            transaction.on_commit(partial(match_person_today, worker_id), robust=True)


def taken_back(worker_ids: Collection[int]) -> None:
    """These people are taken out of the register again: offers of which nobody was told go with them."""
    offers = Offer.objects.filter(worker_id__in=worker_ids, notified_at=None, answered_on=None)
    offers.filter(state__in=[OfferState.MATCHED, OfferState.EXPIRED]).delete()


def match_person_today(worker_id: int) -> None:
    """What `saved` asks for."""
    match_person(worker_id, on=timezone.localdate())


@transaction.atomic
def match_person(worker_id: int, *, on: date) -> list[Offer]:
    """Offer what the person is newly entitled to, and let lapse what they are not any more; the new offers.

    Nothing before the first look over the register, and none while one is under way: it, or the next, finds them.
    """
    if not locks.share_if_free(_LOCK) or not MatchRun.objects.exists():
        return []
    worker = Worker.objects.standing().filter(pk=worker_id).first()
    if worker is None:
        return []
    held = _held_by(worker.pk, on)
    # Whoever answers at the same moment is waited for.
    offers = list(Offer.objects.select_for_update(of=("self",)).filter(worker=worker))
    lapsed = _lapse(offers, held, on)
    new = _offer(worker, offers, held, on)
    if new or lapsed:
        audit.record(
            "entitlements.match_person",
            by=None,
            obj=worker,
            worker=worker,
            region=worker.work_region_id,
            detail={"offered": len(new), "expired": len(lapsed)},
        )
    return new


def _held_by(worker_id: int, on: date) -> _Held:
    """Money is decided from what is verified, all else from what is recorded."""
    law = law_on(on)
    facts = _Facts(worker_id, on)
    stated = masks(current_rules(WITHOUT_MONEY), facts.relation(verified=False), law, places=PLACES)
    telling = {one.benefit: distinction_sql(one) for one in OFFERED.values() if one.distinguishing_facts}
    verified = masks(
        current_rules(MONEY),
        facts.relation(verified=True),
        law,
        places=PLACES,
        keep={**telling, **{fact: fact for fact in _NEWEST}},
    )
    of_others, of_money = facts.decided(stated), facts.decided(verified)
    if of_money is None:
        return _Held({}, ())
    eligible = of_others[1] if of_others else 0
    _, for_money, _, *kept = of_money
    words = dict(zip(telling, kept, strict=False))
    held = [benefit for benefit in benefits_in(eligible | for_money) if benefit in OFFERED]
    return _Held({benefit: words.get(benefit, "") for benefit in held}, tuple(kept[len(telling) :]))


class _Facts:
    """Their facts as a relation, stated or verified. Of whom no other record is known, it is the same text for everybody:
    planning it takes longer than reading one person, and is done once.
    """

    def __init__(self, worker_id: int, on: date):
        self.worker_id = worker_id
        self.on = on
        merged, self.units_merged = pointers([worker_id])
        self.is_of_several = bool(merged)

    def relation(self, *, verified: bool) -> Relation:
        if self.is_of_several:
            return Relation(relation(self.on, workers=[self.worker_id], verified=verified))
        text = plain_relation(
            self.on, numbers="%s::bigint[]", verified=verified, units_merged=self.units_merged
        )
        return Relation(text, ([self.worker_id],) * text.count("%s"))

    def decided(self, by: Statement) -> tuple[Any, ...] | None:
        """The one row of what the rules say of them."""
        if not self.is_of_several:
            rows = prepared.rows(connection, by.sql, by.params)
            return rows[0] if rows else None
        with connection.cursor() as cursor:
            cursor.execute(by.sql, by.params)
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _lapse(offers: list[Offer], held: _Held, on: date) -> list[Offer]:
    """Open offers whose entitlement fell away; those that are about something of their own are decided by that."""
    lapsed = []
    for offer in offers:
        if not offer.is_open or held.distinctions.get(offer.benefit) == offer.distinction:
            continue
        about = subject_in_question(offer)
        if about is not None:
            foreseen = foresee_offered(offer, about, on=on)
            if foreseen is not None and foreseen.outcome == Outcome.ELIGIBLE:
                continue
        offer.state = OfferState.EXPIRED
        lapsed.append(offer)
    if lapsed:
        Offer.objects.bulk_update(lapsed, ["state"])
    return lapsed


def _offer(worker: Worker, offers: list[Offer], held: _Held, on: date) -> list[Offer]:
    """What is held and not offered yet; what had lapsed is offered again."""
    known = {(offer.benefit, offer.distinction): offer for offer in offers}
    new = []
    for benefit, distinction in held.distinctions.items():
        before = known.get((benefit, distinction))
        if before is None:
            subject_type, subject_id = _subject(benefit, worker.pk, held.newest)
            new.append(
                Offer(
                    worker=worker,
                    region_id=worker.work_region_id,
                    benefit=benefit,
                    distinction=distinction,
                    matched_on=on,
                    subject_type=subject_type,
                    subject_id=subject_id,
                )
            )
        elif before.state == OfferState.EXPIRED:
            before.state = OfferState.NOTIFIED if before.notified_at else OfferState.MATCHED
            before.matched_on = on
            before.region_id = worker.work_region_id
            before.save(update_fields=["state", "matched_on", "region_id"])
    # Two saves at once: the other one was first.
    return Offer.objects.bulk_create(new, ignore_conflicts=True)


def _subject(benefit: str, worker_id: int, newest: tuple[Any, ...]) -> tuple[str, int | None]:
    """The kind and the number of the certificate an offer is about, as the looks over the register name it."""
    if not about_certificates(benefit):
        return "", None
    level, occupation, issued_on = newest
    held = SkillCredential.objects.filter(
        worker__in=records_of(worker_id),
        level=level,
        occupation=occupation,
        issued_on=issued_on,
        verification=Verification.CONFIRMED,
    )
    return CERTIFICATE, held.order_by("-pk").values_list("pk", flat=True).first()
