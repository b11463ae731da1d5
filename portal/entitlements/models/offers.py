"""What the office offers to people who did not ask (免申即享), and the matter that comes of their consent."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.accounts.access import scope
from portal.policy.facts import choices_of
from portal.policy.models import Determination
from portal.regions.models import Region
from portal.workforce.models import Worker
from portal.workforce.models.base import league_of, own_records


class OfferState(models.TextChoices):
    MATCHED = "matched", "待告知"
    NOTIFIED = "notified", "已告知"
    CONSENTED = "consented", "同意办理"
    DECLINED = "declined", "暂不办理"
    EXPIRED = "expired", "已失效"


# How the office's pages underline a state: what still waits to be told stands out.
_TONES = {
    OfferState.MATCHED: "warn",
    OfferState.NOTIFIED: "info",
    OfferState.CONSENTED: "good",
}
# Codes that may stand in `distinction`.
_WORDS = {
    code: label
    for fact in ("certificate_level", "competition", "competition_role")
    for code, label in choices_of(fact).items()
}
OPEN = (OfferState.MATCHED, OfferState.NOTIFIED)


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: Any) -> OfferQuerySet:
        """Staff see the offers of their regions, a worker their own."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "offer.view")
        if where.whole:
            return self.all()
        if where.empty:
            return self.filter(worker__in=own_records(user))
        return self.filter(where.q("region", "league_code"))

    def of_worker_named(self, part: str) -> OfferQuerySet:
        """Of workers whose name contains `part`; see WorkerQuerySet.named."""
        return self.filter(worker__in=Worker.objects.named(part).values("pk"))

    def open(self) -> OfferQuerySet:
        """Waiting for somebody: to be told, or to answer."""
        return self.filter(state__in=OPEN)


class Offer(models.Model):
    """One entitlement of a worker that the matching found. `distinction` says which, where a benefit may be
    had again.

    Nobody is told twice: one row for each entitlement, and `notified_at` is set once.
    """

    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="offers", verbose_name="技术工人", db_index=False
    )
    # Follows the worker while the offer is open. The index below that begins with it serves it.
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name="工作地", db_index=False
    )
    league_code = league_of("region_id")
    benefit = models.CharField("事项", max_length=60)
    distinction = models.CharField("区分", max_length=120, blank=True)
    # What it is about, where a person may have several: the kind of subject (portal.policy.subjects) and its number.
    subject_type = models.CharField(max_length=20, blank=True, default="", db_default="")
    subject_id = models.BigIntegerField(null=True)
    # Found beside what the person's own row of facts is about.
    beside = models.BooleanField(default=False, db_default=False)
    state = models.CharField("状态", max_length=10, choices=OfferState, default=OfferState.MATCHED)
    matched_on = models.DateField("匹配日期")
    notified_at = models.DateTimeField("告知时间", null=True)
    # Empty when the worker read it after signing in.
    notified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="告知人"
    )
    answered_on = models.DateField("答复日期", null=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    # What was decided when the worker was told or agreed: the evidence.
    determination = models.ForeignKey(
        Determination, models.PROTECT, null=True, related_name="+", verbose_name="认定记录"
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "惠享事项"
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "benefit", "distinction"], name="one_offer_of_an_entitlement"
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.NOTIFIED) | Q(notified_at__isnull=False),
                name="who_is_notified_was_told",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["consented", "declined"]) | Q(answered_on__isnull=False),
                name="an_answer_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.CONSENTED) | Q(determination__isnull=False),
                name="consent_rests_on_a_determination",
            ),
        ]
        indexes = [
            models.Index(
                fields=["region", "-id"],
                name="offer_open_by_region",
                condition=Q(state__in=["matched", "notified"]),
            ),
            models.Index(
                fields=["league_code", "-id"],
                name="offer_open_by_league",
                condition=Q(state__in=["matched", "notified"]),
            ),
            models.Index(fields=["benefit", "-id"], name="offer_by_benefit"),
            # Each look over the register asks whether these still hold.
            models.Index(
                fields=["worker"],
                name="offer_open_beside",
                condition=Q(beside=True, state__in=["matched", "notified"]),
            ),
            # Serves the foreign key; lists of what was answered are rare, and walk the primary key.
            models.Index(
                fields=["notified_by"], name="offer_by_teller", condition=Q(notified_by__isnull=False)
            ),
            models.Index(
                fields=["determination"], name="offer_by_evidence", condition=Q(determination__isnull=False)
            ),
        ]
        triggers = [
            # What was answered stays answered; what lapsed may hold again.
            pgtrigger.FSM(
                name="offer_moves",
                field="state",
                transitions=[
                    ("matched", "notified"),
                    ("matched", "consented"),
                    ("matched", "declined"),
                    ("matched", "expired"),
                    ("notified", "consented"),
                    ("notified", "declined"),
                    ("notified", "expired"),
                    ("expired", "matched"),
                    ("expired", "notified"),
                ],
            )
        ]

    def __str__(self) -> str:
        return self.benefit

    @property
    def distinction_in_words(self) -> str:
        """What tells it apart, with codes in words: 焊工 高级工 2026-05-10."""
        if not self.distinction:
            return ""
        return " ".join(_WORDS.get(part, part) for part in self.distinction.split(" "))

    @property
    def state_tone(self) -> str:
        return _TONES.get(OfferState(self.state), "plain")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class ServiceRequest(models.Model):
    """The matter that a worker's consent opened: what is to be done for them, beside its case."""

    case = models.OneToOneField(
        "cases.Case", models.PROTECT, primary_key=True, related_name="service_request"
    )
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="request")
    determination = models.ForeignKey(Determination, models.PROTECT, related_name="+")
    result = models.CharField("办理结果", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "惠享办件"

    def __str__(self) -> str:
        return str(self.case_id)
