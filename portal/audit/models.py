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
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, Q, Subquery
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import Exact
from django.utils import timezone

from portal.audit.people import place_of

# Whoever did something without an account; what nobody in person did is the system's.
SYSTEM, ANONYMOUS = "system", "anonymous"


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
        person did, `anonymous` what somebody without an account was refused.
        """
        if name == ANONYMOUS:
            return self.filter(actor__isnull=True, actor_name=name)
        if name == SYSTEM:
            return self.filter(actor__isnull=True).exclude(actor_name=ANONYMOUS)
        account = get_user_model().objects.filter(username=name).values("pk")[:1]
        return self.filter(actor_id=Subquery(account))

    def about_worker(self, *worker_ids: int) -> EntryQuerySet:
        return self.filter(worker_ref__in=worker_ids)

    def naming(self, *worker_ids: int) -> EntryQuerySet:
        """Those about these people, and the lists and exports in which they were named."""
        every = Entry.objects.order_by().values("pk")
        if not worker_ids:
            return self.none()
        found: list[models.QuerySet[Any, Any]] = [every.filter(worker_ref__in=worker_ids)]
        for worker in worker_ids:
            block, bit = place_of(worker)
            found.append(every.filter(detail__has_key="shown", detail__shown__contains=[worker]))
            found.append(
                PeopleBlock.objects.order_by()
                .filter(
                    Exact(Func("bits", bit, function="get_bit", output_field=models.IntegerField()), 1),
                    block=block,
                )
                .values("entry_id")
            )
        return self.filter(pk__in=found[0].union(*found[1:]))


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
            # By each person whom a list named.
            GinIndex(
                OpClass(KeyTransform("shown", "detail"), name="jsonb_path_ops"),
                name="audit_entry_shown",
                condition=Q(detail__has_key="shown"),
            ),
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


class PeopleBlock(models.Model):
    """Whom an export of many named, out of 8,192 numbers in a row: a bit for each (portal.audit.people)."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="blocks")
    block = models.IntegerField()
    bits = models.BinaryField()

    database_rights = "append_only"

    class Meta:
        ordering = ["entry", "block"]
        indexes = [models.Index(fields=["block", "entry"])]
        constraints = [models.UniqueConstraint(fields=["entry", "block"], name="one_block_of_an_entry")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.block}"


class BoundValuesOnly(models.Model):
    """There is one once every encrypted value is bound to its place: others are refused (portal.unbound_values)."""

    ONLY = 1
    database_rights = "read_only"

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_mark_of_bound_values")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d}"
