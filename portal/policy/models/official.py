"""The official text of a document, as the office loaded it from its own file: kept beside our summaries,
never part of them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from portal.policy.models.shelf import Clause, PolicyDocument


class OfficialTextQuerySet(models.QuerySet["OfficialText"]):
    def of(self, document: str) -> OfficialTextQuerySet:
        """Its versions, the one loaded last first."""
        return self.filter(document__number=document).order_by("-version")

    def latest_of(self, document: str) -> OfficialText | None:
        """The version that is shown: the one loaded last."""
        return self.of(document).first()


class OfficialText(models.Model):
    """One file as it was loaded. A corrected file is a new version; what was loaded before stays."""

    document = models.ForeignKey(PolicyDocument, models.PROTECT, related_name="official_texts")
    version = models.PositiveSmallIntegerField("版本")
    file_name = models.CharField("文件名", max_length=200)
    digest = models.CharField("文件摘要", max_length=64)
    # Empty: loaded by who operates the server.
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    loaded_at = models.DateTimeField("载入时间", auto_now_add=True)

    database_rights = "append_only"
    objects = OfficialTextQuerySet.as_manager()

    class Meta:
        ordering = ["document", "-version"]
        verbose_name = verbose_name_plural = "政策原文"
        constraints = [models.UniqueConstraint(fields=["document", "version"], name="one_text_per_version")]

    def __str__(self) -> str:
        return f"{self.document} 第{self.version}版"


class OfficialClause(models.Model):
    """The words of one clause, without its number; paragraphs are separated by line breaks."""

    official = models.ForeignKey(OfficialText, models.PROTECT, related_name="clauses", db_index=False)
    clause = models.ForeignKey(Clause, models.PROTECT, related_name="official_clauses")
    text = models.TextField("原文")

    database_rights = "append_only"

    class Meta:
        ordering = ["official", "clause"]
        verbose_name = verbose_name_plural = "条款原文"
        constraints = [models.UniqueConstraint(fields=["official", "clause"], name="one_text_per_clause")]

    def __str__(self) -> str:
        return f"{self.official} {self.clause}"
