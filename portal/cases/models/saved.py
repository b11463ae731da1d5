"""Filters of lists of cases that somebody keeps under a name of their own."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ListPage(models.TextChoices):
    """The lists whose filters are kept."""

    HOME = "home", "工作台"
    CASES = "cases", "办件"


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: Any) -> SavedFilterQuerySet:
        """One's own."""
        return self.filter(person=user) if user.is_authenticated else self.none()


class SavedFilter(models.Model):
    """A name, and what stands behind the question mark of the list's address; nothing that is about a person."""

    # The constraint below that begins with it serves it.
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    page = models.CharField("清单", max_length=8, choices=ListPage)
    name = models.CharField("名称", max_length=20)
    query = models.CharField("筛选条件", max_length=300)
    at = models.DateTimeField(default=timezone.now)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保存的筛选"
        ordering = ["person", "page", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "page", "name"],
                name="one_saved_filter_of_a_name",
                violation_error_message="已有同名的筛选。",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query=""), name="a_saved_filter_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name
