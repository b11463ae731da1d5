"""What the records of the workforce share."""

from __future__ import annotations

from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import connection, models
from django.db.models import Func, Q, Value
from django.db.models.functions import Concat, Left
from django.utils import timezone

from portal.accounts.access import roles, scope
from portal.accounts.roles import Role
from portal.names import searched_name

Model = TypeVar("Model", bound=models.Model)


def league_of(field: str) -> models.GeneratedField:
    """The league or city of a region field, kept by the database beside it so that lists by league have an
    index.
    """
    return models.GeneratedField(
        expression=Concat(Left(field, 4), Value("00")),
        output_field=models.CharField(max_length=6),
        db_persist=True,
    )


def from_extract() -> Any:
    """Which extract of an official register says what a record says; the database lets nothing else write it. An
    extract that was taken in stays, and 650,000 records need not ask for it one by one.
    """
    return models.ForeignKey(
        "workforce.RegisterExtract",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="登记库摘录",
        db_constraint=False,
        db_index=False,
    )


def keep_history(*, exclude: list[str] | None = None) -> Any:
    """Keep what a row said before each change and deletion, whoever changed it and however.

    Statement level and old rows only: an import that inserts 650,000 people writes no history, a change of
    one writes one row.
    """
    return pghistory.track(
        # By itself an update event keeps the new row, and the first state of a record would be lost.
        pghistory.UpdateEvent(row=pghistory.Old),
        pghistory.DeleteEvent(),
        exclude=exclude,
        level=pgtrigger.Statement,
        # A night asks what was written since the last one. Rows stand in the order of their moments.
        meta={"indexes": [BrinIndex(fields=["pgh_created_at"], autosummarize=True)]},
    )


def by_day_index(record: str, day: str) -> models.Index:
    """Of the days from which, or until which, records count: each night asks whose facts its day brings or ends."""
    return models.Index(fields=[day], name=f"{record}_by_{day}", condition=Q(**{f"{day}__isnull": False}))


class Sourced(models.Model):
    """A record that says where it came from and who wrote it down."""

    source = models.CharField("来源", max_length=120)
    recorded_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, db_index=True)

    class Meta:
        abstract = True


_OWN = """
SELECT w.id FROM workforce_worker w WHERE w.account_id = %(user)s
UNION
SELECT m.target_id FROM workforce_worker w JOIN workforce_mergedperson m ON m.source_id = w.id
WHERE w.account_id = %(user)s AND m.target_id IS NOT NULL
UNION
SELECT o.source_id FROM workforce_worker w
LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
JOIN workforce_mergedperson o ON o.target_id = coalesce(m.target_id, w.id)
WHERE w.account_id = %(user)s AND (m.source_id IS NULL OR m.target_id IS NOT NULL)
"""


def own_records(user: Any) -> list[int]:
    """What an account sees as a worker's: all records of its person, while it holds the role of a worker."""
    if not user.is_authenticated or Role.WORKER not in roles(user):
        return []
    return records_of_person(user)


def records_of_person(user: Any) -> list[int]:
    """The numbers of all records of the person whose account this is, whatever role it holds or held: nobody
    decides on what is their own. Read once per request and kept on the user.
    """
    if not user.is_authenticated:
        return []
    kept: list[int] | None = getattr(user, "_own_records", None)
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(_OWN, {"user": user.pk})
            kept = [row[0] for row in cursor.fetchall()]
        user._own_records = kept
    return kept


def worker_scope(user: Any, prefix: str = "") -> Q:
    """Staff see the workers of their regions, a worker sees themselves, anybody else sees nobody."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    where = scope(user, "worker.view")
    if where.whole:
        return Q()
    if where.empty:
        return Q(**{f"{prefix}pk__in": own_records(user)})
    return where.q(f"{prefix}work_region", f"{prefix}league_code")


class Characters(Func):
    """The characters of a text as an array: what finds one or two characters inside a name through
    an index.
    """

    function = "string_to_array"
    output_field = ArrayField(models.TextField())

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, Value(None))


class Folded(Func):
    """The name of a unit without what does not distinguish one: width, spaces, quotation marks, case, the kind
    of its brackets, dots and dashes.
    """

    function = "workforce_unit_folded"
    output_field = models.TextField()


class FoldedOccupation(Func):
    """An occupation as it is compared; see `fold_occupation` of the scarce lists."""

    function = "workforce_occupation_folded"
    output_field = models.TextField()


class OfWorker(models.QuerySet[Model]):
    """Records about a worker are visible to whoever may see the worker."""

    def visible_to(self, user: Any) -> Any:
        return self.filter(worker_scope(user, "worker__"))

    def of_worker_named(self, part: str) -> Any:
        """Of workers whose name contains `part`; see WorkerQuerySet.named."""
        part = searched_name(part)
        with_characters = self.alias(name_characters=Characters("worker__name"))
        named = with_characters.filter(name_characters__contains=list(part))
        return named.filter(worker__name__contains=part) if len(part) > 1 else named
