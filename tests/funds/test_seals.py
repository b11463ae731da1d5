"""A day's transfers are sealed when it has ended; what is changed, removed or added afterwards is named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.audit import heads
from portal.audit.models import Entry
from portal.funds import sealing
from portal.funds.models import DailySeal, Transfer
from portal.funds.moves import MoveCode
from portal.funds.reconciling import reconcile
from portal.funds.tasks import seal_days
from tests.funds.conftest import Office, committed_by


@pytest.fixture
def days(committed: str, office: Office, line: Any, drawn: Any, owner_sql: Any) -> tuple[date, date]:
    """Given money that came three days ago and two payables committed yesterday, both days sealed."""
    committed_by(office, drawn(2000, 3000))
    yesterday = timezone.localdate() - timedelta(days=1)
    before = yesterday - timedelta(days=2)
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    for day, which in ((before, "= 'appropriate'"), (yesterday, "<> 'appropriate'")):
        owner_sql(
            f"UPDATE funds_transfer SET at = %s::timestamp AT TIME ZONE 'Asia/Shanghai' WHERE move {which}",
            f"{day} 23:59:59.5",
        )
    owner_sql("ALTER TABLE funds_transfer ENABLE TRIGGER USER")
    assert seal_days() == 3, "also the day between, without a transfer"
    return before, yesterday


def test_days_are_sealed_once_one_after_the_other(
    days: tuple[date, date], office: Office, drawn: Any
) -> None:
    first, between, last = DailySeal.objects.all()
    assert (first.day, last.day) == days
    assert (first.count, between.count, last.count) == (1, 0, 4)
    assert (between.first_id, between.last_id) == (None, None)
    assert (first.first_id, last.last_id) == (
        Transfer.objects.earliest("id").pk,
        Transfer.objects.latest("id").pk,
    )
    assert bytes(first.previous) == b"" and bytes(between.previous) == bytes(first.digest)
    assert bytes(last.previous) == bytes(between.digest)
    assert seal_days() == 0 and DailySeal.objects.count() == 3
    noted = Entry.objects.filter(action="funds.seal").order_by("pk")
    assert [entry.detail["count"] for entry in noted] == [1, 0, 4]
    assert noted[2].detail["digest"] == bytes(last.digest).hex() and noted[2].actor is None
    assert list(sealing.different()) == []
    # What happens today is of no sealed day.
    committed_by(office, drawn(10))
    assert list(sealing.different()) == []


def test_without_a_transfer_there_is_nothing_to_seal(committed: str) -> None:
    assert seal_days() == 0 and sealing.last_seal() == ""
    assert list(sealing.different()) == []


def test_a_changed_transfer_is_named(days: tuple[date, date], owner_sql: Any) -> None:
    changed = Transfer.objects.latest("id").pk
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_transfer SET amount = amount + 1 WHERE id = %s", changed)
    assert list(sealing.different()) == [
        f"{days[1]}: transfer {changed} was changed after the day was sealed"
    ]
    assert f"{days[1]}: transfer {changed} was changed after the day was sealed" in reconcile().differences


def test_a_removed_transfer_is_named(days: tuple[date, date], owner_sql: Any) -> None:
    gone = Transfer.objects.earliest("id").pk
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("DELETE FROM funds_transfer WHERE id = %s", gone)
    assert list(sealing.different()) == [f"{days[0]}: transfer {gone} was removed after the day was sealed"]


@pytest.mark.parametrize("back", [1, 2, 3, 9])
def test_an_added_transfer_is_named(days: tuple[date, date], owner_sql: Any, back: int) -> None:
    """Into a day with transfers, into one without, and before the first."""
    day = timezone.localdate() - timedelta(days=back)
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    ((added,),) = owner_sql(
        "INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)"
        " SELECT 'release', from_line_id, 'reserved', to_line_id, 'available', amount, payable_id, by_id,"
        " %s::timestamp AT TIME ZONE 'Asia/Shanghai' FROM funds_transfer WHERE payable_id IS NOT NULL LIMIT 1 RETURNING id",
        f"{day} 00:00",
    )
    said = list(sealing.different())
    assert f"{day}: transfer {added} was added after the day was sealed" in said
    assert len(said) == (2 if back == 9 else 1)


def test_a_transfer_moved_to_another_day_is_named_on_both(days: tuple[date, date], owner_sql: Any) -> None:
    moved = Transfer.objects.latest("id").pk
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_transfer SET at = at - interval '1 day' WHERE id = %s", moved)
    between = days[1] - timedelta(days=1)
    assert list(sealing.different()) == [
        f"{between}: transfer {moved} was added after the day was sealed",
        f"{days[1]}: transfer {moved} was removed after the day was sealed",
    ]


@pytest.mark.parametrize(
    ("forged", "place"),
    [
        ("UPDATE funds_dailyseal SET count = 5 WHERE day = %s", 1),
        ("UPDATE funds_dailyseal SET digest = sha256('x') WHERE day = %s", 1),
        ("DELETE FROM funds_dailyseal WHERE day = %s::date - 1", 1),
    ],
)
def test_a_changed_or_missing_seal_is_named(
    days: tuple[date, date], owner_sql: Any, forged: str, place: int
) -> None:
    owner_sql("ALTER TABLE funds_dailyseal DISABLE TRIGGER USER")
    owner_sql(forged, days[place])
    assert list(sealing.different()) == [f"{days[place]}: the seal was changed, or one before it is missing"]


def test_days_sealed_anew_are_not_what_was_noted_outside(days: tuple[date, date], owner_sql: Any) -> None:
    """Given a head noted outside the database, when its owner changes a transfer and seals all days anew, the chain holds
    in itself, and the noted seal says that it is another.
    """
    noted = heads.note()
    assert noted.seal == sealing.last_seal() and noted.is_genuine()
    assert heads.read(settings.AUDIT_HEADS) == [noted]
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("ALTER TABLE funds_dailyseal DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_transfer SET amount = amount + 1")
    owner_sql("DELETE FROM funds_dailyseal")
    owner_sql("SELECT funds_seal(%s)", days[1])
    (said,) = sealing.different()
    day, digest = noted.seal.split()
    assert said == f"{day}: the seal {digest} was noted outside the database, and is another or gone now"


def test_heads_of_before_still_verify(committed: str) -> None:
    """A head without a seal is written as heads always were."""
    head = heads.note()
    assert head.seal == "" and b"seal" not in head.line() and heads.Head.of(head.line()) == head


def test_a_sealed_day_takes_no_more(days: tuple[date, date], line: Any, office: Office, drawn: Any) -> None:
    """Not even what the application itself writes with a moment of its own."""
    late = Transfer.objects.filter(move=MoveCode.APPROPRIATE).get()
    (payable,) = drawn(10)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Transfer.objects.create(
            move="reserve", from_line=line, from_bucket="available", to_line=line, to_bucket="reserved",
            amount=1000, payable=payable, by=office.finance, at=late.at,
        )  # fmt: skip
    assert refused.value.__cause__.diag.constraint_name == "a_sealed_day_takes_no_more"  # type: ignore[union-attr]


def test_only_the_database_seals(days: tuple[date, date], owner_sql: Any) -> None:
    for statement in (
        "UPDATE funds_dailyseal SET count = 0",
        "DELETE FROM funds_dailyseal",
        "INSERT INTO funds_dailyseal SELECT * FROM funds_dailyseal",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="when it has ended"), connection.cursor() as cursor:
        cursor.execute("SELECT funds_seal(%s)", [timezone.localdate()])
    with pytest.raises(Exception, match="written once"):
        owner_sql("DELETE FROM funds_dailyseal")


def test_what_was_sealed_is_compared_by_the_same_digest(
    days: tuple[date, date], owner_sql: Any, batching: Any, approved: Any
) -> None:
    """The digest that is written out column by column is the one of the seals, for every kind of transfer there is, and
    for a column of any type that is added later.
    """
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql(
        "ALTER TABLE funds_transfer ADD COLUMN \"Said 'so'\" jsonb, ADD COLUMN until date, ADD COLUMN 全部 boolean"
    )
    owner_sql(
        """UPDATE funds_transfer SET until = '2026-12-01', 全部 = true, "Said 'so'" = '{"a": "二"}' WHERE id % 2 = 0"""
    )
    owner_sql(
        "UPDATE funds_transfer SET at = '2026-11-30 23:59:59' WHERE id = (SELECT min(id) FROM funds_transfer)"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT funds_leaf_written_out()")
        (leaf,) = cursor.fetchone()
        for zone in ("Asia/Shanghai", "UTC"):
            cursor.execute("SELECT set_config('timezone', %s, false)", [zone])
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE {leaf} <> funds_leaf(t)) FROM funds_transfer t"
            )  # noqa: S608
            assert cursor.fetchone() == (Transfer.objects.count(), 0)
