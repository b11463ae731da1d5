"""What to bring, where to go and how long it takes, benefit by benefit: the office's own words."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class BenefitGuide(models.Model):
    """The office's guide to one benefit of the catalogue. An empty field says nothing: the page then says
    what the law gives.
    """

    benefit = models.CharField("事项", max_length=60, unique=True)
    materials = models.TextField("所需材料", max_length=2000, blank=True)
    handled_by = models.CharField("办理地点", max_length=160, blank=True)
    handling_time = models.CharField("办理时限", max_length=120, blank=True)
    is_sample = models.BooleanField("示例数据", default=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="编辑人",
    )
    edited_at = models.DateTimeField("编辑时间", auto_now=True)

    class Meta:
        ordering = ["benefit"]
        verbose_name = verbose_name_plural = "办事指南"

    def __str__(self) -> str:
        return self.benefit
