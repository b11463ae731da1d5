"""A line of a year is closed by a decision of two: where its rest goes, and where what comes back later goes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.funds.models.funds import Fund, Line, OfPlace
from portal.funds.models.ledger import Order
from portal.workforce.models.base import league_of


class Closing(models.Model):
    """A decision that closes lines of a fund from a day on: drawn up by one, confirmed by another."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="closings", verbose_name="资金")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="地区")
    league_code = league_of("region_id")
    number = models.CharField("决定文号", max_length=80)
    title = models.CharField("标题", max_length=120)
    day = models.DateField("关闭日期")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟办人")
    made_at = models.DateTimeField("拟办时间", default=timezone.now)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)
    dropped_at = models.DateTimeField("放弃时间", null=True)

    objects = OfPlace.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "科目关闭决定"
        indexes = [
            models.Index(fields=["region", "-id"], name="closing_by_place"),
            models.Index(fields=["league_code", "-id"], name="closing_by_league"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False, dropped_at__isnull=True)
                    & ~Q(confirmed_by=F("made_by"))
                ),
                name="a_closing_is_confirmed_by_another",
                violation_error_message="拟办人不能确认自己拟办的决定。",
            ),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(title=""), name="a_closing_names_its_document"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class LineClosingQuerySet(models.QuerySet["LineClosing"]):
    def visible_to(self, user: Any) -> LineClosingQuerySet:
        return self.filter(line__in=Line.objects.visible_to(user))

    def closed(self) -> LineClosingQuerySet:
        return self.filter(closed_at__isnull=False)


class LineClosing(models.Model):
    """What a decision says of one line. Without a line to go to, money goes back to where it came from.

    From `closed_at` on the line takes nothing in and spends nothing (portal.funds.closing_guards).
    """

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="lines", verbose_name="关闭决定")
    line = models.ForeignKey(Line, models.PROTECT, related_name="closings", verbose_name="资金科目")
    # A line of the next year; none: returned to the treasury.
    rest_to = models.ForeignKey(Line, models.PROTECT, null=True, related_name="+", verbose_name="结余转入")
    # Where later returns and recoveries go.
    returns_to = models.ForeignKey(
        Line, models.PROTECT, null=True, related_name="+", verbose_name="以后退回转入"
    )
    # What was left, in fen, and the order that moves it.
    rest = models.BigIntegerField("结余（分）", null=True)
    rest_order = models.OneToOneField(
        Order, models.PROTECT, null=True, related_name="rest_of", verbose_name="结余指令"
    )
    closed_at = models.DateTimeField("关闭时间", null=True)

    objects = LineClosingQuerySet.as_manager()

    class Meta:
        ordering = ["closing", "line"]
        verbose_name = verbose_name_plural = "科目关闭"
        constraints = [
            models.UniqueConstraint(fields=["closing", "line"], name="a_decision_names_a_line_once"),
            models.UniqueConstraint(
                fields=["line"], condition=Q(closed_at__isnull=False), name="a_line_is_closed_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, rest__isnull=True, rest_order__isnull=True)
                | Q(closed_at__isnull=False, rest__isnull=False, rest__gte=0),
                name="a_closed_line_says_its_rest",
            ),
            models.CheckConstraint(
                condition=(Q(rest_to__isnull=True) | ~Q(rest_to=F("line")))
                & (Q(returns_to__isnull=True) | ~Q(returns_to=F("line"))),
                name="a_closed_line_goes_elsewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.closing_id}: {self.line_id}"
