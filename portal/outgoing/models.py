"""A message is a record first: to whom, about which case, of which kind, what it says. It is sent from there."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cases.models import Case


class MessageState(models.TextChoices):
    OFF = "off", "未启用发送"
    PENDING = "pending", "待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已发送"
    NO_CONTACT = "no_contact", "无联系方式"
    FAILED = "failed", "发送失败"
    # Handed over or not: nobody can tell, and nothing is sent twice.
    UNCERTAIN = "uncertain", "是否送出不明"


TONES = {
    MessageState.PENDING: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "good",
    MessageState.NO_CONTACT: "warn",
    MessageState.FAILED: "bad",
    MessageState.UNCERTAIN: "warn",
}


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Any) -> MessageQuerySet:
        """Who sees a case sees what was sent about it."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def of_case(self, case: Case) -> MessageQuerySet:
        """What was sent or should have been; nothing of a time when sending was off."""
        return self.filter(case=case).exclude(state=MessageState.OFF).order_by("pk")

    def due(self, now: Any) -> MessageQuerySet:
        return self.filter(state=MessageState.PENDING, next_at__lte=now)


class Message(models.Model):
    """One message to the person whose case it is. The database keeps what it says and lets nobody remove it."""

    # Its name outside: of the file, and in the header of an e-mail.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="messages", verbose_name="办件")
    worker = models.ForeignKey(
        "workforce.Worker", models.PROTECT, null=True, related_name="messages", verbose_name="技术工人"
    )
    account = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="messages", verbose_name="账号"
    )
    kind = models.CharField("种类", max_length=24)
    stage = models.CharField("阶段", max_length=40)
    text = models.CharField("内容", max_length=160)
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="办理人"
    )
    on = models.DateField("日期")
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField("状态", max_length=12, choices=MessageState, default=MessageState.PENDING)
    # By which adapter it was or is being handed over.
    way = models.CharField("方式", max_length=8, blank=True)
    reason = models.CharField("未送出的原因", max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    # When it is tried (again), and since when somebody is at it.
    next_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("发送时间", null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "消息"
        indexes = [
            models.Index(fields=["next_at"], name="message_to_send", condition=Q(state="pending")),
            models.Index(fields=["begun_at"], name="message_under_way", condition=Q(state="sending")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="a_sent_message_has_its_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | (Q(begun_at__isnull=False) & ~Q(way="")),
                name="a_message_under_way_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "uncertain"]) | ~Q(reason=""),
                name="a_message_given_up_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.get_state_display()}"

    @property
    def kind_label(self) -> str:
        from portal.outgoing import kinds

        return kinds.labels().get(self.kind, self.kind)

    @property
    def tone(self) -> str:
        return TONES.get(MessageState(self.state), "plain")
