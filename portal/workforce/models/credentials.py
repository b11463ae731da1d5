"""Certificates of skill, and accounts to which money may be paid."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal.fields import EncryptedTextField
from portal.workforce.models.base import FoldedOccupation, OfWorker, Sourced, by_day_index, keep_history
from portal.workforce.models.people import SkillLevel, Worker
from portal.workforce.models.verification import (
    Verifiable,
    stated_index,
    verification_constraints,
    verification_triggers,
    verified_by_index,
)


class VerifiedHow(models.TextChoices):
    NOT_YET = "not_yet", "未核验"
    ROSTER = "roster", "花名册报送"
    ORIGINAL_SEEN = "original_seen", "查验原件"
    NATIONAL_QUERY = "national_query", "全国联网查询"


@keep_history(exclude=["twin"])
class SkillCredential(Verifiable):
    """A certificate of a level in an occupation."""

    # Served by the index of the constraint below, as with honours.
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="credentials", db_index=False)
    occupation = models.CharField("职业（工种）", max_length=60)
    level = models.SmallIntegerField("技能等级", choices=[c for c in SkillLevel.choices if c[0]])
    number = models.CharField("证书编号", max_length=40, blank=True)
    issued_on = models.DateField("发证日期", null=True, blank=True)
    verified_how = models.CharField(
        "核验方式", max_length=16, choices=VerifiedHow, default=VerifiedHow.NOT_YET
    )
    # 0, but for one certificate that was written down in two spellings before occupations were compared folded:
    # these are counted, and somebody says which stays.
    twin = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    objects = OfWorker["SkillCredential"].as_manager()

    class Meta:
        ordering = ["-level", "-issued_on", "-id"]
        verbose_name = verbose_name_plural = "技能证书"
        constraints = [
            models.UniqueConstraint(
                "worker",
                FoldedOccupation("occupation"),
                "level",
                "number",
                "twin",
                name="one_record_of_a_certificate",
                violation_error_message="该证书已登记。",
            ),
            *verification_constraints("credential"),
        ]
        indexes = [
            verified_by_index("credential"),
            stated_index("credential"),
            by_day_index("credential", "issued_on"),
        ]
        triggers = verification_triggers("worker_id", "occupation", "level", "number", "issued_on")

    def __str__(self) -> str:
        return f"{self.occupation}{self.get_level_display()}"


class PayeeState(models.TextChoices):
    PROPOSED = "proposed", "待复核"
    CONFIRMED = "confirmed", "已复核"
    REFUSED = "refused", "复核未通过"
    REPLACED = "replaced", "已更换"


@keep_history()
class PayeeAccount(Sourced):
    """An account money may be paid to, once a second person has confirmed it."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="payee_accounts")
    bank = models.CharField("开户银行", max_length=80)
    account_number = EncryptedTextField(
        "银行账号", bound_to=("worker_id", "account_digest"), digested_as="payee"
    )
    account_digest = models.BinaryField()
    state = models.CharField("状态", max_length=12, choices=PayeeState, default=PayeeState.PROPOSED)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField(null=True)
    verdict = models.CharField("复核意见", max_length=200, blank=True)

    objects = OfWorker["PayeeAccount"].as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "收款账户"
        constraints = [
            models.UniqueConstraint(
                fields=["worker"], condition=Q(state="confirmed"), name="one_confirmed_payee_account"
            ),
            models.UniqueConstraint(
                fields=["worker"], condition=Q(state="proposed"), name="one_proposed_payee_account"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("recorded_by")),
                name="payee_confirmed_by_another",
                violation_error_message="收款账户须由另一人复核。",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="confirmed_payee_has_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.masked_number}"

    @property
    def number_in_fours(self) -> str:
        """As cards and passbooks print it: so it is compared digit by digit."""
        number: str = self.account_number
        return " ".join(number[start : start + 4] for start in range(0, len(number), 4))

    @property
    def masked_number(self) -> str:
        number: str = self.account_number
        return f"{'*' * max(len(number) - 4, 0)}{number[-4:]}"
