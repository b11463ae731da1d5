"""The seals of days: what the transfers of a day were when it had ended."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class DailySeal(models.Model):
    """A day of Asia/Shanghai whose transfers are sealed, and the seal before it. Only the database writes it
    (portal.funds.seal_guards); a day without transfers has a seal as well, so that none is missing.
    """

    day = models.DateField("日期", primary_key=True)
    first_id = models.BigIntegerField("首笔流水", null=True)
    last_id = models.BigIntegerField("末笔流水", null=True)
    count = models.BigIntegerField("笔数")
    # Of each transfer in order its number, in 8 bytes, and its digest, in 32: by it a day that differs says which.
    leaves = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField("摘要")
    at = models.DateTimeField("封存时间", default=timezone.now)

    database_rights = "read_only"

    class Meta:
        ordering = ["day"]
        verbose_name = verbose_name_plural = "每日封存"

    def __str__(self) -> str:
        return f"{self.day} {bytes(self.digest).hex()}"
