"""A data folder of an earlier release is read at once, written anew in sets, and then nothing of before is read any more."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as portal_settings

from portal import unbound_values
from portal.cases.evidence.files import STORE
from portal.fields import AlteredValue, EncryptedTextField, encrypted_field
from portal.file_inspection import sha256
from portal.reencrypting import encrypted_columns
from portal.stored_files import Unreadable
from portal.workforce.models import Worker
from tests.cast import make_worker
from tests.security.unbound import unbound
from tests.stack.running import ROOT

pytestmark = pytest.mark.program

Sql = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., subprocess.CompletedProcess[str]]
CONTENT = b"%PDF-1.7 of before"
# Small sets, and an end by force in the middle of the third.
DIES = """
import os, signal
os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]  # as manage.py does for this command
import django; django.setup()
from django.core.management import call_command
from portal import reencrypting
reencrypting.ROWS_AT_ONCE = 2
write, sets = reencrypting.Table._write, []
def dies(self, cursor, found, done):
    rows = write(self, cursor, found, done)
    sets.append(rows)
    if len(sets) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return rows
reencrypting.Table._write = dies
call_command("reencrypt")
"""


@pytest.fixture
def command(command_environment: dict[str, str], _own_files: None) -> Command:
    env = command_environment | {
        "JHT_FILES": str(portal_settings.MEDIA_ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }

    def run(*arguments: str, program: str = "") -> subprocess.CompletedProcess[str]:
        what = ["-c", program] if program else ["manage.py", "reencrypt", *arguments]
        return subprocess.run(
            [sys.executable, *what], env=env, cwd=ROOT, capture_output=True, text=True, check=False
        )

    return run


def _as_before(sql: Sql, table: str, key: str, field: EncryptedTextField, values: dict[Any, Any]) -> None:
    """Write the values as the first releases did; no history is written for it."""
    sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    for number, value in values.items():
        if value is not None:
            statement = f'UPDATE "{table}" SET "{field.column}" = %s WHERE "{key}" = %s'
            sql(statement, unbound(field.dump(value)), number)
    sql(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


@pytest.fixture
def old(committed: str, owner_sql: Sql, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """Seven people, histories of some, and a file, all as the first releases wrote them; the name of the file."""
    for place in range(7):
        worker = make_worker(f"王建国{place}", phone=f"1380000000{place}" if place % 2 else None)
        if place < 3:
            worker.name += "改"
            worker.save()
    for model, field in encrypted_columns():
        values = dict(model._base_manager.values_list("pk", field.name))
        _as_before(owner_sql, model._meta.db_table, str(model._meta.pk.column), field, values)
    owner_sql("DELETE FROM audit_boundvaluesonly")
    monkeypatch.setattr(unbound_values, "_looked", {})
    name = STORE.keep(CONTENT)
    STORE.path_of(name).write_bytes(unbound(CONTENT, bound_to=name.bytes))
    return name


def everything() -> dict[str, list[Any]]:
    """What every encrypted column says."""
    return {
        f"{model.__name__}.{field.name}": list(
            model._base_manager.order_by("pk").values_list("pk", field.name)
        )
        for model, field in encrypted_columns()
    }


def beginnings(sql: Sql) -> set[int]:
    """The first bytes of all ciphertexts: the number of a key in the form of before, 0 in that of now."""
    return {
        first
        for model, field in encrypted_columns()
        for (first,) in sql(
            f'SELECT DISTINCT get_byte("{field.column}", 0) FROM "{model._meta.db_table}" '
            f'WHERE "{field.column}" IS NOT NULL'
        )
    }


def test_it_is_read_at_once_and_written_anew_whatever_kills_it(
    old: uuid.UUID, command: Command, owner_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = everything()
    assert len(said["Worker.id_number"]) == 7 and len(said["WorkerEvent.id_number"]) == 3
    assert beginnings(owner_sql) == {1}
    assert STORE.read(old, digest=sha256(CONTENT)) == CONTENT
    left = command("--check")
    assert left.returncode == 1
    assert "workforce_worker (id_number, phone): 7 left, 7 of these bound to nothing" in left.stdout
    assert "evidence: 1 left, 1 of these" in left.stdout

    assert command(program=DIES).returncode == -9
    assert beginnings(owner_sql) == {0, 1}, "some of it was written"
    assert everything() == said
    assert not unbound_values.is_marked()

    done = command()
    assert done.returncode == 0, done.stderr
    assert "values written with key 1. Keys before it may be removed now." in done.stdout
    assert beginnings(owner_sql) == {0}
    assert everything() == said, "also without anything of before being read"
    assert STORE.read(old, digest=sha256(CONTENT)) == CONTENT
    ciphertexts = owner_sql("SELECT id, id_number FROM workforce_worker ORDER BY id")

    again = command()
    assert "\n0 values written with key 1." in again.stdout
    assert owner_sql("SELECT id, id_number FROM workforce_worker ORDER BY id") == ciphertexts
    assert command("--check").returncode == 0
    entries = owner_sql("SELECT detail->>'rewritten' FROM audit_entry WHERE action = 'data.reencrypt'")
    assert len(entries) == 1, "what changes nothing is not noted"


def test_afterwards_nothing_of_before_is_read_or_taken(
    old: uuid.UUID, command: Command, owner_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command().returncode == 0
    monkeypatch.setattr(unbound_values, "_looked", {})
    first, second = Worker.objects.order_by("pk")[:2]
    _as_before(
        owner_sql,
        "workforce_worker",
        "id",
        encrypted_field(Worker, "phone"),
        {first.pk: "13800000009", second.pk: None},
    )
    with pytest.raises(AlteredValue):
        Worker.objects.get(pk=first.pk)
    STORE.path_of(old).write_bytes(unbound(CONTENT, bound_to=old.bytes))
    with pytest.raises(Unreadable, match="changed"):
        STORE.read(old, digest=sha256(CONTENT))
    # One of the two marks is enough.
    owner_sql("DELETE FROM audit_boundvaluesonly")
    refused = command()
    assert refused.returncode == 1 and f"workforce_worker.phone, row {first.pk}" in refused.stderr
    assert beginnings(owner_sql) == {0, 1}
    taken = command("--of-a-backup")
    assert taken.returncode == 0, taken.stderr
    assert Worker.objects.get(pk=first.pk).phone == "13800000009"


def test_what_was_moved_before_does_not_pass(old: uuid.UUID, command: Command, owner_sql: Sql) -> None:
    """The digest beside a number says whose it is."""
    first, second = Worker.objects.order_by("pk")[:2]
    _as_before(
        owner_sql,
        "workforce_worker",
        "id",
        encrypted_field(Worker, "id_number"),
        {second.pk: first.id_number},
    )
    refused = command()
    assert refused.returncode == 1
    assert f"workforce_worker.id_number, row {second.pk}" in refused.stderr
    assert not unbound_values.is_marked()
    assert command("--check").returncode == 1


def test_what_is_no_ciphertext_at_all_is_named(old: uuid.UUID, command: Command, owner_sql: Sql) -> None:
    first, second = Worker.objects.order_by("pk").values_list("pk", flat=True)[:2]
    owner_sql("ALTER TABLE workforce_worker DISABLE TRIGGER USER")
    owner_sql("UPDATE workforce_worker SET id_number = '' WHERE id = %s", first)
    owner_sql("UPDATE workforce_worker SET id_number = '\\x00' WHERE id = %s", second)
    owner_sql("ALTER TABLE workforce_worker ENABLE TRIGGER USER")
    refused = command()
    assert refused.returncode == 1
    for number in (first, second):
        assert f"workforce_worker.id_number, row {number}" in refused.stderr
