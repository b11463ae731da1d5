"""The policy shelf: documents, their clauses in our own short words, who is responsible, and what is still
open.

All of it is public law, shipped with the release and read-only to the application.
"""

from __future__ import annotations

from django.db import models


class PolicyDocument(models.Model):
    """A document that clauses, conditions or figures rest on."""

    number = models.CharField("文号", max_length=80, unique=True)
    title = models.CharField("题名", max_length=200, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    effective_on = models.DateField("施行日期", null=True, blank=True)
    note = models.TextField("说明", blank=True)

    database_rights = "read_only"

    class Meta:
        ordering = ["number"]
        verbose_name = verbose_name_plural = "政策文件"

    def __str__(self) -> str:
        return self.number


class Department(models.Model):
    name = models.CharField("名称", max_length=60, unique=True)

    database_rights = "read_only"

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = "责任部门"

    def __str__(self) -> str:
        return self.name


class ClauseQuerySet(models.QuerySet["Clause"]):
    def with_departments(self) -> ClauseQuerySet:
        """Clauses in document order with `responsible`: their departments in order, the lead first, in one
        more query.
        """
        shares = ClauseDepartment.objects.select_related("department").order_by("order")
        return self.select_related("document").prefetch_related(
            models.Prefetch("shares", shares, to_attr="responsible")
        )


class Clause(models.Model):
    """One numbered paragraph （一）…（十六）, never a chapter. The summary is ours, not the document's
    wording.
    """

    document = models.ForeignKey(PolicyDocument, models.PROTECT, related_name="clauses")
    number = models.CharField("条款", max_length=4)
    chapter = models.CharField("所属部分", max_length=60)
    order = models.PositiveSmallIntegerField("次序")
    title = models.CharField("标题", max_length=80)
    summary = models.TextField("要点")
    departments: models.ManyToManyField[Department, ClauseDepartment] = models.ManyToManyField(
        Department, through="ClauseDepartment", related_name="clauses"
    )

    database_rights = "read_only"
    objects = ClauseQuerySet.as_manager()

    class Meta:
        ordering = ["document", "order"]
        verbose_name = verbose_name_plural = "政策条款"
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_clause_per_number")]

    def __str__(self) -> str:
        return f"{self.document_id and self.document.number}（{self.number}）"


class ClauseDepartment(models.Model):
    """A department's share in a clause; order 1 is the lead department (列第一位者为牵头单位)."""

    clause = models.ForeignKey(Clause, models.CASCADE, related_name="shares")
    department = models.ForeignKey(Department, models.PROTECT, related_name="shares")
    order = models.PositiveSmallIntegerField("次序")

    database_rights = "read_only"

    class Meta:
        ordering = ["clause", "order"]
        verbose_name = verbose_name_plural = "条款责任部门"
        constraints = [
            models.UniqueConstraint(fields=["clause", "order"], name="one_department_per_place"),
            models.UniqueConstraint(fields=["clause", "department"], name="one_place_per_department"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.department}"


class OpenQuestion(models.Model):
    """What the law leaves open, and how the portal reads it until somebody competent decides."""

    code = models.SlugField("编号", max_length=60, unique=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, related_name="open_questions")
    question = models.TextField("问题")
    decision = models.TextField("本平台的处理")
    reason = models.TextField("理由")
    benefits = models.JSONField("涉及事项", default=list)

    database_rights = "read_only"

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "待明确事项"

    def __str__(self) -> str:
        return self.question
