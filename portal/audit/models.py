"""Who did what, and who saw whose personal data. Entries are only ever added; the database refuses everything
else.

Entries are written inside the transaction they describe. When it commits, a deferred trigger puts each entry
at the end of one chain (`ChainLink`): the lock it needs is held for the moment of the commit only, so the
chain orders all transactions without making them wait for each other. The application cannot write links,
only the trigger's owner can.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q, Subquery
from django.utils import timezone


class EntryQuerySet(models.QuerySet["Entry"]):
    def within(self, where: Any) -> EntryQuerySet:
        """The entries of a scope (portal.accounts.access.Scope). Those that belong to no region are for the
        whole region only.
        """
        if where.whole:
            return self.all()
        inside = Q(region_code__in=sorted(where.banners))
        for league in sorted(where.leagues):
            inside |= Q(region_code__startswith=league[:4])
        return self.filter(inside)

    def by_actor(self, name: str) -> EntryQuerySet:
        """What the account of that name did; by its number, which has an index. `system` is what nobody in
        person did.
        """
        if name == "system":
            return self.filter(actor__isnull=True)
        account = get_user_model().objects.filter(username=name).values("pk")[:1]
        return self.filter(actor_id=Subquery(account))

    def about_worker(self, *worker_ids: int) -> EntryQuerySet:
        return self.filter(worker_ref__in=worker_ids)


class Entry(models.Model):
    """One thing done, seen or refused."""

    # The database says when (portal.audit.moments); what is given here is not kept.
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64, blank=True)
    object_ref = models.CharField(max_length=64, blank=True)
    # Whose personal data was seen or changed. A plain number: the entry outlives the record.
    worker_ref = models.BigIntegerField(null=True)
    region_code = models.CharField(max_length=6, blank=True)
    address = models.CharField(max_length=45, blank=True)
    detail = models.JSONField(default=dict)

    database_rights = "append_only"
    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "审计记录"
        indexes = [
            models.Index(fields=["worker_ref", "-id"]),
            models.Index(fields=["actor", "-id"]),
            models.Index(fields=["action", "-id"]),
            models.Index(fields=["object_type", "object_ref", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.action}"


class ChainLink(models.Model):
    """The place of an entry in the chain: its digest covers the entry and the link before it."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="link")
    digest = models.BinaryField()
    # The moment of the commit; none for links of the first releases.
    at = models.DateTimeField(null=True)

    database_rights = "read_only"

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.position)
