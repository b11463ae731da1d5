"""A day is sealed while transfers of it are still being posted: each is in the seal or refused, whoever is killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, connections, transaction
from django.utils import timezone

from portal.funds import sealing
from portal.funds.models import DailySeal, Payable, Transfer
from portal.funds.proof import differences
from portal.funds.tasks import seal_days
from tests.funds.conftest import Office

LEAF = 40


def yesterday() -> datetime:
    """Noon of the day before, in Shanghai."""
    return timezone.localtime().replace(hour=12, minute=0) - timedelta(days=1)


def reserve(payable: Payable, office: Office) -> Transfer:
    """A transfer that says it is of yesterday, as one does whose transaction began before midnight."""
    return Transfer.objects.create(
        move="reserve", from_line_id=payable.line_id, from_bucket="available", to_line_id=payable.line_id,
        to_bucket="reserved", amount=payable.amount, payable=payable, by=office.finance, at=yesterday(),
    )  # fmt: skip


def sealed_numbers() -> set[int]:
    """The numbers of the transfers that yesterday's seal covers."""
    leaves = bytes(DailySeal.objects.get(day=yesterday().date()).leaves)
    return {int.from_bytes(leaves[start : start + 8]) for start in range(0, len(leaves), LEAF)}


def ended(pid: int) -> None:
    """That server process is gone, with what it held."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)  # PostgreSQL ends it when it next looks
    raise AssertionError(f"server process {pid} did not end")


class Beside(threading.Thread):
    """Does something on a connection of its own; keeps what came of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work
        self.pid: int | None = None
        self.came: Any = None

    def run(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self.pid,) = cursor.fetchone()
        try:
            self.came = self._work()
        except DatabaseError as refused:
            self.came = refused
        with suppress(DatabaseError):
            connections.close_all()

    def waits(self) -> None:
        """Until it waits for a lock."""
        with connection.cursor() as cursor:
            for _ in range(200):
                cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [self.pid])
                if cursor.fetchone() == ("Lock",):
                    return
                time.sleep(0.05)  # it has its own connection to open first
        raise AssertionError("it waits for nobody")


def constraint_of(refused: Any) -> str | None:
    assert isinstance(refused, IntegrityError), refused
    return refused.__cause__.diag.constraint_name  # type: ignore[union-attr]


@pytest.fixture
def payables(committed: str, office: Office, line: Any, drawn: Any, owner_sql: Any) -> list[Payable]:
    """Given payables to be reserved, on a line whose money came two days ago."""
    owner_sql("ALTER TABLE funds_transfer DISABLE TRIGGER USER")
    owner_sql("UPDATE funds_transfer SET at = at - interval '2 days'")
    owner_sql("ALTER TABLE funds_transfer ENABLE TRIGGER USER")
    found: list[Payable] = drawn(*[100] * 24)
    return found


def test_sealing_waits_for_who_is_posting(payables: list[Payable], office: Office) -> None:
    """Given a transfer of the day that is not committed, when the day is sealed, the seal waits and has it."""
    with transaction.atomic():
        posted = reserve(payables[0], office)
        sealing_beside = Beside(seal_days)
        sealing_beside.start()
        sealing_beside.waits()
        assert not DailySeal.objects.exists()
    sealing_beside.join(60)
    assert sealing_beside.came == 2
    assert sealed_numbers() == {posted.pk}
    assert list(sealing.different()) == [] and differences() == []


def test_who_posts_while_it_is_sealed_is_refused(payables: list[Payable], office: Office) -> None:
    """Given a seal that is not committed, when a transfer of the day is posted, it waits and is refused."""
    with transaction.atomic():
        assert seal_days() == 2
        posting = Beside(lambda: reserve(payables[0], office))
        posting.start()
        posting.waits()
    posting.join(60)
    assert constraint_of(posting.came) == "a_sealed_day_takes_no_more"
    assert sealed_numbers() == set()
    payables[0].refresh_from_db()
    assert (payables[0].bucket, payables[0].moves) == ("available", 0)
    assert list(sealing.different()) == [] and differences() == []


def test_each_is_in_the_seal_or_refused(payables: list[Payable], office: Office) -> None:
    """Given six who post for yesterday one after the other, when it is sealed between them, nothing is in between."""
    begin = threading.Barrier(7)
    posted: list[int] = []
    refused: list[str | None] = []

    def post(mine: list[Payable]) -> None:
        begin.wait()
        for payable in mine:
            try:
                posted.append(reserve(payable, office).pk)
            except IntegrityError as said:
                refused.append(constraint_of(said))

    def seal() -> int:
        begin.wait()
        while not posted:
            time.sleep(0.001)  # so that it begins while they are at it
        return seal_days()

    clients = [Beside(lambda place=place: post(payables[place::6])) for place in range(6)]
    sealer = Beside(seal)
    for client in (*clients, sealer):
        client.start()
    for client in (*clients, sealer):
        client.join(60)
    assert [client.came for client in clients] == [None] * 6 and sealer.came == 2
    assert len(posted) + len(refused) == len(payables) and posted
    assert set(refused) <= {"a_sealed_day_takes_no_more"}
    assert sealed_numbers() == set(posted)
    assert list(sealing.different()) == [] and differences() == []


def test_a_killed_poster_is_not_in_the_seal(payables: list[Payable], office: Office) -> None:
    held = threading.Event()
    go_on = threading.Event()

    def post_and_stay() -> None:
        with transaction.atomic():
            reserve(payables[0], office)
            held.set()
            go_on.wait(60)
            reserve(payables[1], office)

    poster = Beside(post_and_stay)
    poster.start()
    assert held.wait(60)
    sealer = Beside(seal_days)
    sealer.start()
    sealer.waits()
    _kill(poster)
    go_on.set()
    for one in (poster, sealer):
        one.join(60)
    assert isinstance(poster.came, OperationalError) and sealer.came == 2
    assert sealed_numbers() == set()
    assert not Transfer.objects.filter(payable__in=payables).exists()
    assert list(sealing.different()) == [] and differences() == []


def test_a_killed_sealer_leaves_no_seal_and_holds_nobody(payables: list[Payable], office: Office) -> None:
    sealed = threading.Event()
    go_on = threading.Event()

    def seal_and_stay() -> None:
        with transaction.atomic():
            seal_days()
            sealed.set()
            go_on.wait(60)
            DailySeal.objects.exists()

    sealer = Beside(seal_and_stay)
    sealer.start()
    assert sealed.wait(60)
    posting = Beside(lambda: reserve(payables[0], office))
    posting.start()
    posting.waits()
    _kill(sealer)
    go_on.set()
    for one in (sealer, posting):
        one.join(60)
    assert isinstance(sealer.came, OperationalError)
    assert isinstance(posting.came, Transfer), posting.came
    assert not DailySeal.objects.exists()
    assert seal_days() == 2 and sealed_numbers() == {posting.came.pk}
    assert list(sealing.different()) == [] and differences() == []


def _kill(one: Beside) -> None:
    assert one.pid is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [one.pid])
    ended(one.pid)
