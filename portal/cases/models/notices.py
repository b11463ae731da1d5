"""Public notices (公示) and objections (异议), for every programme that announces before it decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cases.models.life import Case
from portal.fields import EncryptedTextField


class PublicNoticeQuerySet(models.QuerySet["PublicNotice"]):
    def public(self) -> PublicNoticeQuerySet:
        """Everybody may read a notice from the day it was published, later ones first."""
        return self.order_by("-published_on", "-pk")


class PublicNotice(models.Model):
    """What is announced, on which basis and for how long. What it lists stands in its versions, masked as
    published.
    """

    number = models.CharField("公示编号", max_length=24, unique=True)
    # Which programme announces what, as registered in portal.cases.notices.kinds.
    kind = models.CharField(max_length=48)
    # What is decided after it, for those who work on it; a notice of many cases is of their place instead.
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="notices")
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, null=True, related_name="+", verbose_name="地区"
    )
    title = models.CharField("标题", max_length=120)
    legal_basis = models.CharField("公示依据", max_length=500)
    body = models.TextField("正文")
    published_on = models.DateField("发布日期")
    opens_on = models.DateField("公示开始")
    # The last day on which objections are taken; moved only by an extension.
    closes_on = models.DateField("公示截止")
    working_days = models.PositiveSmallIntegerField("公示工作日")
    closes_certain = models.BooleanField("期限依据官方日历", default=True)
    published_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="发布人"
    )

    objects = PublicNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        indexes = [models.Index(fields=["-published_on", "-id"], name="notice_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="notice_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False, region__isnull=True)
                | Q(case__isnull=True, region__isnull=False),
                name="notice_of_a_case_or_a_place",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_open(self, day: date) -> bool:
        return self.opens_on <= day <= self.closes_on

    @property
    def place(self) -> str:
        """The code of the region whose office announces."""
        place = self.region_id if self.case is None else self.case.region_id
        assert place is not None  # noqa: S101  the database holds it
        return place


class NoticeVersion(models.Model):
    """The list as announced, with the digest of what it was drawn from. A changed list is a further version,
    with its reason.
    """

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="versions")
    position = models.PositiveSmallIntegerField("版次")
    # [{"label", "kind": text|number}]; each row is {"key": …, "cells": [text, …]}. Nothing that may not be
    # published.
    columns = models.JSONField()
    rows = models.JSONField()
    digest = models.CharField("名单摘要", max_length=64)
    reason = models.CharField("变更原因", max_length=500, blank=True)
    # What moved against the version before, in words.
    moved = models.JSONField(default=list)
    published_at = models.DateTimeField(default=timezone.now)

    database_rights = "append_only"

    class Meta:
        ordering = ["notice", "position"]
        constraints = [models.UniqueConstraint(fields=["notice", "position"], name="one_notice_version")]

    def __str__(self) -> str:
        return f"{self.notice} {self.position}"


class NoticeExtension(models.Model):
    """The notice lasts longer: from which day until which, why, and who decided it."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="extensions")
    closed_on = models.DateField("原截止日期")
    closes_on = models.DateField("延长至")
    reason = models.CharField("延长原因", max_length=300)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    database_rights = "append_only"

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gt=F("closed_on")), name="an_extension_makes_it_longer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.closes_on}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, user: Any) -> ObjectionQuerySet:
        return self.filter(case__in=Case.objects.visible_to(user))

    def unsettled(self) -> ObjectionQuerySet:
        return self.filter(case__closed_at__isnull=True)


# The order of every list of objections.
NEWEST_FIRST = ("-received_on", "-case_id")


class Objection(models.Model):
    """What somebody says against a notice. Its case (kind `notice.objection`) carries the state; who objects
    is encrypted.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="objection")
    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections")
    # The row it is about (`key` of the version's rows); empty: the notice as a whole.
    about = models.CharField(max_length=40, blank=True)
    objector = EncryptedTextField("异议人", bound_to=("case_id",))
    contact = EncryptedTextField("联系方式", bound_to=("case_id",))
    text = EncryptedTextField("异议内容", bound_to=("case_id",))
    # Keyed SM3 of what it is about, the contact and the text: the same objection sent twice is one.
    fingerprint = models.BinaryField(max_length=32)
    received_on = models.DateField("收到日期")
    # To the objector: what was found and decided, and why.
    reply = models.TextField("答复", max_length=2000, blank=True)
    decided_on = models.DateField("答复日期", null=True)
    # What follows when it is upheld, in the programme's own words: "exclude", "reassess", …
    remedy = models.CharField("处理方式", max_length=24, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        indexes = [models.Index(fields=["-received_on", "-case"], name="objection_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "fingerprint"],
                name="one_objection_of_a_content",
                violation_error_message="该异议已提交过。",
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True) | ~Q(reply=""),
                name="decided_objection_has_a_reply",
                violation_error_message="作出处理决定须写明答复。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.about}"
