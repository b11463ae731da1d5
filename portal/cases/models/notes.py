"""What officers note for one another about a case: it decides nothing, and is no part of what is handed out."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.cases.models.life import Case
from portal.workforce.merged import units_of_person
from portal.workforce.models.base import records_of_person


class CaseNoteQuerySet(models.QuerySet["CaseNote"]):
    def visible_to(self, user: Any) -> CaseNoteQuerySet:
        """Those who work on the cases of a place, but nobody of their own case: not the worker, not the unit."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "case.view")
        if where.empty:
            return self.none()
        own = Q(case__worker__in=records_of_person(user)) | Q(case__employer__in=units_of_person(user))
        return self.filter(where.q("case__region", "case__league_code")).exclude(own)


class CaseNote(models.Model):
    """One note: what, by whom, when. It stays as it was written."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    text = models.CharField("备注", max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="记录人")
    at = models.DateTimeField("记录时间", default=timezone.now)

    database_rights = "append_only"

    objects = CaseNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件备注"
        ordering = ["case", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something")]

    def __str__(self) -> str:
        return self.text[:40]
