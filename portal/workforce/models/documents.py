"""What a record of the register rests on: photographs and PDFs, encrypted, seen by who may see the worker."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.file_formats import OFD, named_after
from portal.workforce.models.base import OfWorker, own_records
from portal.workforce.models.people import Worker

# The copy of a passbook or card shows the whole number, which is masked for everybody else.
OF_PAYEE = "payee"
_SEES_PAYEES = ("payee.change", "payee.confirm")


class RecordDocumentQuerySet(OfWorker["RecordDocument"]):
    def visible_to(self, user: Any) -> Any:
        """Of workers whom the user may see; copies of an account for those alone who enter or confirm accounts there."""
        seen = super().visible_to(user)
        if not user.is_authenticated:
            return seen
        allowed = ~Q(kind=OF_PAYEE) | Q(worker__in=own_records(user))
        for permission in _SEES_PAYEES:
            where = scope(user, permission)
            if where.whole:
                return seen
            if not where.empty:
                allowed |= where.q("worker__work_region", "worker__league_code")
        return seen.filter(allowed)

    def not_removed(self) -> Any:
        return self.filter(removed_at__isnull=True)


# What was handed in stays as handed in; it can only be taken away, once, by somebody named.
_STANDS = """
kept := NEW;
kept.removed_by_id := OLD.removed_by_id;
kept.removed_at := OLD.removed_at;
IF kept IS DISTINCT FROM OLD OR OLD.removed_at IS NOT NULL
   OR NEW.removed_at IS NULL OR NEW.removed_by_id IS NULL THEN
    RAISE EXCEPTION 'document %: what was handed in is not changed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class RecordDocument(models.Model):
    """One file of one record. The record may be gone by now: what it rested on stays."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="record_documents", db_index=False)
    kind = models.CharField("类别", max_length=20)
    record_id = models.BigIntegerField()
    label = models.CharField("材料名称", max_length=80)
    file_name = models.CharField("文件名", max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField("大小（字节）")
    # SHA-256 of the content as handed in.
    digest = models.CharField(max_length=64)
    stored_as = models.UUIDField(unique=True)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = RecordDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = "登记材料"
        indexes = [models.Index(fields=["worker", "kind", "record_id"], name="document_of_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record_id", "digest"],
                condition=Q(removed_at__isnull=True),
                name="one_document_of_a_content",
                violation_error_message="该文件已上传过。",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                declare=[("kept", "workforce_recorddocument")],
                func=_STANDS,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_only_saved(self) -> bool:
        """Of a kind that no browser shows."""
        return self.content_type == OFD

    @property
    def download_name(self) -> str:
        """The name under which it is saved: with the ending of what it is, whatever it was called when it came."""
        return named_after(self.content_type, self.file_name)
