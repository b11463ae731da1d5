"""The audit trail holds against whoever owns the database, and says in words what was done to it.

Given heads of the chain that were noted outside the database, when somebody with the owner's rights cuts the chain,
writes it anew or puts something in, then `verify_audit` says so, and by what it knows.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal import audit
from portal.audit import heads
from portal.audit.models import ChainLink, Entry

Sql = Callable[..., list[tuple]]

UNLOCK = """
ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stands;
ALTER TABLE audit_entry DISABLE TRIGGER audit_moment;
ALTER TABLE audit_chainlink DISABLE TRIGGER audit_chainlink_stands
"""
# What a whole chain is made of, from a place on: another one that holds in itself.
CHAIN_ANEW = """
DO $$
DECLARE
    link record;
    before bytea;
BEGIN
    FOR link IN SELECT l.position, l.at, l.entry_id FROM audit_chainlink l ORDER BY l.position LOOP
        UPDATE audit_chainlink SET digest = (
            SELECT audit_link_digest(coalesce(before, '\\x'::bytea), link.position, link.at, e)
            FROM audit_entry e WHERE e.id = link.entry_id
        ) WHERE position = link.position RETURNING digest INTO before;
    END LOOP;
END
$$
"""
FORGED = (
    "INSERT INTO audit_entry (id, at, actor_name, action, object_type, object_ref, region_code, address, detail)"
    " VALUES ({id}, {at}, 'forged', 'x', '', '', '', '', '{{}}')"
)


def record(count: int) -> None:
    for number in range(count):
        audit.record("test.step", by=None, detail={"number": number})


def verify_audit(*arguments: str) -> tuple[int, str]:
    """(exit code, what was printed)."""
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def noted(committed: str, owner_sql: Sql) -> Sql:
    """Two heads, of the third and of the sixth entry, and one entry after them; the guards of the tables are off."""
    for _ in range(2):
        record(3)
        heads.note()
    record(1)
    assert verify_audit()[0] == 0
    owner_sql(UNLOCK)
    return owner_sql


# -- moments -------------------------------------------------------------------------------------------------
def test_the_database_says_when_whatever_was_sent(committed: str) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    began = timezone.now() - timedelta(seconds=2)
    Entry.objects.create(at=long_ago, actor_name="x", action="x")
    Entry.objects.bulk_create(
        [Entry(at=timezone.now() + timedelta(days=9), actor_name="x", action="x") for _ in range(3)]
    )
    moments = list(Entry.objects.order_by("id").values_list("at", flat=True))
    assert all(began < at <= timezone.now() + timedelta(seconds=2) for at in moments)
    assert moments == sorted(moments)
    assert verify_audit()[0] == 0


def test_an_entry_is_not_put_among_earlier_ones(committed: str) -> None:
    record(1)
    with transaction.atomic():
        record(5)
        transaction.set_rollback(True)
    record(1)
    first, last = Entry.objects.order_by("id").values_list("id", flat=True)
    assert last > first + 1, "there is a gap"
    with connection.cursor() as cursor:
        cursor.execute(FORGED.format(id=first + 1, at="'2020-01-01'"))
    assert Entry.objects.latest("id").actor_name == "forged"
    assert Entry.objects.latest("id").at > timezone.now() - timedelta(minutes=5)


def test_moments_of_links_rise_even_when_the_clock_was_put_back(committed: str, owner_sql: Sql) -> None:
    record(1)
    owner_sql("ALTER TABLE audit_chainlink DISABLE TRIGGER audit_chainlink_stands")
    owner_sql("UPDATE audit_chainlink SET at = at + interval '1 hour'")
    record(2)
    first, *later = ChainLink.objects.order_by("position").values_list("at", flat=True)
    assert first is not None and first < later[0] < later[1]  # type: ignore[operator]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET at = '2020-01-01'",
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_moment",
        "DROP TRIGGER audit_moment ON audit_entry",
        "SELECT setval('audit_entry_id_seq', 1)",
        "INSERT INTO audit_chainlink (position, entry_id, digest) SELECT 99, id, 'x' FROM audit_entry",
    ],
)
def test_the_application_changes_nothing_of_it(committed: str, statement: str) -> None:
    record(1)
    with pytest.raises(DatabaseError, match="permission denied|must be owner"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("now() - interval '3 days'", "its moment does not fit its place"),
        ("now() + interval '1 hour'", "its moment does not fit its place"),
    ],
)
def test_a_forged_entry_of_another_day_does_not_fit_its_place(
    committed: str, owner_sql: Sql, at: str, says: str
) -> None:
    """The owner appends an entry and a link that holds, with another moment than that of its place."""
    record(2)
    owner_sql(UNLOCK)
    owner_sql("ALTER TABLE audit_entry DISABLE TRIGGER audit_link")
    owner_sql(FORGED.format(id=99, at=at))
    owner_sql(
        "INSERT INTO audit_chainlink (position, entry_id, digest, at) VALUES (3, 99, 'x', clock_timestamp())"
    )
    owner_sql(CHAIN_ANEW)
    code, printed = verify_audit()
    assert code == 1 and printed.startswith(f"BROKEN  link 3, entry 99: {says}")


# -- heads against the chain ---------------------------------------------------------------------------------
def test_heads_that_agree_are_told(noted: Sql) -> None:
    code, printed = verify_audit()
    assert code == 0
    assert "OK  7 links" in printed and "OK  2 heads agree" in printed and "notes link 6" in printed


def test_a_cut_tail_is_told(noted: Sql) -> None:
    noted("DELETE FROM audit_chainlink WHERE position >= 5; DELETE FROM audit_entry WHERE id >= 5")
    code, printed = verify_audit()
    assert code == 1
    assert "BROKEN  the chain was cut off: head 2" in printed and "link 6, the chain has 4 links" in printed


def test_what_came_after_a_cut_does_not_hide_it(noted: Sql) -> None:
    noted("DELETE FROM audit_chainlink WHERE position >= 5; DELETE FROM audit_entry WHERE id >= 5")
    record(20)
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  the chain was written anew: head 2" in printed


def test_a_middle_that_was_changed_and_chained_anew_is_told(noted: Sql) -> None:
    noted("UPDATE audit_entry SET actor_name = 'nobody' WHERE id = 5")
    assert "BROKEN  link 5, entry 5" in verify_audit()[1]
    noted(CHAIN_ANEW)
    code, printed = verify_audit()
    assert code == 1
    assert "BROKEN  the chain was written anew: head 2" in printed and "as noted up to link 3" in printed
    assert "BROKEN  link" not in printed, "the chain itself holds: only the heads tell"


def test_an_entry_put_in_and_chained_anew_is_told(noted: Sql) -> None:
    noted("ALTER TABLE audit_entry DISABLE TRIGGER audit_link")
    noted(FORGED.format(id=99, at="(SELECT at FROM audit_entry WHERE id = 2)"))
    noted("UPDATE audit_chainlink SET position = position + 100 WHERE position >= 3")
    noted(
        "INSERT INTO audit_chainlink (position, entry_id, digest, at)"
        " SELECT 3, 99, 'x', at + interval '1 microsecond' FROM audit_chainlink WHERE position = 2"
    )
    noted("UPDATE audit_chainlink SET position = position - 99 WHERE position >= 103")
    noted(CHAIN_ANEW)
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  the chain was written anew: head 1" in printed


def test_all_of_it_chained_anew_is_told(noted: Sql) -> None:
    noted("DELETE FROM audit_chainlink; DELETE FROM audit_entry")
    assert "BROKEN  the chain was cut off: head 1" in verify_audit()[1]


# -- the file of heads ---------------------------------------------------------------------------------------
def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_the_file_is_for_its_owner_alone(noted: Sql, settings: Any) -> None:
    assert settings.AUDIT_HEADS.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("field", "value"),
    [("position", 4), ("digest", "ab" * 32), ("at", "2026-01-01T00:00:00+00:00"), ("mac", "0" * 64)],
)
def test_a_changed_head_is_told(noted: Sql, settings: Any, field: str, value: Any) -> None:
    rows = lines(settings.AUDIT_HEADS)
    rows[1][field] = value
    write(settings.AUDIT_HEADS, rows)
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  a noted head was changed: line 2" in printed


def test_heads_signed_with_another_key_are_told(noted: Sql, settings: Any) -> None:
    """As somebody would write them who has everything but the key."""
    noted("UPDATE audit_entry SET actor_name = 'nobody' WHERE id = 5")
    noted(CHAIN_ANEW)
    own, settings.AUDIT_KEY = settings.AUDIT_KEY, "5f" * 20
    settings.AUDIT_HEADS.unlink()
    heads.note()
    settings.AUDIT_KEY = own
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  a noted head was changed: line 1" in printed


def test_heads_taken_out_of_the_middle_are_told(noted: Sql, settings: Any) -> None:
    heads.note()
    first, _, last = lines(settings.AUDIT_HEADS)
    write(settings.AUDIT_HEADS, [first, last])
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  noted heads are missing: after head 1" in printed
    write(settings.AUDIT_HEADS, [last])
    assert "BROKEN  noted heads are missing: at the beginning" in verify_audit()[1]


def test_the_last_heads_cut_off_are_told(noted: Sql, settings: Any) -> None:
    heads.keep_up()
    write(settings.AUDIT_HEADS, lines(settings.AUDIT_HEADS)[:1])
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  the last noted heads are missing" in printed
    settings.AUDIT_HEADS.unlink()
    code, printed = verify_audit()
    assert code == 1 and "BROKEN  the file of noted heads is gone" in printed


def test_a_copy_tells_what_was_cut_off_here_together(noted: Sql, settings: Any, tmp_path: Path) -> None:
    """Chain, heads and what stands beside them are cut to the same place: the copy elsewhere still knows."""
    settings.AUDIT_HEADS_COPIES = [tmp_path / "share" / "heads.jsonl"]
    settings.AUDIT_HEADS_COPIES[0].parent.mkdir()
    heads.keep_up()
    write(settings.AUDIT_HEADS, lines(settings.AUDIT_HEADS)[:1])
    heads._state_file().unlink()
    noted("DELETE FROM audit_chainlink WHERE position >= 4; DELETE FROM audit_entry WHERE id >= 4")
    code, printed = verify_audit()
    assert code == 1
    assert (
        "BROKEN  the last noted heads are missing" in printed and "BROKEN  the chain was cut off" in printed
    )
    # Brought from elsewhere by hand it does the same.
    copy, settings.AUDIT_HEADS_COPIES = settings.AUDIT_HEADS_COPIES[0], []
    assert verify_audit()[0] == 0
    assert "BROKEN  the chain was cut off" in verify_audit("--heads", str(copy))[1]
    with pytest.raises(CommandError, match="there is no file"):
        verify_audit("--heads", str(tmp_path / "none"))


def test_a_line_that_power_failed_in_is_written_anew(noted: Sql, settings: Any) -> None:
    with settings.AUDIT_HEADS.open("ab") as file:
        file.write(b'{"number": 3, "posi')
    assert verify_audit()[0] == 0
    assert heads.note().number == 3
    assert [row["number"] for row in lines(settings.AUDIT_HEADS)] == [1, 2, 3]
    assert verify_audit()[0] == 0


# -- noting and delivering -----------------------------------------------------------------------------------
@pytest.fixture
def address() -> Iterator[tuple[HTTPServer, list[dict[str, Any]]]]:
    """Somebody who takes heads by POST; `server.answer` is the status."""
    taken: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = self.server.answer  # type: ignore[attr-defined]
            if status == 200:
                taken.extend(body["heads"])
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Taking)
    server.answer = 200  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server, taken
    server.shutdown()
    server.server_close()


def test_one_head_an_hour_and_none_twice(
    committed: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert heads.status() == "preparing"
    noon = datetime(2026, 11, 30, 12, 1, tzinfo=timezone.get_default_timezone())
    for minutes, count in ((0, 1), (5, 1), (58, 1), (60, 2), (61, 2), (300, 3)):
        monkeypatch.setattr(heads.timezone, "now", lambda: noon + timedelta(minutes=minutes))  # noqa: B023
        heads.keep_up()
        assert len(lines(settings.AUDIT_HEADS)) == count
        assert heads.status() == "ready"
    monkeypatch.setattr(heads.timezone, "now", lambda: noon + timedelta(hours=8))
    assert heads.status() == "missing"


def test_beat_notes_heads() -> None:
    from portal.clock import schedule

    assert schedule()["audit.heads"] == {"task": "audit.heads", "schedule": 300.0}


def test_what_was_not_delivered_shows_and_is_delivered_later(
    committed: str, settings: Any, tmp_path: Path, address: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server, taken = address
    server.answer = 500
    share = tmp_path / "share"
    settings.AUDIT_HEADS_URL = f"http://127.0.0.1:{server.server_port}/heads"
    settings.AUDIT_HEADS_COPIES = [share / "heads.jsonl"]
    heads.keep_up()
    assert heads.status() == "missing"
    assert set(heads.state()["failures"]) == {settings.AUDIT_HEADS_URL, str(share / "heads.jsonl")}
    assert "could not be delivered" in caplog.text
    heads.note()
    server.answer = 200
    share.mkdir()
    heads.keep_up()
    assert heads.status() == "ready"
    assert [head["number"] for head in taken] == [1, 2]
    assert lines(share / "heads.jsonl") == lines(settings.AUDIT_HEADS) == taken
    # and nothing twice
    heads.keep_up()
    assert len(taken) == 2


def test_a_copy_with_other_heads_is_left_alone(committed: str, settings: Any, tmp_path: Path) -> None:
    copy = tmp_path / "heads.jsonl"
    own, settings.AUDIT_HEADS = settings.AUDIT_HEADS, copy
    heads.note()
    settings.AUDIT_HEADS, settings.AUDIT_HEADS_COPIES = own, [copy]
    before = copy.read_bytes()
    heads.keep_up()
    assert heads.status() == "missing" and copy.read_bytes() == before


def test_a_file_that_cannot_be_written_shows(
    committed: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    heads.keep_up()
    settings.AUDIT_HEADS.unlink()
    settings.AUDIT_HEADS.mkdir()
    heads.keep_up()
    assert heads.status() == "missing" and "could be noted" in caplog.text
