"""The chain over the audit: only added to, in one order under concurrency, and any tampering is named."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from portal import audit
from portal.audit.chain import verify
from portal.audit.models import ChainLink, Entry

# What an intruder with the owner's password would do first.
UNLOCK = """
ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stands;
ALTER TABLE audit_chainlink DISABLE TRIGGER audit_chainlink_stands
"""


def record(count: int, **fields: Any) -> None:
    for number in range(count):
        audit.record("test.step", by=None, detail={"number": number} | fields)


def verify_audit(*args: str) -> tuple[int, str]:
    """(exit code, what was printed)."""
    out = StringIO()
    try:
        call_command("verify_audit", *args, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize("table", ["audit_entry", "audit_chainlink"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_cannot_change_or_remove_anything(committed: str, table: str, statement: str) -> None:
    record(1)
    column = "action" if table == "audit_entry" else "digest"
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))
    assert verify().links == 1


def test_the_application_cannot_write_links_of_its_own(committed: str) -> None:
    record(1)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ChainLink.objects.create(position=2, entry=Entry.objects.get(), digest=b"x" * 32)


def test_the_application_cannot_switch_the_triggers_off(committed: str) -> None:
    for statement in (
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ):
        with (
            pytest.raises(DatabaseError, match="must be owner|permission denied"),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_chainlink", "TRUNCATE audit_entry CASCADE"],
)
def test_even_the_owner_is_refused_while_the_triggers_stand(
    committed: str, owner_sql: Callable[..., Any], statement: str
) -> None:
    import psycopg2

    record(1)
    with pytest.raises(psycopg2.Error, match="only ever added"):
        owner_sql(statement)


def test_what_is_rolled_back_leaves_no_link(committed: str) -> None:
    record(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        record(1)
        raise RuntimeError
    record(1)
    verdict = verify()
    assert (verdict.links, verdict.holds) == (2, True)
    assert list(ChainLink.objects.values_list("position", flat=True)) == [1, 2]


def test_many_at_once_make_one_chain(committed: str) -> None:
    """Eight threads, transactions of several entries, some rolled back: positions without gaps, every entry
    linked once.
    """
    errors: list[Exception] = []

    def work(name: int) -> None:
        try:
            for turn in range(10):
                with transaction.atomic():
                    record(3, thread=name, turn=turn)
                    if turn % 5 == 4:
                        transaction.set_rollback(True)
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    verdict = verify()
    assert (verdict.links, verdict.holds) == (8 * 8 * 3, True)
    assert list(ChainLink.objects.values_list("position", flat=True)) == list(range(1, 8 * 8 * 3 + 1))
    # The entries of one transaction stand together.
    order = list(
        ChainLink.objects.order_by("position").values_list("entry__detail__thread", "entry__detail__turn")
    )
    assert all(len(set(order[start : start + 3])) == 1 for start in range(0, len(order), 3))


def test_a_whole_chain_is_said_to_hold(committed: str) -> None:
    code, printed = verify_audit()
    assert code == 0 and printed.startswith("OK  0 links, head -\n")
    record(3)
    code, printed = verify_audit()
    assert code == 0 and printed.startswith("OK  3 links, head ")


TAMPERING = {
    "an entry is changed": (
        "UPDATE audit_entry SET actor_name = 'nobody' WHERE id = 3",
        "BROKEN  link 3, entry 3: entry or link was changed",
    ),
    "a detail is changed": (
        "UPDATE audit_entry SET detail = '{\"number\": 9}' WHERE id = 4",
        "BROKEN  link 4, entry 4: entry or link was changed",
    ),
    "a moment is changed": (
        "UPDATE audit_entry SET at = at - interval '1 day' WHERE id = 2",
        "BROKEN  link 2, entry 2: entry or link was changed",
    ),
    "two are changed": ("UPDATE audit_entry SET action = 'x' WHERE id IN (2, 4)", "BROKEN  link 2, entry 2"),
    "a link is rewritten": (
        "UPDATE audit_chainlink SET digest = sha256('x') WHERE position = 2",
        "BROKEN  link 2, entry 2: entry or link was changed",
    ),
    "an entry and its link are removed": (
        "DELETE FROM audit_chainlink WHERE entry_id = 3; DELETE FROM audit_entry WHERE id = 3",
        "BROKEN  link 4, entry 4: a link before it is gone",
    ),
    "a link is removed": (
        "DELETE FROM audit_chainlink WHERE position = 3",
        "BROKEN  link 4, entry 4: a link before it is gone",
    ),
    "the last link is removed": (
        "DELETE FROM audit_chainlink WHERE position = 5",
        "BROKEN  no link, entry 5: entry stands outside the chain",
    ),
    "an entry is slipped in": (
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_link; INSERT INTO audit_entry"
        " (at, actor_name, action, object_type, object_ref, region_code, address, detail)"
        " VALUES (now(), 'x', 'x', '', '', '', '', '{}')",
        "BROKEN  no link, entry 6: entry stands outside the chain",
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_the_first_broken_link_is_named(committed: str, owner_sql: Callable[..., Any], what: str) -> None:
    statement, says = TAMPERING[what]
    record(5)
    owner_sql(UNLOCK)
    owner_sql(statement)
    code, printed = verify_audit()
    assert code == 1
    assert printed.startswith(says)


def test_an_entry_without_its_record_is_named(committed: str, owner_sql: Callable[..., Any]) -> None:
    record(3)
    owner_sql(UNLOCK)
    owner_sql("ALTER TABLE audit_chainlink DROP CONSTRAINT IF EXISTS audit_chainlink_entry_id_fkey")
    for (name,) in owner_sql(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'audit_chainlink'::regclass AND contype = 'f'"
    ):
        owner_sql(f'ALTER TABLE audit_chainlink DROP CONSTRAINT "{name}"')
    owner_sql("DELETE FROM audit_entry WHERE id = 2")
    code, printed = verify_audit()
    assert code == 1 and printed.startswith("BROKEN  link 2, entry 2: entry is gone")


def test_a_head_noted_earlier_proves_that_nothing_was_cut_off(
    committed: str, owner_sql: Callable[..., Any]
) -> None:
    record(3)
    head = verify().head
    record(2)
    assert verify_audit("--expect", head)[0] == 0
    assert verify_audit("--expect", head.upper())[0] == 0
    owner_sql(UNLOCK)
    owner_sql("DELETE FROM audit_chainlink WHERE position >= 3; DELETE FROM audit_entry WHERE id >= 3")
    # What is left is a whole chain: only the noted head tells.
    assert verify_audit()[0] == 0
    code, printed = verify_audit("--expect", head)
    assert code == 1 and "the expected head is no link of the chain" in printed


@pytest.mark.parametrize("head", ["not hex", "abc", "12", "0x" + "a" * 64, "é" * 64])
def test_a_head_that_is_none_is_said_to_be_none(db: None, head: str) -> None:
    with pytest.raises(CommandError, match="64 hexadecimal digits"):
        call_command("verify_audit", "--expect", head)
