"""What somebody tries with a batch who has the owner's password, what two try at once, and a kill between all steps."""

from __future__ import annotations

import threading
from typing import Any

import psycopg2
import pytest
from django.db import connections
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.funds import batches, payment_files
from portal.funds.models import Batch, Item, PaymentFile, Transfer
from tests.funds.conftest import Office
from tests.funds.test_answers import unproven

WRITTEN_ONCE = ("batchstep", "withdrawal", "paymentfile", "itempayee", "bankrow")


def test_not_even_the_owner_rewrites(committed: str, approved: Any, batching: Any, owner_sql: Any) -> None:
    """What was locked, signed, written and answered stays: another account, another sum of the bank, a step less."""
    approved(2000)
    batch = batching.sent()
    batching.taken_in([batching.row(batch.items.select_related("payee").get())])
    for table in WRITTEN_ONCE:
        if table != "withdrawal":
            with pytest.raises(psycopg2.Error, match="written once"):
                owner_sql(f"DELETE FROM funds_{table}")
        with pytest.raises(psycopg2.Error, match="written once"):
            owner_sql(f"TRUNCATE funds_{table} CASCADE")
    for statement in (
        "UPDATE funds_bankrow SET amount = amount + 1",
        "UPDATE funds_bankrow SET outcome = 'returned'",
        "UPDATE funds_itempayee SET account_digest = sha256('other')",
        "UPDATE funds_itempayee SET confirmed_by_id = recorded_by_id",
        "UPDATE funds_batchstep SET note = 'x'",
        "UPDATE funds_paymentfile SET sha256 = 'x'",
    ):
        with pytest.raises(psycopg2.Error, match="written once"):
            owner_sql(statement)


def test_a_forged_state_is_found(committed: str, approved: Any, batching: Any, owner_sql: Any) -> None:
    approved(2000, 1500)
    batch = batching.sent()
    assert unproven() == []
    owner_sql("UPDATE funds_item SET state = 'listed' WHERE batch_id = %s AND position = 1", batch.pk)
    owner_sql("UPDATE funds_batch SET amount = amount + 1 WHERE id = %s", batch.pk)
    assert sorted(what for what, *_ in unproven()) == ["batch", "item"]


def test_items_come_to_a_draft_only(committed: str, office: Office, approved: Any, batching: Any) -> None:
    """Given a batch that is locked, when an item is written into it, the database refuses."""
    from tests.funds.test_ledger import held_by

    approved(2000)
    batch = batching.locked(batching.drawn_up())
    (later,) = approved(1500)
    with held_by("an_item_is_what_its_batch_pays"):
        Item.objects.create(
            batch=batch,
            position=2,
            payable=later,
            reference="FK9N2",
            amount=later.amount,
            payee_kind="person",
            fund_id=batch.fund_id,
            channel_id=batch.channel_id,
            region_id=batch.region_id,
        )


def test_a_use_that_the_public_sees_first(
    committed: str, office: Office, approved: Any, batching: Any, owner_sql: Any
) -> None:
    """Given a rule of five working days, when nothing was announced or the days are not over, nobody signs."""
    approved(2000)
    owner_sql(
        "INSERT INTO funds_noticerule (use, since, working_days, document) VALUES ('training', '2026-01-01', 5, '合成办法')"
    )
    batch = batching.locked(batching.drawn_up())
    with pytest.raises(NotNow, match="须先公示"):
        batching.signed(batch)
    today = timezone.localdate()
    batch = batches.announce(batch.pk, where="旗政务公开栏", on=today, by=office.finance)
    assert batch.shown_until is not None and batch.shown_until > today
    with pytest.raises(NotNow, match="须先公示"):
        batching.signed(batch)
    owner_sql(
        "UPDATE funds_batch SET shown_until = %s WHERE id = %s", today.replace(year=today.year - 1), batch.pk
    )
    assert batching.signed(batch).state == "signed"


def test_two_draw_up_the_same_at_once(committed: str, office: Office, approved: Any, batching: Any) -> None:
    """Given ten payables, when two officers draw them up at the same moment, one batch holds them."""
    approved(*[100] * 10)
    selection = batching.selection()
    found = batches.look(selection, on=timezone.localdate())
    begin, outcomes = threading.Barrier(2), []

    def draw_up(by: Any) -> None:
        begin.wait()
        try:
            outcomes.append(batches.draw_up(selection, confirmed=found, by=by).count)
        except NotNow as refused:
            outcomes.append(str(refused))
        connections.close_all()

    clients = [threading.Thread(target=draw_up, args=(by,)) for by in (office.finance, office.second_finance)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(60)
    assert 10 in outcomes and len(outcomes) == 2
    assert Batch.objects.count() == 1 and Item.objects.count() == 10


def test_killed_between_all_steps(
    committed: str, office: Office, approved: Any, batching: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a process that dies at the end of each step, before its commit, when the step is done again, it is done once."""
    approved(2000, 1500)
    steps = [
        lambda batch: batching.drawn_up(),
        batching.locked,
        batching.signed,
        batching.filed,
        lambda batch: batches.send(batch.pk, by=office.finance),
    ]
    batch = None
    note = batches.note
    for step in steps:
        with monkeypatch.context() as patched:
            patched.setattr(batches, "note", _dying)
            with pytest.raises(KeyboardInterrupt):
                step(batch)
        assert unproven() == []
        assert batches.note is note
        batch = step(batch)
    assert batch is not None and batch.state == "sent"
    assert PaymentFile.objects.count() == 1 and Transfer.objects.filter(move="send").count() == 2
    kept = payment_files.fetch(batch.files.get(), by=office.finance).read()
    assert len(kept) == batch.files.get().size
    rows = [batching.row(item) for item in batch.items.select_related("payee")]
    batching.taken_in(rows)
    with monkeypatch.context() as patched:
        patched.setattr(batches, "note", _dying)
        with pytest.raises(KeyboardInterrupt):
            batches.close(batch.pk, by=office.finance)
    assert batches.close(batch.pk, by=office.finance).state == "closed" and unproven() == []


def _dying(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
