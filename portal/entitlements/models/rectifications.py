"""A worker says that something the register knows about them is wrong (Personal Information Protection Law,
article 46).
"""

from __future__ import annotations

from django.db import models


class RectificationRequest(models.Model):
    """What is said to be wrong, beside its case. `shown` keeps what the register said then: {fact: value in
    canonical form}.
    """

    case = models.OneToOneField(
        "cases.Case", models.PROTECT, primary_key=True, related_name="rectification_request"
    )
    facts = models.JSONField("涉及的信息")
    shown = models.JSONField("当时的记录")
    statement = models.CharField("申请说明", max_length=500)
    answer = models.CharField("处理结果", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "信息更正申请"

    def __str__(self) -> str:
        return str(self.case_id)
