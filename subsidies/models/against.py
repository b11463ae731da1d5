"""What is decided against the worker, by two; and the office's own second look at it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from portal.policy.models import Determination
from subsidies.models.claims import Claim


class Against(models.TextChoices):
    """What is decided against the worker."""

    REFUSAL = "refusal", "不予受理"
    REJECTION = "rejection", "不予批准"
    ANNULMENT = "annulment", "撤销批准"


class SignedState(models.TextChoices):
    PROPOSED = "proposed", "待会签"
    SIGNED = "signed", "已作出"
    DECLINED = "declined", "会签未同意"
    # The worker took the claim back before it was signed: it was never issued, and stays in the file.
    LAPSED = "lapsed", "申请撤回，未作出"


class AdverseDecisionQuerySet(models.QuerySet["AdverseDecision"]):
    def visible_to(self, user: Any) -> AdverseDecisionQuerySet:
        """Who sees the case sees what was decided."""
        return self.filter(claim__in=Claim.objects.visible_to(user))

    def proposed(self) -> AdverseDecisionQuerySet:
        return self.filter(state=SignedState.PROPOSED)

    def signed(self) -> AdverseDecisionQuerySet:
        return self.filter(state=SignedState.SIGNED)


class AdverseDecision(models.Model):
    """A decision against the worker: decided by one, in force once another has signed it too.

    The database holds that both had their duty in the case (subsidies.adverse_guards). Without a letter it waits for a
    figure that the letter has to name.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="adverse_decisions", verbose_name="申请")
    what = models.CharField("决定", max_length=10, choices=Against)
    grounds = models.CharField("事实和理由", max_length=500)
    clause = models.CharField("依据", max_length=300)
    # What was determined of the claim when it was decided; of an annulment what the approval rested on.
    determination = models.ForeignKey(
        Determination, models.PROTECT, related_name="+", verbose_name="作出决定时的认定"
    )
    # What had been approved and is annulled.
    amount = models.DecimalField("原批准金额", max_digits=12, decimal_places=2, null=True)
    state = models.CharField("状态", max_length=10, choices=SignedState, default=SignedState.PROPOSED)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟办人")
    decided_on = models.DateField("拟办日期")
    signed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="会签人"
    )
    signed_on = models.DateField("会签日期", null=True)
    letter = models.OneToOneField(
        "letters.Letter", models.PROTECT, null=True, related_name="+", verbose_name="决定书"
    )

    objects = AdverseDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不利决定"
        ordering = ["claim", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(state="proposed"), name="one_decision_waits_for_a_signature"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "lapsed"], signed_by__isnull=True, signed_on__isnull=True)
                | (Q(state__in=["signed", "declined"]) & Q(signed_by__isnull=False, signed_on__isnull=False)),
                name="a_decision_says_who_signed_it",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | ~Q(signed_by=F("decided_by")),
                name="a_decision_is_signed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(letter__isnull=True) | Q(state="signed"), name="a_letter_tells_what_is_in_force"
            ),
            models.CheckConstraint(
                condition=Q(what="annulment", amount__gt=0) | (~Q(what="annulment") & Q(amount__isnull=True)),
                name="an_annulment_says_what_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(grounds="") & ~Q(clause=""), name="a_decision_says_why_and_by_which_clause"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state="signed", letter__isnull=True),
                name="decision_without_letter",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}：{self.claim_id}"


class Finding(models.TextChoices):
    UPHELD = "upheld", "维持原决定"
    TURNED = "turned", "改变原决定"


class ReconsiderationQuerySet(models.QuerySet["Reconsideration"]):
    def visible_to(self, user: Any) -> ReconsiderationQuerySet:
        return self.filter(decision__in=AdverseDecision.objects.visible_to(user))

    def open(self) -> ReconsiderationQuerySet:
        """Asked, and neither answered nor taken back."""
        return self.filter(finding="", withdrawn_on__isnull=True)


class Reconsideration(models.Model):
    """The office's own second look at a decision, asked for by the worker, done by somebody who had no part in it.

    It is none of the remedies that the law has (行政复议, 行政诉讼), and takes nothing from them. Until it is answered it
    may be taken back; then the decision stands as before, and may be asked about anew within the days for that.
    """

    decision = models.ForeignKey(
        AdverseDecision,
        models.PROTECT,
        related_name="reconsiderations",
        related_query_name="reconsideration",
        verbose_name="原决定",
    )
    grounds = models.CharField("申请理由", max_length=500)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="申请登记人")
    asked_on = models.DateField("申请日期")
    receipt = models.OneToOneField(
        "letters.Letter", models.PROTECT, null=True, related_name="+", verbose_name="收件回执"
    )
    withdrawn_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="撤回登记人"
    )
    withdrawn_on = models.DateField("撤回日期", null=True)
    finding = models.CharField("复核结论", max_length=8, choices=Finding, blank=True)
    reasons = models.CharField("复核理由", max_length=500, blank=True)
    found_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    found_on = models.DateField("复核日期", null=True)
    letter = models.OneToOneField(
        "letters.Letter", models.PROTECT, null=True, related_name="+", verbose_name="复核结论通知"
    )

    objects = ReconsiderationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复核申请"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    finding="", reasons="", found_by__isnull=True, found_on__isnull=True, letter__isnull=True
                )
                | (~Q(finding="") & ~Q(reasons="") & Q(found_by__isnull=False, found_on__isnull=False)),
                name="a_finding_says_why_and_who",
            ),
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(withdrawn_on__isnull=True),
                name="a_decision_is_looked_at_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True, withdrawn_on__isnull=True)
                | Q(withdrawn_by__isnull=False, withdrawn_on__isnull=False, finding=""),
                name="what_was_taken_back_was_not_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(letter__isnull=True) & ~Q(finding=""),
                name="finding_without_letter",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.get_finding_display()}"
